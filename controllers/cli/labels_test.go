package cli

import (
	"strings"
	"testing"
)

// The help shows labels as they are read.
func TestTheHelpShowsLabels(t *testing.T) {
	var lines []string
	for line := range strings.Lines(newBacktest(&Environment{}).Long) {
		if strings.Contains(line, "{cause: ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	labels, err := readLabels(writeFile(t, "labels.yaml", strings.Join(lines, "\n")))
	if err != nil || len(labels) != 3 || labels["1.20.5/slow-storage"] != (label{Cause: "SlowStateBackend", Expired: 7}) {
		t.Errorf("%v, %v: want the three labels of the help", labels, err)
	}
}

// The cause alone is a label too; an unknown field of a whole one is refused.
func TestALabelOfTheCauseAlone(t *testing.T) {
	labels, err := readLabels(writeFile(t, "labels.yaml", "a: None\nb: JobManagerOverload/Heap\nc: {cause: None}\n"))
	if err != nil || labels["a"] != (label{Cause: labelNone}) || labels["b"].Cause != "JobManagerOverload/Heap" || labels["c"] != labels["a"] {
		t.Errorf("%v, %v", labels, err)
	}
	if _, err := readLabels(writeFile(t, "labels.yaml", "a: {couse: None}\n")); err == nil || !strings.Contains(err.Error(), "couse") {
		t.Errorf("an unknown field: %v", err)
	}
}
