package score

import (
	"fmt"
	"slices"
	"strings"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// A cause of which fewer held-out jobs than that were right is not to be relied on: two of three.
const (
	trustNum = 2
	trustOf  = 3
)

func (v Value) doubtful() bool { return v.Of > 0 && trustOf*v.N < trustNum*v.Of }

// found counts, by true cause, jobs with that cause alone and those of them that were right: for healthy ones, those without an alarm.
func found(results []Result) map[string]Value {
	counts := map[string]Value{}
	for i := range results {
		r := &results[i]
		if r.double() {
			continue
		}
		v := counts[r.truth()]
		v.Of++
		if r.right() || r.healthy() && !r.falseAlarm() && r.sickOrHealthy() {
			v.N++
		}
		counts[r.truth()] = v
	}
	return counts
}

// meant counts, by the cause that was called likely, the verdicts and those of them that were right.
func meant(results []Result) map[string]Value {
	counts := map[string]Value{}
	for i := range results {
		r := &results[i]
		if !likely(r.Verdict) {
			continue
		}
		v := counts[r.Cause]
		v.Of++
		if r.right() {
			v.N++
		}
		counts[r.Cause] = v
	}
	return counts
}

// Distrust says in plain words which verdicts are not to be relied on, by the held-out half.
func (e *Evidence) Distrust() string {
	heldOut := Of(e.Results, trial.HeldOut)
	if len(heldOut) == 0 {
		return "Which verdicts to distrust is not known: there is no held-out half."
	}
	var says []string
	if said := doubtful(meant(heldOut)); said != "" {
		says = append(says, "when it says one of these, it was right in fewer than two of three held-out jobs: "+said)
	}
	if missed := doubtful(found(heldOut)); missed != "" {
		says = append(says, "when one of these is the true cause, it found it in fewer than two of three: "+missed)
	}
	text := "No verdict was right in fewer than two of three held-out jobs, and no cause was found in fewer."
	if len(says) > 0 {
		text = "Distrust these verdicts: " + strings.Join(says, "; ") + ". Each rests on a few jobs."
	}
	return text + unseenMissed(heldOut)
}

// unseenMissed names the causes that were found too seldom in the later sets alone, by the rules of today; empty where there is none.
func unseenMissed(heldOut []Result) string {
	unseen := slices.DeleteFunc(slices.Clone(heldOut), func(r Result) bool { return r.Trial.Set == trial.FirstSet })
	missed := doubtful(found(unseen))
	if missed == "" {
		return ""
	}
	return " In the later sets alone fewer than two of three were found of: " + missed + "."
}

// doubtful names the causes with too small a share, the worst first.
func doubtful(counts map[string]Value) string {
	var names []string
	for name, v := range counts {
		if v.doubtful() {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := counts[a].N*counts[b].Of - counts[b].N*counts[a].Of; d != 0 {
			return d
		}
		return compareText(a, b)
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s (%d of %d)", name, counts[name].N, counts[name].Of)
	}
	return strings.Join(names, ", ")
}
