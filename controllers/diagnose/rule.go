package diagnose

import (
	"sort"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A rule is one cause as a table of rows. Each row looks for one sign; the weights of those that are seen add up to the score, 0 to 100.
// Rows with a weight below 0 speak against the cause. A row whose data are missing adds nothing and is named.
//
// How weights are chosen: a sign that by itself makes the cause likely has 45 to 55 (50 is Likely); one that supports has 10 to 25; a stack, a
// log line or a measured resource that settles it is marked seen, and no cause is Confirmed without one. Signs that contradict have 25 to 60.
type rule struct {
	cause api.Cause
	sub   api.SubCause
	rows  []row
	// effect, where it is set, is what the cause must have done for it to be likely, such as acknowledgements that were processed late: a resource
	// that is used up may do no harm. Without it, or where it could not be looked for, the cause is possible at most.
	effect func(*features) sign
	// summary is one sentence with numbers; it is only asked for where the cause is Possible or more.
	summary func(*features) string
	// next is what would settle it. nextSeen, where it is set, says what else does where something of next is there already; empty otherwise.
	next     string
	nextSeen func(*features) string
	// advice is what a person can do.
	advice func(*features) []string
}

type row struct {
	signal string
	// weight is the most that the sign weighs; a weaker form of it may weigh less.
	weight int
	// seen is true for what was observed directly rather than inferred from durations.
	seen bool
	// needs is what the test looks at: without it an absent sign is an unknown one.
	needs needs
	test  func(*features) sign
}

// sign is the outcome of a row.
type sign struct {
	state              signState
	observed, expected string
	// missing names what was not there; for unknown signs.
	missing string
	// weight replaces the row's where it is not 0: a weaker form of the sign.
	weight int
	// inferred is true for a sign of a row of seen ones that was not observed directly this time.
	inferred bool
	// half is true for a sign that a single look cannot be sure of: half the weight.
	half bool
	// settled is true for an absent sign that is absent whatever else is missing.
	settled bool
}

type signState int

const (
	absent signState = iota
	present
	unknownSign
)

// no is a sign that was not found: absent where what the row needs was there, unknown otherwise.
var no = sign{}

// settled is a sign that cannot be there, whatever is missing: what it depends on is known to be otherwise.
var settled = sign{settled: true}

// yes is a sign that is there.
func yes(observed, expected string) sign {
	return sign{state: present, observed: observed, expected: expected}
}

// weighing is a sign that is there, with a weight of its own.
func weighing(weight int, observed, expected string) sign {
	return sign{state: present, observed: observed, expected: expected, weight: weight}
}

// once is a sign that a single dump shows: half as heavy, and not seen, for anybody may be caught at one of many elements.
func (s sign) once() sign {
	if s.state == present {
		s.half, s.inferred = true, true
		s.observed += " (one dump only)"
	}
	return s
}

// doubtful is a sign that something else would show as well: half as heavy, and not seen.
func (s sign) doubtful() sign {
	s.half, s.inferred = true, true
	return s
}

// missing is a sign that could not be looked for.
func missing(what model.GapKind) sign { return sign{state: unknownSign, missing: string(what)} }

// inferred is a sign of a row of seen ones that was not observed directly.
func inferred(s sign) sign {
	s.inferred = true
	return s
}

// when is yes if it holds, else no.
func when(holds bool, observed, expected string) sign {
	if !holds {
		return no
	}
	return yes(observed, expected)
}

// The scores from which a verdict holds. Likely is enough to act on: half of all that could speak for a cause. Confirmed needs three quarters and
// something that was seen, not inferred. Below Possible what is left is noise.
const (
	confirmedScore = 75
	likelyScore    = 50
	possibleScore  = 25
	// doubt is the weight from which a contradicting sign that could not be looked for keeps a cause from being Confirmed.
	doubt = -30
)

// assessment is a finding with what ranking needs.
type assessment struct {
	finding model.Finding
	// raw is the sum of the weights, not cut at 100.
	raw  int
	rule *rule
}

// look runs the test of a row. What speaks for one cause may speak against another, in its weaker form as well. A sign that was not found is absent only where all that the test looks at was there.
func (r *row) look(f *features) sign {
	s := r.test(f)
	if r.weight < 0 && s.weight > 0 { // a weaker form of what speaks for another cause
		s.weight = max(-s.weight, r.weight)
	}
	if s.state != absent || s.settled {
		return s
	}
	if what := r.needs.lacking(f); what != "" {
		return sign{state: unknownSign, missing: what}
	}
	return s
}

// weighs is the weight of a sign of a row.
func (s *sign) weighs(r *row) int {
	weight := r.weight
	if s.weight != 0 {
		weight = s.weight
	}
	if s.half {
		weight /= 2
	}
	return weight
}

// assess runs the rows of a rule.
func (r *rule) assess(f *features) assessment {
	a := assessment{rule: r, finding: model.Finding{Cause: r.cause, SubCause: r.sub}}
	looked, unread, seen, doubtful := 0, 0, false, false
	for i := range r.rows {
		row := &r.rows[i]
		s := row.look(f)
		switch s.state {
		case unknownSign:
			a.addMissing(f, s.missing)
			unread += max(row.weight, 0)
			doubtful = doubtful || row.weight <= doubt
			continue
		case present:
			weight := s.weighs(row)
			a.raw += weight
			seen = seen || row.seen && !s.inferred && weight > 0
			a.addEvidence(row, s, weight)
		}
		looked += max(row.weight, 0)
	}
	a.finding.Score = min(max(a.raw, 0), 100)
	a.capWithoutEffect(f)
	a.finding.Verdict = verdict(a.finding.Score, seen && !doubtful, looked >= unread && a.raw+unread < likelyScore)
	return a
}

// capWithoutEffect keeps a cause below Likely where what it must have done was not seen, or nothing may ail the job at all.
func (a *assessment) capWithoutEffect(f *features) {
	if f.tentative || f.level && (a.rule.cause == api.CauseSlowStateBackend || a.rule.cause == api.CauseCheckpointPressure) {
		a.finding.Score, a.raw = min(a.finding.Score, likelyScore-1), min(a.raw, likelyScore-1)
	}
	if a.rule.effect == nil || a.finding.Score < likelyScore {
		return
	}
	s := a.rule.effect(f)
	if s.state == present {
		return
	}
	a.finding.Score, a.raw = likelyScore-1, likelyScore-1
	a.addMissing(f, s.missing)
}

// verdict is RuledOut only where at least half of what could speak for the cause was looked at, and the rest could not make it likely.
func verdict(score int, seen, out bool) api.Verdict {
	switch {
	case score >= confirmedScore && seen:
		return api.VerdictConfirmed
	case score >= likelyScore:
		return api.VerdictLikely
	case score >= possibleScore:
		return api.VerdictPossible
	case out:
		return api.VerdictRuledOut
	}
	return api.VerdictNotAssessed
}

func (a *assessment) addEvidence(r *row, s sign, weight int) {
	if len(a.finding.Evidence) == api.MaxEvidence {
		return
	}
	a.finding.Evidence = append(a.finding.Evidence, model.Evidence{
		Signal: bounded(r.signal, maxSignal), Observed: bounded(s.observed, maxObserved),
		Expected: bounded(s.expected, maxObserved), Weight: weight,
	})
}

// addMissing names what was missing, with what observe says of it where it tried and failed.
func (a *assessment) addMissing(f *features, what string) {
	if what == "" || len(a.finding.Missing) == api.MaxMissing {
		return
	}
	text := what
	for i := range f.s.Gaps {
		if g := &f.s.Gaps[i]; string(g.Kind) == what && g.Signal != "" {
			text = g.Signal
			if g.Why != "" {
				text += " (" + g.Why + ")"
			}
			break
		}
	}
	text = bounded(text, maxObserved)
	for _, known := range a.finding.Missing {
		if known == text {
			return
		}
	}
	a.finding.Missing = append(a.finding.Missing, text)
}

// complete writes the texts of a cause that is at least possible. The strongest evidence comes first, what speaks for it before what speaks
// against it.
func (a *assessment) complete(f *features) {
	sort.SliceStable(a.finding.Evidence, func(i, j int) bool { return a.finding.Evidence[i].Weight > a.finding.Evidence[j].Weight })
	if a.finding.Score < possibleScore {
		a.finding.Summary = "nothing speaks for it"
		if a.finding.Verdict == api.VerdictNotAssessed {
			a.finding.Summary = "what would tell was not available"
		} else if len(a.finding.Evidence) > 0 && a.finding.Evidence[0].Weight > 0 {
			a.finding.Summary = "too little speaks for it"
		}
		return
	}
	a.finding.Summary = bounded(a.rule.summary(f), maxSummary)
	a.finding.NextMeasurement = bounded(a.rule.next, maxSummary)
	if a.rule.nextSeen != nil && a.rule.nextSeen(f) != "" {
		a.finding.NextMeasurement = bounded(a.rule.nextSeen(f), maxSummary)
	}
	if a.rule.advice != nil {
		for _, text := range a.rule.advice(f) {
			a.finding.Advice = append(a.finding.Advice, bounded(text, maxSummary))
		}
	}
}
