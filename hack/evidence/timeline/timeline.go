// Package timeline is what the stories on real clusters left behind: when each came how far. The stories write the file, docs/evidence.md
// is made of it.
package timeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"
)

// File is where the stories leave their timelines, below the root of the repository.
const File = "hack/lab/timelines.yaml"

// Record is all there is in the file.
type Record struct {
	// Runs are one for each combination of versions, in the order in which they were first told.
	Runs []Run `json:"runs"`
}

// Run is what was told on a cluster of some versions.
type Run struct {
	// Date is the day on which a story was told last, such as 2026-11-26.
	Date string `json:"date"`
	// Kubernetes, FlinkOperator and Flink are the versions that ran.
	Kubernetes    string `json:"kubernetes"`
	FlinkOperator string `json:"flinkOperator"`
	Flink         string `json:"flink"`
	// Stories are the timelines in the order in which they were told.
	Stories []Story `json:"stories"`
}

// Story is one user's story.
type Story struct {
	// Story says in a few words what happened to the job, such as "slow storage -> timeout".
	Story  string `json:"story"`
	Passed bool   `json:"passed"`
	// Commit is that of this repository whose operator ran, as `git describe --tags --always --dirty` has it; empty where nobody said.
	Commit string `json:"commit,omitempty"`
	Steps  Steps  `json:"steps"`
	// ReplaySeconds is how much the remedy made the job process again, and DowntimeSeconds how long it was down for it; absent where nothing
	// was restarted or it was not measured.
	ReplaySeconds   *float64 `json:"replaySeconds,omitempty"`
	DowntimeSeconds *float64 `json:"downtimeSeconds,omitempty"`
	// Note is what else there is to say in a sentence, such as what failed.
	Note string `json:"note,omitempty"`
}

// Steps are seconds since the fault; absent where a story has no such step or did not reach it.
type Steps struct {
	// Detected is when the status first said AtRisk or Unhealthy.
	Detected *float64 `json:"detected,omitempty"`
	// Diagnosed is when the status first named the cause.
	Diagnosed *float64 `json:"diagnosed,omitempty"`
	// Patched is when the remedy was written.
	Patched *float64 `json:"patched,omitempty"`
	// Redeployed is when the job's tasks ran again.
	Redeployed *float64 `json:"redeployed,omitempty"`
	// Verified is when the remedy was judged.
	Verified *float64 `json:"verified,omitempty"`
	// Healthy is when the status said Healthy again.
	Healthy *float64 `json:"healthy,omitempty"`
}

// named are the steps in order, each with its field's name.
func (s *Steps) named() []step {
	return []step{
		{"detected", s.Detected}, {"diagnosed", s.Diagnosed}, {"patched", s.Patched}, {"redeployed", s.Redeployed}, {"verified", s.Verified}, {"healthy", s.Healthy},
	}
}

type step struct {
	name  string
	value *float64
}

// Read reads the file; nil where there is none. Errors name the file, the field, its value and what would be right.
func Read(path string) (*Record, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var record Record
	if err := yaml.UnmarshalStrict(raw, &record); err != nil {
		return nil, fmt.Errorf("%s: %w; expected runs, each with the fields date, kubernetes, flinkOperator, flink and stories", path, err)
	}
	if err := record.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &record, nil
}

// Write writes the file, and the directories above it. What could not be read again is refused.
func Write(path string, record *Record) error {
	if err := record.Check(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	raw, err := yaml.Marshal(record)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o644)
}

// Check says what is wrong with what is there.
func (r *Record) Check() error {
	if len(r.Runs) == 0 {
		return errors.New("runs is empty, expected at least one")
	}
	for i := range r.Runs {
		if err := r.Runs[i].check(); err != nil {
			return fmt.Errorf("runs[%d].%w", i, err)
		}
		for k := range i {
			if r.Runs[i].OnTheSame(&r.Runs[k]) {
				return fmt.Errorf("runs[%d] is on the versions of runs[%d], expected one run for each combination", i, k)
			}
		}
	}
	return nil
}

// OnTheSame tells whether two runs were on the same versions.
func (r *Run) OnTheSame(other *Run) bool {
	return r.Kubernetes == other.Kubernetes && r.FlinkOperator == other.FlinkOperator && r.Flink == other.Flink
}

func (r *Run) check() error {
	for _, f := range []struct{ field, value string }{{"date", r.Date}, {"kubernetes", r.Kubernetes}, {"flinkOperator", r.FlinkOperator}, {"flink", r.Flink}} {
		if f.value == "" {
			return fmt.Errorf("%s is empty, expected a day such as 2026-11-26, or a version", f.field)
		}
	}
	for i := range r.Stories {
		if err := r.Stories[i].check(); err != nil {
			return fmt.Errorf("stories[%d].%w", i, err)
		}
	}
	return nil
}

func (s *Story) check() error {
	if s.Story == "" {
		return errors.New("story is empty, expected a few words such as slow storage -> timeout")
	}
	last := step{}
	for _, at := range s.Steps.named() {
		switch {
		case at.value == nil:
			continue
		case *at.value < 0:
			return fmt.Errorf("steps.%s is %g in %q, expected seconds since the fault, 0 or more", at.name, *at.value, s.Story)
		case at.name == "healthy": // may come before the remedy is judged
		case last.value != nil && *at.value < *last.value:
			return fmt.Errorf("steps.%s is %g in %q, before %s at %g, expected a later time", at.name, *at.value, s.Story, last.name, *last.value)
		}
		last = at
	}
	for _, span := range []step{{"replaySeconds", s.ReplaySeconds}, {"downtimeSeconds", s.DowntimeSeconds}} {
		if span.value != nil && *span.value < 0 {
			return fmt.Errorf("%s is %g in %q, expected 0 or more", span.name, *span.value, s.Story)
		}
	}
	return nil
}
