package score

import (
	"fmt"

	"checkpointhealth.dev/operator/hack/evidence/timeline"
)

// cluster is the part of the real cluster: a table for each combination of versions.
func (p *page) cluster(record *timeline.Record) {
	p.line("## A real cluster\n")
	if record == nil {
		p.line("Nothing is recorded yet: `make lab-test` writes `%s`.\n", timeline.File)
		return
	}
	p.line("Times are since the fault. *Commit* is what this operator was built from when the story was told last.\n")
	for i := range record.Runs {
		p.told(&record.Runs[i])
	}
}

// told is the table of one combination of versions.
func (p *page) told(run *timeline.Run) {
	passed := 0
	var rows [][]string
	for i := range run.Stories {
		s := &run.Stories[i]
		result := "**failed**"
		if s.Passed {
			result = "passed"
			passed++
		}
		rows = append(rows, []string{
			s.Story, result, toldOn(s.Commit), seconds(s.Steps.Detected), seconds(s.Steps.Diagnosed), seconds(s.Steps.Patched), seconds(s.Steps.Redeployed),
			seconds(s.Steps.Verified), seconds(s.Steps.Healthy), seconds(s.ReplaySeconds), seconds(s.DowntimeSeconds), s.Note,
		})
	}
	p.line("`make lab-test` until %s: Kubernetes %s, Flink operator %s, Flink %s; %d of %d stories passed.\n",
		run.Date, run.Kubernetes, run.FlinkOperator, run.Flink, passed, len(run.Stories))
	p.table([]string{"story", "", "commit", "detected", "diagnosed", "patched", "redeployed", "verified", "healthy", "replay", "downtime", "note"}, rows)
}

// toldOn is a commit; a dash where nobody said which.
func toldOn(id string) string {
	if id == "" {
		return "-"
	}
	return id
}

// seconds is a time in seconds; a dash where there is none.
func seconds(value *float64) string {
	if value == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f s", *value)
}
