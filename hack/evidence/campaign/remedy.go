package campaign

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/apply"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/hack/evidence/trial"
	"checkpointhealth.dev/operator/hack/flinklocal"
)

// Fields of a deployment that are no keys of Flink's.
const (
	fieldCPU    = "jobManager.resource.cpu"
	fieldMemory = "jobManager.resource.memory"
)

const (
	// verifyEvery is the pause between two passes while a remedy is judged.
	verifyEvery = 4 * time.Second
	// verifyPatience is given on top of the checkpoints that the criterion may need.
	verifyPatience = 30 * time.Second
	// startPatience bounds the restart: with seconds of delay on every message a job takes minutes to come to run.
	startPatience = 4 * time.Minute
)

// treat restarts Flink with the remedy that the last pass recommends, judges it, and takes it back where it does not help.
func (r *run) treat(ctx context.Context) error {
	remedy := r.last.Decision.Remedy
	if remedy == nil || len(remedy.Changes) == 0 || r.c.NoRemedy {
		return nil
	}
	spec, settings, err := r.changed(remedy)
	if err != nil {
		r.log("the remedy %s cannot be made here: %v", remedy.Lever, err)
		return nil
	}
	before, receipt := r.spec(), apply.NewReceipt(r.last)
	began, ended := r.fault()
	r.result.SickUntil = time.Now().UTC()
	r.log("remedy %s: %v (sick since %s)", remedy.Lever, settings, began.Format(time.TimeOnly))
	receipt.AppliedAt = time.Now().UTC()
	done := &trial.Remedy{Lever: remedy.Lever, Settings: settings, Before: summary(ended), Judged: api.OutcomeInconclusive}
	r.result.Remedy = done
	if err := r.cluster.Deploy(ctx, spec); err != nil {
		r.log("remedy %s is %s: Flink did not come back: %v", remedy.Lever, done.Judged, err)
		return ctx.Err()
	}
	restarted := time.Now()
	r.patient.receipt = &receipt
	verification, err := r.judge(ctx)
	if err != nil {
		return err
	}
	done.After, done.Judged = summary(r.triggeredAfter(restarted)), verification.Outcome
	r.log("remedy %s is %s: %s", remedy.Lever, verification.Outcome, verification.Message)
	if verification.Outcome == api.OutcomeIneffective || verification.Outcome == api.OutcomeHarmful {
		// The configuration is as it was, even where a starved JobManager does not take its job back in time.
		done.Undone = true
		if err := r.cluster.Deploy(ctx, before); err != nil {
			r.log("without remedy %s: %v", remedy.Lever, err)
		}
	}
	return ctx.Err()
}

// judge looks until package verify has decided; Inconclusive where it does not within its time.
func (r *run) judge(ctx context.Context) (model.Verification, error) {
	limit, running := time.Now().Add(startPatience), false
	for {
		if err := wait(ctx, verifyEvery); err != nil {
			return model.Verification{}, err
		}
		pass, err := r.patient.look(ctx, false)
		if err != nil {
			return model.Verification{}, err
		}
		if ready, err := r.cluster.Ready(ctx); err == nil && ready && !running {
			running, limit = true, time.Now().Add(judgement(&r.patient.receipt.Criterion, &pass.Snapshot.Settings))
		}
		v := pass.Verification
		switch {
		case v.Outcome != api.OutcomePending && v.Outcome != "":
			return v, nil
		case time.Now().After(limit):
			v.Outcome = api.OutcomeInconclusive
			return v, nil
		}
	}
}

// judgement is how long it may take to see twice the checkpoints that are asked for, or as many as decide where some fail and some complete (each row is
// broken by a failure at its end), each as long as the timeout allows and an interval after the one before.
func judgement(k *model.Criterion, s *model.Settings) time.Duration {
	most := max(2*k.CompleteInRow, 2*k.FailInRow, k.CompleteInRow*k.FailInRow, 2)
	return verifyPatience + time.Duration(most)*(s.Timeout.Value+s.Interval.Value)
}

// triggeredAfter are the ended checkpoints that began after a time.
func (r *run) triggeredAfter(from time.Time) []flinklocal.Checkpoint {
	return slices.DeleteFunc(r.tally.since(from), func(cp flinklocal.Checkpoint) bool { return cp.Trigger < from.UnixMilli() })
}

// spec is the deployment as it was.
func (r *run) spec() flinklocal.Spec { return r.c.Spec("default", r.c.Name, r.version) }

// changed is the deployment with the remedy, and its settings.
func (r *run) changed(remedy *model.Remedy) (flinklocal.Spec, map[string]string, error) {
	spec, settings := r.spec(), map[string]string{}
	flags := map[string]string{}
	for i := range remedy.Changes {
		change := &remedy.Changes[i]
		settings[change.Field] = change.To
		var err error
		switch {
		case change.Field == fieldCPU:
			spec.CPU, err = strconv.ParseFloat(change.To, 64)
		case change.Field == fieldMemory:
			spec.MemoryBytes, err = flinklocal.ParseMemory(strings.ToLower(strings.TrimSuffix(change.To, "i")))
		case strings.HasPrefix(change.Field, "job."): // of the Flink operator; a restart here always restores
		case strings.HasPrefix(change.Field, "jobManager."):
			err = fmt.Errorf("%s: not a field of a local Flink", change.Field)
		default:
			flags[change.Field] = change.To
		}
		if err != nil {
			return spec, settings, err
		}
	}
	maps.Copy(spec.Config, flags)
	return spec, settings, nil
}
