package score

import (
	"fmt"

	"checkpointhealth.dev/operator/hack/evidence/timeline"
)

// cluster is the part of the real cluster.
func (p *page) cluster(run *timeline.Run) {
	p.line("## A real cluster\n")
	if run == nil {
		p.line("Nothing is recorded yet: `make lab-test` writes `%s`.\n", timeline.File)
		return
	}
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
			s.Story, result, seconds(s.Steps.Detected), seconds(s.Steps.Diagnosed), seconds(s.Steps.Patched), seconds(s.Steps.Redeployed),
			seconds(s.Steps.Verified), seconds(s.Steps.Healthy), seconds(s.ReplaySeconds), seconds(s.DowntimeSeconds), s.Note,
		})
	}
	p.line("`make lab-test` on %s: Kubernetes %s, Flink operator %s, Flink %s; %d of %d stories passed. Times are since the fault.\n",
		run.Date, run.Kubernetes, run.FlinkOperator, run.Flink, passed, len(run.Stories))
	p.table([]string{"story", "", "detected", "diagnosed", "patched", "redeployed", "verified", "healthy", "replay", "downtime", "note"}, rows)
}

// seconds is a time in seconds; a dash where there is none.
func seconds(value *float64) string {
	if value == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f s", *value)
}
