package controllers

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// signalsPage is the page that says what is read, and what its absence means.
const signalsPage = "../docs/signals.md"

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Every kind of gap has a row whose five cells say something, and no row is of a kind that is not there.
func TestEverySignalHasARow(t *testing.T) {
	page := readText(t, signalsPage)
	kinds := regexp.MustCompile(`Gap\w+\s+GapKind = "([^"]+)"`).FindAllStringSubmatch(readText(t, "model/snapshot.go"), -1)
	if len(kinds) < 15 {
		t.Fatalf("%d kinds of gaps were found", len(kinds))
	}
	table, _, _ := strings.Cut(page, "## What changes")
	rows := regexp.MustCompile(`(?m)^\| (.+) \|$`).FindAllStringSubmatch(table, -1)
	described := map[string]int{}
	for _, row := range rows[2:] { // below the heads
		cells := strings.Split(row[1], " | ")
		if len(cells) != 5 {
			t.Errorf("the row of %q has %d cells, want 5", cells[0], len(cells))
		}
		described[cells[0]]++
	}
	for _, kind := range kinds {
		if described[kind[1]] != 1 {
			t.Errorf("%q has %d rows in %s, want 1", kind[1], described[kind[1]], signalsPage)
		}
		delete(described, kind[1])
	}
	for name := range described {
		t.Errorf("%s has a row of %q, which is no kind of gap", signalsPage, name)
	}
}

// Every right that is asked for is explained, and every optional component that is named is there.
func TestEveryRightIsExplained(t *testing.T) {
	page := readText(t, signalsPage)
	marker := regexp.MustCompile(`\+kubebuilder:rbac:groups=\S*,resources=([\w;/]+),`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, match := range marker.FindAllStringSubmatch(readText(t, file), -1) {
			for _, resource := range strings.Split(match[1], ";") {
				found++
				if name, _, _ := strings.Cut(resource, "/"); !strings.Contains(page, "`"+name+"`") {
					t.Errorf("%s asks for %s, which %s does not explain", file, resource, signalsPage)
				}
			}
		}
	}
	if found < 15 {
		t.Errorf("%d rights were found", found)
	}
	for _, match := range regexp.MustCompile("`(config/[\\w-]+)`").FindAllStringSubmatch(page, -1) {
		if _, err := os.Stat(filepath.Join("..", match[1])); err != nil {
			t.Errorf("%s names %s: %v", signalsPage, match[1], err)
		}
	}
}

// Every field of the API that the page names is there.
func TestFieldsOfThePageAreThere(t *testing.T) {
	page := readText(t, signalsPage)
	spec := readText(t, "../docs/spec/checkpointhealth.md") + readText(t, "../docs/spec/remediationpolicy.md")
	for _, field := range []string{"networkProbe", "baseline", "signals"} {
		if !strings.Contains(page, field) || !strings.Contains(spec, "| `"+field+"` |") {
			t.Errorf("field %q is not in both %s and the API", field, signalsPage)
		}
	}
}
