package diagnose

import (
	"slices"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A diagnosis of the pass before is not dropped because a dump is old or a checkpoint left the history: in one spell of illness the first cause
// stays until another one is likely or something speaks against it.

// keepMargin is by how much another likely cause must be ahead of the one found before: 5, the weight of the least row. Less is a sign that
// comes and goes.
const keepMargin = 5

// foundBefore is the cause of the pass before, where that was in the same spell; empty if none.
func (f *features) foundBefore() api.Cause {
	if f.s.Past.Cause == api.CauseUndetermined || !f.wasSick() {
		return ""
	}
	return f.s.Past.Cause
}

// wasSick tells whether the pass before was of this spell as well.
func (f *features) wasSick() bool {
	return f.s.Past.Health == api.HealthUnhealthy || f.s.Past.Health == api.HealthAtRisk
}

// keepNearTie moves the cause found before to the front where it is likely still, and the first one is ahead by next to nothing. One that was seen
// goes before one that is inferred, whatever came first.
func keepNearTie(f *features, assessed []assessment) {
	before := f.foundBefore()
	i := slices.IndexFunc(assessed, func(a assessment) bool { return a.finding.Cause == before && a.finding.Score >= likelyScore })
	if i <= 0 || assessed[0].raw > assessed[i].raw+keepMargin || assessed[0].finding.Verdict != assessed[i].finding.Verdict {
		return
	}
	kept := assessed[i]
	copy(assessed[1:i+1], assessed[:i])
	assessed[0] = kept
}

// keepFound moves the cause found before to the front where none is likely any more, unless something speaks against it or it is ruled out. It is
// possible at most: enough to be named, not to act on.
func keepFound(f *features, findings []model.Finding, assessed []assessment) bool {
	before := f.foundBefore()
	i := slices.IndexFunc(findings, func(found model.Finding) bool { return found.Cause == before })
	if before == "" || i < 0 || findings[i].Verdict == api.VerdictRuledOut || contradicted(&findings[i]) {
		return false
	}
	kept := findings[i]
	if kept.Verdict == api.VerdictNotAssessed {
		kept.Verdict = api.VerdictPossible
		kept.Summary = bounded("found earlier in this spell, and what told it is not there to be looked at now", maxSummary)
		kept.NextMeasurement = bounded(assessed[i].rule.next, maxSummary)
	}
	copy(findings[1:i+1], findings[:i])
	findings[0] = kept
	return true
}

// listContradicted lists the cause for which the most speaks as possible where no cause is, though something speaks against it: of what contradicts itself
// either may be wrong, and it is the nearest. As much must speak for it as makes a cause possible.
func listContradicted(f *features, findings []model.Finding, assessed []assessment) {
	if findings[0].Score >= possibleScore {
		return
	}
	best, most := -1, possibleScore-1
	for i := range findings {
		speaks := 0
		for _, e := range findings[i].Evidence {
			speaks += max(e.Weight, 0)
		}
		if speaks > most {
			best, most = i, speaks
		}
	}
	if best < 0 {
		return
	}
	near := findings[best]
	near.Verdict, near.Score = api.VerdictPossible, possibleScore
	near.Summary = bounded("something speaks against it, and for no other cause does as much: "+assessed[best].rule.summary(f), maxSummary)
	near.NextMeasurement = bounded(assessed[best].rule.next, maxSummary)
	copy(findings[1:best+1], findings[:best])
	findings[0] = near
}

// outlasting are the causes that a dump or a checkpoint shows and the next one need not: a commit comes after a checkpoint that completes, a call now and then.
var outlasting = []api.Cause{api.CauseCommitBlocksTask, api.CauseSinkFlush, api.CauseSlowSyncPhase, api.CauseUserCodeBlocking, api.CauseSourceBlocked,
	api.CauseOversizedAck, api.CauseSlowStateBackend, api.CauseStorageFailure}

// keepSeen lists those of them that were likely in this spell behind what is likely now, as possible, unless something speaks against them: of two troubles at
// once a pass sees now one and now the other. One that has not come back for six timeouts is over.
func (f *features) keepSeen(findings []model.Finding) {
	listed := 0
	for listed < len(findings) && findings[listed].Score >= possibleScore {
		listed++
	}
	if listed == 0 || findings[0].Score < likelyScore || !f.wasSick() {
		return
	}
	for i := listed; i < len(findings); i++ {
		ago, seen := f.seenAgo(findings[i].Cause)
		if !seen || contradicted(&findings[i]) {
			continue
		}
		kept := findings[i]
		kept.Verdict = api.VerdictPossible
		kept.Summary = "likely " + span(ago) + " ago in this spell, and not seen now: a second trouble may come and go beside the first"
		copy(findings[listed+1:i+1], findings[listed:i])
		findings[listed] = kept
		listed++
	}
}

// seenAgo is how long ago such a cause was likely in this spell.
func (f *features) seenAgo(cause api.Cause) (ago time.Duration, seen bool) {
	for _, n := range f.s.Past.Seen {
		if n.Cause == cause && slices.Contains(outlasting, cause) {
			ago = max(f.s.At.Sub(n.Last), 0)
			return ago, ago <= max(6*f.w.timeout, 10*time.Minute)
		}
	}
	return 0, false
}

// contradicted tells whether a piece of evidence speaks against a finding as heavily as doubt asks.
func contradicted(f *model.Finding) bool {
	return slices.ContainsFunc(f.Evidence, func(e model.Evidence) bool { return e.Weight <= doubt })
}
