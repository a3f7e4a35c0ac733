package probe

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Result is what was measured. Its JSON is what the command prints and what a container leaves behind.
type Result struct {
	// Targets are in the order in which they were named.
	Targets []TargetResult `json:"targets"`
	// Paths are the ways to the addresses of the targets, each address once.
	Paths []Path `json:"paths,omitempty"`
	// Gaps are what could not be measured on this system, and why.
	Gaps []string `json:"gaps,omitempty"`
}

// TargetResult is what was measured of one target.
type TargetResult struct {
	// Target is as it was named, and Address what its name means here; empty where it means nothing.
	Target  string `json:"target"`
	Address string `json:"address,omitempty"`
	// LookupMicroseconds is how long the name took to be resolved; 0 for an address.
	LookupMicroseconds int64 `json:"lookupMicroseconds,omitempty"`
	// Connect are the connects, from the first packet to the answer of the other side's kernel.
	Connect Series `json:"connect"`
	// Request are the requests, from the first byte sent to the first that came back; nil where none were asked for.
	Request *Series `json:"request,omitempty"`
	// Retransmits is how many packets the kernel here sent again on the connections that came about; nil where it does not tell.
	Retransmits *int64 `json:"retransmits,omitempty"`
}

// Series are round trips of one kind. Percentiles are over those that were answered; all 0 where none was.
type Series struct {
	// Sent is how many were tried, Lost how many of them nobody answered in time, Failed how many were refused.
	Sent   int `json:"sent"`
	Lost   int `json:"lost"`
	Failed int `json:"failed"`
	// The median, the 95th percentile and the longest.
	P50Microseconds int64 `json:"p50Microseconds"`
	P95Microseconds int64 `json:"p95Microseconds"`
	MaxMicroseconds int64 `json:"maxMicroseconds"`
	// Error is the first failure, bounded.
	Error string `json:"error,omitempty"`
}

// Answered is how many were answered.
func (s *Series) Answered() int { return s.Sent - s.Lost - s.Failed }

// Path is the way to an address.
type Path struct {
	Address string `json:"address"`
	// Hops are the answers by distance, the first at distance 1.
	Hops []Hop `json:"hops,omitempty"`
	// Reached tells that the last hop is the address itself.
	Reached bool `json:"reached"`
	// MTU is the largest packet that came through, in bytes, as far as was followed; 0 where unknown.
	MTU int `json:"mtu,omitempty"`
	// Gap is why the path is not known, or not to its end.
	Gap string `json:"gap,omitempty"`
}

// Hop is who answered at one distance; an empty address is silence.
type Hop struct {
	Address      string `json:"address,omitempty"`
	Microseconds int64  `json:"microseconds,omitempty"`
}

// MaxBytes is how much a container may leave behind in its termination message (Kubernetes keeps 4096 bytes of one container).
const MaxBytes = 4096

// maxError bounds a foreign text, in bytes.
const maxError = 120

// Bounded is the result as JSON of at most MaxBytes. What has to go goes in this order: the hops, the paths, the texts, targets from the last.
func (r *Result) Bounded() ([]byte, error) {
	short := Result{Targets: slices.Clone(r.Targets), Paths: slices.Clone(r.Paths), Gaps: slices.Clone(r.Gaps)}
	drops := []func(){
		func() {},
		func() {
			for i := range short.Paths {
				short.Paths[i].Hops = nil
			}
		},
		func() { short.Paths = nil },
		func() {
			short.Gaps = []string{"the texts and paths did not fit"}
			for i := range short.Targets {
				short.Targets[i].Connect.Error = ""
				if request := short.Targets[i].Request; request != nil {
					silent := *request
					silent.Error = ""
					short.Targets[i].Request = &silent
				}
			}
		},
	}
	for range short.Targets {
		drops = append(drops, func() { short.Targets = short.Targets[:len(short.Targets)-1] })
	}
	for _, drop := range drops {
		drop()
		text, err := json.Marshal(&short)
		if err != nil {
			return nil, fmt.Errorf("the result cannot be written as JSON: %w", err)
		}
		if len(text) <= MaxBytes {
			return text, nil
		}
	}
	return nil, fmt.Errorf("the result does not fit into %d bytes", MaxBytes)
}

// ParseResult reads what Bounded wrote. What it reads came from elsewhere: figures that contradict one another are refused, and texts are
// bounded and stripped of control characters.
func ParseResult(text []byte) (Result, error) {
	var r Result
	if len(text) > MaxBytes {
		return r, fmt.Errorf("the result has %d bytes, expected at most %d", len(text), MaxBytes)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return Result{}, fmt.Errorf("the result is no JSON of a probe: %q", shorten(string(text), 60))
	}
	if len(r.Targets) == 0 || len(r.Targets) > MaxTargets {
		return Result{}, fmt.Errorf("the result has %d targets, expected 1 to %d", len(r.Targets), MaxTargets)
	}
	for i := range r.Targets {
		t := &r.Targets[i]
		if err := t.check(); err != nil {
			return Result{}, fmt.Errorf("targets[%d]: %w", i, err)
		}
		t.Target, t.Address, t.Connect.Error = shorten(t.Target, maxError), shorten(t.Address, maxError), shorten(t.Connect.Error, maxError)
		if t.Request != nil {
			t.Request.Error = shorten(t.Request.Error, maxError)
		}
	}
	for i := range r.Paths {
		p := &r.Paths[i]
		p.Address, p.Gap, p.Hops = shorten(p.Address, maxError), shorten(p.Gap, maxError), p.Hops[:min(len(p.Hops), maxHops)]
		for j := range p.Hops {
			p.Hops[j].Address = shorten(p.Hops[j].Address, maxError)
		}
	}
	for i := range r.Gaps {
		r.Gaps[i] = shorten(r.Gaps[i], maxError)
	}
	return r, nil
}

func (t *TargetResult) check() error {
	if t.Retransmits != nil && *t.Retransmits < 0 {
		return fmt.Errorf("retransmits is %d", *t.Retransmits)
	}
	if err := t.Connect.check(); err != nil || t.Request == nil {
		return err
	}
	return t.Request.check()
}

// longest is more than any measurement takes.
const longest = int64(10 * time.Minute / time.Microsecond)

func (s *Series) check() error {
	ordered := 0 <= s.P50Microseconds && s.P50Microseconds <= s.P95Microseconds && s.P95Microseconds <= s.MaxMicroseconds && s.MaxMicroseconds <= longest
	if s.Sent < 0 || s.Sent > MaxCount || s.Lost < 0 || s.Failed < 0 || s.Lost+s.Failed > s.Sent || !ordered {
		return fmt.Errorf("the figures contradict one another: %+v", *s)
	}
	return nil
}

// percentiles fills in the figures of the answered ones: the nearest rank.
func (s *Series) percentiles(took []time.Duration) {
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	rank := func(percent int) int64 { return took[(len(took)*percent+99)/100-1].Microseconds() }
	s.P50Microseconds, s.P95Microseconds, s.MaxMicroseconds = rank(50), rank(95), rank(100)
}

// shorten bounds a foreign text to a number of bytes and takes control characters out of it.
func shorten(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-3], "") + "..."
}
