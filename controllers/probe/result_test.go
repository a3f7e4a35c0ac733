package probe

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

func TestPercentilesAreTheNearestRank(t *testing.T) {
	var took []time.Duration
	for i := 100; i > 0; i-- {
		took = append(took, time.Duration(i)*time.Millisecond)
	}
	var s Series
	s.percentiles(took)
	if s.P50Microseconds != 50_000 || s.P95Microseconds != 95_000 || s.MaxMicroseconds != 100_000 {
		t.Errorf("%+v, want 50, 95 and 100 ms", s)
	}
	s = Series{}
	s.percentiles([]time.Duration{7 * time.Microsecond})
	if s.P50Microseconds != 7 || s.P95Microseconds != 7 || s.MaxMicroseconds != 7 {
		t.Errorf("%+v, want 7 µs throughout", s)
	}
	s.percentiles(nil)
}

// large is a result as a long path and many targets make it.
func large(targets, hops int) Result {
	var r Result
	again := int64(3)
	for range targets {
		series := Series{Sent: 1000, Lost: 100, Failed: 100, P50Microseconds: 99_999, P95Microseconds: 999_999, MaxMicroseconds: 9_999_999, Error: strings.Repeat("e", maxError)}
		request := series
		r.Targets = append(r.Targets, TargetResult{Target: "http://jobmanager.namespace.svc:8081/config", Address: "10.244.117.203", Connect: series, Request: &request, Retransmits: &again})
	}
	path := Path{Address: "10.244.117.203", MTU: 1450, Reached: true}
	for range hops {
		path.Hops = append(path.Hops, Hop{Address: "fd00:1234:5678:9abc:def0:1234:5678:9abc", Microseconds: 123456})
	}
	r.Paths = []Path{path, path}
	return r
}

// through is a result as it comes out of a termination message.
func through(t *testing.T, r *Result) Result {
	t.Helper()
	text, err := r.Bounded()
	if err != nil || len(text) > MaxBytes {
		t.Fatalf("%d targets: %d bytes, %v", len(r.Targets), len(text), err)
	}
	back, err := ParseResult(text)
	if err != nil {
		t.Fatalf("%d targets: %v", len(r.Targets), err)
	}
	return back
}

// Whatever was measured fits into a termination message, and figures go last.
func TestTheResultIsBounded(t *testing.T) {
	for targets := 1; targets <= MaxTargets; targets++ {
		r := large(targets, 64)
		back := through(t, &r)
		if kept := len(back.Targets); kept < min(targets, 8) {
			t.Errorf("only %d of %d targets are left", kept, targets)
		}
		if back.Targets[0].Connect.P95Microseconds != 999_999 || *back.Targets[0].Retransmits != 3 {
			t.Errorf("%d targets: figures are lost: %+v", targets, back.Targets[0])
		}
		if diff := cmp.Diff(large(targets, 64), r); diff != "" {
			t.Errorf("%d targets: the result itself was shortened:\n%s", targets, diff)
		}
	}
	small := large(3, 4)
	if diff := cmp.Diff(small, through(t, &small)); diff != "" {
		t.Errorf("three targets come back changed:\n%s", diff)
	}
}

// What a container left behind is text of somebody else's.
func TestParseResultTakesNothingOnTrust(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "no JSON": "panic: \x1b[31mout of memory", "no targets": `{"targets": []}`, "another object": `{"kind": "Pod"}`, "a list": `[]`,
		"more lost than sent": `{"targets": [{"connect": {"sent": 1, "lost": 2}}]}`, "negative": `{"targets": [{"connect": {"sent": -1}}]}`,
		"percentiles upside down": `{"targets": [{"connect": {"sent": 2, "p50Microseconds": 9, "p95Microseconds": 3, "maxMicroseconds": 9}}]}`,
		"longer than it can last": `{"targets": [{"connect": {"sent": 2, "maxMicroseconds": 9223372036854775807}}]}`,
		"negative retransmits":    `{"targets": [{"connect": {"sent": 2}, "retransmits": -3}]}`,
		"requests":                `{"targets": [{"connect": {"sent": 2}, "request": {"sent": 1, "failed": 2}}]}`,
		"too many":                `{"targets": [` + strings.Repeat(`{},`, MaxTargets) + `{}]}`,
		"too large":               `{"targets": [{"target": "` + strings.Repeat("x", MaxBytes) + `"}]}`,
	} {
		if got, err := ParseResult([]byte(text)); err == nil {
			t.Errorf("%s is taken: %+v", name, got)
		} else if strings.ContainsRune(err.Error(), '\x1b') {
			t.Errorf("%s: control characters in %q", name, err)
		}
	}
	text := `{"targets": [{"target": "a\u001b[1m", "connect": {"sent": 1, "failed": 1, "error": "` + strings.Repeat("ü", 300) + `"}}], "paths": [{"address": "a\u0007", "gap": "\u0000"}], "gaps": ["\u0000"]}`
	got, err := ParseResult([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got.Targets[0].Target != "a [1m" || len(got.Targets[0].Connect.Error) > maxError || got.Paths[0].Address != "a " || got.Gaps[0] != " " {
		t.Errorf("%+v", got)
	}
}

func FuzzParseResult(f *testing.F) {
	r := large(2, 3)
	text, err := r.Bounded()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"targets": [{"connect": {"sent": 1, "lost": 2}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseResult(text)
		if err != nil {
			return
		}
		if again, err := r.Bounded(); err != nil || len(again) > MaxBytes {
			t.Errorf("%d bytes, %v", len(again), err)
		}
	})
}

// A command line that is made of options is read as the same options.
func TestOptionsAsArguments(t *testing.T) {
	want := Options{Count: 7, Every: 33 * time.Millisecond, Timeout: time.Second, Deadline: 20 * time.Second, MaxHops: 3}
	got := Defaults()
	flags := pflag.NewFlagSet("probe", pflag.ContinueOnError)
	got.Flags(flags)
	if err := flags.Parse(want.Args()); err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	defaults := Defaults()
	if err := defaults.Check(); err != nil {
		t.Error(err)
	}
}
