package score

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// sick is a job with slow storage that was diagnosed rightly, healthy a healthy one that was left alone.
func sick(name string) Result {
	r := healthy(name)
	r.Trial.Causes = []string{"SlowStateBackend"}
	r.Health, r.Cause, r.Verdict, r.Named = api.HealthUnhealthy, "SlowStateBackend", api.VerdictLikely, []string{"SlowStateBackend"}
	return r
}

func healthy(name string) Result {
	return Result{
		Name: "tuning/1.20.5/" + name, Passes: 3, Health: api.HealthHealthy, Cause: labelNone,
		Trial: trial.Trial{Case: name, Split: trial.Tuning, FlinkVersion: "1.20.5", Job: trial.Job{Name: "a", Parallelism: 1, Operators: 1}},
	}
}

// with is a result that was changed.
func with(r Result, change func(*Result)) Result {
	change(&r)
	return r
}

func remedied(judged api.Outcome, undone bool) Result {
	return with(sick("remedied"), func(r *Result) {
		r.Trial.Remedy = &trial.Remedy{Lever: api.LeverCheckpointTimeout, Settings: map[string]string{"a": "b"}, Judged: judged, Undone: undone}
	})
}

// andThen is a result whose remedy was taken back, with others after it.
func andThen(judged ...api.Outcome) Result {
	return with(remedied(api.OutcomeIneffective, true), func(r *Result) {
		for _, j := range judged {
			then := trial.Remedy{Lever: api.LeverMaxConcurrentCheckpoints, Settings: map[string]string{"c": "d"}, Judged: j, Undone: j == api.OutcomeHarmful}
			r.Trial.Then = append(r.Trial.Then, then)
		}
	})
}

func twoCauses(named ...string) Result {
	return with(sick("two"), func(r *Result) {
		r.Trial.Causes, r.Named = []string{"SlowStateBackend", "JobManagerOverload/CPU"}, named
	})
}

// What is changed about a result.
var (
	undetermined = func(r *Result) { r.Cause, r.Verdict, r.Named = "Undetermined", "", nil }
	other        = func(r *Result) { r.Cause, r.Named = "NetworkLatency", []string{"NetworkLatency"} }
	second       = func(r *Result) {
		r.Cause, r.Second, r.Named = "NetworkLatency", "SlowStateBackend", []string{"NetworkLatency", "SlowStateBackend"}
	}
	calledHealthy = func(r *Result) { r.Health, r.Cause, r.Verdict, r.Named = api.HealthHealthy, labelNone, "", nil }
	unknown       = func(r *Result) { r.Health, r.Cause, r.Verdict, r.Named = api.HealthUnknown, "Unknown", "", nil }
)

// added is what one case adds to a figure.
type added struct {
	figure string
	r      Result
	want   string
}

var sickCases = []added{
	{"cases", sick("a"), "1 of 1"},
	{"top1", sick("a"), "1 of 1"},
	{"top1", with(sick("a"), undetermined), "0 of 1"},
	{"top1", with(sick("a"), second), "0 of 1"},
	{"top1", healthy("a"), "0 of 0"},
	{"top1", twoCauses("SlowStateBackend"), "0 of 0"},
	{"top1", with(sick("a"), func(r *Result) { r.Verdict = api.VerdictPossible }), "0 of 1"},
	{"top1", with(sick("a"), func(r *Result) {
		r.Trial.Causes, r.Cause = []string{"JobManagerOverload/CPU"}, "JobManagerOverload/Heap"
	}), "0 of 1"},
	{"top1", with(sick("a"), func(r *Result) { r.Trial.Causes, r.Cause = []string{"JobManagerOverload"}, "JobManagerOverload/Heap" }), "1 of 1"},
	{"top2", sick("a"), "1 of 1"},
	{"top2", with(sick("a"), second), "1 of 1"},
	{"top2", with(sick("a"), other), "0 of 1"},
	{"top2", with(sick("a"), func(r *Result) { r.Verdict = api.VerdictPossible }), "1 of 1"},
	{"undetermined", with(sick("a"), undetermined), "1 of 1"},
	{"undetermined", with(sick("a"), other), "0 of 1"},
	{"undetermined", with(sick("a"), calledHealthy), "0 of 1"},
	{"undetermined", sick("a"), "0 of 0"},
	{"wrong", sick("a"), "0 of 1"},
	{"wrong", with(sick("a"), other), "1 of 1"},
	{"wrong", with(sick("a"), calledHealthy), "1 of 1"},
	{"wrong", with(sick("a"), undetermined), "0 of 1"},
	{"wrong", with(twoCauses("NetworkLatency"), func(r *Result) { r.Cause = "NetworkLatency" }), "1 of 1"},
	{"missed", with(sick("a"), calledHealthy), "1 of 1"},
	{"missed", with(sick("a"), other), "0 of 1"},
	{"abstained", with(sick("a"), undetermined), "1 of 1"},
	{"abstained", with(sick("a"), unknown), "1 of 1"},
	{"abstained", with(sick("a"), func(r *Result) { r.Verdict = api.VerdictPossible }), "1 of 1"},
	{"abstained", with(sick("a"), calledHealthy), "0 of 1"},
}

var otherCases = []added{
	{"false_alarms", healthy("a"), "0 of 1"},
	{"false_alarms", with(healthy("a"), func(r *Result) { r.Health, r.Cause = api.HealthUnhealthy, "Undetermined" }), "1 of 1"},
	{"false_alarms", with(healthy("a"), func(r *Result) { r.Health, r.Cause = api.HealthAtRisk, "Undetermined" }), "0 of 1"},
	{"false_alarms", with(healthy("a"), func(r *Result) { r.Health, r.Cause, r.Verdict = api.HealthAtRisk, "DataSkew", api.VerdictLikely }), "1 of 1"},
	{"false_alarms", sick("a"), "0 of 0"},
	{"passing_alarms", with(healthy("a"), func(r *Result) { r.Alarmed = true }), "1 of 1"},
	{"passing_alarms", healthy("a"), "0 of 1"},
	{"at_risk", with(healthy("a"), func(r *Result) { r.Health, r.Cause = api.HealthAtRisk, "Undetermined" }), "1 of 1"},
	{"at_risk", healthy("a"), "0 of 1"},
	{"both", twoCauses("SlowStateBackend", "JobManagerOverload/CPU"), "1 of 1"},
	{"both", twoCauses("SlowStateBackend", "JobManagerOverload/Heap"), "0 of 1"},
	{"both", sick("a"), "0 of 0"},
	{"harmful", with(sick("a"), func(r *Result) { r.Harm = "a longer timeout" }), "1 of 1"},
	{"harmful", sick("a"), "0 of 1"},
	{"cured", remedied(api.OutcomeEffective, false), "1 of 1"},
	{"cured", remedied(api.OutcomeIneffective, true), "0 of 1"},
	{"cured", with(remedied(api.OutcomeIneffective, true), func(r *Result) { r.Trial.Causes = []string{"SinkFlush"} }), "0 of 0"},
	{"cured", with(remedied(api.OutcomeIneffective, true), func(r *Result) { r.Trial.Incurable = true }), "0 of 0"},
	{"owned", with(remedied(api.OutcomeIneffective, true), func(r *Result) { r.Trial.Incurable = true }), "1 of 1"},
	{"cured", sick("a"), "0 of 0"},
	{"cured", andThen(api.OutcomeEffective), "1 of 2"},
	{"cured", andThen(api.OutcomeHarmful, api.OutcomeInconclusive), "0 of 3"},
	{"cured_in_the_end", andThen(api.OutcomeEffective), "1 of 1"},
	{"cured_in_the_end", remedied(api.OutcomeEffective, false), "1 of 1"},
	{"cured_in_the_end", andThen(api.OutcomeHarmful), "0 of 1"},
	{"cured_in_the_end", with(andThen(api.OutcomeEffective), func(r *Result) { r.Trial.Incurable = true }), "0 of 0"},
	{"cured_in_the_end", sick("a"), "0 of 0"},
	{"owned", andThen(api.OutcomeHarmful, api.OutcomeInconclusive), "2 of 3"},
	{"owned", remedied(api.OutcomeIneffective, true), "1 of 1"},
	{"owned", remedied(api.OutcomeHarmful, true), "1 of 1"},
	{"owned", remedied(api.OutcomeIneffective, false), "0 of 1"},
	{"owned", remedied(api.OutcomeInconclusive, true), "0 of 1"},
	{"owned", remedied(api.OutcomeEffective, false), "0 of 0"},
	{"early", with(sick("a"), func(r *Result) { r.Trial.SlowOnset, r.Early = true, true }), "1 of 1"},
	{"early", with(sick("a"), func(r *Result) { r.Trial.SlowOnset = true }), "0 of 1"},
	{"early", sick("a"), "0 of 0"},
	{"delay_median", with(sick("a"), func(r *Result) { r.Delay = Count{N: 4, Known: true} }), "4 of 1"},
	{"delay_median", sick("a"), "0 of 0"},
	{"delay_max", with(sick("a"), func(r *Result) { r.Delay = Count{N: 4, Known: true} }), "4 of 1"},
}

// TestEachFigureHasACaseThatChangesIt: every figure is asked what one case adds to it.
func TestEachFigureHasACaseThatChangesIt(t *testing.T) {
	asked := map[string]bool{}
	for i, c := range slices.Concat(sickCases, otherCases) {
		f := figureNamed(c.figure)
		if f == nil {
			t.Fatalf("there is no figure %s", c.figure)
		}
		asked[c.figure] = true
		got := f.value([]Result{c.r})
		if text := fmt.Sprintf("%d of %d", got.N, got.Of); text != c.want {
			t.Errorf("%d: %s is %s, want %s", i, c.figure, text, c.want)
		}
	}
	for i := range figures {
		if !asked[figures[i].name] {
			t.Errorf("no case changes %s", figures[i].name)
		}
	}
}

func TestTheMarkOfSeveralRemediesTellsHowMany(t *testing.T) {
	r := andThen(api.OutcomeHarmful, api.OutcomeEffective)
	if got := marks(&r); !strings.Contains(got, " cured=1/3 cured_in_the_end=1 owned=2/2") {
		t.Errorf("marks %q", got)
	}
	f := figureNamed("cured")
	for mark, against := range map[string]bool{"1/3": true, "0": true, "0/2": true, "2/2": false, "1": false, noMark: false} {
		if f.speaksAgainst(mark, Value{}) != against {
			t.Errorf("%s speaks against it: %t", mark, !against)
		}
	}
}

func TestMedianAndLongestDelay(t *testing.T) {
	var results []Result
	for _, n := range []int{9, 1, 3, 2} {
		results = append(results, with(sick("a"), func(r *Result) { r.Delay = Count{N: n, Known: true} }))
	}
	if v := figureNamed("delay_median").value(results); v != (Value{3, 4}) {
		t.Errorf("median %+v", v)
	}
	if v := figureNamed("delay_max").value(results); v != (Value{9, 4}) {
		t.Errorf("longest %+v", v)
	}
}

// TestEachDirectionIsHeld: a figure that went its wrong way is worse, one that did not is not.
func TestEachDirectionIsHeld(t *testing.T) {
	for _, c := range []struct {
		figure      string
		before, now Value
		worse       bool
	}{
		{"top1", Value{9, 10}, Value{8, 10}, true},
		{"top1", Value{9, 10}, Value{18, 20}, false},
		{"top1", Value{9, 10}, Value{17, 20}, true},
		{"both", Value{}, Value{0, 1}, true},
		{"undetermined", Value{1, 2}, Value{0, 1}, false}, // the one that abstained is right now
		{"undetermined", Value{1, 2}, Value{1, 3}, true},
		{"owned", Value{7, 8}, Value{6, 7}, false},
		{"owned", Value{7, 8}, Value{7, 9}, true},
		{"wrong", Value{0, 10}, Value{1, 100}, true},
		{"wrong", Value{1, 10}, Value{1, 5}, false},
		{"cases", Value{10, 10}, Value{9, 9}, true},
		{"at_risk", Value{0, 10}, Value{9, 10}, false},
		{"delay_max", Value{2, 10}, Value{3, 10}, true},
	} {
		if got := figureNamed(c.figure).isWorse(c.before, c.now); got != c.worse {
			t.Errorf("%s from %v to %v: worse is %t", c.figure, c.before, c.now, got)
		}
	}
}
