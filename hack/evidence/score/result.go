package score

import (
	"cmp"
	"slices"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// Result is what was said of one recording, and what that was worth.
type Result struct {
	Name string
	// Trial is what was true.
	Trial trial.Trial
	// Recorded is when the first pass was made, in whole seconds.
	Recorded time.Time
	// First is what the verdict was worth by the first label of a trial that was relabelled; empty for others.
	First string
	// Passes is how many passes the sick phase has. The last of them is the final verdict.
	Passes int
	Health api.Health
	// Cause is the first cause of the final verdict as Cause or Cause/SubCause; None for a healthy job, Undetermined, or Unknown.
	Cause   string
	Verdict api.Verdict
	// Second is the next cause that is still possible; empty if none.
	Second string
	// Named are all causes that are possible or more.
	Named []string
	// Alarmed tells that a pass of a healthy job called it Unhealthy or named a cause as likely.
	Alarmed bool
	// Delay is how many checkpoints began after the first one hurt until the cause was named.
	Delay Count
	// Early tells, of a fault that grows, whether the cause was named before the first expiry, and Lead how many checkpoints before.
	Early bool
	Lead  Count
	// Harm says why what was recommended would have done harm; empty where it would not.
	Harm string
	// Lever is what the final verdict recommends; empty if nothing.
	Lever api.Lever
}

// Count is a number that may not be known.
type Count struct {
	N     int
	Known bool
}

// take keeps the final verdict.
func (r *Result) take(d *model.Diagnosis) {
	r.Health, r.Cause = d.Health, string(api.HealthUnknown)
	switch d.Health {
	case api.HealthHealthy:
		r.Cause = labelNone
	case api.HealthAtRisk, api.HealthUnhealthy:
		r.Cause = string(api.CauseUndetermined)
		if top := d.Top(); top != nil {
			r.Cause, r.Verdict = nameOf(top), top.Verdict
		}
	default:
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		if f.Cause == api.CauseUndetermined || !possible(f.Verdict) {
			continue
		}
		r.Named = append(r.Named, nameOf(f))
		if i > 0 && r.Second == "" {
			r.Second = nameOf(f)
		}
	}
}

func nameOf(f *model.Finding) string {
	if f.SubCause == "" {
		return string(f.Cause)
	}
	return string(f.Cause) + "/" + string(f.SubCause)
}

func likely(v api.Verdict) bool { return v == api.VerdictConfirmed || v == api.VerdictLikely }

func possible(v api.Verdict) bool { return likely(v) || v == api.VerdictPossible }

// single, double and healthy are the kinds of trials.
func (r *Result) single() bool  { return len(r.Trial.Causes) == 1 }
func (r *Result) double() bool  { return len(r.Trial.Causes) > 1 }
func (r *Result) healthy() bool { return r.Trial.Healthy() }

// right tells that the first cause is a true one, and sure enough to act on.
func (r *Result) right() bool { return likely(r.Verdict) && r.Trial.IsCause(r.Cause) }

// nearest tells that the first cause is a true one, though only possible.
func (r *Result) nearest() bool { return r.Verdict == api.VerdictPossible && r.Trial.IsCause(r.Cause) }

// inTopTwo tells that it is the first, be it only possible, or the next. An Undetermined in front takes the first place.
func (r *Result) inTopTwo() bool {
	return r.right() || r.nearest() || r.Second != "" && r.Trial.IsCause(r.Second)
}

// abstained tells that no cause of a sick job was likely, or that it could not be judged.
func (r *Result) abstained() bool {
	return !r.healthy() && (r.Cause == string(api.CauseUndetermined) || r.Health == api.HealthUnknown || r.sick() && !likely(r.Verdict))
}

func (r *Result) sick() bool { return r.Health == api.HealthUnhealthy || r.Health == api.HealthAtRisk }

// missed tells that a sick job was called healthy.
func (r *Result) missed() bool { return !r.healthy() && r.Health == api.HealthHealthy }

// wrong tells that a sick job was called healthy, or that another cause was called likely.
func (r *Result) wrong() bool { return !r.healthy() && !r.right() && !r.abstained() }

// bothNamed tells that each of two causes is among the possible ones.
func (r *Result) bothNamed() bool {
	return !slices.ContainsFunc(r.Trial.Causes, func(want string) bool {
		return !slices.ContainsFunc(r.Named, func(got string) bool { return trial.Matches(got, want) })
	})
}

// falseAlarm tells that the final verdict on a healthy job calls it Unhealthy, or a cause likely.
func (r *Result) falseAlarm() bool {
	return r.healthy() && (r.Health == api.HealthUnhealthy || likely(r.Verdict))
}

// atRisk tells that a healthy job was called AtRisk.
func (r *Result) atRisk() bool { return r.healthy() && r.Health == api.HealthAtRisk }

// treatable are the causes that a remedy of ours can cure (docs/diagnosis.md).
var treatable = []string{
	string(api.CauseNetworkLatency), string(api.CauseJobManagerOverload), string(api.CauseSlowCleanup), string(api.CauseSlowStateBackend),
	string(api.CauseCheckpointPressure),
}

// treated tells that a remedy was tried on a job whose main cause is treatable, and whose fault does not outgrow every remedy.
func (r *Result) treated() bool {
	return r.Trial.Remedy != nil && !r.healthy() && !r.Trial.Incurable &&
		slices.ContainsFunc(treatable, func(want string) bool { return trial.Matches(r.Trial.Causes[0], want) })
}

// cures counts the remedies that were tried on a job that can be treated, and those of them that cured.
func (r *Result) cures() Value {
	var v Value
	if !r.treated() {
		return v
	}
	for _, m := range r.Trial.Remedies() {
		v.Of++
		if m.Cured() {
			v.N++
		}
	}
	return v
}

// curedInTheEnd tells that the last remedy cured.
func (r *Result) curedInTheEnd() bool {
	all := r.Trial.Remedies()
	return len(all) > 0 && all[len(all)-1].Cured()
}

// ownedUp counts the remedies that did not cure, on whatever job, and those of them that were reported so and taken back.
func (r *Result) ownedUp() Value {
	var v Value
	for _, m := range r.Trial.Remedies() {
		if m.Cured() {
			continue
		}
		v.Of++
		if m.Owned() {
			v.N++
		}
	}
	return v
}

// truth is the true cause in words.
func (r *Result) truth() string {
	if r.healthy() {
		return labelNone
	}
	return strings.Join(r.Trial.Causes, " + ")
}

// What a verdict was worth, where it was no error.
const (
	wordRight  = "right"
	wordAtRisk = "at risk"
)

// words are what a verdict was worth; the first that holds.
var words = []struct {
	word  string
	holds func(*Result) bool
}{
	{"false alarm", (*Result).falseAlarm},
	{wordAtRisk, (*Result).atRisk},
	{"undetermined", func(r *Result) bool { return r.healthy() && r.Health != api.HealthHealthy }},
	{wordRight, (*Result).healthy},
	{"called healthy", (*Result).missed},
	{"wrong", (*Result).wrong},
	{"one of two", func(r *Result) bool { return r.double() && r.right() && !r.bothNamed() }},
	{wordRight, (*Result).right},
	{"undetermined, right cause nearest", (*Result).nearest},
	{"undetermined, right cause second", (*Result).inTopTwo},
}

// word is what the verdict was worth.
func (r *Result) word() string {
	for i := range words {
		if words[i].holds(r) {
			return words[i].word
		}
	}
	return "undetermined"
}

func compareText(a, b string) int { return cmp.Compare(a, b) }

// cutPath cuts the first part off a path with slashes.
func cutPath(path string) (first, rest string, ok bool) { return strings.Cut(path, "/") }
