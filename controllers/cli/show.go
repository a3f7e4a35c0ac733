package cli

import (
	"errors"
	"fmt"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/report"
)

// The formats of -o.
const (
	formatText = "text"
	formatJSON = "json"
	formatYAML = "yaml"
)

func checkFormat(format string, allowed ...string) error {
	for _, a := range allowed {
		if a == format {
			return nil
		}
	}
	return fmt.Errorf("-o %q is not known, expected %s", format, strings.Join(allowed, ", "))
}

// showPass prints a pass and returns its exit status. seen says when the job was looked at; empty for now.
func showPass(env *Environment, pass *model.Pass, format, seen string) error {
	if format == formatText {
		say(env.Out, "%s", report.Text(pass, report.TextOptions{Color: env.Color, Seen: seen}))
	} else if err := showDocument(env, report.NewDocument(pass), format); err != nil {
		return err
	}
	reason := pass.Snapshot.Availability.Message
	return env.once(verdict(pass.Diagnosis.Health, orElse(reason, pass.Diagnosis.Message)), format)
}

// once leaves out the reason of a verdict where the same person has just read it on the screen.
func (e *Environment) once(err error, format string) error {
	if found := (*exit)(nil); format == formatText && e.OutTerminal && e.ErrTerminal && errors.As(err, &found) {
		return &exit{status: found.status}
	}
	return err
}

func showDocument(env *Environment, d report.Document, format string) error {
	encode := d.JSON
	if format == formatYAML {
		encode = d.YAML
	}
	out, err := encode()
	if err != nil {
		return err
	}
	say(env.Out, "%s", out)
	return nil
}

// showObject prints what the manager wrote into an object, and returns its exit status.
func showObject(env *Environment, object *api.CheckpointHealth, format string) error {
	s := &object.Status
	if len(s.Assessment) == 0 {
		return cannotTell("the manager has not looked at CheckpointHealth %s/%s yet: is it running, and does it watch this namespace?", object.Namespace, object.Name)
	}
	if format != formatText {
		if err := showDocument(env, report.StatusDocument(s), format); err != nil {
			return err
		}
		return verdict(s.Health, firstSentence(s.Assessment))
	}
	say(env.Out, "%s/%s (%s)\n\n%s\n", object.Namespace, object.Name, s.Target, strings.Join(s.Assessment, "\n"))
	if patch := s.Recommendation.Patch; patch != "" {
		say(env.Out, "\n%s", patch)
	}
	return env.once(verdict(s.Health, firstSentence(s.Assessment)), format)
}

// firstSentence is the first paragraph of an assessment in one line: the lines that go on with it are indented.
func firstSentence(lines []string) string {
	lines = report.OfTheJob(lines)
	if len(lines) == 0 {
		return ""
	}
	sentence := lines[0]
	for _, line := range lines[1:] {
		more, goesOn := strings.CutPrefix(line, "  ")
		if !goesOn {
			break
		}
		sentence += " " + strings.TrimSpace(more)
	}
	return sentence
}
