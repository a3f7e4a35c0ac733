// Package lab has no code of its own: its tests hold the scripts of the real cluster to each other.
package lab

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// bash runs a script in this directory with a LAB_DIR of the test's own, and returns what it printed.
func bash(t *testing.T, script string, env ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	command.Env = slices.Concat(os.Environ(), []string{"LAB_DIR=/nowhere/lab"}, env)
	out, err := command.CombinedOutput()
	return string(out), err
}

// Every setting that a manifest names exists.
func TestManifestsAreRenderedWhole(t *testing.T) {
	manifests, err := filepath.Glob("manifests/*")
	if err != nil || len(manifests) == 0 {
		t.Fatalf("no manifests: %v", err)
	}
	left := regexp.MustCompile(`@[A-Z_]+@`)
	for _, manifest := range manifests {
		out, err := bash(t, ". ./settings.sh; render "+filepath.Base(manifest))
		if err != nil {
			t.Fatalf("%s: %v: %s", manifest, err, out)
		}
		if found := left.FindString(out); found != "" {
			t.Errorf("%s names %s, which render does not know", manifest, found)
		}
	}
}

func TestFlinkVersionAsTheOperatorWritesIt(t *testing.T) {
	out, err := bash(t, ". ./settings.sh; render example.yaml", "FLINK_VERSION=1.20.5")
	if err != nil || !strings.Contains(out, `flinkVersion: "v1_20"`) || !strings.Contains(out, "localhost/flink:1.20.5") {
		t.Errorf("error %v, want v1_20 and localhost/flink:1.20.5 in:\n%s", err, out)
	}
}

// A step that is not listed does not run, and a listed one that is not there stops everything.
func TestEveryStepIsListed(t *testing.T) {
	text, err := os.ReadFile("lab.sh")
	if err != nil {
		t.Fatal(err)
	}
	steps, err := filepath.Glob("steps/*.sh")
	if err != nil {
		t.Fatal(err)
	}
	listed := regexp.MustCompile(`\b\d\d-[a-z-]+`).FindAllString(string(text), -1)
	var there []string
	for _, step := range steps {
		there = append(there, strings.TrimSuffix(filepath.Base(step), ".sh"))
	}
	slices.Sort(listed)
	if listed = slices.Compact(listed); !slices.Equal(listed, there) {
		t.Errorf("lab.sh lists %v; in steps are %v", listed, there)
	}
}

func TestBadSettingsAreNamed(t *testing.T) {
	for _, test := range []struct{ env, want string }{
		{"LAB_DIR=lab", "LAB_DIR=lab: want an absolute path"},
		{"LAB_DIR=/" + strings.Repeat("a", 90), "want at most 80"},
	} {
		out, err := bash(t, ". ./settings.sh", test.env)
		if err == nil || !strings.Contains(out, test.want) {
			t.Errorf("%s: error %v, output %q: want %q", test.env, err, out, test.want)
		}
	}
}

// kube-proxy ends when its file is written: an unchanged one is left alone.
func TestPutWritesChangesOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("same\n"), 0o400); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := bash(t, `. ./settings.sh; echo same | put "$FILE"`, "FILE="+file); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	after, err := os.Stat(file)
	if err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("an unchanged file was written (%v)", err)
	}
	if out, err := bash(t, `. ./settings.sh; printf 'other\n\n' | put "$FILE"`, "FILE="+file+".new"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if text, err := os.ReadFile(file + ".new"); err != nil || string(text) != "other\n\n" {
		t.Errorf("wrote %q (%v): want the text with its line ends", text, err)
	}
}
