package diagnose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// page is the document that explains every cause to people.
var page = filepath.Join("..", "..", "docs", "diagnosis.md")

// readPage returns the page and its headings, each as it is written without the marks before it. What is indented or fenced is no heading.
func readPage(t *testing.T) (text string, headings map[string]bool) {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatalf("the page of the causes cannot be read: %v", err)
	}
	headings = map[string]bool{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, " \r\n")
		for _, mark := range []string{"## ", "### "} {
			if name, ok := strings.CutPrefix(line, mark); ok {
				headings[mark+name] = true
			}
		}
	}
	return string(data), headings
}

// headingsOf are the headings that a cause must have: its own, and one for its sub-cause.
func headingsOf(cause api.Cause, sub api.SubCause) []string {
	if sub == "" {
		return []string{"## " + string(cause)}
	}
	return []string{"## " + string(cause), "### " + string(cause) + "/" + string(sub)}
}

func TestDocsHaveASectionForEveryCause(t *testing.T) {
	_, headings := readPage(t)
	wantHeadings := append(headingsOf(api.CauseSharedDependencyDegraded, ""), headingsOf(api.CauseUndetermined, "")...)
	for _, r := range table {
		wantHeadings = append(wantHeadings, headingsOf(r.cause, r.sub)...)
	}
	for _, heading := range wantHeadings {
		if !headings[heading] {
			t.Errorf("%s has no section %q", page, heading)
		}
	}
}

func TestDocsNameEveryAdvisory(t *testing.T) {
	text, _ := readPage(t)
	all := builtInAdvisories(t)
	if len(all) == 0 {
		t.Fatal("there are no advisories")
	}
	// Only a row of the table counts: a mention elsewhere does not tell where an issue is fixed.
	for i := range all {
		if !strings.Contains(text, "\n| "+all[i].ID+" |") {
			t.Errorf("%s has no row for advisory %s", page, all[i].ID)
		}
	}
}
