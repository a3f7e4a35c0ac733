package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Document is what `diagnose -o json` prints: stable and documented. Lists are empty rather than null; recommendation is null where there
// is none.
type Document struct {
	Job    JobDocument `json:"job"`
	Health api.Health  `json:"health"`
	// Since is when the present spell of illness began, as RFC 3339 in UTC, or without a zone where it is of logs that do not tell theirs; empty
	// where the job is not unhealthy or it is not known.
	Since string `json:"since"`
	// Reason is that of the condition CheckpointsHealthy, and Message its sentence: for Unknown, why it could not be told.
	Reason  string `json:"reason"`
	Message string `json:"message"`
	// Missing are the signals that were not there, and Clocks those that disagree, each with why.
	Missing        []string                `json:"missing"`
	Clocks         []string                `json:"clocks"`
	Diagnoses      []DiagnosisDocument     `json:"diagnoses"`
	Recommendation *RecommendationDocument `json:"recommendation"`
}

// JobDocument is the job that was looked at.
type JobDocument struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	State        string `json:"state"`
	FlinkVersion string `json:"flinkVersion"`
}

// DiagnosisDocument is one cause; subCause is empty where the cause has none.
type DiagnosisDocument struct {
	Cause           api.Cause          `json:"cause"`
	SubCause        api.SubCause       `json:"subCause"`
	Verdict         api.Verdict        `json:"verdict"`
	Score           int                `json:"score"`
	Summary         string             `json:"summary"`
	Evidence        []EvidenceDocument `json:"evidence"`
	Missing         []string           `json:"missing"`
	NextMeasurement string             `json:"nextMeasurement"`
}

// EvidenceDocument is one thing that was seen; weight is above 0 for the cause and below 0 against it.
type EvidenceDocument struct {
	Signal   string `json:"signal"`
	Observed string `json:"observed"`
	Expected string `json:"expected"`
	Weight   int    `json:"weight"`
}

// RecommendationDocument is what would be done.
type RecommendationDocument struct {
	Changes []ChangeDocument `json:"changes"`
	Cost    api.Cost         `json:"cost"`
	Patch   string           `json:"patch"`
}

// ChangeDocument is one field; uncapped is empty where the policy's bound did not cut the value.
type ChangeDocument struct {
	Field    string `json:"field"`
	From     string `json:"from"`
	To       string `json:"to"`
	Uncapped string `json:"uncapped"`
}

// NewDocument makes the document of a pass.
func NewDocument(pass *model.Pass) Document {
	job := model.Job{}
	if pass.Snapshot != nil {
		job = pass.Snapshot.Job
	}
	d := Document{
		Job:       JobDocument{ID: clean(job.ID, 64), Name: clean(job.Name, 512), State: clean(job.State, 64), FlinkVersion: clean(job.FlinkVersion, 64)},
		Health:    pass.Diagnosis.Health,
		Since:     sinceOf(pass),
		Diagnoses: []DiagnosisDocument{},
	}
	if d.Health == "" {
		d.Health = api.HealthUnknown
	}
	d.explain(pass)
	if sickHealth(d.Health) {
		for i := range pass.Diagnosis.Findings {
			d.Diagnoses = append(d.Diagnoses, diagnosisDocument(&pass.Diagnosis.Findings[i]))
		}
	}
	if r := pass.Decision.Remedy; r != nil {
		d.Recommendation = &RecommendationDocument{Changes: []ChangeDocument{}, Cost: r.Cost, Patch: cleanLines(pass.Patch, 4096)}
		for _, c := range r.Changes {
			d.Recommendation.Changes = append(d.Recommendation.Changes, ChangeDocument{clean(c.Field, 253), clean(c.From, 256), clean(c.To, 256), clean(c.Uncapped, 256)})
		}
	}
	return d
}

// explain says why the health is what it is, and what was not there to see.
func (d *Document) explain(pass *model.Pass) {
	d.Missing, d.Clocks = []string{}, []string{}
	d.Reason, d.Message = pass.Diagnosis.Reason, clean(pass.Diagnosis.Message, 1024)
	if pass.Snapshot == nil {
		return
	}
	if available := pass.Snapshot.Availability; !available.Judgeable() {
		d.Reason, d.Message = available.Reason, clean(pass.Snapshot.WhyAway(), 1024)
	}
	for _, gap := range pass.Snapshot.Gaps {
		text := clean(gap.Signal, 256) + " (" + clean(gap.Why, 256) + ")"
		if gap.Kind == model.GapClocks {
			d.Clocks = append(d.Clocks, text)
		} else {
			d.Missing = append(d.Missing, text)
		}
	}
}

// sinceOf is when the present spell began.
func sinceOf(pass *model.Pass) string {
	text := stamp(spell(pass))
	if pass.Snapshot != nil && pass.Snapshot.ZoneUnknown {
		return strings.TrimSuffix(text, "Z")
	}
	return text
}

// stamp is a time as RFC 3339 in UTC; empty where there is none.
func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// StatusDocument is the document of what the manager wrote into an object's status.
func StatusDocument(s *api.CheckpointHealthStatus) Document {
	d := Document{Health: s.Health, Missing: []string{}, Clocks: []string{}, Diagnoses: []DiagnosisDocument{}}
	if d.Health == "" {
		d.Health = api.HealthUnknown
	}
	if s.UnhealthySince != nil {
		d.Since = stamp(s.UnhealthySince.Time)
	}
	if c := meta.FindStatusCondition(s.Conditions, api.ConditionCheckpointsHealthy); c != nil {
		d.Reason, d.Message = c.Reason, c.Message
	}
	for _, line := range gapLines(s.Assessment) {
		if text, ok := strings.CutPrefix(line, prefixClocks); ok {
			d.Clocks = append(d.Clocks, strings.TrimSuffix(text, "."))
			continue
		}
		_, text, _ := strings.Cut(line, ": ")
		d.Missing = append(d.Missing, strings.TrimSuffix(text, "."))
	}
	d.Job = JobDocument{ID: s.Job.ID, Name: s.Job.Name, State: s.Job.State, FlinkVersion: s.Job.FlinkVersion}
	for i := range s.Diagnoses {
		f := &s.Diagnoses[i]
		one := DiagnosisDocument{
			Cause: f.Cause, SubCause: f.SubCause, Verdict: f.Verdict, Score: int(value(f.Score)), Summary: f.Summary,
			Evidence: []EvidenceDocument{}, Missing: append([]string{}, f.Missing...), NextMeasurement: f.NextMeasurement,
		}
		for _, e := range f.Evidence {
			one.Evidence = append(one.Evidence, EvidenceDocument{e.Signal, e.Observed, e.Expected, int(value(e.Weight))})
		}
		d.Diagnoses = append(d.Diagnoses, one)
	}
	if r := &s.Recommendation; len(r.Changes) > 0 {
		d.Recommendation = &RecommendationDocument{Changes: []ChangeDocument{}, Cost: r.Cost, Patch: r.Patch}
		for _, c := range r.Changes {
			d.Recommendation.Changes = append(d.Recommendation.Changes, ChangeDocument{c.Field, c.From, c.To, c.Uncapped})
		}
	}
	return d
}

func value(n *int32) int32 {
	if n == nil {
		return 0
	}
	return *n
}

func diagnosisDocument(f *model.Finding) DiagnosisDocument {
	out := DiagnosisDocument{
		Cause: f.Cause, SubCause: f.SubCause, Verdict: f.Verdict, Score: min(max(f.Score, 0), 100), Summary: clean(f.Summary, 512),
		Evidence: []EvidenceDocument{}, Missing: []string{}, NextMeasurement: clean(f.NextMeasurement, 512),
	}
	for _, e := range f.Evidence {
		out.Evidence = append(out.Evidence, EvidenceDocument{clean(e.Signal, 128), clean(e.Observed, 256), clean(e.Expected, 256), e.Weight})
	}
	for _, m := range f.Missing {
		out.Missing = append(out.Missing, clean(m, 256))
	}
	return out
}

// JSON prints the document, indented, with a line break at its end.
func (d Document) JSON() ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("writing the diagnosis as JSON: %w", err)
	}
	return out.Bytes(), nil
}

// YAML prints the same document as YAML.
func (d Document) YAML() ([]byte, error) {
	out, err := yaml.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("writing the diagnosis as YAML: %w", err)
	}
	return out, nil
}
