package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// The weights of a shared dependency. Two others make it likely; each further one makes chance less likely still, and with five others that it is
// as good as seen: 50 + 3 x 10 = 80, above 75, where the job's own cause is confirmed as well.
const (
	sharedWeight = likelyScore
	furtherJob   = 10
)

// sharedDependency is the finding that the job's own cause is one that others have as well, with what they share. It needs a cause of its own that
// is likely: what nobody knows of one job is not known of many.
func sharedDependency(f *features, own *model.Finding) (model.Finding, bool) {
	if own.Score < likelyScore || own.Cause == api.CauseUndetermined {
		return model.Finding{}, false
	}
	var found []*model.SharedThing
	for i := range f.s.Shared {
		thing := &f.s.Shared[i]
		if thing.CanCause(own.Cause) && thing.Enough(own.Cause) {
			found = append(found, thing)
		}
	}
	if len(found) == 0 {
		return model.Finding{}, false
	}
	// The narrowest first: of those that share it most are sick.
	slices.SortStableFunc(found, func(a, b *model.SharedThing) int {
		return (b.Sick[own.Cause].Count+1)*a.Jobs - (a.Sick[own.Cause].Count+1)*b.Jobs
	})
	narrowest := found[0]
	sick := narrowest.Sick[own.Cause]
	score := min(sharedWeight+furtherJob*(sick.Count-model.SharedLeast), 100)
	finding := model.Finding{
		Cause: api.CauseSharedDependencyDegraded, Score: score, Since: began(f, sick.First),
		Verdict: verdict(score, own.Verdict == api.VerdictConfirmed, true),
		Summary: bounded(fmt.Sprintf("%d of %d jobs with %s %s sickened of %s within %s", sick.Count+1, narrowest.Jobs, narrowest.Kind,
			named(narrowest.Name), own.Cause, span(model.SharedWindow)), maxSummary),
		NextMeasurement: bounded("the state of "+string(narrowest.Kind)+" "+named(narrowest.Name)+" itself, at the time when the first of them sickened", maxSummary),
		Advice: []string{bounded("Look at "+string(narrowest.Kind)+" "+named(narrowest.Name)+" first: once it is well, so are these jobs. None of them is patched meanwhile.",
			maxSummary)},
	}
	for i, thing := range found {
		weight := 1 // what is shared besides says where else to look, and is counted once
		if i == 0 {
			weight = score
		}
		finding.Evidence = append(finding.Evidence, sharedEvidence(thing, own.Cause, weight))
	}
	return finding, true
}

// began is when the first of them sickened, this one included.
func began(f *features, first time.Time) time.Time {
	own := f.s.Past.UnhealthySince
	if own.IsZero() {
		own = f.now.Add(-f.s.ClockOffset())
	}
	if first.Before(own) {
		return first
	}
	return own
}

// sharedEvidence says who, since when, and of how many.
func sharedEvidence(thing *model.SharedThing, cause api.Cause, weight int) model.Evidence {
	sick := thing.Sick[cause]
	who := strings.Join(sick.Names, ", ")
	if more := sick.Count - len(sick.Names); more > 0 {
		who += fmt.Sprintf(" and %d more", more)
	}
	return model.Evidence{
		Signal: bounded("same "+string(thing.Kind), maxSignal), Weight: weight,
		Observed: bounded(fmt.Sprintf("%s: %s, too, is sick of %s, the first since %s; %d jobs share it", named(thing.Name), who, cause,
			sick.First.UTC().Format("15:04 UTC"), thing.Jobs), maxObserved),
		Expected: bounded(fmt.Sprintf("fewer than %d others, or less than a quarter", model.SharedLeast), maxObserved),
	}
}
