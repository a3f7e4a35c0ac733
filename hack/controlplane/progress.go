package controlplane

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// progressEvery is how often a long build says where it is. Five seconds keep
// a reader sure that it lives: 12 lines a minute in a log.
const progressEvery = 5 * time.Second

// keptLines of go's output are shown when a build fails.
const keptLines = 20

// say writes one line of progress.
func say(log io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(log, "control plane: "+format+"\n", args...)
}

// progress reads the output of `go build -v`, which names each module it
// downloads and each package it compiles, and tells about it every few seconds.
type progress struct {
	log   io.Writer
	name  string
	start time.Time
	quit  chan struct{}
	ended sync.WaitGroup

	mu         sync.Mutex
	partial    []byte
	lines      []string
	downloaded int
	compiled   int
	now        string
}

// startProgress begins to tell about the build of the named binary.
func startProgress(log io.Writer, name string) *progress {
	p := &progress{log: log, name: name, start: time.Now(), quit: make(chan struct{}), now: "loading modules"}
	say(log, "building %s", name)
	p.ended.Go(p.tell)
	return p
}

func (p *progress) tell() {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.quit:
			return
		case <-tick.C:
			p.mu.Lock()
			say(p.log, "building %s: %d modules downloaded, %d packages compiled, now %s (%s)",
				p.name, p.downloaded, p.compiled, p.now, p.elapsed())
			p.mu.Unlock()
		}
	}
}

// Write takes what go prints; it never fails.
func (p *progress) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.partial = append(p.partial, data...)
	for {
		line, rest, found := bytes.Cut(p.partial, []byte("\n"))
		if !found {
			return len(data), nil
		}
		p.read(string(line))
		p.partial = rest
	}
}

// read counts one line of go's output.
func (p *progress) read(line string) {
	p.lines = append(p.lines, line)
	if len(p.lines) > keptLines {
		p.lines = p.lines[1:]
	}
	if module, ok := strings.CutPrefix(line, "go: downloading "); ok {
		p.downloaded++
		p.now = "downloading " + module
		return
	}
	if line != "" && !strings.ContainsAny(line, " :\t") {
		p.compiled++
		p.now = line
	}
}

// stop ends the telling; the build is over, well or badly.
func (p *progress) stop() {
	close(p.quit)
	p.ended.Wait()
}

// done says that the binary is in place.
func (p *progress) done() {
	say(p.log, "built %s in %s (%d packages compiled)", p.name, p.elapsed(), p.compiled)
}

// tail returns the last lines of go's output, for the error of a failed build.
func (p *progress) tail() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

func (p *progress) elapsed() time.Duration { return time.Since(p.start).Round(time.Second) }
