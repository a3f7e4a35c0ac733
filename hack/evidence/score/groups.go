package score

import (
	"slices"
	"strings"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// group is a part of the recordings that figures are counted over. A recording may be in several.
type group struct {
	// name is the word in figures.yaml; title heads a column.
	name, title string
	split       trial.Split
	// set narrows it down to one set of the half; empty for all of the half.
	set trial.Set
}

// groups are those that there are, in the order of the columns: the held-out half, its later sets, and the tuning half.
var groups = func() []group {
	all := []group{{name: string(trial.HeldOut), title: heldOutTitle, split: trial.HeldOut}}
	for _, s := range trial.LaterSets() {
		all = append(all, group{name: string(s.Set), title: s.Title, split: trial.HeldOut, set: s.Set})
	}
	return append(all, group{name: string(trial.Tuning), title: "tuning", split: trial.Tuning})
}()

// heldOutTitle heads the column of the held-out half; with allTitle where a set of it stands beside it.
const (
	heldOutTitle = "held-out"
	allTitle     = "held-out (all)"
)

// holds tells whether a recording is in the group.
func (g *group) holds(r *Result) bool {
	return r.Trial.Split == g.split && (g.set == "" || r.Trial.Set == g.set)
}

// setMark is the word in the marks of a case that names its set.
const setMark = "set="

// names tells whether a case of this name with these marks is in the group.
func (g *group) names(name, marks string) bool {
	return strings.HasPrefix(name, string(g.split)+"/") && (g.set == "" || slices.Contains(strings.Fields(marks), setMark+string(g.set)))
}

// of are the results in the group.
func (g *group) of(results []Result) []Result {
	var out []Result
	for i := range results {
		if g.holds(&results[i]) {
			out = append(out, results[i])
		}
	}
	return out
}

// column is a group with its results.
type column struct {
	group
	results []Result
}

// columns are the groups of some results: both halves, and the later sets of which there are recordings. Beside a set of it the half says that it is all.
func columns(results []Result) []column {
	var out []column
	for _, g := range groups {
		of := g.of(results)
		switch {
		case g.set == "":
			out = append(out, column{g, of})
		case len(of) > 0:
			out[0].title = allTitle
			out = append(out, column{g, of})
		}
	}
	return out
}

// titles are the heads of columns, behind others.
func titles(before []string, all []column) []string {
	for i := range all {
		before = append(before, all[i].title)
	}
	return before
}

// groupNamed finds a group; nil if there is none.
func groupNamed(name string) *group {
	i := slices.IndexFunc(groups, func(g group) bool { return g.name == name })
	if i < 0 {
		return nil
	}
	return &groups[i]
}
