package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWhatIsSaidOfRecordings holds the whole text of diagnose for recordings of real Flink: what the rules find, in the words that people read.
// If a new text is right: go test ./controllers/cli -update.
func TestWhatIsSaidOfRecordings(t *testing.T) {
	for _, name := range []string{
		"1.20.5/slow-storage", "1.20.5/network-latency", "1.20.5/jobmanager-cpu", "2.2.1/slow-cleanup", "1.20.5/oversized-ack",
		"1.20.5/source-blocked", "2.2.1/sink-flush", "1.17.2/backpressure", "1.20.5/state-pressure", "1.20.5/healthy",
	} {
		har, now := recorded(t, name)
		s := newShell(t, now)
		s.run(t, "diagnose", "--recording", har)
		held(t, strings.ReplaceAll(name, "/", "-")+".txt", s.out.String()+s.err.String())
	}
}

// held compares a text with testdata/golden/name, or writes it where -update is given.
func held(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with: go test ./controllers/cli -update", err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s differs (-want +got); if the new text is right: go test ./controllers/cli -update\n%s", path, diff)
	}
}

// TestTheReadmeShowsWhatIsSaid: the text in the README is the program's, not a memory of it.
func TestTheReadmeShowsWhatIsSaid(t *testing.T) {
	readme := filepath.Join("..", "..", "README.md")
	page, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	said, err := os.ReadFile(filepath.Join("testdata", "golden", "1.20.5-slow-storage.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	for line := range strings.Lines(string(said)) {
		if line != "\n" {
			shown.WriteString("    ")
		}
		shown.WriteString(line)
	}
	if *update {
		page = putIn(t, page, shown.String())
		if err := os.WriteFile(readme, page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(string(page), shown.String()) {
		t.Errorf("README.md does not show testdata/golden/1.20.5-slow-storage.txt as it is; it should hold:\n%s", shown.String())
	}
}

// putIn puts a text into the place of the one that a page shows: from the line of the job to the end of the patch.
func putIn(t *testing.T, page []byte, text string) []byte {
	t.Helper()
	before, rest, found := strings.Cut(string(page), "    job      faultjob ")
	_, after, ends := strings.Cut(rest, "\n\nRead *Cause* first")
	if !found || !ends {
		t.Fatal("README.md shows no diagnosis between its command and how to read it")
	}
	return []byte(before + text + "\nRead *Cause* first" + after)
}
