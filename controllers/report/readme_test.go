package report

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// shape is how the note of an event is built (events.go); the figures are those of a run.
var shape = map[string]*regexp.Regexp{
	api.ReasonAtRisk:          regexp.MustCompile(`^(checkpoint \d+ has been pending for \S+ of its timeout of \S+, \d+ times as long as .+|\d+ of the last \d+ checkpoints .+)$`),
	api.ReasonDiagnosed:       regexp.MustCompile(`^[A-Z]\w+( \(\w+\))?, (likely|confirmed): .+$`),
	api.ReasonWaiting:         regexp.MustCompile(`^would set \S.* -> .+; .+$`),
	api.ReasonRemedyApplied:   regexp.MustCompile(`^\S.* -> \S+ on \w+/[\w-]+ \(remedy [0-9a-f]{10}-\d+, restart expected\)(; the job is at risk only, and is treated as the policy's detection\.treat is AtRisk)?$`),
	api.ReasonRecovered:       regexp.MustCompile(`^checkpoints complete again; unhealthy since \d+ \w{3} \d\d:\d\d UTC(, cause \w+)?$`),
	api.ReasonRemedyEffective: regexp.MustCompile(`^\S.* -> \S+: \d+ checkpoints completed in a row, median \S+; before: (\d+ of \d+ expired|.+)$`),
}

// The events that README shows are such as are printed: whole, and in the form in which the notes are built.
func TestTheReadmeShowsEventsAsTheyArePrinted(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^ +(?:Normal|Warning) +(\w+) +\S+ +checkpoint-health +(.+)$`).FindAllStringSubmatch(string(page), -1)
	seen := map[string]bool{}
	for _, row := range rows {
		reason, note := row[1], row[2]
		if form := shape[reason]; form == nil || !form.MatchString(note) {
			t.Errorf("%s is not printed as %q", reason, note)
		}
		seen[reason] = true
	}
	for _, reason := range []string{api.ReasonAtRisk, api.ReasonDiagnosed, api.ReasonRemedyApplied, api.ReasonRemedyEffective} {
		if !seen[reason] {
			t.Errorf("README shows no event %s", reason)
		}
	}
}

// Words that are not everybody's are explained before they are used: in a section of the workflow page, to which README leads.
func TestWordsAreExplainedFirst(t *testing.T) {
	root := filepath.Join("..", "..")
	page, err := os.ReadFile(filepath.Join(root, "docs", "workflow.md"))
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), "\n## Words\n")
	if !found || !strings.Contains(string(readme), "(docs/workflow.md#words)") {
		t.Fatal("docs/workflow.md explains no words, or README does not lead there")
	}
	words, _, _ := strings.Cut(rest, "\n## ")
	for _, word := range []string{"lever", "rung", "ladder", "guard", "receipt", "muted", "replay"} {
		if !regexp.MustCompile(`(?m)^\|[^|]*\b` + word + `\b[^|]*\| .{20,}`).MatchString(words) {
			t.Errorf("%q is not explained", word)
		}
		if regexp.MustCompile(`(?i)\b` + word + `s?\b`).MatchString(before) {
			t.Errorf("%q is used before it is explained", word)
		}
	}
}
