// Command latency stands in front of a port and makes the way to it long: what comes in at -listen goes to -to, and the answers come back, each
// byte after the delay that the file -control holds as `delay.ms=3000`. The file is read again five times a second; without it there is no delay.
// Nothing is slower for it, only later: as a long line does it. In a pod of the lab it stands before the JobManager's RPC port.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// reread is how often the control file is read.
	reread = 200 * time.Millisecond
	// inFlight is how many pieces of one direction may be on their way: 64 MiB of them, more than a line of seconds holds of RPC messages.
	inFlight = 2048
	piece    = 32 << 10
)

func main() {
	listen := flag.String("listen", "", "`HOST:PORT` to stand at, such as :6123")
	to := flag.String("to", "", "`HOST:PORT` that it stands before, such as 127.0.0.1:6125")
	control := flag.String("control", "", "`FILE` with the delay, such as /lab/network.properties")
	flag.Parse()
	fmt.Fprintln(os.Stderr, "latency:", run(*listen, *to, *control))
	os.Exit(1)
}

// run passes on until the listener fails, and returns why.
func run(listen, to, control string) error {
	if to == "" || control == "" {
		return errors.New("-to or -control is missing: see -h")
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("-listen %q: %w", listen, err)
	}
	delay := &atomic.Int64{}
	go follow(control, delay)
	return serve(l, to, delay)
}

// follow keeps the delay, in nanoseconds, as the control file says it.
func follow(control string, delay *atomic.Int64) {
	for range time.Tick(reread) {
		text, err := os.ReadFile(control)
		if err != nil {
			text = nil // not there yet
		}
		now, err := parse(string(text))
		if err != nil {
			fmt.Fprintf(os.Stderr, "latency: %s: %v\n", control, err)
			continue
		}
		if was := delay.Swap(int64(now)); was != int64(now) {
			fmt.Printf("latency: %s each way\n", now)
		}
	}
}

// parse reads the control file's text.
func parse(text string) (time.Duration, error) {
	delay := time.Duration(0)
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "":
		case "delay.ms":
			ms, err := strconv.ParseUint(value, 10, 31)
			if err != nil {
				return 0, fmt.Errorf("delay.ms=%q, expected milliseconds such as 3000", value)
			}
			delay = time.Duration(ms) * time.Millisecond
		default:
			return 0, fmt.Errorf("the key %q is not known, expected delay.ms", key)
		}
	}
	return delay, nil
}

// serve passes on what comes until the listener ends.
func serve(l net.Listener, to string, delay *atomic.Int64) error {
	for {
		here, err := l.Accept()
		if err != nil {
			return err
		}
		go connect(here, to, delay)
	}
}

// connect joins one connection to a new one; both end together.
func connect(here net.Conn, to string, delay *atomic.Int64) {
	there, err := net.Dial("tcp", to)
	if err != nil {
		fmt.Fprintln(os.Stderr, "latency:", err)
		_ = here.Close() // as a port that nobody listens on
		return
	}
	go pass(there, here, delay)
	pass(here, there, delay)
}

// late is a piece and when it arrives.
type late struct {
	at   time.Time
	data []byte
}

// pass passes on one direction. Order is kept where the delay changes.
func pass(to, from net.Conn, delay *atomic.Int64) {
	line := make(chan late, inFlight)
	go func() {
		defer close(line)
		for {
			buffer := make([]byte, piece)
			n, err := from.Read(buffer)
			if n > 0 {
				line <- late{time.Now().Add(time.Duration(delay.Load())), buffer[:n]}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range line {
		<-time.After(time.Until(p.at))
		if _, err := to.Write(p.data); err != nil {
			break
		}
	}
	_ = errors.Join(to.Close(), from.Close()) // the other direction ends by this
	for range line {
		continue // the reader comes to its end
	}
}
