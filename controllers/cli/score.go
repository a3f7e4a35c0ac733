package cli

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// result is the verdict on one recording. Cause is None for a healthy job, Unknown where it could not be judged, else the first cause, with
// its sub-cause as JobManagerOverload/Heap. Expected is the label, empty where there is none; Right and InTopTwo compare with it.
type result struct {
	Recording string      `json:"recording"`
	Health    api.Health  `json:"health"`
	Cause     string      `json:"cause"`
	Verdict   api.Verdict `json:"verdict"`
	Score     int         `json:"score"`
	Second    string      `json:"second"`
	Remedy    string      `json:"remedy"`
	Expected  string      `json:"expected"`
	Right     bool        `json:"right"`
	InTopTwo  bool        `json:"inTopTwo"`
	Error     string      `json:"error,omitempty"`

	expired int
}

func (r *result) take(pass *model.Pass) {
	d := &pass.Diagnosis
	r.Health, r.Cause = d.Health, string(api.HealthUnknown)
	switch d.Health {
	case api.HealthHealthy:
		r.Cause = labelNone
	case api.HealthAtRisk, api.HealthUnhealthy:
		if top := d.Top(); top != nil {
			r.Cause, r.Verdict, r.Score = fullName(top), top.Verdict, top.Score
		} else {
			r.Cause = string(api.CauseUndetermined)
		}
		r.Second = second(d.Findings)
	default:
	}
	if remedy := pass.Decision.Remedy; remedy != nil {
		r.Remedy = string(remedy.Lever)
	}
}

// second is the next cause that is still possible; the first one where the verdict is Undetermined.
func second(all []model.Finding) string {
	for i := range all {
		f := &all[i]
		if i == 0 || f.Cause == api.CauseUndetermined {
			continue
		}
		if f.Verdict == api.VerdictConfirmed || f.Verdict == api.VerdictLikely || f.Verdict == api.VerdictPossible {
			return fullName(f)
		}
	}
	return ""
}

func fullName(f *model.Finding) string {
	if f.SubCause == "" {
		return string(f.Cause)
	}
	return string(f.Cause) + "/" + string(f.SubCause)
}

// compare holds a verdict against its label. A healthy job that is AtRisk is right: its checkpoints are long and complete.
func (r *result) compare(l label) {
	r.Expected, r.expired = l.Cause, l.Expired
	if l.Cause == labelNone {
		r.Right = r.Health == api.HealthHealthy || r.Health == api.HealthAtRisk
		r.InTopTwo = r.Right
		return
	}
	r.Right = names(r.Cause, l.Cause)
	r.InTopTwo = r.Right || names(r.Second, l.Cause)
}

// names tells whether a verdict is what a label says; a label without a sub-cause takes any.
func names(got, want string) bool {
	cause, _, _ := strings.Cut(got, "/")
	return got == want || cause == want
}

// summary counts. Percentages are left to whoever reads it.
type summary struct {
	Recordings int `json:"recordings"`
	Labeled    int `json:"labeled"`
	TopOne     int `json:"topOne"`
	TopTwo     int `json:"topTwo"`
	// Abstained are sick ones without a likely cause, and ones that could not be judged.
	Abstained int `json:"abstained"`
	// FalseAlarms are healthy ones called Unhealthy, and HealthyAtRisk those called AtRisk.
	FalseAlarms   int `json:"falseAlarms"`
	HealthyAtRisk int `json:"healthyAtRisk"`
	// Missed are sick ones called Healthy.
	Missed int `json:"missed"`
	// Understated are those whose history holds two expired checkpoints or more by their label, and that were not called Unhealthy.
	Understated int `json:"understated"`
	// Unread are recordings that could not be read.
	Unread int `json:"unread"`
}

func summarize(results []result) summary {
	s := summary{Recordings: len(results)}
	for i := range results {
		r := &results[i]
		if r.Error != "" {
			s.Unread++
		}
		if r.Cause == string(api.CauseUndetermined) || r.Health == api.HealthUnknown {
			s.Abstained++
		}
		if r.Expected != "" {
			s.add(r)
		}
	}
	return s
}

func (s *summary) add(r *result) {
	s.Labeled++
	if r.Right {
		s.TopOne++
	}
	if r.InTopTwo {
		s.TopTwo++
	}
	healthy := r.Expected == labelNone
	if r.expired >= 2 && r.Health != api.HealthUnhealthy {
		s.Understated++
	}
	switch {
	case healthy && r.Health == api.HealthUnhealthy:
		s.FalseAlarms++
	case healthy && r.Health == api.HealthAtRisk:
		s.HealthyAtRisk++
	case !healthy && r.Health == api.HealthHealthy:
		s.Missed++
	}
}

// confusion counts verdicts by label.
func confusion(results []result) map[string]map[string]int {
	out := map[string]map[string]int{}
	for i := range results {
		r := &results[i]
		if r.Expected == "" {
			continue
		}
		if out[r.Expected] == nil {
			out[r.Expected] = map[string]int{}
		}
		out[r.Expected][orElse(r.Cause, string(api.HealthUnknown))]++
	}
	return out
}

func showResults(env *Environment, results []result, format string) error {
	s := summarize(results)
	if format == formatJSON {
		out, err := json.MarshalIndent(map[string]any{"recordings": results, "summary": s, "confusion": confusion(results)}, "", "  ")
		if err != nil {
			return fmt.Errorf("writing the verdicts as JSON: %w", err)
		}
		say(env.Out, "%s\n", out)
		return nil
	}
	for i := range results {
		say(env.Out, "%s\n", results[i].line())
	}
	if s.Labeled > 0 {
		say(env.Out, "\n%s\n", Matrix(confusion(results)))
		say(env.Out, "top-1 %s, top-2 %s, abstained %d\nfalse alarms: healthy called unhealthy %d, called at risk %d\nsick called healthy %d, expired called less than unhealthy %d\n",
			share(s.TopOne, s.Labeled), share(s.TopTwo, s.Labeled), s.Abstained, s.FalseAlarms, s.HealthyAtRisk, s.Missed, s.Understated)
	}
	return nil
}

func share(n, of int) string {
	return fmt.Sprintf("%d of %d (%.0f %%)", n, of, 100*float64(n)/float64(of))
}

// line is a verdict in one line: what was said and, where it is not what the label says, what would have been right.
func (r *result) line() string {
	mark := "  "
	switch {
	case r.Expected == "":
	case r.Right:
		mark = "✓ "
	default:
		mark = "✗ "
	}
	text := fmt.Sprintf("%s%-40s %-9s %s", mark, r.Recording, r.Health, r.Cause)
	switch {
	case r.Error != "":
		return text + ": " + r.Error
	case r.Expected != "" && !r.Right:
		text += ", expected " + r.Expected
	}
	return text
}

// Matrix draws the confusion matrix: a row a label, a column a verdict, both by letter; a dot is none.
func Matrix(counts map[string]map[string]int) string {
	classes := map[string]bool{}
	for want, row := range counts {
		classes[want] = true
		for got := range row {
			classes[got] = true
		}
	}
	var order []string
	for c := range classes {
		order = append(order, c)
	}
	sort.Strings(order)
	widths := make([]int, len(order))
	for i, got := range order {
		widths[i] = len(letter(i))
		for _, want := range order {
			widths[i] = max(widths[i], len(strconv.Itoa(counts[want][got])))
		}
	}
	var b strings.Builder
	head := fmt.Sprintf("%-34s", "labeled as \\ diagnosed as")
	for i := range order {
		head += fmt.Sprintf(" %*s", widths[i], letter(i))
	}
	b.WriteString(head + "\n")
	for i, want := range order {
		row := fmt.Sprintf("%-3s%-31s", letter(i), want)
		for j, got := range order {
			text := "."
			if n := counts[want][got]; n > 0 {
				text = strconv.Itoa(n)
			}
			row += fmt.Sprintf(" %*s", widths[j], text)
		}
		b.WriteString(row + "\n")
	}
	return b.String()
}

// letter names a column: a to z, then a1 to z1 and on.
func letter(i int) string {
	text := string(rune('a' + i%26))
	if i >= 26 {
		text += strconv.Itoa(i / 26)
	}
	return text
}
