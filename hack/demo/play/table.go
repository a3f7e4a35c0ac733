package play

import (
	"fmt"
	"io"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// row is a line of the live table.
type row struct {
	name, health, cause, remedy, outcome, verdict string
}

func rowOf(part *Part, status *api.CheckpointHealthStatus, verdict Verdict) row {
	r := row{
		name: part.Name, health: dash(string(status.Health)), cause: dash(string(status.Cause)),
		remedy: dash(status.LastRemedy), outcome: dash(string(status.LastOutcome)), verdict: "  " + verdict.Why,
	}
	if len(status.Remediations) > 0 && status.Cause == "" {
		r.cause = "(" + string(status.Remediations[0].Cause) + ")"
	}
	if r.remedy == "–" && !part.Treatable && status.Recommendation.Summary != "" {
		r.remedy = "advice"
	}
	switch {
	case verdict.Passed:
		r.verdict = "✓ " + verdict.Why
	case verdict.Failed:
		r.verdict = "✗ " + verdict.Why
	}
	return r
}

func dash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// table prints the cast: redrawn in place on a terminal, else a line whenever a part moves on, so that a log reads as a story.
type table struct {
	out      io.Writer
	terminal bool
	began    time.Time
	names    int // width of the column of names, in characters
	drawn    int
	last     map[string]row
	spoke    time.Time // when a line was last printed
}

// tableColumns bounds the line below the table, which is redrawn in place: wrapped it would be two.
const tableColumns = 120

// quiet is how long a log stays without a line: then it is said what is waited for.
const quiet = 10 * time.Second

func newTable(out io.Writer, terminal bool, began time.Time, parts []*Part) *table {
	t := &table{out: out, terminal: terminal, began: began, spoke: began, names: len("TARGET"), last: map[string]row{}}
	for _, part := range parts {
		t.names = max(t.names, len(part.Name))
	}
	if !terminal {
		t.line("TIME", row{"TARGET", "HEALTH", "CAUSE", "REMEDY", "OUTCOME", "  AS IT SHOULD"})
	}
	return t
}

// show prints the rows, and what is waited for: below the table, or in a log that was quiet for a while.
func (t *table) show(rows []row, awaited string, now time.Time) {
	since := fmt.Sprintf("%3ds", int(now.Sub(t.began).Seconds()))
	if t.terminal {
		if t.drawn > 0 {
			t.print("\x1b[%dA\x1b[J", t.drawn)
		}
		t.line("TIME", row{"TARGET", "HEALTH", "CAUSE", "REMEDY", "OUTCOME", "  AS IT SHOULD"})
		for _, r := range rows {
			t.line(since, r)
		}
		t.print("%s\n", cell(awaited, tableColumns))
		t.drawn = len(rows) + 2
		return
	}
	for _, r := range rows {
		if t.last[r.name] != r {
			t.last[r.name], t.spoke = r, now
			t.line(since, r)
		}
	}
	if awaited != "" && now.Sub(t.spoke) >= quiet {
		t.print("%-5s %s\n", since, awaited)
		t.spoke = now
	}
}

func (t *table) line(since string, r row) {
	t.print("%-5s %s %s %s %s %s %s\n", since, cell(r.name, t.names), cell(r.health, 10), cell(r.cause, 22), cell(r.remedy, 26), cell(r.outcome, 12), r.verdict)
}

// cell pads to a width in characters, not bytes.
func cell(text string, width int) string {
	runes := []rune(text)
	if len(runes) > width {
		runes = append(runes[:width-1], '…')
	}
	return string(runes) + strings.Repeat(" ", max(width-len(runes), 0))
}

func (t *table) print(format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, format, args...) // a lost line of the table is nothing to end a run for
}
