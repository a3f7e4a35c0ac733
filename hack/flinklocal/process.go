package flinklocal

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// grace is how long a process may take to end after SIGTERM before SIGKILL; Flink needs a second or two.
const grace = 5 * time.Second

// process is one JVM, started by us.
type process struct {
	name string
	out  string // path of what it wrote to stdout and stderr
	log  string // path of Flink's log
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended; read after done
}

// start runs the command with its output in p.out. The thread that starts it stays with it, because the kernel's parent-death
// signal follows that thread, not the process.
func (p *process) start() error {
	out, err := os.Create(p.out)
	if err != nil {
		return err
	}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = ownGroup()
	p.cmd.Cancel = func() error { return syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) } // where the command has a context that ends
	p.done = make(chan struct{})
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
		}
		p.err = errors.Join(p.err, out.Close())
		close(p.done)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	return nil
}

func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// signal reaches the whole group of the process, and nothing once it has ended.
func (p *process) signal(s syscall.Signal) {
	if !p.alive() {
		return
	}
	if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		p.err = errors.Join(p.err, fmt.Errorf("signal %s: %w", p.name, err))
	}
}

// end returns when all have ended: asked first, then, after so long, made to.
func end(procs []*process, grace time.Duration) {
	for _, p := range procs {
		p.signal(syscall.SIGTERM)
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	for _, p := range procs {
		select {
		case <-p.done:
		case <-late.C:
			killAll(procs)
		}
	}
}

func killAll(procs []*process) {
	for _, p := range procs {
		p.signal(syscall.SIGKILL)
	}
	for _, p := range procs {
		<-p.done
	}
}

// lastWords are what a process that ended by itself left: the errors in its log, else the end of what it printed.
func (p *process) lastWords() string {
	if text, err := os.ReadFile(p.log); err == nil {
		if lines := errorLines(string(text)); len(lines) > 0 {
			return strings.Join(lines, "\n")
		}
	}
	text, err := os.ReadFile(p.out)
	if err != nil || strings.TrimSpace(string(text)) == "" {
		return "it wrote nothing"
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-wordsLimit):], "\n")
}

// wordsLimit is how many lines of a log an error carries.
const wordsLimit = 8

// errorLines are the first errors of a log, and what caused them, without the frames: the later ones are consequences.
func errorLines(log string) []string {
	var found []string
	after := false // the line after an error names the exception
	for line := range strings.Lines(log) {
		line = strings.TrimSpace(line)
		level := strings.Contains(line, " ERROR ") || strings.Contains(line, " FATAL ")
		if (level || after || strings.HasPrefix(line, "Caused by:")) && !strings.HasPrefix(line, "at ") {
			found = append(found, line)
		}
		if after = level; len(found) >= wordsLimit {
			break
		}
	}
	return found
}
