package score

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// truths are the true causes of jobs with one cause or none, in order.
func truths(results []Result) []string {
	set := map[string]bool{}
	for i := range results {
		if !results[i].double() {
			set[results[i].truth()] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// said is the verdict as a column of the matrix: a healthy job at risk without a likely cause is none.
func (r *Result) said() string {
	if r.atRisk() && !likely(r.Verdict) {
		return labelNone
	}
	return r.Cause
}

// sickOrHealthy tells that the job could be judged.
func (r *Result) sickOrHealthy() bool { return r.sick() || r.Cause == labelNone }

// onsets is the table of faults that grow.
func (p *page) onsets(results []Result) {
	var rows [][]string
	for i := range results {
		r := &results[i]
		if !r.Trial.SlowOnset {
			continue
		}
		when, lead := "no", ""
		switch {
		case r.Early && r.Lead.Known:
			when, lead = "yes", fmt.Sprint(r.Lead.N)
		case r.Early:
			when, lead = "yes", "none expired"
		}
		rows = append(rows, []string{r.Name, r.truth(), when, lead, r.Delay.text()})
	}
	if len(rows) == 0 {
		return
	}
	p.line("### Faults that grow\n\nWhether the cause was named before a checkpoint expired, how many checkpoints before (the first that expired counts as one), and how many " +
		"began after the first one hurt until then.\n")
	p.table([]string{"case", "true cause", "named before the first expiry", "checkpoints before", "delay"}, rows)
}

func (c Count) text() string {
	if !c.Known {
		return "not known"
	}
	return fmt.Sprint(c.N)
}

// remedies is the table of remedies that were tried.
func (p *page) remedies(results []Result) {
	var rows [][]string
	for i := range results {
		r := &results[i]
		for j, m := range r.Trial.Remedies() {
			name, today := r.Name, ""
			if j == 0 {
				today = r.today(m)
			} else {
				name += ", then"
			}
			if r.Trial.Incurable {
				name += " (outgrows any)"
			}
			rows = append(rows, []string{name, r.truth(), settings(m.Settings), tally(m.Before), tally(m.After), string(m.Judged), fate(m), today})
		}
	}
	if len(rows) == 0 {
		return
	}
	p.line("### Remedies that were tried\n\nFlink was restarted with what was recommended, from its last checkpoint. Where a remedy was taken back, what was recommended next " +
		"stands in a row of its own (*then*). The last column tells whether the rules of today recommend the same lever in the last pass before the first one; a remedy counts " +
		"whether they do or not. A remedy can be Ineffective though nothing expired after it: its checkpoints failed of something else. *Outgrows any*: the fault was made to be beyond any " +
		"remedy, which was said before the trial was made.\n")
	p.table([]string{"case", "true cause", "settings", "before", "after", "judged", "", "recommended today"}, rows)
}

// today tells whether the rules of today recommend a remedy's lever.
func (r *Result) today(m *trial.Remedy) string {
	switch r.Lever {
	case m.Lever:
		return "yes"
	case "":
		return "none"
	}
	return "another: " + string(r.Lever)
}

// fate tells what became of a remedy that did not cure.
func fate(m *trial.Remedy) string {
	switch {
	case m.Undone:
		return "undone"
	case m.Cured():
		return ""
	}
	return "**kept**"
}

func settings(all map[string]string) string {
	var words []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		words = append(words, "`"+key+": "+all[key]+"`")
	}
	return strings.Join(words, " ")
}

func tally(t trial.Tally) string {
	text := fmt.Sprintf("%d of %d expired", t.Expired, t.Ended)
	if t.MedianMs > 0 {
		text += fmt.Sprintf(", median %.1f s", float64(t.MedianMs)/1000)
	}
	return text
}

// harms is the table of harmful recommendations.
func (p *page) harms(results []Result) {
	var rows [][]string
	for i := range results {
		if r := &results[i]; r.Harm != "" {
			rows = append(rows, []string{r.Name, r.truth(), r.Harm})
		}
	}
	if len(rows) > 0 {
		p.line("### Harmful recommendations\n")
		p.table([]string{"case", "true cause", "why"}, rows)
	}
}

// notRight is the table of what was not right. Of held-out cases nothing is told but that.
func (p *page) notRight(results []Result) {
	p.line("### What was not right\n")
	var rows [][]string
	for i := range results {
		r := &results[i]
		if r.word() == wordRight || r.word() == wordAtRisk {
			continue
		}
		said := fmt.Sprintf("%s, %s", r.Health, r.Cause)
		if r.Trial.Split == trial.HeldOut {
			said = ""
		}
		rows = append(rows, []string{r.Name, r.truth(), r.word(), said})
	}
	if len(rows) == 0 {
		p.line("Nothing.\n")
		return
	}
	p.table([]string{"case", "true cause", "verdict was", "said (tuning only)"}, rows)
}

// relabelled is the table of labels that are not the first ones.
func (p *page) relabelled(results []Result) {
	var rows [][]string
	for i := range results {
		r := &results[i]
		if r.Trial.Relabelled != nil {
			first := Result{Trial: r.Trial.First()}
			rows = append(rows, []string{r.Name, first.truth(), r.truth(), r.Trial.Relabelled.Why, r.First, r.word()})
		}
	}
	if len(rows) > 0 {
		p.line("### Labels that were changed with the verdict known\n\nThe figures count the label of now. What the verdict is worth by the first one stands beside it: whoever " +
			"trusts that one more adds it to the misses. The first looks show the first label.\n")
		p.table([]string{"case", "first label", "label now", "why", "verdict by the first label", "verdict by the label of now"}, rows)
	}
}

// allCases is the table of all cases.
func (p *page) allCases(results []Result) {
	p.line("## All cases\n")
	var rows [][]string
	for i := range results {
		r := &results[i]
		job := ""
		if r.Trial.Job.Name != "" {
			job = fmt.Sprintf("%s, %d operators, parallelism %d", r.Trial.Job.Name, r.Trial.Job.Operators, r.Trial.Job.Parallelism)
		}
		truth := r.truth()
		if r.Trial.Odd != "" {
			truth += " (" + r.Trial.Odd + ")"
		}
		rows = append(rows, []string{r.Name, job, truth, fmt.Sprint(r.Passes), r.word()})
	}
	p.table([]string{"case", "job", "true cause", "passes", "verdict was"}, rows)
}
