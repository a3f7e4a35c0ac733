package observe

import "time"

const (
	// factsAge is how long what a run does not change is trusted: a JobManager that was replaced without our noticing is noticed then.
	factsAge = 6 * time.Hour
	// soonAgain is how long a fact that could not be read is left alone. Each further failure doubles it up to lateAgain: a gateway that
	// forbids a path then costs one request in five minutes, and a JobManager that is just starting is asked again with the next pass.
	soonAgain, lateAgain = 30 * time.Second, 5 * time.Minute
)

// factTry is how the last attempts to read one fact went.
type factTry struct {
	// readAt is when it was read, triedAt when that last failed; zero for never.
	readAt, triedAt time.Time
	// failures in a row, and what the last one said.
	failures int
	why      string
}

// wait is how long the next attempt waits after a failure.
func (f *factTry) wait() time.Duration {
	wait := soonAgain
	for i := 1; i < f.failures && wait < lateAgain; i++ {
		wait *= 2
	}
	return min(wait, lateAgain)
}

// due tells whether a fact is to be asked in this pass. Where somebody waits for an answer a failure is asked again at once, and of a recording
// nothing new comes.
func (p *pass) due(f *factTry) bool {
	switch {
	case f.failures == 0:
		return f.readAt.IsZero() || p.now.Sub(f.readAt) > factsAge
	case p.opts.Replayed:
		return p.now.Sub(f.triedAt) > factsAge
	}
	return p.opts.Deep || p.now.Sub(f.triedAt) >= f.wait()
}

// tried notes an attempt at a fact; it tells whether it was read. A pass that is cut short is no failure of what it asked.
func (p *pass) tried(f *factTry, err error) bool {
	p.memory.facts.triedAt = p.now
	if err == nil {
		*f = factTry{readAt: p.now}
		return true
	}
	f.why = err.Error()
	if p.ctx.Err() == nil {
		f.failures, f.triedAt = f.failures+1, p.now
	}
	return false
}
