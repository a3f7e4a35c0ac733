package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/google/go-cmp/cmp"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/evidence/timeline"
)

func TestStoriesCanBeTold(t *testing.T) {
	names, titles := map[string]bool{}, map[string]bool{}
	form := regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)
	for _, s := range stories() {
		if !form.MatchString(s.name) || names[s.name] || titles[s.title] {
			t.Errorf("%q (%q): want a name of its own fit for objects, and a title of its own", s.name, s.title)
		}
		names[s.name], titles[s.title], titles[""] = true, true, true
		if s.act == nil || s.cause == "" {
			t.Errorf("%s: want a cause and an act", s.name)
		}
		manifestIsWhole(t, &s)
	}
}

// The page of the lab has each story by its name and by the title that the page of evidence shows.
func TestTheLabsPageNamesTheStories(t *testing.T) {
	page, err := os.ReadFile("../../../docs/lab.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stories() {
		if row := "| " + s.name + " | " + s.title + " |"; !strings.Contains(string(page), row) {
			t.Errorf("docs/lab.md does not hold %q", row)
		}
	}
}

// manifestIsWhole holds the objects of a story against what every story relies on.
func manifestIsWhole(t *testing.T, s *story) {
	t.Helper()
	objects := s.job.manifests(&options{namespace: "jobs", image: "flink:1", flinkVersion: "v1_18", data: "/data", run: "-1"}, s.name)
	deployment, target := objects[0], objects[len(objects)-1]
	if deployment.GetName() != s.deployment() || target.GetName() != s.name || target.GroupVersionKind() != s.kind() {
		t.Errorf("%s: %s and %s/%s, want %s and %s/%s", s.name, deployment.GetName(), target.GetKind(), target.GetName(), s.deployment(), s.kind().Kind, s.name)
	}
	for key, on := range map[string]*unstructured.Unstructured{keyTimeout: target, keyInterval: target, "state.checkpoints.dir": deployment} {
		if configured(on, key) == "" {
			t.Errorf("%s: no %s on %s", s.name, key, on.GetKind())
		}
	}
	volumes, _, _ := unstructured.NestedSlice(deployment.Object, "spec", "podTemplate", "spec", "volumes")
	if !strings.Contains(fmt.Sprint(volumes), "path:/data/"+s.name+"-1 ") {
		t.Errorf("%s: volumes %v, want the job's own directory", s.name, volumes)
	}
}

func TestANestedConfigurationHasNoFlatKey(t *testing.T) {
	config := (&job{nested: true, config: map[string]string{"state.backend.type": "rocksdb"}}).configuration()
	target := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"flinkConfiguration": config}}}
	for key := range config {
		if strings.Contains(key, ".") {
			t.Errorf("%s is flat", key)
		}
	}
	if is := configured(target, "state.backend.type"); is != "rocksdb" {
		t.Errorf("state.backend.type is %q, want rocksdb", is)
	}
}

func TestAStoryThatNeedsANewerFlinkOperatorIsLeftOut(t *testing.T) {
	for _, c := range []struct {
		version, since string
		want           bool
	}{{"1.7.0", "", true}, {"1.7.0", "1.10.0", false}, {"1.10.0", "1.10.0", true}, {"1.15.0", "1.10.0", true}, {"1.16-SNAPSHOT", "1.13.0", true}} {
		if can, err := (&story{since: c.since}).known(c.version); err != nil || can != c.want {
			t.Errorf("%s, needs %q: %t, %v, want %t", c.version, c.since, can, err, c.want)
		}
	}
	if _, err := (&story{since: "1.10.0"}).known("newest"); err == nil || !strings.Contains(err.Error(), `--flink-operator "newest"`) {
		t.Errorf("%v, want the flag and its value", err)
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
		"detected": {steps.Detected, 20}, "diagnosed": {steps.Diagnosed, 35}, "patched": {steps.Patched, 41}, "redeployed": {steps.Redeployed, 80},
		"verified": {steps.Verified, 130}, "healthy": {steps.Healthy, 120}, "replay": {h.story.ReplaySeconds, 44}, "downtime": {h.story.DowntimeSeconds, 40},
	} {
		if c.got == nil || *c.got != c.want {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

// A job that is away until its remedy is undone was never redeployed with it, and is down until then.
func TestTheUndoOfARemedyIsNoRedeployment(t *testing.T) {
	fault := time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)
	h := history{cause: api.CauseSlowStateBackend, fault: fault}
	for i, v := range looks(fault) {
		if i == 4 {
			v.health.Status.Remediations[0].Outcome = api.OutcomeRolledBack
		}
		h.note(v)
	}
	if s := h.story; s.Steps.Redeployed != nil || *s.Steps.Verified != 60 || *s.DowntimeSeconds != 40 || *s.Steps.Healthy != 120 {
		t.Errorf("%+v, down for %v: want no redeployment, judged after 60 s, down for 40 s, healthy after 120 s", s.Steps, *s.DowntimeSeconds)
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

func TestARunKeepsWhatItDidNotTell(t *testing.T) {
	path := filepath.Join(t.TempDir(), "timelines.yaml")
	all := stories()
	tell := func(kubernetes string, passed bool, indexes ...int) {
		t.Helper()
		run := &timeline.Run{Date: "2026-11-26", Kubernetes: kubernetes, FlinkOperator: "1.7.0", Flink: "1.18.1"}
		for _, i := range indexes {
			run.Stories = append(run.Stories, timeline.Story{Story: all[i].title, Passed: passed})
		}
		if err := keep(path, run); err != nil {
			t.Fatal(err)
		}
	}
	kept := func(at, of int) []timeline.Story {
		t.Helper()
		record, err := timeline.Read(path)
		if err != nil || len(record.Runs) != of {
			t.Fatalf("kept %+v, %v; want %d runs", record, err, of)
		}
		return record.Runs[at].Stories
	}
	tell("v1", true, 2, 0)
	tell("v1", false, 1, 2)
	want := []timeline.Story{{Story: all[0].title, Passed: true}, {Story: all[1].title}, {Story: all[2].title}}
	if diff := cmp.Diff(want, kept(0, 1)); diff != "" {
		t.Error(diff)
	}
	tell("v2", true, 1) // what another Kubernetes did is no part of this run
	if got := kept(1, 2); len(got) != 1 || !got[0].Passed {
		t.Errorf("kept %+v, want the one story of v2", got)
	}
	if diff := cmp.Diff(want, kept(0, 2)); diff != "" {
		t.Error(diff)
	}
}
