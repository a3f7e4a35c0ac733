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
	if len(says) == 0 {
		return "No verdict was right in fewer than two of three held-out jobs, and no cause was found in fewer."
	}
	return "Distrust these verdicts: " + strings.Join(says, "; ") + ". Each rests on a few jobs."
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
