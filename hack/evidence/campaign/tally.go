package campaign

import (
	"context"
	"slices"
	"sync"
	"time"

	"checkpointhealth.dev/operator/hack/evidence/cases"
	"checkpointhealth.dev/operator/hack/evidence/trial"
	"checkpointhealth.dev/operator/hack/flinklocal"
)

// askEvery is how often Flink's history is asked: it holds ten, and a checkpoint takes at least some hundred milliseconds.
const askEvery = time.Second

// tally keeps every checkpoint that ended, by Flink's own history, for which Flink forgets all but ten.
type tally struct {
	mu    sync.Mutex
	ended map[int64]flinklocal.Checkpoint // by trigger time, in epoch milliseconds: ids begin anew with a job without state
}

// follow asks until ctx ends. While Flink does not answer there is no history: it is asked again at the next tick.
func (t *tally) follow(ctx context.Context, c *flinklocal.Cluster) {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		seen, err := c.Checkpoints(ctx)
		if err != nil {
			continue
		}
		t.mu.Lock()
		for _, cp := range seen.History {
			if cp.Status != "IN_PROGRESS" && !cp.Savepoint {
				t.ended[cp.Trigger] = cp
			}
		}
		t.mu.Unlock()
	}
}

// end is when a checkpoint ended.
func end(cp *flinklocal.Checkpoint) time.Time { return time.UnixMilli(cp.Trigger + cp.Duration) }

// since are the checkpoints that ended after a time, oldest first.
func (t *tally) since(from time.Time) []flinklocal.Checkpoint {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []flinklocal.Checkpoint
	for _, cp := range t.ended {
		if end(&cp).After(from) {
			out = append(out, cp)
		}
	}
	slices.SortFunc(out, func(a, b flinklocal.Checkpoint) int { return int(a.Trigger - b.Trigger) })
	return out
}

// failed counts those that did not complete.
func failed(ended []flinklocal.Checkpoint) int {
	n := 0
	for i := range ended {
		if ended[i].Status == "FAILED" {
			n++
		}
	}
	return n
}

// met tells whether enough has happened since the fault began.
func met(u cases.Until, ended []flinklocal.Checkpoint, passed time.Duration) bool {
	return passed >= u.Patience() ||
		u.Expired > 0 && flinklocal.Expiries(ended) >= u.Expired ||
		u.Failed > 0 && failed(ended) >= u.Failed ||
		u.Ended > 0 && len(ended) >= u.Ended
}

// summary is what a trial says of checkpoints that ended.
func summary(ended []flinklocal.Checkpoint) trial.Tally {
	t := trial.Tally{Ended: len(ended), Expired: flinklocal.Expiries(ended)}
	var took []int64
	for i := range ended {
		if ended[i].Status == "COMPLETED" {
			took = append(took, ended[i].Duration)
		}
	}
	if len(took) > 0 {
		slices.Sort(took)
		t.MedianMs = took[len(took)/2]
	}
	return t
}

// firstExpiry is when the first of them expired; zero where none did.
func firstExpiry(ended []flinklocal.Checkpoint) time.Time {
	for i := range ended {
		if ended[i].Expired() {
			return end(&ended[i]).UTC()
		}
	}
	return time.Time{}
}
