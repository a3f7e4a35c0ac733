package diagnose

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/google/cel-go/cel"
	"sigs.k8s.io/yaml"
)

// Bounds of what advisories may say, so that those from a ConfigMap cannot burst status, log or time.
const (
	maxAdvisories    = 500
	maxAdvisoryBytes = 1 << 20 // a ConfigMap holds no more
	maxID            = 100
	maxTitle         = 200
	maxAdvice        = 300
	maxExpression    = 2000
	maxWorkaround    = 8
	maxListedParts   = 20
	// maxNotes and maxNote bound what is said of bad ones, in number and bytes.
	maxNotes, maxNote = 50, 500
)

// advisoryEntries takes a file apart without looking into its entries, so that a bad one spoils no other.
func advisoryEntries(data []byte) ([]json.RawMessage, error) {
	if len(data) > maxAdvisoryBytes {
		return nil, fmt.Errorf("has %d bytes, at most %d are read", len(data), maxAdvisoryBytes)
	}
	text, err := yaml.YAMLToJSONStrict(data)
	if err != nil {
		return nil, fmt.Errorf("is not the expected YAML (a list under advisories:): %w", err)
	}
	var file struct {
		Advisories []json.RawMessage `json:"advisories"`
	}
	if err := strictly(text, &file); err != nil {
		return nil, fmt.Errorf("is not the expected YAML (a list under advisories:): %w", err)
	}
	return file.Advisories, nil
}

// parseAdvisory reads one entry. The id is there even where the rest is wrong, if there is one at all.
func parseAdvisory(entry json.RawMessage) (advisory, error) {
	var a advisory
	if err := strictly(entry, &a); err != nil {
		var only struct {
			ID any `json:"id"`
		}
		a = advisory{}
		if json.Unmarshal(entry, &only) == nil && only.ID != nil {
			a.ID = fmt.Sprint(only.ID)
		}
		return a, readable(err)
	}
	if a.Component == "" {
		a.Component = flinkComponent
	}
	err := a.check()
	return a, err
}

func strictly(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// readable says what the decoder means in terms of the file.
func readable(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		field := wrong.Field
		if field == "" {
			return fmt.Errorf("is a %s, must be a map with id, title, affected and the other fields", wrong.Value)
		}
		return fmt.Errorf("%s is a %s, must be a %s", field, wrong.Value, typeName(wrong.Type.String()))
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return fmt.Errorf("has no field %s; the fields are id, title, component, jars, affected, fixedIn, configuration, signature, weight, workaround, advice and source", name)
	}
	return err
}

func typeName(t string) string {
	switch t {
	case "string":
		return "string (in quotes)"
	case "int":
		return "whole number"
	case "[]string":
		return "list of strings"
	case "map[string]string":
		return "map of strings (values in quotes)"
	}
	return t
}

// check refuses what would not fit the status.
func (a *advisory) check() error {
	for _, field := range []struct {
		name, value string
		most        int
		needed      bool
	}{
		{"id", a.ID, maxID, true}, {"title", a.Title, maxTitle, true}, {"advice", a.Advice, maxAdvice, true}, {"component", a.Component, maxID, true},
		{"source", a.Source, maxTitle, false}, {"configuration", a.Configuration, maxExpression, false}, {"signature", a.Signature, maxExpression, false},
	} {
		if field.needed && strings.TrimSpace(field.value) == "" {
			return fmt.Errorf("%s is empty, must be a text", field.name)
		}
		if len(field.value) > field.most {
			return fmt.Errorf("%s has %d bytes, at most %d", field.name, len(field.value), field.most)
		}
	}
	if err := a.checkReach(); err != nil {
		return err
	}
	return a.checkWorkaround()
}

// checkReach refuses what would match always or never.
func (a *advisory) checkReach() error {
	switch {
	case a.Weight < 1 || a.Weight > 100:
		return fmt.Errorf("weight is %d, must be 1 to 100", a.Weight)
	case len(a.Affected) == 0:
		return errors.New("affected is empty, must name at least one range of versions such as \">=1.18.0, <1.18.2\"")
	case len(a.Affected) > maxListedParts || len(a.FixedIn) > maxListedParts || len(a.Jars) > maxListedParts:
		return fmt.Errorf("affected, fixedIn or jars has more than %d parts", maxListedParts)
	case !a.ofFlink() && !a.namesLibrary() && len(a.Jars) == 0:
		return fmt.Errorf("component is %q, and neither jars nor an expression over library, signature.stack or signature.errors tells that it is used", a.Component)
	}
	return nil
}

// checkWorkaround refuses keys that no known issue may set. Timeout and interval have remedies of their own, with bounds.
func (a *advisory) checkWorkaround() error {
	if len(a.Workaround) > maxWorkaround {
		return fmt.Errorf("workaround has %d settings, at most %d", len(a.Workaround), maxWorkaround)
	}
	for key, value := range a.Workaround {
		switch {
		case !allowedWorkaround(key):
			return fmt.Errorf("workaround sets %q, which no workaround may; the keys are those that begin with one of %s", key, strings.Join(workaroundPrefixes, ", "))
		case strings.TrimSpace(value) == "" || len(value) > maxTitle:
			return fmt.Errorf("workaround sets %s to %q, must be a value of 1 to %d bytes", key, bounded(value, 60), maxTitle)
		}
	}
	return nil
}

// namesLibrary tells whether its expressions look at what names a library: a stack or an error. Others hold for any library.
func (a *advisory) namesLibrary() bool {
	return namingField.MatchString(quoted.ReplaceAllString(a.Signature+" && "+a.Configuration, `""`))
}

var namingField = regexp.MustCompile(`\blibrary\b|\bsignature\s*\.\s*(stack|errors)\b`)

// workaroundPrefixes are the settings that a workaround may write: how checkpoints are taken and kept, RPC, heartbeats and the JobManager's io
// pool. All of them may be shown; none names a place, a credential or a class, or changes what a job computes or how its state is laid out.
var workaroundPrefixes = []string{
	"execution.checkpointing.", "state.backend.rocksdb.checkpoint.", "state.backend.rocksdb.manual-compaction.", "state.checkpoint.cleaner.parallel-mode",
	"state.checkpoints.num-retained", "pekko.ask.timeout", "pekko.framesize", "akka.ask.timeout", "akka.framesize", "heartbeat.",
	"jobmanager.io-pool.size", "metrics.fetcher.update-interval",
}

// notWorkaround are keys of these families that are left to people or to remedies with bounds of their own.
var notWorkaround = map[string]bool{
	"execution.checkpointing.timeout": true, "execution.checkpointing.interval": true, "execution.checkpointing.dir": true,
	"execution.checkpointing.savepoint-dir": true, "execution.checkpointing.storage": true, "execution.checkpointing.mode": true,
	"execution.checkpointing.unaligned.forced": true, "execution.checkpointing.externalized-checkpoint-retention": true,
}

func allowedWorkaround(key string) bool {
	if notWorkaround[key] {
		return false
	}
	for _, prefix := range workaroundPrefixes {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
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
	for _, text := range a.Affected {
		constraint, err := semver.NewConstraint(text)
		if err != nil {
			return c, fmt.Errorf("affected is %q, must be a range of versions such as \">=1.18.0, <1.18.2\": %w", text, err)
		}
		c.ranges = append(c.ranges, constraint)
	}
	var err error
	if c.configuration, err = program(env, "configuration", a.Configuration); err != nil {
		return c, err
	}
	c.signature, err = program(env, "signature", a.Signature)
	return c, err
}

// costLimit bounds the evaluation of one expression. A search in 4 KiB of stack costs 400 to 4000, anything else below 100.
const costLimit = 20000

// program compiles an expression; an empty one always holds and has no program.
func program(env *cel.Env, field, expression string) (cel.Program, error) {
	if strings.TrimSpace(expression) == "" {
		return nil, nil
	}
	ast, issues := env.Compile(expression)
	if err := issues.Err(); err != nil {
		return nil, fmt.Errorf("%s is %q, must be a CEL expression over settings, config, signature and library: %w", field, bounded(expression, 120), err)
	}
	if t := ast.OutputType(); !t.IsExactType(cel.BoolType) && !t.IsExactType(cel.DynType) {
		return nil, fmt.Errorf("%s is %q of type %s, must be true or false", field, bounded(expression, 120), t)
	}
	if unknown := unknownNames(expression); unknown != "" {
		return nil, fmt.Errorf("%s is %q; there is no %s", field, bounded(expression, 120), unknown)
	}
	p, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costLimit))
	if err != nil {
		return nil, fmt.Errorf("%s is %q: %w", field, bounded(expression, 120), err)
	}
	return p, nil
}
