package score

import (
	"fmt"
	"strings"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// Text is what is printed: the figures of both halves, and the tuning cases that are not right.
func (e *Evidence) Text() string {
	var b strings.Builder
	all := columns(e.Results)
	fmt.Fprintf(&b, "%-42s %-8s", "figure", "bar")
	for _, c := range all {
		fmt.Fprintf(&b, " %-32s", c.title)
	}
	for i := range figures {
		f := &figures[i]
		fmt.Fprintf(&b, "\n%-42s %-8s", f.title, f.barText())
		for _, c := range all {
			v := f.value(c.results)
			mark := ""
			if c.split == trial.HeldOut && f.barred && v.Of > 0 && !f.met(v) {
				mark = " (missed)"
			}
			fmt.Fprintf(&b, " %-32s", f.text(v)+mark)
		}
	}
	b.WriteString("\n\n" + e.Wrong())
	for _, set := range trial.LaterSets() {
		if n := e.Sealed[set.Set]; n > 0 {
			fmt.Fprintf(&b, "%d recordings of the %s are left out: they have not had their first look. Once the rules are committed: "+
				"evidence score --set %s --first-look %s\n", n, set.Title, set.Set, set.FirstLook)
		}
	}
	return b.String()
}

// Wrong lists the tuning cases that are not right, a line each.
func (e *Evidence) Wrong() string {
	var b strings.Builder
	for _, r := range Of(e.Results, trial.Tuning) {
		if word := r.word(); word != wordRight && word != wordAtRisk {
			fmt.Fprintf(&b, "%s: %s; true %s, said %s %s %s, next %s\n", r.Name, word, r.truth(), r.Health, r.Cause, r.Verdict, orDash(r.Second))
		}
		if r.Harm != "" {
			fmt.Fprintf(&b, "%s: %s\n", r.Name, r.Harm)
		}
	}
	return b.String()
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
