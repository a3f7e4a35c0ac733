package flinklocal

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Watch logs each checkpoint of the job as it ends and returns when enough says so of those seen since the call, in order.
// It gives up with ctx.
func (c *Cluster) Watch(ctx context.Context, label string, enough func(ended []Checkpoint) bool) ([]Checkpoint, error) {
	var ended []Checkpoint
	told := map[int64]bool{}
	err := until(ctx, pollEvery, func(ctx context.Context) (bool, error) {
		// While Flink restarts or is too busy to answer there is no history: asked again at the next tick.
		for _, cp := range c.finished(ctx) {
			if told[cp.ID] {
				continue
			}
			told[cp.ID] = true
			ended = append(ended, cp)
			c.opts.Log.line("%s: %s: %s", c.opts.Case.Name, label, cp)
		}
		return enough(ended), nil
	})
	return ended, err
}

// finished are the checkpoints of the history that have ended, oldest first; none while Flink does not answer.
func (c *Cluster) finished(ctx context.Context) []Checkpoint {
	seen, err := c.Checkpoints(ctx)
	if err != nil {
		return nil
	}
	var ended []Checkpoint
	for _, cp := range slices.Backward(seen.History) {
		if cp.Status != "IN_PROGRESS" {
			ended = append(ended, cp)
		}
	}
	return ended
}

// Sick is met by so many expired checkpoints.
func Sick(expired int) func([]Checkpoint) bool {
	return func(ended []Checkpoint) bool { return Expiries(ended) >= expired }
}

// Ended is met by so many checkpoints that ended in whatever way.
func Ended(n int) func([]Checkpoint) bool {
	return func(ended []Checkpoint) bool { return len(ended) >= n }
}

// Expiries counts those that expired.
func Expiries(ended []Checkpoint) int {
	n := 0
	for _, cp := range ended {
		if cp.Expired() {
			n++
		}
	}
	return n
}

// Trial is what one case did.
type Trial struct {
	SickAfter   time.Duration // from deployment to the last of the expiries waited for
	Before      []Checkpoint
	After       []Checkpoint // with the changed configuration
	RestartTook time.Duration
}

// Cured tells that checkpoints ended after the change and none expired.
func (t Trial) Cured() bool { return len(t.After) > 0 && Expiries(t.After) == 0 }

// Try deploys the case, waits until so many checkpoints have expired (or, for a healthy case, ended), restarts with the
// changes and waits for so many checkpoints to end. With nil changes it stops at the sickness.
func (c *Cluster) Try(ctx context.Context, changes map[string]string, expired, after int) (Trial, error) {
	var t Trial
	theCase, began := c.opts.Case, time.Now()
	err := c.Deploy(ctx, theCase.Spec("default", theCase.Name, c.version))
	if err != nil {
		return t, err
	}
	enough := Sick(expired)
	if theCase.Cause == "" {
		enough = Ended(expired)
	}
	if t.Before, err = c.Watch(ctx, "before", enough); err != nil {
		return t, fmt.Errorf("%s: waiting for %d expired checkpoints: %w", theCase.Name, expired, err)
	}
	t.SickAfter = time.Since(began)
	if changes == nil {
		return t, nil
	}
	c.opts.Log.line("%s: restarting with %s", theCase.Name, describe(changes))
	began = time.Now()
	if err := c.Restart(ctx, theCase.With(changes)); err != nil {
		return t, err
	}
	if err := c.WaitReady(ctx); err != nil {
		return t, err
	}
	t.RestartTook = time.Since(began)
	if t.After, err = c.Watch(ctx, "after", Ended(after)); err != nil {
		return t, fmt.Errorf("%s: waiting for %d checkpoints after the restart: %w", theCase.Name, after, err)
	}
	return t, nil
}
