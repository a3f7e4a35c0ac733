package flinklocal

import (
	"context"
	"time"
)

// pollEvery is how often a state of Flink is asked for while waiting for it.
const pollEvery = 500 * time.Millisecond

// until calls check at once and then at every tick, until it says done, fails, or the context ends.
func until(ctx context.Context, every time.Duration, check func(context.Context) (done bool, err error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		done, err := check(ctx)
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
