package diagnose

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/google/cel-go/cel"
	"sigs.k8s.io/yaml"

	"checkpointhealth.dev/operator/controllers/model"
)

//go:embed advisories.yaml
var advisoriesYAML []byte

// advisory is one known issue as advisories.yaml has it.
type advisory struct {
	ID            string            `json:"id"`
	Title         string            `json:"title"`
	Affected      []string          `json:"affected"`
	FixedIn       []string          `json:"fixedIn"`
	Configuration string            `json:"configuration"`
	Signature     string            `json:"signature"`
	Weight        int               `json:"weight"`
	Workaround    map[string]string `json:"workaround"`
	Advice        string            `json:"advice"`
}

// compiled is an advisory ready to be matched.
type compiled struct {
	advisory
	ranges                   []*semver.Constraints
	configuration, signature cel.Program
}

// match is an advisory that fits, with how much it explains.
type match struct {
	model.AdvisoryMatch
	weight int
}

// Bounds of what an advisory may say, so that one from a ConfigMap cannot burst status.
const (
	maxAdvisories = 500
	maxTitle      = 200
	maxAdvice     = 300
	maxExpression = 2000
)

// loadAdvisories reads files of advisories; one with the id of an earlier one replaces it. An error names the advisory and the expression.
func loadAdvisories(files ...[]byte) ([]compiled, error) {
	env, err := advisoryEnv()
	if err != nil {
		return nil, err
	}
	var all []compiled
	for _, data := range files {
		var file struct {
			Advisories []advisory `json:"advisories"`
		}
		if err := yaml.UnmarshalStrict(data, &file); err != nil {
			return nil, fmt.Errorf("advisories: not the expected YAML (a list under advisories:): %w", err)
		}
		for i := range file.Advisories {
			c, err := compile(env, &file.Advisories[i])
			if err != nil {
				return nil, err
			}
			all = replace(all, c)
		}
	}
	if len(all) > maxAdvisories {
		return nil, fmt.Errorf("advisories: %d of them, at most %d are taken", len(all), maxAdvisories)
	}
	return all, nil
}

func replace(all []compiled, c compiled) []compiled {
	for i := range all {
		if all[i].ID == c.ID {
			all[i] = c
			return all
		}
	}
	return append(all, c)
}

func advisoryEnv() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable("settings", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("config", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("signature", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("library", cel.StringType),
	)
}

func compile(env *cel.Env, a *advisory) (compiled, error) {
	c := compiled{advisory: *a}
	if err := a.check(); err != nil {
		return c, err
	}
	for _, text := range a.Affected {
		constraint, err := semver.NewConstraint(text)
		if err != nil {
			return c, fmt.Errorf("advisory %s: affected %q is no range of versions: %w", a.ID, text, err)
		}
		c.ranges = append(c.ranges, constraint)
	}
	var err error
	if c.configuration, err = program(env, a.ID, "configuration", a.Configuration); err != nil {
		return c, err
	}
	c.signature, err = program(env, a.ID, "signature", a.Signature)
	return c, err
}

// check refuses what would not fit the status or never match.
func (a *advisory) check() error {
	switch {
	case a.ID == "" || a.Title == "" || a.Advice == "":
		return fmt.Errorf("advisory %q: id, title and advice must not be empty", a.ID)
	case len(a.Title) > maxTitle || len(a.Advice) > maxAdvice:
		return fmt.Errorf("advisory %s: title has %d and advice %d bytes, at most %d and %d", a.ID, len(a.Title), len(a.Advice), maxTitle, maxAdvice)
	case a.Weight < 1 || a.Weight > 100:
		return fmt.Errorf("advisory %s: weight is %d, must be 1 to 100", a.ID, a.Weight)
	case len(a.Affected) == 0:
		return fmt.Errorf("advisory %s: affected must name at least one range of versions", a.ID)
	}
	return nil
}

// costLimit bounds the evaluation of one expression; the built-in ones cost below 100.
const costLimit = 10000

// program compiles an expression; an empty one always holds and has no program.
func program(env *cel.Env, id, field, expression string) (cel.Program, error) {
	if strings.TrimSpace(expression) == "" {
		return nil, nil
	}
	if len(expression) > maxExpression {
		return nil, fmt.Errorf("advisory %s: %s has %d bytes, at most %d", id, field, len(expression), maxExpression)
	}
	ast, issues := env.Compile(expression)
	if err := issues.Err(); err != nil {
		return nil, fmt.Errorf("advisory %s: %s %q does not compile: %w", id, field, expression, err)
	}
	if t := ast.OutputType(); !t.IsExactType(cel.BoolType) && !t.IsExactType(cel.DynType) {
		return nil, fmt.Errorf("advisory %s: %s %q is of type %s, must be true or false", id, field, expression, t)
	}
	p, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costLimit))
	if err != nil {
		return nil, fmt.Errorf("advisory %s: %s %q: %w", id, field, expression, err)
	}
	return p, nil
}

// matchAdvisories evaluates the advisories of the job's version.
func matchAdvisories(all []compiled, f *features) []match {
	version := flinkVersion(f.s.Job.FlinkVersion)
	if version == nil {
		return nil
	}
	var vars map[string]any
	var matches []match
	for i := range all {
		c := &all[i]
		if !c.affects(version) {
			continue
		}
		if vars == nil {
			vars = advisoryVars(f)
		}
		if holds(c.configuration, vars) && holds(c.signature, vars) {
			matches = append(matches, match{weight: c.Weight, AdvisoryMatch: model.AdvisoryMatch{
				ID: c.ID, Title: c.Title, FixedIn: c.FixedIn, Workaround: c.Workaround, Advice: c.Advice,
			}})
		}
	}
	return matches
}

func (c *compiled) affects(version *semver.Version) bool {
	for _, r := range c.ranges {
		if r.Check(version) {
			return true
		}
	}
	return false
}

// holds evaluates an expression. One that fails, because it needs a value that is not known, does not hold.
func holds(p cel.Program, vars map[string]any) bool {
	if p == nil {
		return true
	}
	out, _, err := p.Eval(vars)
	if err != nil {
		return false
	}
	value, ok := out.Value().(bool)
	return ok && value
}

// flinkVersion reads a version as Flink and its vendors write it: 1.20.5, 2.4-SNAPSHOT, 1.18.0-amzn-1.
func flinkVersion(text string) *semver.Version {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "-")
	v, err := semver.NewVersion(text)
	if err != nil {
		return nil
	}
	return v
}
