package observe

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docsOf reads a page of docs/.
func docsOf(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// declared are the values of a vocabulary in a file of the API.
func declared(t *testing.T, file, pattern string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "api", "v1alpha1", file))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		found[match[1]] = true
	}
	if len(found) == 0 {
		t.Fatalf("%s declares nothing like %s", file, pattern)
	}
	return found
}

var quoted = regexp.MustCompile("`([^`]+)`")

// Each kind that is read has a row, each reason that a row names is one, each overlay is there.
func TestTheTableOfTargetsIsTrue(t *testing.T) {
	page := docsOf(t, "targets.md")
	reasons := declared(t, "conditions.go", `Reason\w+\s+= "(\w+)"`)
	rowed := map[string]bool{}
	for _, line := range strings.Split(page, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || !strings.HasPrefix(line, "| `") {
			continue
		}
		for _, kind := range quoted.FindAllStringSubmatch(cells[1], -1) {
			rowed[kind[1]] = true
		}
		for _, cell := range cells[3:5] {
			for _, name := range quoted.FindAllStringSubmatch(cell, -1) {
				checkNamed(t, name[1], reasons)
			}
		}
	}
	for kind := range readers {
		if !rowed[kind] {
			t.Errorf("%s can be a target and has no row", kind)
		}
		delete(rowed, kind)
	}
	for kind := range rowed {
		t.Errorf("%s has a row and cannot be a target", kind)
	}
}

// checkNamed fails where what looks like a reason or an overlay is none.
func checkNamed(t *testing.T, name string, reasons map[string]bool) {
	t.Helper()
	word := regexp.MustCompile(`^[A-Z][A-Za-z]+$`)
	if word.MatchString(name) && !reasons[name] {
		t.Errorf("%s is named as a reason, and there is none", name)
	}
	if strings.HasPrefix(name, "config/") {
		if _, err := os.Stat(filepath.Join("..", "..", name, "kustomization.yaml")); err != nil {
			t.Errorf("there is no overlay %s", name)
		}
	}
}

func TestTheTableOfOriginsIsTrue(t *testing.T) {
	origins := declared(t, "vocabulary.go", `SettingOrigin = "(\w+)"`)
	_, table, _ := strings.Cut(docsOf(t, "targets.md"), "## Precedence")
	table, _, _ = strings.Cut(table, "\n## ")
	for _, line := range strings.Split(table, "\n") {
		if match := regexp.MustCompile("^\\| `(\\w+)` \\|").FindStringSubmatch(line); match != nil {
			if !origins[match[1]] {
				t.Errorf("%s has a row and is no origin", match[1])
			}
			delete(origins, match[1])
		}
	}
	for origin := range origins {
		t.Errorf("the origin %s has no row", origin)
	}
}
