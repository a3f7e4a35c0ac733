package score

import (
	"fmt"
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/evidence/incidents"
)

// incidentsAt is the clock of incidents whose lines have no times, so that the page is the same every day.
var incidentsAt = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const incidentsIntro = `## Public incidents

Checkpoint incidents that were reported in public and whose cause is known, run through ` + "`diagnose --log … --config …`" + ` with the lines and settings that
were quoted. Quotations are short: most do not decide anything, and then no cause is to be called likely, and the next measurement named.
*Not judged* is one of which nothing was quoted that tells how the checkpoints ended: it can be neither right nor wrong, and counts as neither.
`

// incidents is the part of public incidents.
func (p *page) incidents(all []incidents.Row) {
	p.line("%s", incidentsIntro)
	if len(all) == 0 {
		p.line("None.\n")
		return
	}
	count := map[incidents.Result]int{}
	needless := 0
	var rows [][]string
	var bare []string
	for i := range all {
		r := &all[i]
		count[r.Result]++
		said := string(r.Health)
		if r.Cause != "" {
			said += ", " + r.Cause
		}
		if likely(r.Verdict) {
			said += " (" + strings.ToLower(string(r.Verdict)) + ")"
		}
		next := strings.TrimPrefix(r.Next, "checkpoint-health: ")
		if r.NeedlessTimeout() {
			needless++
			next = "**a longer timeout was proposed, and no acknowledgement ever came late**"
		}
		link := "[" + r.Incident.ID + "](" + r.Incident.Source + ")"
		if len(r.Incident.Log) == 0 && r.Result == incidents.Unjudged {
			bare = append(bare, link)
			continue
		}
		rows = append(rows, []string{
			link + ": " + r.Incident.Title, strings.Join(r.Incident.Causes, " + "), said, string(r.Result), next,
		})
	}
	var counted []string
	for _, result := range []incidents.Result{incidents.Right, incidents.Undetermined, incidents.Unjudged, incidents.Wrong} {
		counted = append(counted, fmt.Sprintf("%s %d", result, count[result]))
	}
	p.line("%d incidents: %s; a longer timeout proposed although no acknowledgement ever came late: %d.\n", len(all), strings.Join(counted, ", "), needless)
	p.table([]string{"incident", "true cause", "said", "result", "next measurement, or what is missing"}, rows)
	if len(bare) > 0 {
		p.line("Of the other %d no line of a log was quoted, so they are not judged: %s.\n", len(bare), strings.Join(bare, ", "))
	}
}
