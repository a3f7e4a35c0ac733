package main

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/evidence/timeline"
)

// view is one look at a story's objects. Target is nil where it is gone.
type view struct {
	at     time.Time
	health *api.CheckpointHealth
	target *unstructured.Unstructured
}

// runsSince tells whether all tasks of a job run that started after a time. The status of the CheckpointHealth says it; the Flink operator looks once
// a minute only.
func (v *view) runsSince(t time.Time) bool {
	job := &v.health.Status.Job
	return job.State == "RUNNING" && job.StartTime != nil && job.StartTime.After(t)
}

// remedy is the newest remediation of the status; nil where there is none.
func (v *view) remedy() *api.Remediation {
	if len(v.health.Status.Remediations) == 0 {
		return nil
	}
	return &v.health.Status.Remediations[0]
}

// refused is why the Flink operator does not roll the target's spec out; "" where it does.
func (v *view) refused() string {
	why, _, _ := unstructured.NestedString(v.target.Object, "status", "error")
	return why
}

// lifecycle is the state that the Flink operator gives the target, such as STABLE; "" before the first.
func (v *view) lifecycle() string {
	state, _, _ := unstructured.NestedString(v.target.Object, "status", "lifecycleState")
	return state
}

// reason is that of a condition of the CheckpointHealth; "" where it has none.
func (v *view) reason(condition string) string {
	if c := meta.FindStatusCondition(v.health.Status.Conditions, condition); c != nil {
		return c.Reason
	}
	return ""
}

// history keeps when a story first came how far. Times before the fault do not count.
type history struct {
	fault time.Time
	cause api.Cause
	story timeline.Story
	// lastCompleted is the end of the last checkpoint that completed, as the status tells.
	lastCompleted time.Time
	patched       time.Time
}

// note adds what a view shows for the first time.
func (h *history) note(v *view) {
	if h.fault.IsZero() {
		return
	}
	status, steps := &v.health.Status, &h.story.Steps
	sick := status.Health == api.HealthAtRisk || status.Health == api.HealthUnhealthy
	h.first(&steps.Detected, v.at, sick)
	h.first(&steps.Diagnosed, v.at, sick && status.Cause == h.cause)
	if t := status.Checkpoints.LastCompletedTime; t != nil && h.patched.IsZero() {
		h.lastCompleted = t.Time
	}
	if r := v.remedy(); r != nil && r.AppliedTime != nil && !r.AppliedTime.Time.Before(h.fault.Add(-time.Second)) {
		h.noteRemedy(v, r)
	}
}

// noteRemedy adds what came of a remedy that was written since the fault.
func (h *history) noteRemedy(v *view, r *api.Remediation) {
	status, steps := &v.health.Status, &h.story.Steps
	if h.patched.IsZero() {
		h.patched = r.AppliedTime.Time
		if !h.lastCompleted.IsZero() {
			replay := max(0, h.patched.Sub(h.lastCompleted).Seconds())
			h.story.ReplaySeconds = &replay
		}
	}
	h.first(&steps.Patched, v.at, true)
	// Where the remedy is judged before the job is back, what brings it back is the undo: it ends the downtime and is no redeployment of the remedy.
	if h.story.DowntimeSeconds == nil && v.runsSince(h.patched) {
		h.first(&steps.Redeployed, v.at, steps.Verified == nil)
		down := v.at.Sub(h.patched).Seconds()
		h.story.DowntimeSeconds = &down
	}
	h.first(&steps.Verified, v.at, r.Outcome != "" && r.Outcome != api.OutcomePending)
	h.first(&steps.Healthy, v.at, h.story.DowntimeSeconds != nil && status.Health == api.HealthHealthy)
}

// first sets a step to the seconds since the fault, once. Whole seconds: the looks are a second apart.
func (h *history) first(step **float64, at time.Time, reached bool) {
	if !reached || *step != nil {
		return
	}
	seconds := max(0, at.Sub(h.fault).Round(time.Second).Seconds())
	*step = &seconds
}
