package cli

import (
	"strings"
	"testing"
	"time"
)

var exampleNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// oneLine is a text without its line breaks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// The tail of a log says nothing of what completed before it: nobody is told that a restart loses everything.
func TestATailOfALog(t *testing.T) {
	lines := strings.SplitAfter(fileText(t, example+"jobmanager.log"), "\n")
	s := newShell(t, exampleNow)
	for from, text := range map[string]string{"head": strings.Join(lines, ""), "tail": strings.Join(lines[len(lines)-20:], "")} {
		s.run(t, "diagnose", "--log", writeFile(t, "jobmanager.log", text))
		narrow(t, s.out.String())
		said := oneLine(s.out.String())
		if strings.Contains(said, "Nothing ever completed in this run") != (from == "head") ||
			strings.Contains(said, "whether an earlier one completed, and so how much a restart would replay, is not in them") != (from == "tail") {
			t.Errorf("%s: %s%s", from, s.out.String(), s.err.String())
		}
	}
}
