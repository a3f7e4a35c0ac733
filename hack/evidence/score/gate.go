package score

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// FiguresFile holds the committed figures, below the root of the repository.
const FiguresFile = "hack/evidence/figures.yaml"

// Committed are the figures as a file keeps them, with what each case adds to them.
type Committed struct {
	// Figures are by half and name.
	Figures map[trial.Split]map[string]Value `json:"figures"`
	// Cases are the marks of each case, such as "top1=1 top2=1".
	Cases map[string]string `json:"cases"`
}

// Figure gathers the figures of some results.
func Figure(results []Result) Committed {
	c := Committed{Figures: map[trial.Split]map[string]Value{}, Cases: map[string]string{}}
	for _, split := range trial.Splits() {
		c.Figures[split] = map[string]Value{}
		for i := range figures {
			c.Figures[split][figures[i].name] = figures[i].value(Of(results, split))
		}
	}
	for i := range results {
		c.Cases[results[i].Name] = marks(&results[i])
	}
	return c
}

// figuresHead stands above the figures.
const figuresHead = "# Written by `make evidence`: the figures that a change of rules is held to, and what each case adds to them.\n"

// Text is the file.
func (c *Committed) Text() (string, error) {
	raw, err := yaml.Marshal(c)
	return figuresHead + string(raw), err
}

// ReadCommitted reads the figures of a file. Errors name the file and what would be right.
func ReadCommitted(path string) (*Committed, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w; make evidence writes it", err)
	}
	var c Committed
	if err := yaml.UnmarshalStrict(raw, &c); err != nil {
		return nil, fmt.Errorf("%s: %w; make evidence writes it", path, err)
	}
	for split, values := range c.Figures {
		for name := range values {
			if figureNamed(name) == nil {
				return nil, fmt.Errorf("%s: figures.%s.%s is no figure; make evidence writes the file", path, split, name)
			}
		}
	}
	return &c, nil
}

// Worse says which figures are worse than the committed ones, a sentence each with the names of the cases that changed.
func (c *Committed) Worse(now *Committed) []string {
	var out []string
	for _, split := range trial.Splits() {
		for i := range figures {
			f := &figures[i]
			before, held := c.Figures[split][f.name]
			after := now.Figures[split][f.name]
			if !held || !f.isWorse(before, after) {
				continue
			}
			out = append(out, fmt.Sprintf("%s %s: %d of %d, committed %d of %d (%s); changed: %s",
				split, f.name, after.N, after.Of, before.N, before.Of, f.worse, strings.Join(c.changed(now, split, f), ", ")))
		}
	}
	return out
}

// changed names the cases of a half that add something else to a figure than they did, with both.
func (c *Committed) changed(now *Committed, split trial.Split, f *figure) []string {
	names := map[string]bool{}
	for name := range c.Cases {
		names[name] = true
	}
	for name := range now.Cases {
		names[name] = true
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		before, after := c.markOf(name, f), now.markOf(name, f)
		if strings.HasPrefix(name, string(split)+"/") && tells(before, after, f) {
			out = append(out, fmt.Sprintf("%s (%s, was %s)", name, after, before))
		}
	}
	if len(out) == 0 {
		return []string{"none"}
	}
	if more := len(out) - mostNames; more > 0 {
		out = append(out[:mostNames], fmt.Sprintf("and %d more", more))
	}
	return out
}

// mostNames is as many cases as are named behind a figure.
const mostNames = 20

// noCase stands for a case that one side does not know.
const noCase = "no such case"

// tells whether a case has to do with a figure that got worse. Of a new case only what speaks against it does.
func tells(before, after string, f *figure) bool {
	switch {
	case before == after, before == noCase && after == "-":
		return false
	case before == noCase && f.worse == shareUp:
		return after == "0"
	case before == noCase:
		return after != "0"
	}
	return true
}

// markOf is what a case adds to a figure: a number, "-" for nothing, or that there is no such case.
func (c *Committed) markOf(name string, f *figure) string {
	marks, there := c.Cases[name]
	if !there {
		return noCase
	}
	for word := range strings.FieldsSeq(marks) {
		if value, ok := strings.CutPrefix(word, f.name+"="); ok {
			return value
		}
	}
	return "-"
}
