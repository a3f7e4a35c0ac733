package incidents

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/cli"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/report"
)

// Result is how a verdict compares with the truth.
type Result string

const (
	// Right means that the first cause is likely or confirmed, and a true or an acceptable one.
	Right Result = "right"
	// Undetermined means that no cause is likely, and the next measurement is named.
	Undetermined Result = "undetermined"
	// Unjudged means that the lines do not tell how the job is, and what is missing is named.
	Unjudged Result = "not judged"
	// Wrong means that a cause is likely or confirmed and is not the one, that a sick job passes for a healthy one, or that nothing is said at all.
	Wrong Result = "wrong"
)

// Row is what was said of one incident.
type Row struct {
	Incident Incident
	Health   api.Health
	// Cause is the first finding as Cause or Cause/SubCause, with its verdict; empty where none was made.
	Cause   string
	Verdict api.Verdict
	Result  Result
	// Next is the measurement that would settle it, or what is missing.
	Next string
	// LongerTimeout tells that a longer timeout was proposed.
	LongerTimeout bool
}

// NeedlessTimeout tells that a longer timeout was proposed although no acknowledgement ever came late.
func (r *Row) NeedlessTimeout() bool { return r.LongerTimeout && !r.Incident.LateAcks }

// Run diagnoses all incidents, each by `diagnose --log … --config …` in this process, and returns a row for each, in the order of their ids. now is
// for incidents whose lines have no times.
func Run(ctx context.Context, now time.Time) ([]Row, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "incidents")
	if err != nil {
		return nil, fmt.Errorf("incidents: %w", err)
	}
	rows := make([]Row, 0, len(all))
	for i := range all {
		row, err := run(ctx, &all[i], dir, now)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("incidents: %s: %w", all[i].ID, err), os.RemoveAll(dir))
		}
		rows = append(rows, row)
	}
	return rows, os.RemoveAll(dir)
}

func run(ctx context.Context, incident *Incident, dir string, now time.Time) (Row, error) {
	args, err := incident.write(dir)
	if err != nil {
		return Row{}, err
	}
	var out, reasons bytes.Buffer
	env := cli.Process("")
	env.Program, env.Out, env.Err, env.Color, env.ErrTerminal = "checkpoint-health", &out, &reasons, false, false
	env.Now = func() time.Time { return now }
	root := cli.New(env, nil)
	root.SetArgs(args)
	status := cli.ExitStatus(root.Name(), root.ExecuteContext(ctx), &reasons)
	row := Row{Incident: *incident, Health: api.HealthUnknown, Next: strings.ReplaceAll(strings.TrimSpace(reasons.String()), dir+string(filepath.Separator), "")}
	if out.Len() > 0 {
		var d report.Document
		if err := json.Unmarshal(out.Bytes(), &d); err != nil {
			return Row{}, fmt.Errorf("status %d: %w in %q", status, err, out.String())
		}
		row.read(&d)
	}
	row.Result = row.compare()
	return row, nil
}

// write puts lines and settings into files and returns the command line over them. Where no line was quoted the log is empty.
func (i *Incident) write(dir string) ([]string, error) {
	log := filepath.Join(dir, i.ID+".log")
	if err := os.WriteFile(log, []byte(lines(i.Log)), 0o600); err != nil {
		return nil, err
	}
	args := []string{"diagnose", "-o", "json", "--log", log}
	if len(i.Configuration) == 0 {
		return args, nil
	}
	var settings []string
	for _, key := range slices.Sorted(maps.Keys(i.Configuration)) {
		settings = append(settings, key+": "+i.Configuration[key])
	}
	config := filepath.Join(dir, i.ID+".yaml")
	return append(args, "--config", config), os.WriteFile(config, []byte(lines(settings)), 0o600)
}

func lines(all []string) string {
	var b strings.Builder
	for _, line := range all {
		_, _ = io.WriteString(&b, line+"\n")
	}
	return b.String()
}

// read takes over what a document says.
func (r *Row) read(d *report.Document) {
	r.Health = d.Health
	if len(d.Diagnoses) > 0 {
		top := &d.Diagnoses[0]
		r.Cause, r.Verdict, r.Next = causeName(top), top.Verdict, top.NextMeasurement
	}
	if d.Recommendation == nil {
		return
	}
	for _, c := range d.Recommendation.Changes {
		r.LongerTimeout = r.LongerTimeout || strings.HasSuffix(c.Field, "execution.checkpointing.timeout") && longer(c.From, c.To)
	}
}

func causeName(d *report.DiagnosisDocument) string {
	if d.SubCause == "" {
		return string(d.Cause)
	}
	return string(d.Cause) + "/" + string(d.SubCause)
}

// longer tells whether a duration grows; one that cannot be read does.
func longer(from, to string) bool {
	before, errBefore := model.ParseDuration(from)
	after, errAfter := model.ParseDuration(to)
	return errBefore != nil || errAfter != nil || after > before
}

// compare holds a row against the truth.
func (r *Row) compare() Result {
	sure := r.Verdict == api.VerdictLikely || r.Verdict == api.VerdictConfirmed
	switch {
	case sure && (slices.Contains(r.Incident.Causes, r.Cause) || slices.Contains(r.Incident.Acceptable, r.Cause)):
		return Right
	case sure || r.Health == api.HealthHealthy || r.Next == "":
		return Wrong
	case r.Health == api.HealthUnknown:
		return Unjudged
	}
	return Undetermined
}
