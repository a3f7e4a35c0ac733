package score

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"checkpointhealth.dev/operator/controllers/cli"
	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/recording"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// JudgeAll walks every recording, as many at once as there are cores, and keeps their order. A recording that cannot be read is an error.
func JudgeAll(ctx context.Context, sources []Source) ([]Result, error) {
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(sources))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range sources {
		group.Go(func() error {
			passes, err := Walk(ctx, sources[i].Recording, doctor)
			if err != nil {
				return fmt.Errorf("%s: %w", sources[i].Recording, err)
			}
			results[i], err = judge(&sources[i], passes)
			return err
		})
	}
	return results, group.Wait()
}

// Walk makes the passes of a recording as the manager would under the policy that is built in.
func Walk(ctx context.Context, file string, doctor *diagnose.Doctor) ([]*model.Pass, error) {
	archive, err := recording.Load(file)
	if err != nil {
		return nil, err
	}
	policy := model.ResolvePolicy("", nil)
	return cli.Passes(ctx, archive, doctor, &policy, "")
}

// judge holds the passes of a recording against what was true, and where the label is not the first one, against that as well.
func judge(source *Source, passes []*model.Pass) (Result, error) {
	r, err := labelled(source, &source.Trial, passes)
	if err != nil || source.Trial.Relabelled == nil {
		return r, err
	}
	label := source.Trial.First()
	first, err := labelled(source, &label, passes)
	if r.First = first.word(); first.Harm != "" {
		r.First += "; harmful: " + first.Harm
	}
	return r, err
}

// labelled holds the passes against one label.
func labelled(source *Source, t *trial.Trial, passes []*model.Pass) (Result, error) {
	sick := until(passes, t.SickUntil)
	if len(sick) == 0 {
		return Result{}, fmt.Errorf("%s: %w: sickUntil is %s", source.Recording, errNoSickPass, t.SickUntil)
	}
	r := Result{Name: source.Name, Trial: *t, Recorded: sick[0].Now.UTC().Truncate(time.Second), Passes: len(sick)}
	final := sick[len(sick)-1]
	r.take(&final.Diagnosis)
	if final.Decision.Remedy != nil {
		r.Lever = final.Decision.Remedy.Lever
	}
	if t.Healthy() {
		for _, p := range sick {
			r.Alarmed = r.Alarmed || alarm(p)
		}
	}
	all := historyOf(sick)
	r.Delay = delay(t, sick, all)
	if t.SlowOnset {
		r.Early, r.Lead = early(t, sick, all)
	}
	r.Harm = harm(t, sick)
	return r, nil
}

var errNoSickPass = errors.New("the recording has no pass before its sick phase ended")

// until are the passes up to a moment; all of them where it is not known.
func until(passes []*model.Pass, end time.Time) []*model.Pass {
	if end.IsZero() {
		return passes
	}
	for i, p := range passes {
		if p.Now.After(end) {
			return passes[:i]
		}
	}
	return passes
}

// names tells that a pass names a true cause as the first one, sure enough to act on.
func names(r interface{ IsCause(string) bool }, p *model.Pass) bool {
	top := p.Diagnosis.Top()
	return top != nil && likely(top.Verdict) && r.IsCause(nameOf(top))
}
