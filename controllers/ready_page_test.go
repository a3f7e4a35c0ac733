package controllers

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The page says of every reason that the condition Ready can have what it means, and of no other. Which those are the sources tell: the
// failures that end a pass, the errors of targets, the problems of policies, and what report sets itself.
func TestThePageListsEveryReasonOfReady(t *testing.T) {
	found := reasonsOfReady(t)
	_, section, _ := strings.Cut(readText(t, "../docs/workflow.md"), "## What condition Ready says")
	section, _, _ = strings.Cut(section, "\n## ")
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(section, -1) {
		listed = append(listed, m[1])
	}
	for reason := range found {
		if !slices.Contains(listed, reason) {
			t.Errorf("the page does not list %s", reason)
		}
	}
	for _, reason := range listed {
		if !found[reason] {
			t.Errorf("the page lists %s, which nothing writes to the condition Ready", reason)
		}
	}
	if len(found) < 8 {
		t.Errorf("only %d reasons were found", len(found))
	}
}

// reasonsOfReady are the reasons that the sources write to the condition.
func reasonsOfReady(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]string{} // constant to reason
	for _, m := range regexp.MustCompile(`(Reason\w+)\s+= "(\w+)"`).FindAllStringSubmatch(readText(t, "../api/v1alpha1/conditions.go"), -1) {
		names[m[1]] = m[2]
	}
	writes := regexp.MustCompile(`(?:(?:Failure|TargetError|Problem = model\.Refusal)\{\s*Reason:\s*|Type: api\.ConditionReady, Status: metav1\.Condition\w+, Reason: |set\(api\.ConditionReady, metav1\.Condition\w+, )api\.(Reason\w+)`)
	found := map[string]bool{}
	for _, pattern := range []string{"*.go", "observe/*.go", "report/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, m := range writes.FindAllStringSubmatch(readText(t, file), -1) {
				found[names[m[1]]] = true
			}
		}
	}
	return found
}
