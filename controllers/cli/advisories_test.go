package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKnownIssuesOfAFile(t *testing.T) {
	path, end := recorded(t, "1.20.5/sink-flush")
	s := newShell(t, end)
	before := s.run(t, "diagnose", "--recording", path)
	file := filepath.Join(t.TempDir(), "ours.yaml")
	text := `advisories:
- {id: ACME-1, title: our sink waits, advice: Ask us., weight: 40, affected: [">=1.20.0"], signature: signature.expired > 0}
- {id: ACME-2, title: ours, advice: Ask us., weight: many, affected: [">=1.20.0"]}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	status := s.run(t, "diagnose", "--recording", path, "--advisories", file, "-o", "json")
	if status != before || !strings.Contains(s.out.String(), "ACME-1") {
		t.Errorf("exit status %d, before %d: %s", status, before, s.out.String())
	}
	if want := file + ": advisory ACME-2: weight is a string, must be a whole number; skipped"; !strings.Contains(s.err.String(), want) {
		t.Errorf("stderr is %q, want %q", s.err.String(), want)
	}
	if status := s.run(t, "backtest", path, "--advisories", file); status != 0 || !strings.Contains(s.err.String(), "ACME-2") {
		t.Errorf("backtest: exit status %d: %s", status, s.err.String())
	}
	if status := s.run(t, "diagnose", "--recording", path, "--advisories", file+".none"); status != 2 || !strings.Contains(s.err.String(), "--advisories: ") {
		t.Errorf("a file that is not there: exit status %d: %s", status, s.err.String())
	}
	if status := s.run(t, "diagnose", "payments", "--advisories", file); status != 2 || !strings.Contains(s.err.String(), "--advisories goes with") {
		t.Errorf("beside a CheckpointHealth: exit status %d: %s", status, s.err.String())
	}
}

// A file of which nothing can be used is refused: who names it wants it heeded.
func TestAFileOfNoKnownIssues(t *testing.T) {
	path, end := recorded(t, "1.20.5/healthy")
	s := newShell(t, end)
	for text, want := range map[string]string{
		"advisories:\n- {id: ACME-2, title: ours, advice: Ask us., weight: many, affected: [\">=1.20.0\"]}\n": "weight is a string, must be a whole number",
		"advisories: []\n": "",
		"hello\n":          "",
		"kind: Pod\n":      "",
		"{":                "",
	} {
		file := writeFile(t, "ours.yaml", text)
		for _, command := range [][]string{{"diagnose", "--recording", path}, {"backtest", path}} {
			status := s.run(t, append(command, "--advisories", file)...)
			if said := s.err.String(); status != StatusUnknown || s.out.Len() > 0 || !strings.Contains(said, "--advisories: ") || !strings.Contains(said, want) {
				t.Errorf("%s %q: status %d, stderr %q", command[0], text, status, said)
			}
		}
	}
}

func TestTheSampleOfKnownIssuesIsGood(t *testing.T) {
	path, end := recorded(t, "1.20.5/healthy")
	s := newShell(t, end)
	if status := s.run(t, "diagnose", "--recording", path, "--advisories", "../../config/samples/advisories_configmap.yaml"); status != 0 || s.err.Len() > 0 {
		t.Errorf("exit status %d: %s", status, s.err.String())
	}
}
