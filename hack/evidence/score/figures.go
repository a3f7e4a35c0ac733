package score

import (
	"fmt"
	"slices"
	"strings"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// Value is a figure: so many of so many. For a delay, N is checkpoints and Of how many cases it was measured in.
type Value struct{ N, Of int }

// share is from 0 to 1; none of none is all.
func (v Value) share() float64 {
	if v.Of == 0 {
		return 1
	}
	return float64(v.N) / float64(v.Of)
}

// MarshalText writes a figure as "31 of 32".
func (v Value) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d of %d", v.N, v.Of), nil }

// UnmarshalText reads what MarshalText wrote.
func (v *Value) UnmarshalText(text []byte) error {
	if n, err := fmt.Sscanf(string(text), "%d of %d", &v.N, &v.Of); err != nil || n != 2 {
		return fmt.Errorf("%q is no figure, expected one such as 31 of 32", text)
	}
	return nil
}

// direction tells which way a figure is worse.
type direction string

const (
	shareUp   direction = "a smaller share is worse"
	countUp   direction = "a smaller number is worse"
	countDown direction = "a larger number is worse"
	// restDown is for figures that speak of what failed otherwise: where that becomes less the share may fall, and nothing got worse.
	restDown direction = "a larger number of the others is worse"
	onlyTold direction = "told, not held"
)

// ofShare tells that a figure is read as a share.
func (d direction) ofShare() bool { return d == shareUp || d == restDown }

// figure is one row of the table of figures. It counts the results that hit among those it speaks of, or adds up what each counts, or, where it takes
// a measure, is the quantile of the measures that are known.
type figure struct {
	// name is the word in figures.yaml; title the row of docs/evidence.md; says what exactly is counted.
	name, title, says string
	worse             direction
	// bar is what is aimed at, as a share or a number; barred tells whether there is one.
	bar    float64
	barred bool

	of, hit func(*Result) bool
	// count is what one result adds, where that may be more than one.
	count    func(*Result) Value
	measure  func(*Result) Count
	quantile float64
}

func anyCase(*Result) bool    { return true }
func sickCase(r *Result) bool { return !r.healthy() }

// figures are what is counted, in the order of docs/evidence.md.
var figures = []figure{
	{name: "cases", title: "recordings", says: "all of the half", worse: countUp, of: anyCase, hit: anyCase},
	{name: "top1", title: "top-1", worse: shareUp, bar: 0.97, barred: true, of: (*Result).single, hit: (*Result).right,
		says: "jobs with one cause whose first cause is the true one, and Likely or Confirmed"},
	{name: "top2", title: "top-2", worse: shareUp, bar: 0.99, barred: true, of: (*Result).single, hit: (*Result).inTopTwo,
		says: "jobs with one cause for which it is the first that is still possible or the next; an Undetermined in front takes the first place"},
	{name: "undetermined", title: "of those not right, Undetermined", worse: restDown, bar: 0.5, barred: true,
		of: func(r *Result) bool { return r.single() && !r.right() }, hit: (*Result).abstained,
		says: "jobs with one cause that was not found: how many got no likely cause, rather than a wrong one"},
	{name: "wrong", title: "confidently wrong", worse: countDown, barred: true, of: sickCase, hit: (*Result).wrong,
		says: "sick jobs for which a cause is Likely or Confirmed that is none of theirs, or that are called Healthy"},
	{name: "missed", title: "- called Healthy", worse: countDown, barred: true, of: sickCase, hit: (*Result).missed,
		says: "those of them that are called Healthy"},
	{name: "abstained", title: "abstained", worse: countDown, of: sickCase, hit: (*Result).abstained,
		says: "sick jobs with no likely cause: Undetermined, or Unknown"},
	{name: "false_alarms", title: "false alarms", worse: countDown, barred: true, of: (*Result).healthy, hit: (*Result).falseAlarm,
		says: "healthy jobs that are called Unhealthy, or given a Likely or Confirmed cause"},
	{name: "passing_alarms", title: "- at any pass", worse: countDown, of: (*Result).healthy, hit: func(r *Result) bool { return r.Alarmed },
		says: "the same, counted where any pass of the recording says so and not only the last"},
	{name: "at_risk", title: "healthy called AtRisk", worse: onlyTold, of: (*Result).healthy, hit: (*Result).atRisk,
		says: "healthy jobs that are called AtRisk: long checkpoints that complete are a thin margin, not an illness"},
	{name: "both", title: "two causes, both named", worse: shareUp, bar: 1, barred: true, of: (*Result).double, hit: (*Result).bothNamed,
		says: "jobs with two causes for which each of them is Confirmed, Likely or Possible"},
	{name: "harmful", title: "harmful recommendations", worse: countDown, barred: true, of: anyCase, hit: func(r *Result) bool { return r.Harm != "" },
		says: "recordings with a recommendation that made the job worse when it was tried; or for a healthy job, in the last pass or with no failed checkpoint in its history; or of a longer timeout although in " +
			"the whole recording no acknowledgement ever came late and no upload moved"},
	{name: "cured", title: "cured by the remedy", worse: shareUp, bar: 0.9, barred: true, count: (*Result).cures,
		says: "remedies that were applied to a real Flink for a cause that can be treated, and cured it, each of them counted; faults that were made to outgrow " +
			"every remedy count in the row after the next alone"},
	{name: "cured_in_the_end", title: "- cured in the end", worse: onlyTold, of: (*Result).treated, hit: (*Result).curedInTheEnd,
		says: "jobs with such a cause whose last remedy cured: after one that was taken back the next rung is tried"},
	{name: "owned", title: "not cured, reported and undone", worse: restDown, bar: 1, barred: true, count: (*Result).ownedUp,
		says: "remedies that did not cure, each of them counted: how many were reported Ineffective or Harmful, and taken back"},
	{name: "early", title: "slow onset, named before the first expiry", worse: shareUp, bar: 0.8, barred: true,
		of: func(r *Result) bool { return r.Trial.SlowOnset }, hit: func(r *Result) bool { return r.Early },
		says: "jobs whose fault grows: how many had their cause named as Likely or Confirmed before a checkpoint expired"},
	{name: "delay_median", title: "detection delay, median", worse: countDown, measure: func(r *Result) Count { return r.Delay }, quantile: 0.5,
		says: "checkpoints that began after the first one hurt until the cause was Likely or Confirmed. Hurt is a checkpoint that failed or took half " +
			"of its timeout; where none did, the first after the fault began. Passes have gaps, so it is what it was at most"},
	{name: "delay_max", title: "detection delay, longest", worse: countDown, measure: func(r *Result) Count { return r.Delay }, quantile: 1,
		says: "the longest of them"},
}

// value is the figure over some results.
func (f *figure) value(results []Result) Value {
	if f.measure != nil {
		return f.quantileOf(results)
	}
	var v Value
	for i := range results {
		one := f.counts(&results[i])
		v.N, v.Of = v.N+one.N, v.Of+one.Of
	}
	return v
}

// counts is what one result adds.
func (f *figure) counts(r *Result) Value {
	var v Value
	switch {
	case f.count != nil:
		return f.count(r)
	case !f.of(r):
		return v
	case f.hit(r):
		v.N = 1
	}
	v.Of = 1
	return v
}

func (f *figure) quantileOf(results []Result) Value {
	var known []int
	for i := range results {
		if c := f.measure(&results[i]); c.Known {
			known = append(known, c.N)
		}
	}
	if len(known) == 0 {
		return Value{}
	}
	slices.Sort(known)
	return Value{N: known[min(int(f.quantile*float64(len(known))), len(known)-1)], Of: len(known)}
}

// mark is what a case adds to a figure, in a word; empty where the figure does not speak of it.
func (f *figure) mark(r *Result) string {
	if f.measure != nil {
		if c := f.measure(r); c.Known {
			return fmt.Sprintf("%s=%d", f.name, c.N)
		}
		return ""
	}
	v := f.counts(r)
	switch {
	case v.Of == 0 || f.worse == countUp:
		return "" // a case that is there counts as a recording
	case v.Of > 1:
		return fmt.Sprintf("%s=%d/%d", f.name, v.N, v.Of)
	case v.N == 1:
		return f.name + "=1"
	case f.worse.ofShare():
		return f.name + "=0"
	}
	return ""
}

// isWorse tells whether a figure went the wrong way.
func (f *figure) isWorse(committed, now Value) bool {
	switch f.worse {
	case shareUp:
		return now.share() < committed.share()
	case restDown:
		return now.Of-now.N > committed.Of-committed.N
	case countUp:
		return now.N < committed.N
	case countDown:
		return now.N > committed.N
	}
	return false
}

// met tells whether the bar is reached.
func (f *figure) met(v Value) bool {
	if f.worse.ofShare() {
		return v.share() >= f.bar
	}
	return float64(v.N) <= f.bar
}

// Of are the results of one half.
func Of(results []Result, split trial.Split) []Result {
	var out []Result
	for i := range results {
		if results[i].Trial.Split == split {
			out = append(out, results[i])
		}
	}
	return out
}

// figureNamed finds a row of the table; nil if there is none.
func figureNamed(name string) *figure {
	i := slices.IndexFunc(figures, func(f figure) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &figures[i]
}

// marks are all marks of a case: its set where it is not the first, and what it adds to the figures in the order of the table.
func marks(r *Result) string {
	var words []string
	if set := r.Trial.Set; set != trial.FirstSet {
		words = append(words, setMark+string(set))
	}
	for i := range figures {
		if word := figures[i].mark(r); word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}
