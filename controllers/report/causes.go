package report

import (
	"sort"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// labelColumns is where the text after "for", "against" and "missing" begins.
const labelColumns = 11

// cause shows the first finding with what speaks for and against it, and the runners-up.
func (s *story) cause() {
	top := s.pass.Diagnosis.Top()
	if top == nil {
		s.add("", 2, "Cause: not looked for yet.")
		return
	}
	if top.Cause == api.CauseUndetermined {
		s.add("Cause: ", 2, "undetermined. "+sentence(capital(clean(top.Summary, 300))))
	} else {
		s.add("Cause: ", 2, causeName(top)+", "+verdictWord[top.Verdict]+".")
	}
	s.evidenceOf(top)
	s.runnersUp()
}

var verdictWord = map[api.Verdict]string{
	api.VerdictConfirmed: "confirmed", api.VerdictLikely: "likely", api.VerdictPossible: "possible",
	api.VerdictRuledOut: "ruled out", api.VerdictNotAssessed: "not assessed",
}

// causeName is the cause with its sub-cause, as people write it: JobManagerOverload (Heap).
func causeName(f *model.Finding) string {
	if f.SubCause == "" {
		return string(f.Cause)
	}
	return string(f.Cause) + " (" + string(f.SubCause) + ")"
}

func (s *story) evidenceOf(f *model.Finding) {
	pro, con := split(f.Evidence)
	for i, e := range pro {
		if i == s.evidence {
			break
		}
		s.add(label("for"), labelColumns, evidenceText(e))
	}
	for i, e := range con {
		if i == max(s.evidence/2, 1) {
			break
		}
		s.add(label("against"), labelColumns, evidenceText(e))
	}
	for i, m := range f.Missing {
		if i == max(s.evidence/2, 1) {
			break
		}
		s.add(label("missing"), labelColumns, clean(m, 160))
	}
}

func label(word string) string { return "  " + word + strings.Repeat(" ", labelColumns-2-len(word)) }

// split parts the evidence for from the evidence against, heaviest first.
func split(all []model.Evidence) (pro, con []model.Evidence) {
	for _, e := range all {
		if e.Weight > 0 {
			pro = append(pro, e)
		} else if e.Weight < 0 {
			con = append(con, e)
		}
	}
	sort.SliceStable(pro, func(i, j int) bool { return pro[i].Weight > pro[j].Weight })
	sort.SliceStable(con, func(i, j int) bool { return con[i].Weight < con[j].Weight })
	return pro, con
}

// evidenceText is a piece of evidence in one clause: what was measured, what was seen, what would be normal.
func evidenceText(e model.Evidence) string {
	text := clean(e.Signal, 100)
	if e.Observed != "" {
		text += ": " + clean(e.Observed, 160)
	}
	if e.Expected != "" {
		text += "; normal: " + clean(e.Expected, 120)
	}
	return text
}

// runnersUp names the other causes that are still possible, most likely first.
func (s *story) runnersUp() {
	var also []string
	for i := range s.pass.Diagnosis.Findings[1:] {
		f := &s.pass.Diagnosis.Findings[i+1]
		if possible(f) && len(also) < 4 {
			how := verdictWord[f.Verdict]
			if f.SubCause != "" {
				how = string(f.SubCause) + ", " + how
			}
			also = append(also, string(f.Cause)+" ("+how+")")
		}
	}
	if len(also) > 0 {
		s.add("Also: ", 2, strings.Join(also, ", ")+"."+s.knownIssue())
	}
}

// knownIssue says which known issue it is that may be at work beside the first cause; empty where none is.
func (s *story) knownIssue() string {
	for i := range s.pass.Diagnosis.Findings[1:] {
		f := &s.pass.Diagnosis.Findings[i+1]
		if f.SubCause == api.SubCauseKnownIssue && possible(f) && len(f.Evidence) > 0 && f.Evidence[0].Observed != "" {
			issue := f.Evidence[0]
			text := "Known issue " + clean(issue.Observed, 160)
			if issue.Expected != "" {
				text += " (" + clean(issue.Expected, 120) + ")"
			}
			return " " + sentence(text)
		}
	}
	return ""
}

// possible tells whether a finding is a cause that may be at work.
func possible(f *model.Finding) bool {
	return f.Cause != api.CauseUndetermined && (sure(f) || f.Verdict == api.VerdictPossible)
}

// ruledOut names what was ruled out and what could not be assessed.
func (s *story) ruledOut() {
	for _, row := range []struct {
		verdict api.Verdict
		label   string
	}{{api.VerdictRuledOut, "Ruled out: "}, {api.VerdictNotAssessed, "Not assessed: "}} {
		var names []string
		for i := range s.pass.Diagnosis.Findings {
			if f := &s.pass.Diagnosis.Findings[i]; f.Verdict == row.verdict && f.Cause != api.CauseUndetermined {
				names = append(names, causeName(f))
			}
		}
		const shown = 8
		if len(names) > shown {
			names = append(names[:shown], "others")
		}
		if len(names) > 0 {
			s.add(row.label, 2, strings.Join(names, ", ")+".")
		}
	}
}

// settle says what would make sure, and what people can do.
func (s *story) settle() {
	top := s.pass.Diagnosis.Top()
	if top != nil && top.NextMeasurement != "" && top.Verdict != api.VerdictConfirmed {
		s.add("To settle it: ", 2, s.logsFirst(top)+sentence(clean(top.NextMeasurement, 300)))
	}
	advice := append([]string(nil), s.pass.Decision.Advice...)
	if top != nil && len(advice) == 0 {
		advice = top.Advice
	}
	for i, a := range advice {
		if i == 3 {
			break
		}
		s.add("Advice: ", 2, sentence(capital(clean(a, 300))))
	}
}

// logsFirst asks for what is at hand where a diagnosis of logs is not sure: those of the TaskManagers, and the configuration.
func (s *story) logsFirst(top *model.Finding) string {
	snap := s.snapshot()
	if sure(top) || !snap.Missing(model.GapTaskManagerLogs) {
		return ""
	}
	text := "the TaskManagers' logs"
	if first := s.firstTrigger(); !first.IsZero() {
		text += " of " + s.time(first) + " to " + s.time(s.pass.Now)
	}
	text += " beside this one"
	if snap.Missing(model.GapConfiguration) {
		text += ", and --config"
	}
	return text + "; then "
}

// firstTrigger is when the oldest checkpoint of the history that has a time was triggered, on our clock; zero where none has.
func (s *story) firstTrigger() time.Time {
	history := s.snapshot().Checkpoints.History
	for i := len(history) - 1; i >= 0; i-- {
		if at := history[i].Trigger; !at.IsZero() {
			return s.ours(at)
		}
	}
	return time.Time{}
}

func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
