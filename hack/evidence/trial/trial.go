// Package trial is what one trial on real Flink left behind beside its recording: what was true, what was seen, and what became of the
// remedy. A trial is a YAML file, read strictly: whatever is not understood is refused.
//
//	trial.go   the type
//	set.go     the sets of the held-out half
//	check.go   what a trial must be
//	file.go    reading and writing one
//	pack.go    a recording made smaller, and how large all may be
//	find.go    all trials below a directory, each with its recording
package trial

import (
	"slices"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Split is the half of the cases that a trial belongs to.
type Split string

const (
	// Tuning are the cases that rules are made and thresholds set with.
	Tuning Split = "tuning"
	// HeldOut are the cases that nobody who makes rules has seen.
	HeldOut Split = "heldout"
)

// Splits are both halves, tuning first.
func Splits() []Split { return []Split{Tuning, HeldOut} }

// Trial is one case on one version of Flink. Times are of the machine it ran on, which is the JobManager's clock as well.
type Trial struct {
	// Case is the name of the case, which no case of the other half has.
	Case  string `json:"case"`
	Split Split  `json:"split"`
	// Set is FirstSet, or of the held-out half a later one.
	Set Set `json:"set,omitempty"`
	// FlinkVersion has three numbers, such as 1.20.5.
	FlinkVersion string `json:"flinkVersion"`
	// Causes are the true ones as Cause or Cause/SubCause, the most important first. None means healthy; two, that both are at work.
	Causes []string `json:"causes"`
	// Odd is what looks odd about a healthy job.
	Odd string `json:"odd,omitempty"`
	// Relabelled tells that the label is another than the one that the verdict was first held against; nil where it is the first.
	Relabelled *Relabelled `json:"relabelled,omitempty"`
	// SlowOnset tells that the fault grows.
	SlowOnset bool `json:"slowOnset,omitempty"`
	// Incurable tells that the fault outgrows every remedy.
	Incurable bool `json:"incurable,omitempty"`
	// Job is what ran.
	Job Job `json:"job"`
	// FaultAt is when the fault began, where it was not there from the start.
	FaultAt time.Time `json:"faultAt,omitzero"`
	// SickUntil is when the sick phase ended: the remedy was applied or the fault was lifted. Zero where the whole recording is sick.
	SickUntil time.Time `json:"sickUntil,omitzero"`
	// FirstExpiry is when the first checkpoint expired; zero where none did.
	FirstExpiry time.Time `json:"firstExpiry,omitzero"`
	// Expired is how many checkpoints expired in the whole trial.
	Expired int `json:"expired"`
	// Remedy is what was applied; nil where nothing was recommended or applied.
	Remedy *Remedy `json:"remedy,omitempty"`
	// Then are further remedies, in order: each was tried after the one before it was taken back.
	Then []Remedy `json:"then,omitempty"`
}

// Relabelled is the label that a trial had until it was changed with its verdict known, and what decided.
type Relabelled struct {
	// Causes and Odd are the trial's as they were first.
	Causes []string `json:"causes"`
	Odd    string   `json:"odd,omitempty"`
	// Why is who decided by what.
	Why string `json:"why"`
}

// First is the trial with its first label.
func (t *Trial) First() Trial {
	first := *t
	if t.Relabelled != nil {
		first.Causes, first.Odd, first.Relabelled = t.Relabelled.Causes, t.Relabelled.Odd, nil
	}
	return first
}

// Job is the job of a trial.
type Job struct {
	Name string `json:"name"`
	// Parallelism is the widest operator's.
	Parallelism int `json:"parallelism"`
	// Operators is how many vertices the job has.
	Operators int `json:"operators"`
}

// Remedies are all that were applied, in order.
func (t *Trial) Remedies() []*Remedy {
	if t.Remedy == nil {
		return nil
	}
	all := []*Remedy{t.Remedy}
	for i := range t.Then {
		all = append(all, &t.Then[i])
	}
	return all
}

// Remedy is a change that Flink was restarted with, and what became of it.
type Remedy struct {
	// Lever is the main lever, in the words of spec.remedies, such as checkpointTimeout.
	Lever api.Lever `json:"lever"`
	// Settings are the configuration keys that were changed, with their new values.
	Settings map[string]string `json:"settings"`
	// Before and After count the checkpoints that ended without and with the remedy.
	Before Tally `json:"before"`
	After  Tally `json:"after"`
	// Judged is Effective, Ineffective, Harmful or Inconclusive.
	Judged api.Outcome `json:"judged"`
	// Undone tells that a remedy which did not help was taken back.
	Undone bool `json:"undone"`
}

// Cured tells that the job was well with it.
func (r *Remedy) Cured() bool { return r.Judged == api.OutcomeEffective }

// Owned tells that it did not cure, was reported so and taken back.
func (r *Remedy) Owned() bool {
	return (r.Judged == api.OutcomeIneffective || r.Judged == api.OutcomeHarmful) && r.Undone
}

// Tally counts checkpoints that ended.
type Tally struct {
	Ended   int `json:"ended"`
	Expired int `json:"expired"`
	// MedianMs is the median duration of the completed ones in milliseconds; 0 where none completed.
	MedianMs int64 `json:"medianMs,omitempty"`
}

// Name is the trial's name over all versions, such as 1.20.5/slow-storage.
func (t *Trial) Name() string { return t.FlinkVersion + "/" + t.Case }

// Healthy tells that nothing was wrong.
func (t *Trial) Healthy() bool { return len(t.Causes) == 0 }

// IsCause tells whether a name is a true cause's: a trial's cause without a sub-cause takes any.
func (t *Trial) IsCause(name string) bool {
	return slices.ContainsFunc(t.Causes, func(want string) bool { return Matches(name, want) })
}

// Matches tells whether the name of a cause is the wanted one: a wanted cause without a sub-cause takes any.
func Matches(name, want string) bool {
	cause, _, _ := strings.Cut(name, "/")
	return name == want || cause == want
}
