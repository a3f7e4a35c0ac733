package report

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// golden compares a text with testdata/golden/name, or writes it where -update is given.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with: go test ./controllers/report -update", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); if the new text is right: go test ./controllers/report -update\n%s", path, diff)
	}
}

// narrow fails where a line is wider than columns.
func narrow(t *testing.T, text string, columns int) {
	t.Helper()
	for i, line := range strings.Split(text, "\n") {
		if n := utf8.RuneCountInString(line); n > columns {
			t.Errorf("line %d has %d columns, more than %d: %q", i+1, n, columns, line)
		}
	}
}

func TestAssessment(t *testing.T) {
	for name, situation := range situations {
		t.Run(name, func(t *testing.T) {
			pass := situation()
			status := Status(object(), pass)
			if len(status.Assessment) > 40 {
				t.Errorf("assessment has %d lines, at most 40", len(status.Assessment))
			}
			text := strings.Join(status.Assessment, "\n") + "\n"
			narrow(t, text, describeColumns)
			golden(t, "assessment-"+name+".txt", text)
		})
	}
}

func TestText(t *testing.T) {
	for name, situation := range situations {
		t.Run(name, func(t *testing.T) {
			text := Text(situation(), TextOptions{})
			narrow(t, text, textColumns)
			golden(t, "diagnose-"+name+".txt", text)
		})
	}
}

func TestTextIsColoredOnlyOnRequest(t *testing.T) {
	plainText, colored := Text(slowStorage(), TextOptions{}), Text(slowStorage(), TextOptions{Color: true})
	if strings.Contains(plainText, "\x1b") {
		t.Error("escape sequence without color")
	}
	stripped := strings.NewReplacer(green, "", yellow, "", red, "", bold, "", plain, "").Replace(colored)
	if colored == plainText || stripped != plainText {
		t.Error("color must add color and nothing else")
	}
}

func TestDocument(t *testing.T) {
	for _, name := range []string{"slow-storage", "healthy", "undetermined"} {
		d := NewDocument(situations[name]())
		out, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "document-"+name+".json", string(out))
	}
}

// What would settle it has a line of its own, whatever the reason why nothing is done says.
func TestToSettleItIsAlwaysPrinted(t *testing.T) {
	p := undetermined()
	p.Decision.WhyNot.Message += "; " + p.Diagnosis.Findings[0].NextMeasurement
	if text := strings.Join(Assessment(p, time.Time{}, 200), "\n"); !strings.Contains(text, "To settle it: take a thread dump of TaskManager 10.0.0.7") {
		t.Errorf("no measurement that would settle it in:\n%s", text)
	}
}
