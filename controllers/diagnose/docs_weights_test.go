package diagnose

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// weightText is a weight as the page writes it: +40, -30*, the star for what is seen directly.
var weightText = regexp.MustCompile(`(?:^|[^\w.])([+-]\d+\*?)`)

// sectionsOf are the texts under the headings of a cause: its own up to the first sub-cause, and its sub-cause's.
func sectionsOf(page string, cause api.Cause, sub api.SubCause) string {
	var text strings.Builder
	for _, heading := range headingsOf(cause, sub) {
		_, after, found := strings.Cut(page, "\n"+heading+"\n")
		if !found {
			continue
		}
		for line := range strings.Lines(after) {
			if strings.HasPrefix(line, "## ") || strings.HasPrefix(line, "### ") {
				break
			}
			text.WriteString(line)
		}
	}
	return text.String()
}

// sourceOf is the file that declares a rule, and the ones with the signs that several share.
func sourceOf(t *testing.T, r *rule) string {
	t.Helper()
	files, err := filepath.Glob("cause_*.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := "cause: api.Cause" + string(r.cause) + ","
	if r.sub != "" {
		declared += " sub: api.SubCause" + string(r.sub) + ","
	}
	var found strings.Builder
	for _, file := range files {
		if text := readFile(t, file); strings.Contains(text, declared) && !strings.HasSuffix(file, "_test.go") {
			found.WriteString(text)
		}
	}
	if found.Len() == 0 {
		t.Fatalf("no file declares %s", causeName(r.cause, r.sub))
	}
	for _, shared := range []string{"signs.go", "features_network.go"} {
		found.WriteString(readFile(t, shared))
	}
	return found.String()
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// variant is a weaker form of a sign in the source.
var variant = regexp.MustCompile(`weighing\((\d+),|weight = (-?\d+)`)

// The page gives every row's weight, with its star, and no weight that no row has in any form.
func TestDocsGiveTheWeightsOfTheRules(t *testing.T) {
	text, _ := readPage(t)
	for _, r := range table {
		name := causeName(r.cause, r.sub)
		if r.sub == api.SubCauseKnownIssue {
			continue // weighs what the issue weighs
		}
		given := map[string]int{}
		for _, m := range weightText.FindAllStringSubmatch(sectionsOf(text, r.cause, r.sub), -1) {
			given[m[1]]++
		}
		wanted, known := weightsOf(t, r)
		for weight, n := range wanted {
			if given[weight] < n {
				t.Errorf("%s: the page gives %s %d times, and %d rows weigh it", name, weight, given[weight], n)
			}
		}
		for weight := range given {
			if !known[strings.TrimSuffix(weight, "*")] {
				t.Errorf("%s: the page gives %s, which no row weighs", name, weight)
			}
		}
	}
}

// weightsOf counts the weights of a rule's rows as the page writes them; known are those and the weaker forms of signs.
func weightsOf(t *testing.T, r *rule) (wanted map[string]int, known map[string]bool) {
	t.Helper()
	wanted, known = map[string]int{}, map[string]bool{}
	for i := range r.rows {
		row := &r.rows[i]
		star := ""
		if row.seen {
			star = "*"
		}
		wanted[fmt.Sprintf("%+d%s", row.weight, star)]++
		known[fmt.Sprintf("%+d", row.weight)] = true
		known[fmt.Sprintf("%+d", row.weight/2)] = true // in a single dump
	}
	for _, m := range variant.FindAllStringSubmatch(sourceOf(t, r), -1) {
		known["+"+m[1]] = true
		known["+"+strings.TrimPrefix(m[2], "-")], known[m[2]] = true, true
	}
	return wanted, known
}
