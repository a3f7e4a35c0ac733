package campaign

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"checkpointhealth.dev/operator/hack/evidence/cases"
	"checkpointhealth.dev/operator/hack/evidence/trial"
	"checkpointhealth.dev/operator/hack/flinklocal"
)

// Plan says what is recorded and how.
type Plan struct {
	Cases []cases.Case
	Root  string // directory of all recordings
	Tmp   string // where Flink writes; "" = the system's directory for temporary files
	Jobs  int    // trials at a time; those that are Alone are made by themselves, at the end
	Again bool   // records what has been recorded already
	Out   io.Writer
}

// Outcome counts what became of the trials.
type Outcome struct{ Recorded, Kept, Skipped, Failed int }

// String is the last line of a campaign.
func (o Outcome) String() string {
	return fmt.Sprintf("lab-flink: recorded %d, skipped %d, failed %d", o.Recorded, o.Skipped, o.Failed)
}

// attempts at one trial: a busy machine may start Flink too slowly once.
const attempts = 2

// job is one trial to make.
type job struct {
	c       *cases.Case
	version string
}

func (j job) name() string { return j.version + "/" + j.c.Name }

// Run makes all trials that are not there yet. The error is the context's: what fails is counted and told.
func (p *Plan) Run(ctx context.Context) (Outcome, error) {
	board := &board{out: p.Out, began: time.Now()}
	var together, alone []job
	for i := range p.Cases {
		c := &p.Cases[i]
		for _, version := range c.Versions {
			switch {
			case p.has(c, version) && !p.Again:
				board.outcome.Kept++
			case c.Alone:
				alone = append(alone, job{c, version})
			default:
				together = append(together, job{c, version})
			}
		}
	}
	board.all = len(together) + len(alone)
	board.line("%d trials to record, %d recorded already", board.all, board.outcome.Kept)
	var group errgroup.Group
	group.SetLimit(max(p.Jobs, 1))
	for _, j := range together {
		group.Go(func() error { p.try(ctx, j, board); return nil })
	}
	err := group.Wait()
	for _, j := range alone {
		p.try(ctx, j, board)
	}
	board.tellSkipped()
	return board.outcome, errors.Join(err, ctx.Err())
}

// has tells whether the trial has been recorded.
func (p *Plan) has(c *cases.Case, version string) bool {
	har, file := trial.Paths(p.Root, &trial.Trial{Case: c.Name, Split: trial.Split(c.Split), FlinkVersion: version})
	_, noHAR := os.Stat(har)
	_, noFile := os.Stat(file)
	return noHAR == nil && noFile == nil
}

// try makes one trial, twice if it must.
func (p *Plan) try(ctx context.Context, j job, b *board) {
	var err error
	for range attempts {
		if ctx.Err() != nil {
			return
		}
		log := func(format string, args ...any) { b.line("%s: %s", j.name(), fmt.Sprintf(format, args...)) }
		err = Trial(ctx, j.c, j.version, p.Root, p.Tmp, log)
		if err == nil || errors.Is(err, flinklocal.ErrMissing) {
			break
		}
		if ctx.Err() != nil {
			b.line("%s: interrupted", j.name())
			return
		}
		b.line("%s: FAILED: %v", j.name(), err)
	}
	b.count(j, err)
}

// board is where progress is told.
type board struct {
	mu      sync.Mutex
	out     io.Writer
	began   time.Time
	all     int
	done    int
	outcome Outcome
	skipped []string
}

func (b *board) line(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.say(format, args...)
}

// say writes a line; the lock is held. Whoever reads progress may have gone: the recordings matter.
func (b *board) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.out, "%5.0fs  %s\n", time.Since(b.began).Seconds(), fmt.Sprintf(format, args...))
}

func (b *board) count(j job, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done++
	switch {
	case err == nil:
		b.outcome.Recorded++
		b.say("[%d/%d] %s: recorded", b.done, b.all, j.name())
	case errors.Is(err, flinklocal.ErrMissing):
		b.outcome.Skipped++
		b.skipped = append(b.skipped, fmt.Sprintf("%s: %v", j.name(), err))
		b.say("[%d/%d] %s: SKIPPED: %v", b.done, b.all, j.name(), err)
	default:
		b.outcome.Failed++
		b.say("[%d/%d] %s: FAILED", b.done, b.all, j.name())
	}
}

// tellSkipped says once more what this machine could not make.
func (b *board) tellSkipped() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.skipped {
		b.say("skipped %s", s)
	}
}
