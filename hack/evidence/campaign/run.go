package campaign

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/recording"
	"checkpointhealth.dev/operator/hack/evidence/cases"
	"checkpointhealth.dev/operator/hack/evidence/trial"
	"checkpointhealth.dev/operator/hack/flinklocal"
)

const (
	// passEvery is the pause between two passes. With a pass of 2 s and a timeout of 10 s the moments of looking wander through the age of
	// the pending checkpoint.
	passEvery = 7 * time.Second
	// fewestPasses of the sick phase: a difference of counters needs two, and a cause should hold for one more.
	fewestPasses = 3
	// healthyPatience bounds the wait for the first completed checkpoint: a fault that is there from the start has none.
	healthyPatience = 15 * time.Second
	// moreAfterExpiry is how many passes of a slow onset are kept after the first expiry.
	moreAfterExpiry = 2
)

// run is one trial at work.
type run struct {
	c       *cases.Case
	version string
	log     flinklocal.Logf
	cluster *flinklocal.Cluster
	patient *patient
	tally   *tally
	result  trial.Trial
	running time.Time   // all subtasks were first seen to run
	last    *model.Pass // of the sick phase
	// Passes of the sick phase, and those of them after the first expiry.
	sick, afterExpiry int
}

// Trial makes one case on one version and leaves its files below root. The error wraps flinklocal.ErrMissing where this machine cannot make
// the fault.
func Trial(ctx context.Context, c *cases.Case, version, root, tmp string, log flinklocal.Logf) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{c: c, version: version, log: log, tally: &tally{ended: map[int64]flinklocal.Checkpoint{}}, result: asSaid(c, version)}
	if err := r.start(ctx, tmp); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.cluster.Close()) }()
	// Beside the recordings lie whole trials only.
	work, err := os.MkdirTemp(tmp, "recording-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	taken := filepath.Join(work, c.Name+trial.RecordingSuffix)
	out, err := recording.Create(taken, recording.Redact(observe.TellingRecords))
	if err != nil {
		return err
	}
	if err := r.record(ctx, out); err != nil {
		return errors.Join(err, out.Discard())
	}
	if err := out.Close(); err != nil {
		return err
	}
	t := &treatment{c: r.c, version: r.version, log: r.log, cluster: r.cluster, patient: r.patient, since: r.triggeredAfter, now: time.Now, wait: wait}
	_, ended := r.fault()
	return r.cure(ctx, t, ended, func() error {
		r.count()
		return r.keep(taken, root)
	})
}

// cure tries what is recommended, and keeps the trial; ended are the checkpoints of the sick phase. Where the first remedy was taken back the trial
// is kept before others are tried: whatever ends them, it tells of the first.
func (r *run) cure(ctx context.Context, t *treatment, ended []flinklocal.Checkpoint, keep func() error) error {
	sick := t.now().UTC()
	first, err := t.try(ctx, r.last, ended)
	if err != nil {
		return err
	}
	if r.result.Remedy = first; first != nil {
		r.result.SickUntil = sick
	}
	if err := keep(); err != nil || first == nil || !first.Undone {
		return err
	}
	if r.result.Then, err = t.goOn(ctx); err != nil {
		r.log("what comes after the first remedy is given up: %v", err)
	}
	if len(r.result.Then) == 0 {
		return ctx.Err()
	}
	return errors.Join(keep(), ctx.Err())
}

// triggeredAfter are the ended checkpoints that began after a time.
func (r *run) triggeredAfter(from time.Time) []flinklocal.Checkpoint {
	return slices.DeleteFunc(r.tally.since(from), func(cp flinklocal.Checkpoint) bool { return cp.Trigger < from.UnixMilli() })
}

// asSaid is the trial as far as the case says it.
func asSaid(c *cases.Case, version string) trial.Trial {
	return trial.Trial{Case: c.Name, Split: trial.Split(c.Split), Set: trial.Set(c.Set), FlinkVersion: version, Causes: c.Causes, Odd: c.Odd,
		SlowOnset: c.SlowOnset, Incurable: c.Incurable}
}

// keep puts the trial and its recording where they belong.
func (r *run) keep(taken, root string) error {
	har, file := trial.Paths(root, &r.result)
	raw, err := os.ReadFile(taken)
	if err != nil {
		return err
	}
	if raw, err = trial.Pack(raw); err != nil {
		return fmt.Errorf("%s: %w", taken, err)
	}
	if err := trial.Write(file, &r.result); err != nil {
		return err
	}
	if err := os.WriteFile(har, raw, 0o644); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	return nil
}

// start brings Flink up with the job.
func (r *run) start(ctx context.Context, tmp string) error {
	options := flinklocal.Options{Case: r.c.Case, Dir: tmp, Log: r.log}
	var err error
	if options.Dist, err = flinklocal.Fetch(ctx, r.version, r.log); err != nil {
		return err
	}
	if r.c.LastVersion != "" {
		if options.Last, err = flinklocal.Fetch(ctx, r.c.LastVersion, r.log); err != nil {
			return err
		}
	}
	if options.Jars, err = flinklocal.BuildFor(ctx, options.Dist, r.c.Case, r.log); err != nil {
		return err
	}
	if r.cluster, err = flinklocal.New(ctx, options); err != nil {
		return err
	}
	if err = r.cluster.Deploy(ctx, r.c.Spec("default", r.c.Name, r.version)); err != nil {
		return errors.Join(err, r.cluster.Close())
	}
	go r.tally.follow(ctx, r.cluster)
	return nil
}

// record keeps the healthy pass and those of the sick phase.
func (r *run) record(ctx context.Context, out *recording.Writer) error {
	var err error
	if r.patient, err = newPatient(r.cluster.URL(), r.cluster.JobID(), out); err != nil {
		return err
	}
	if err := r.healthy(ctx); err != nil {
		return err
	}
	for {
		if err := wait(ctx, cmp.Or(r.c.Every, passEvery)); err != nil {
			return err
		}
		if enough, err := r.sickPass(ctx); err != nil || enough || out.Full() {
			return err
		}
	}
}

// sickPass is one look after the fault began, and tells whether it was the last one that is kept.
func (r *run) sickPass(ctx context.Context) (enough bool, err error) {
	began, ended := r.fault()
	if began.IsZero() && time.Since(r.running) < r.c.Until.Patience() {
		return false, nil // not yet
	}
	enough = met(r.c.Until, ended, time.Since(began))
	if r.last, err = r.patient.look(ctx, true); err != nil {
		return false, err
	}
	r.sick++
	r.log("pass %d: %s; %d ended, %d expired", r.sick, verdict(r.last), len(ended), flinklocal.Expiries(ended))
	if flinklocal.Expiries(ended) > 0 {
		r.afterExpiry++
	}
	grown := r.c.SlowOnset && r.afterExpiry > moreAfterExpiry
	return r.sick >= fewestPasses && (enough || grown), nil
}

// healthy is the pass before the fault: as soon as a checkpoint has completed. A job that does not come to run is looked at all the same.
func (r *run) healthy(ctx context.Context) error {
	limit := time.Now().Add(healthyPatience)
	for time.Now().Before(limit) && r.cluster.FaultBegan().IsZero() {
		ready, err := r.cluster.Ready(ctx)
		if err != nil {
			return err
		}
		if ready && r.running.IsZero() {
			r.running = time.Now()
			limit = r.running.Add(healthyPatience)
		}
		all := r.tally.since(time.Time{})
		if ready && len(all) > failed(all) {
			break
		}
		if err := wait(ctx, askEvery/2); err != nil {
			return err
		}
	}
	if r.running.IsZero() {
		r.running = time.Now()
	}
	pass, err := r.patient.look(ctx, true)
	if err == nil {
		r.log("before: %s", verdict(pass))
	}
	return err
}

// fault is when it began and what has ended since; of a fault in the job's arguments, when the job ran. Zero where it is yet to come.
func (r *run) fault() (time.Time, []flinklocal.Checkpoint) {
	began := r.cluster.FaultBegan()
	if began.IsZero() && len(r.c.Delays) == 0 && len(r.c.Steps) == 0 {
		began = r.running
	}
	if began.IsZero() {
		return began, nil
	}
	return began, r.tally.since(began)
}

// count fills in what the whole trial saw.
func (r *run) count() {
	all := r.tally.since(time.Time{})
	r.result.Expired = flinklocal.Expiries(all)
	r.result.FirstExpiry = firstExpiry(all)
	if began := r.cluster.FaultBegan(); !began.IsZero() {
		r.result.FaultAt = began.UTC()
	}
	s := r.last.Snapshot
	r.result.Job = trial.Job{Name: s.Job.Name, Operators: len(s.Vertices)}
	for i := range s.Vertices {
		r.result.Job.Parallelism = max(r.result.Job.Parallelism, s.Vertices[i].Parallelism)
	}
	if r.result.Job.Operators == 0 { // it never came to run
		r.result.Job = trial.Job{Name: r.c.Name, Parallelism: r.c.Parallelism, Operators: 1}
	}
}

// wait returns early, with an error, where ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("given up: %w", context.Cause(ctx))
	case <-timer.C:
		return nil
	}
}
