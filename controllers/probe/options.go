package probe

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/pflag"
)

// Options say how often is measured and how long it may take.
type Options struct {
	// Count is how many connects are made to each target, 1 to MaxCount.
	Count int
	// Every is the least time between the begins of two connects to one target.
	Every time.Duration
	// Timeout is when a connect or a request counts as lost.
	Timeout time.Duration
	// Deadline ends the whole measurement: what was measured until then is the result.
	Deadline time.Duration
	// MaxHops is how far the path is followed, 0 to 64; 0 leaves it out.
	MaxHops int
}

// The defaults. 30 connects a fifth of a second apart take 6 s, and show a loss of one packet in ten as certainly as one needs to know
// (0.9 to the power of 60, as a connect takes two packets: 0.2 % of the measurements would see none). A timeout of 3 s waits for one
// repetition of a lost packet: the first comes after 1 s (RFC 6298), the second after another 2 s.
const (
	DefaultCount    = 30
	DefaultEvery    = 200 * time.Millisecond
	DefaultTimeout  = 3 * time.Second
	DefaultDeadline = 30 * time.Second
	DefaultMaxHops  = 16
)

// Bounds of the options: a probe is no load test.
const (
	MaxCount   = 1000
	MaxTargets = 16
	maxHops    = 64
	leastEvery = 10 * time.Millisecond
)

// Defaults are the options where nobody says otherwise.
func Defaults() Options {
	return Options{Count: DefaultCount, Every: DefaultEvery, Timeout: DefaultTimeout, Deadline: DefaultDeadline, MaxHops: DefaultMaxHops}
}

// Flags binds the options to a command's flags; what they hold now is the default.
func (o *Options) Flags(f *pflag.FlagSet) {
	f.IntVar(&o.Count, "count", o.Count, "how many connects to make to each target")
	f.DurationVar(&o.Every, "every", o.Every, "least time between two connects to one target")
	f.DurationVar(&o.Timeout, "timeout", o.Timeout, "when a connect or a request counts as lost")
	f.DurationVar(&o.Deadline, "deadline", o.Deadline, "when to stop at the latest, with what was measured until then")
	f.IntVar(&o.MaxHops, "max-hops", o.MaxHops, "how many hops to follow the path; 0 leaves it out")
}

// Args are the options as arguments of a command that has these flags.
func (o *Options) Args() []string {
	return []string{
		"--count=" + strconv.Itoa(o.Count), "--every=" + o.Every.String(), "--timeout=" + o.Timeout.String(),
		"--deadline=" + o.Deadline.String(), "--max-hops=" + strconv.Itoa(o.MaxHops),
	}
}

// Check names the option that is out of its bounds, and what would be right.
func (o *Options) Check() error {
	switch {
	case o.Count < 1 || o.Count > MaxCount:
		return fmt.Errorf("--count is %d, expected 1 to %d", o.Count, MaxCount)
	case o.Every < leastEvery:
		return fmt.Errorf("--every is %s, expected %s or more", o.Every, leastEvery)
	case o.Timeout <= 0 || o.Timeout > time.Minute:
		return fmt.Errorf("--timeout is %s, expected more than 0 and up to 1m", o.Timeout)
	case o.Deadline <= 0 || o.Deadline > 10*time.Minute:
		return fmt.Errorf("--deadline is %s, expected more than 0 and up to 10m", o.Deadline)
	case o.MaxHops < 0 || o.MaxHops > maxHops:
		return fmt.Errorf("--max-hops is %d, expected 0 to %d", o.MaxHops, maxHops)
	}
	return nil
}
