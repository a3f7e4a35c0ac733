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
