package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"checkpointhealth.dev/operator/hack/evidence/score"
)

// scored runs evidence score with arguments in a repository.
func scored(t *testing.T, root string, args ...string) (string, error) {
	t.Helper()
	c := newScore()
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(append([]string{"--root", root}, args...))
	err := c.ExecuteContext(t.Context())
	return out.String(), err
}

func TestSetsThatAreNotThereAreRefused(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--set sixth", `--set "sixth": want second, third, fourth or fifth`},
		{"--first-look x.yaml", "want the set that is looked at, --set second, third, fourth or fifth"},
		{"--set third --accept-worse", "--accept-worse with --set or --wrong"},
		{"--set third --wrong", "--set with --wrong: want one of them"},
		{"--set second", "the set second has not been looked at: want --first-look hack/evidence/first-look.yaml,"},
		{"--set third", "the set third has not been looked at: want --first-look hack/evidence/first-look-third.yaml,"},
	} {
		if _, err := scored(t, t.TempDir(), strings.Fields(c.args)...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.args, err, c.want)
		}
	}
}

// Figures that got worse are neither written nor passed over: whoever runs make evidence has to say that they are accepted.
func TestWorseFiguresFail(t *testing.T) {
	root := labeledAs(t, "SlowStateBackend")
	if out, err := scored(t, root); err != nil || !strings.Contains(out, "figures.yaml are written.") {
		t.Fatalf("the first time: %v\n%s", err, out)
	}
	label(t, root, "DataSkew")
	out, err := scored(t, root)
	if err == nil || !strings.Contains(err.Error(), "make evidence ACCEPT_WORSE=1") || !strings.Contains(out, "Nothing is written.") {
		t.Errorf("worse: %v\n%s", err, out)
	}
	if want := "worse than before: tuning top1: 0 of 1, committed 1 of 1"; !strings.Contains(out, want) {
		t.Errorf("%q is not in\n%s", want, out)
	}
	if out, err := scored(t, root, "--accept-worse"); err != nil || !strings.Contains(out, "figures.yaml are written.") {
		t.Errorf("accepted: %v\n%s", err, out)
	}
}

// labeledAs is a repository with one recording, which is said to be of a cause.
func labeledAs(t *testing.T, cause string) string {
	t.Helper()
	root := t.TempDir()
	const name = "1.20.5/slow-storage.har.gz"
	raw, err := os.ReadFile(filepath.Join("..", "..", "controllers", "recording", "testdata", "flink", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, filepath.FromSlash(score.LabeledDir), filepath.FromSlash(name)), string(raw))
	write(t, filepath.Join(root, "README.md"), "<!-- evidence: written by make evidence -->\n<!-- /evidence -->\n")
	for _, file := range []string{score.PageFile, score.FiguresFile} { // their directories are there
		write(t, filepath.Join(root, filepath.FromSlash(filepath.Dir(file)), "x"), "")
	}
	label(t, root, cause)
	return root
}

func label(t *testing.T, root, cause string) {
	t.Helper()
	write(t, filepath.Join(root, filepath.FromSlash(score.LabeledDir), "labels.yaml"), "1.20.5/slow-storage: {cause: "+cause+", expired: 7}\n")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
