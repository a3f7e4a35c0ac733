package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// choice is the rung that was chosen, or why none was.
type choice struct {
	proposal
	// lever is the rung's main one, by which it is muted where it fails, whatever its changes use.
	lever  api.Lever
	advice []string
	why    model.Refusal
}

// candidate is a rung that can be used.
type candidate struct {
	rung *rung
	proposal
	// rank: 0 may be applied, 1 may only be recommended, 2 would change nothing as job code overrides it.
	rank int
}

// choose climbs the ladder: the first rung that may be applied, else the first that may be recommended. A rung that can only be recommended
// does not stand in the way of one that can be applied; it is said as advice. One that waits for what is on its way does: what comes after it on the ladder is
// for where it does not help, and was once tried in its place, when the wait of half a minute would have sized a timeout.
func (v *view) choose() choice {
	row := v.row()
	c := choice{advice: v.adviceOf(row)}
	var candidates []candidate
	var skipped []skippedRung
	for i := range row.rungs {
		r := &row.rungs[i]
		p := v.climb(r)
		if len(p.changes) == 0 {
			skipped = append(skipped, skippedRung{r, p.skip})
			c.advice = append(c.advice, p.notes...)
			if p.skip.Reason == api.ReasonSnapshotIncomplete && p.skip.Retry > 0 {
				break
			}
			continue
		}
		candidates = append(candidates, candidate{r, p, v.rank(&p)})
	}
	if len(candidates) == 0 {
		c.why = v.noRung(row, skipped)
		return c
	}
	best := slices.MinFunc(candidates, func(a, b candidate) int { return a.rank - b.rank })
	c.proposal, c.lever = best.proposal, best.rung.levers[0]
	for i := range candidates {
		if candidates[i].rank == 1 && candidates[i].rung != best.rung {
			c.advice = append(c.advice, fmt.Sprintf("%s %s%s: %s", v.recommender(candidates[i].changes), candidates[i].rung.name,
				v.wide(&candidates[i].proposal), candidates[i].reason))
		}
	}
	c.advice = append(c.advice, best.notes...)
	return c
}

// climb sizes a rung, unless the policy has it off or it failed before and is muted.
func (v *view) climb(r *rung) proposal {
	if !slices.ContainsFunc(r.levers, func(l api.Lever) bool { return v.p.Lever(l).Action != api.LeverOff }) {
		return proposal{skip: refuse(api.ReasonNoRemedyLeft, fmt.Sprintf("the policy has remedies.%s Off", r.levers[0]))}
	}
	if muted := v.muted(r.levers[0]); muted.Refused() {
		return proposal{skip: muted}
	}
	return v.onOneObject(r.propose(v))
}

func (v *view) rank(p *proposal) int {
	rank := 0
	for i := range p.changes {
		if _, overridden := v.overridden(p.changes[i].Field); overridden {
			return 2
		}
		if v.p.Lever(p.changes[i].Lever).Action != api.LeverApply {
			rank = 1
		}
		if v.p.Guards.ClusterChanges != api.ClusterChangesApply && v.home(p.changes[i].Field).SessionCluster {
			rank = 1
		}
	}
	if v.onlyRecommended(p.changes) {
		rank = 1
	}
	return rank
}

// recommender says what keeps a rung at being recommended.
func (v *view) recommender(changes []model.Change) string {
	if v.onlyRecommended(changes) {
		return "only to be recommended here:"
	}
	return v.onlyRecommends()
}

// onlyRecommends names what a policy does not apply.
func (v *view) onlyRecommends() string {
	if v.p.BuiltIn {
		return "the built-in policy only recommends"
	}
	return "the policy only recommends"
}

type skippedRung struct {
	rung *rung
	why  model.Refusal
}

// noRung says why no rung can be used: the one reason where all share it, NoRemedyLeft with all of them otherwise.
func (v *view) noRung(row *ladder, skipped []skippedRung) model.Refusal {
	cause := v.top.Cause
	skipped = slices.DeleteFunc(skipped, func(s skippedRung) bool { return !s.why.Refused() })
	if len(row.rungs) == 0 || (len(skipped) == 0 && v.adviceOnly(row)) || v.optionalOff(row, skipped) {
		return refuse(api.ReasonAdviceOnly, fmt.Sprintf("%s is not cured by a setting that may be changed here: see the advice", cause))
	}
	if len(skipped) == 0 {
		return refuse(api.ReasonNoRemedyLeft, fmt.Sprintf("no remedy for %s applies to this job: %s", cause, row.advice))
	}
	why := skipped[0].why
	var messages []string
	for _, s := range skipped {
		messages = append(messages, fmt.Sprintf("%s: %s", s.rung.name, s.why.Message))
		if s.why.Reason != why.Reason {
			why.Reason = api.ReasonNoRemedyLeft
		}
		why.Retry = sooner(why.Retry, s.why.Retry)
	}
	why.Message = strings.Join(messages, "; ")
	return why
}

// adviceOnly tells that the ladder holds nothing but workarounds, and no advisory brought one.
func (v *view) adviceOnly(row *ladder) bool {
	return slices.ContainsFunc(row.rungs, func(r rung) bool { return slices.Contains(r.levers, api.LeverAdvisoryWorkarounds) })
}

// optionalOff tells that the only rung is one that policies have off by default: then the cause is one for advice.
func (v *view) optionalOff(row *ladder, skipped []skippedRung) bool {
	return len(row.rungs) == 1 && len(skipped) == 1 && row.rungs[0].levers[0] == api.LeverUnalignedCheckpoints &&
		v.p.Lever(api.LeverUnalignedCheckpoints).Action == api.LeverOff
}

// sooner is the shorter of two times of which 0 means none.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}

// codeMaySet tells whether a job's code can set what a field sets (CheckpointConfig and the state backend), in Flink 1.15 to 2.3.
func codeMaySet(field string) bool {
	switch field {
	case keyTimeout, keyInterval, keyMaxConcurrent, keyUnaligned, keyUnalignedOld, keyIncremental, keyIncrementalOld:
		return true
	}
	return false
}

// overridden tells whether the job's code sets what a field sets, so that a patch would change nothing, and what the code says.
func (v *view) overridden(field string) (string, bool) {
	s := &v.s.Settings
	switch field {
	case keyTimeout:
		return span(s.Timeout.Value), s.Timeout.Origin == api.OriginJobCode
	case keyInterval:
		return span(s.Interval.Value), s.Interval.Origin == api.OriginJobCode
	case keyMaxConcurrent:
		return fmt.Sprint(s.MaxConcurrent.Value), s.MaxConcurrent.Origin == api.OriginJobCode
	case keyUnaligned, keyUnalignedOld:
		return fmt.Sprint(s.Unaligned.Value), s.Unaligned.Origin == api.OriginJobCode
	case keyIncremental, keyIncrementalOld:
		return fmt.Sprint(s.Incremental.Value), s.Incremental.Origin == api.OriginJobCode
	}
	return "", false
}
