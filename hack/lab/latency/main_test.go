package main

import (
	"bufio"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

func TestControlFile(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 0, "delay.ms=3000\n": 3 * time.Second, "\ndelay.ms=0": 0} {
		if got, err := parse(text); err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"delay.ms=soon", "delay.ms=-1", "jitter.ms=1", "delay.ms=99999999999"} {
		if got, err := parse(text); err == nil {
			t.Errorf("%q: %s, want an error", text, got)
		}
	}
}

// An echo comes back after both ways, in order, and the connection ends with its other end.
func TestBothWaysAreLate(t *testing.T) {
	echo, near := listen(t), listen(t)
	go func() {
		c, err := echo.Accept()
		if err != nil {
			return
		}
		line, _ := bufio.NewReader(c).ReadString('\n')
		_, _ = c.Write([]byte(line))
		_ = c.Close()
	}()
	const way = 50 * time.Millisecond
	delay := &atomic.Int64{}
	delay.Store(int64(way))
	go func() { _ = serve(near, echo.Addr().String(), delay) }()
	c, err := net.Dial("tcp", near.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := c.Write([]byte("one two\n")); err != nil {
		t.Fatal(err)
	}
	answer := bufio.NewReader(c)
	if line, err := answer.ReadString('\n'); err != nil || line != "one two\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if took := time.Since(began); took < 2*way {
		t.Errorf("the echo took %s, want at least %s", took, 2*way)
	}
	if _, err := answer.ReadByte(); err == nil {
		t.Error("the connection did not end with its other end")
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}
