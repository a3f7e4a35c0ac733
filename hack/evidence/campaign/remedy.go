package campaign

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/apply"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/hack/evidence/cases"
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
	// mostFurther is how many remedies are tried after one that was taken back, and furtherPatience how long after it the last of them is begun
	// at the latest, so that its checkpoints can be seen: a judgement takes one to two minutes here.
	mostFurther     = 2
	furtherPatience = 6 * time.Minute
)

// treatment is what is tried on a sick job, one remedy after the other.
type treatment struct {
	c       *cases.Case
	version string
	log     flinklocal.Logf
	cluster restarter
	patient looker
	// since are the ended checkpoints that began after a time, oldest first.
	since func(time.Time) []flinklocal.Checkpoint
	now   func() time.Time
	wait  func(context.Context, time.Duration) error
}

// restarter is the Flink that is restarted with a remedy.
type restarter interface {
	Deploy(ctx context.Context, spec flinklocal.Spec) error
	Ready(ctx context.Context) (bool, error)
}

// looker makes passes.
type looker interface {
	look(ctx context.Context, keep bool) (*model.Pass, error)
	// carry keeps a receipt on the target, in place of one with its id.
	carry(receipt model.Receipt)
}

// recommended is the remedy of a pass; nil if there is none, or if the manager would hold it back. It is applied as by whoever follows what the policy
// only recommends; that there is no target to patch here, and how long ago something was written (hours are minutes here), do not hold it back.
func (t *treatment) recommended(pass *model.Pass) *model.Remedy {
	remedy := pass.Decision.Remedy
	if remedy == nil || len(remedy.Changes) == 0 || t.c.NoRemedy {
		return nil
	}
	for _, why := range pass.Decision.Refusals {
		switch why.Reason {
		case api.ReasonModeRecommend, api.ReasonLeverRecommendOnly, api.ReasonAtRiskNotTreated, api.ReasonTargetNotPatchable, api.ReasonCooldown,
			api.ReasonDailyLimit:
		default:
			t.log("the remedy %s is held back: %s: %s", remedy.Lever, why.Reason, why.Message)
			return nil
		}
	}
	return remedy
}

// try restarts Flink with the remedy of a pass, judges it, and takes it back where it does not help. Nil where there is nothing to try; before are
// the checkpoints that ended without it.
func (t *treatment) try(ctx context.Context, pass *model.Pass, before []flinklocal.Checkpoint) (*trial.Remedy, error) {
	remedy := t.recommended(pass)
	if remedy == nil {
		return nil, nil
	}
	spec, settings, err := t.changed(remedy)
	if err != nil {
		t.log("the remedy %s cannot be made here: %v", remedy.Lever, err)
		return nil, nil
	}
	receipt := apply.NewReceipt(pass)
	t.log("remedy %s: %v", remedy.Lever, settings)
	receipt.AppliedAt = t.now().UTC()
	done := &trial.Remedy{Lever: remedy.Lever, Settings: settings, Before: summary(before), Judged: api.OutcomeInconclusive}
	if err := t.cluster.Deploy(ctx, spec); err != nil {
		t.log("remedy %s is %s: Flink did not come back: %v", remedy.Lever, done.Judged, err)
		return done, ctx.Err()
	}
	restarted := t.now()
	verification, err := t.judge(ctx, receipt)
	if err != nil {
		return done, err
	}
	done.After, done.Judged = summary(t.since(restarted)), verification.Outcome
	t.log("remedy %s is %s: %s", remedy.Lever, verification.Outcome, verification.Message)
	receipt.Outcome, receipt.Message = verification.Outcome, verification.Message
	if verification.Outcome == api.OutcomeIneffective || verification.Outcome == api.OutcomeHarmful {
		// The configuration is as it was, even where a starved JobManager does not take its job back in time.
		done.Undone, receipt.Outcome = true, api.OutcomeRolledBack
		if err := t.cluster.Deploy(ctx, t.spec()); err != nil {
			t.log("without remedy %s: %v", remedy.Lever, err)
		}
	}
	finished := t.now().UTC()
	receipt.FinishedAt = &finished
	t.patient.carry(receipt)
	return done, ctx.Err()
}

// goOn tries what comes next after a remedy that was taken back, as the manager does with the receipt of it: the lever is muted, so the next
// rung is recommended. It ends with a remedy that is not taken back, with none recommended, or with the time.
func (t *treatment) goOn(ctx context.Context) (then []trial.Remedy, err error) {
	limit := t.now().Add(furtherPatience)
	for range mostFurther {
		undone := t.now()
		pass, err := t.next(ctx, limit)
		if pass == nil || err != nil {
			return then, err
		}
		done, err := t.try(ctx, pass, t.since(undone))
		if done == nil || err != nil {
			return then, err
		}
		if then = append(then, *done); !done.Undone {
			break
		}
	}
	return then, nil
}

// next looks until a remedy is recommended that can be judged within the limit; nil where none is.
func (t *treatment) next(ctx context.Context, limit time.Time) (*model.Pass, error) {
	for {
		if err := t.wait(ctx, passEvery); err != nil {
			return nil, err
		}
		pass, err := t.patient.look(ctx, false)
		if err != nil {
			return nil, err
		}
		remedy := t.recommended(pass)
		fewest := time.Duration(0)
		if remedy != nil {
			fewest = fewestNeeded(&remedy.Criterion, &pass.Snapshot.Settings)
		}
		switch {
		case t.now().Add(fewest).After(limit):
			t.log("no further remedy within %s: %s", furtherPatience, verdict(pass))
			return nil, nil
		case remedy != nil:
			return pass, nil
		}
	}
}

// judge looks until package verify has decided on a receipt; Inconclusive where it does not within its time.
func (t *treatment) judge(ctx context.Context, receipt model.Receipt) (model.Verification, error) {
	t.patient.carry(receipt)
	limit, running := t.now().Add(startPatience), false
	for {
		if err := t.wait(ctx, verifyEvery); err != nil {
			return model.Verification{}, err
		}
		pass, err := t.patient.look(ctx, false)
		if err != nil {
			return model.Verification{}, err
		}
		if ready, err := t.cluster.Ready(ctx); err == nil && ready && !running {
			running, limit = true, t.now().Add(judgement(&receipt.Criterion, &pass.Snapshot.Settings))
		}
		v := pass.Verification
		switch {
		case v.Outcome != api.OutcomePending && v.Outcome != "":
			return v, nil
		case t.now().After(limit):
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

// fewestNeeded is how long it takes to see the checkpoints that the criterion asks for, once.
func fewestNeeded(k *model.Criterion, s *model.Settings) time.Duration {
	return time.Duration(max(k.CompleteInRow, k.FailInRow, 1)) * (s.Timeout.Value + s.Interval.Value)
}

// spec is the deployment as it was.
func (t *treatment) spec() flinklocal.Spec { return t.c.Spec("default", t.c.Name, t.version) }

// changed is the deployment with the remedy, and its settings.
func (t *treatment) changed(remedy *model.Remedy) (flinklocal.Spec, map[string]string, error) {
	spec, settings := t.spec(), map[string]string{}
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
