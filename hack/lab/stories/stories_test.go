package main

import (
	"regexp"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

func TestStoriesCanBeTold(t *testing.T) {
	names, titles := map[string]bool{}, map[string]bool{}
	form := regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)
	for _, s := range stories() {
		if !form.MatchString(s.name) || names[s.name] || titles[s.title] || s.title == "" || s.act == nil || s.cause == "" {
			t.Errorf("%q (%q): want a name of its own fit for objects, a title of its own, a cause and an act", s.name, s.title)
		}
		names[s.name], titles[s.title] = true, true
		o := &options{namespace: "jobs", image: "flink:1", flinkVersion: "v1_18", data: "/data", run: "-1"}
		u := s.job.manifest(o, s.name)
		for _, key := range []string{keyTimeout, keyInterval, "state.checkpoints.dir"} {
			if value, _, _ := unstructured.NestedString(u.Object, "spec", "flinkConfiguration", key); value == "" {
				t.Errorf("%s: no %s", s.name, key)
			}
		}
		path, _, _ := unstructured.NestedSlice(u.Object, "spec", "podTemplate", "spec", "volumes")
		if volume, ok := path[0].(map[string]any); !ok || volume["hostPath"].(map[string]any)["path"] != "/data/"+s.name+"-1" {
			t.Errorf("%s: volumes %v, want the job's own directory", s.name, path)
		}
	}
}

// looks are a story told look by look: seconds since the fault, what the status says then.
func looks(fault time.Time) []*view {
	at := func(s float64) time.Time { return fault.Add(time.Duration(s * float64(time.Second))) }
	show := func(s float64, health api.Health, cause api.Cause, remedies []api.Remediation, state string, started time.Time) *view {
		h := &api.CheckpointHealth{}
		h.Status.Health, h.Status.Cause, h.Status.Remediations = health, cause, remedies
		completed := metav1.NewTime(at(-4))
		h.Status.Checkpoints.LastCompletedTime = &completed
		start := metav1.NewTime(started)
		h.Status.Job = api.JobStatus{State: state, StartTime: &start}
		return &view{at: at(s), health: h}
	}
	applied := metav1.NewTime(at(40))
	pending := []api.Remediation{{ID: "a", AppliedTime: &applied, Outcome: api.OutcomePending}}
	effective := []api.Remediation{{ID: "a", AppliedTime: &applied, Outcome: api.OutcomeEffective}}
	old, anew := at(-300), at(70)
	return []*view{
		show(5, api.HealthHealthy, "", nil, "RUNNING", old),
		show(20, api.HealthAtRisk, "", nil, "RUNNING", old),
		show(35, api.HealthUnhealthy, api.CauseSlowStateBackend, nil, "RUNNING", old),
		show(41, api.HealthUnhealthy, api.CauseSlowStateBackend, pending, "RUNNING", old), // still what ran before
		show(60, api.HealthUnknown, "", pending, "RECONCILING", old),
		show(80, api.HealthUnknown, "", pending, "RUNNING", anew),
		show(120, api.HealthHealthy, "", pending, "RUNNING", anew),
		show(130, api.HealthHealthy, "", effective, "RUNNING", anew),
	}
}

func TestStepsAreTheFirstTimes(t *testing.T) {
	fault := time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)
	h := history{cause: api.CauseSlowStateBackend}
	h.note(looks(fault)[2]) // before the fault: does not count
	h.fault = fault
	for _, v := range looks(fault) {
		h.note(v)
	}
	steps := h.story.Steps
	for name, c := range map[string]struct {
		got  *float64
		want float64
	}{
		"detected": {steps.Detected, 20}, "diagnosed": {steps.Diagnosed, 35}, "patched": {steps.Patched, 40}, "redeployed": {steps.Redeployed, 80},
		"verified": {steps.Verified, 130}, "healthy": {steps.Healthy, 120}, "replay": {h.story.ReplaySeconds, 44}, "downtime": {h.story.DowntimeSeconds, 40},
	} {
		if c.got == nil || *c.got != c.want {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

func TestARemedyOfAnEarlierFaultIsNone(t *testing.T) {
	fault := time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)
	h := history{cause: api.CauseSlowStateBackend, fault: fault.Add(time.Hour)}
	for _, v := range looks(fault) {
		h.note(v)
	}
	if h.story.Steps.Patched != nil || h.story.DowntimeSeconds != nil {
		t.Errorf("patched %v, down %v: the patch came an hour before the fault", *h.story.Steps.Patched, *h.story.DowntimeSeconds)
	}
}
