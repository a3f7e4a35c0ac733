package score

import (
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

// FiguresFile holds the committed figures, below the root of the repository.
const FiguresFile = "hack/evidence/figures.yaml"

// Committed are the figures as a file keeps them, with what each case adds to them.
type Committed struct {
	// Figures are by group and name.
	Figures map[string]map[string]Value `json:"figures"`
	// Cases are the marks of each case, such as "top1=1 top2=1".
	Cases map[string]string `json:"cases"`
}

// Figure gathers the figures of some results.
func Figure(results []Result) Committed {
	c := Committed{Figures: map[string]map[string]Value{}, Cases: map[string]string{}}
	for _, group := range columns(results) {
		values := map[string]Value{}
		for i := range figures {
			values[figures[i].name] = figures[i].value(group.results)
		}
		c.Figures[group.name] = values
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
	for group, values := range c.Figures {
		if groupNamed(group) == nil {
			return nil, fmt.Errorf("%s: figures.%s is no group of recordings; make evidence writes the file", path, group)
		}
		for name := range values {
			if figureNamed(name) == nil {
				return nil, fmt.Errorf("%s: figures.%s.%s is no figure; make evidence writes the file", path, group, name)
			}
		}
	}
	return &c, nil
}
