package controllers

import (
	"regexp"
	"strings"
	"testing"
)

// The table for whoever is on call has a row for each cause of the API, and each leads to the cause's section.
func TestTheTableAtAGlanceHasEveryCause(t *testing.T) {
	_, enum, found := strings.Cut(readText(t, "../api/v1alpha1/vocabulary.go"), "// +kubebuilder:validation:Enum=NetworkLatency;")
	if !found {
		t.Fatal("the enum of causes begins otherwise")
	}
	enum, _, _ = strings.Cut("NetworkLatency;"+enum, "\n")
	page := readText(t, "../docs/diagnosis.md")
	_, table, _ := strings.Cut(page, "## At a glance")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := regexp.MustCompile(`(?m)^\| \[(\w+)\]\(#(\w+)\) \| [^|]+ \| [^|]+ \| [^|]+ \|$`).FindAllStringSubmatch(table, -1)
	causes := strings.Split(enum, ";")
	if len(rows) != len(causes) {
		t.Errorf("%d rows, %d causes", len(rows), len(causes))
	}
	for i, row := range rows {
		if i < len(causes) && row[1] != causes[i] {
			t.Errorf("row %d is of %s, the API's order has %s", i+1, row[1], causes[i])
		}
		if row[2] != strings.ToLower(row[1]) || !strings.Contains(page, "\n## "+row[1]+"\n") {
			t.Errorf("%s leads to #%s", row[1], row[2])
		}
	}
}
