package score

import (
	"fmt"
	"strings"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// Text is what is printed: the figures of both halves, and the tuning cases that are not right.
func (e *Evidence) Text() string {
	var b strings.Builder
	heldOut, tuning := Of(e.Results, trial.HeldOut), Of(e.Results, trial.Tuning)
	fmt.Fprintf(&b, "%-42s %-8s %-22s %s\n", "figure", "bar", "held-out", "tuning")
	for i := range figures {
		f := &figures[i]
		held := f.value(heldOut)
		mark := ""
		if f.barred && held.Of > 0 && !f.met(held) {
			mark = " (missed)"
		}
		fmt.Fprintf(&b, "%-42s %-8s %-22s %s\n", f.title, f.barText(), f.text(held)+mark, f.text(f.value(tuning)))
	}
	b.WriteString("\n" + e.Wrong())
	fmt.Fprintf(&b, "%s and %s are written.\n", PageFile, FiguresFile)
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
