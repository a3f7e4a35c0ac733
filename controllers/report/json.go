package report

import (
	"bytes"
	"encoding/json"
	"fmt"

	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Document is what `diagnose -o json` prints: stable and documented. Lists are empty rather than null; recommendation is null where there
// is none.
type Document struct {
	Job            JobDocument             `json:"job"`
	Health         api.Health              `json:"health"`
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
		Diagnoses: []DiagnosisDocument{},
	}
	if d.Health == "" {
		d.Health = api.HealthUnknown
	}
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

// StatusDocument is the document of what the manager wrote into an object's status.
func StatusDocument(s *api.CheckpointHealthStatus) Document {
	d := Document{Health: s.Health, Diagnoses: []DiagnosisDocument{}}
	if d.Health == "" {
		d.Health = api.HealthUnknown
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
