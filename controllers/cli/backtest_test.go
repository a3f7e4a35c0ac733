package cli

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/recording"
)

// truthful is a recording with its label, replayed up to its last pass.
type truthful struct {
	name     string
	label    label
	snapshot model.Snapshot
}

// replayAll replays every recording once for all tests.
var replayAll = sync.OnceValues(func() ([]truthful, error) {
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		return nil, err
	}
	policy := model.ResolvePolicy("", nil)
	labels, err := readLabels(filepath.Join(recordings, "labels.yaml"))
	if err != nil {
		return nil, err
	}
	files, err := findRecordings([]string{recordings})
	if err != nil {
		return nil, err
	}
	if len(files) != len(labels) {
		return nil, fmt.Errorf("%d recordings and %d labels", len(files), len(labels))
	}
	var all []truthful
	for _, f := range files {
		archive, err := recording.Load(f.path)
		if err != nil {
			return nil, err
		}
		snapshots, err := Replay(context.Background(), archive, observe.Selector{}, judge(doctor, &policy))
		if err != nil || len(snapshots) == 0 {
			return nil, fmt.Errorf("%s: %w, %d passes", f.name, err, len(snapshots))
		}
		l, ok := labels[f.name]
		if !ok {
			return nil, fmt.Errorf("%s has no label", f.name)
		}
		all = append(all, truthful{f.name, l, snapshots[len(snapshots)-1]})
	}
	return all, nil
})

func diagnoseAll(t *testing.T) (*diagnose.Doctor, *model.Policy, []truthful) {
	t.Helper()
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		t.Fatal(err)
	}
	all, err := replayAll()
	if err != nil {
		t.Fatal(err)
	}
	policy := model.ResolvePolicy("", nil)
	return doctor, &policy, all
}

// The bars that every change of a rule is held to, over recordings of real Flink.
const (
	leastRight   = 0.95 // of all: the first cause is the labeled one
	mostWrong    = 0    // sick ones for which another cause is called likely
	leastPartial = 0.75 // right with one kind of data withheld
)

// TestTheDiagnosisIsRight: the first cause is the labeled one, no healthy job is called sick, and a job at risk is told from one whose checkpoints
// expire or fail.
func TestTheDiagnosisIsRight(t *testing.T) {
	doctor, policy, all := diagnoseAll(t)
	right, wrong := 0, 0
	for i := range all {
		r := &all[i]
		d := doctor.Diagnose(&r.snapshot, policy, r.snapshot.At)
		got := labelNone
		if top := d.Top(); top != nil {
			got = fullName(top)
		}
		if r.label.Cause == labelNone && d.Health != api.HealthHealthy {
			t.Errorf("%s is healthy and is called %s: %s", r.name, d.Health, d.Message)
		}
		if got == r.label.Cause {
			right++
		} else {
			wrong += truth(got != string(api.CauseUndetermined))
			t.Logf("%s: %s instead of %s: %s", r.name, got, r.label.Cause, d.Message)
		}
		if want := expectedHealth(r.label); d.Health != want {
			t.Errorf("%s is %s, want %s: %s", r.name, d.Health, want, d.Message)
		}
	}
	if share := float64(right) / float64(len(all)); share < leastRight || wrong > mostWrong {
		t.Errorf("%d of %d right, %d wrong; want %.0f%% and at most %d", right, len(all), wrong, leastRight*100, mostWrong)
	}
}

// completing are the causes whose recordings without an expiry completed all checkpoints; the others failed without expiring.
var completing = []string{"SlowCleanup", "JobManagerOverload/Heap", "JobManagerOverload/CPU"}

func expectedHealth(l label) api.Health {
	switch {
	case l.Cause == labelNone:
		return api.HealthHealthy
	case l.Expired == 0 && slices.Contains(completing, l.Cause):
		return api.HealthAtRisk
	}
	return api.HealthUnhealthy
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// withheld are kinds of data that a gateway or a missing permission may keep from us.
var withheld = map[string]func(*model.Snapshot){
	"thread dumps": func(s *model.Snapshot) { s.Stacks = nil },
	"logs":         func(s *model.Snapshot) { s.Logs = nil },
	"exceptions":   func(s *model.Snapshot) { s.Exceptions = nil },
	"JobManager metrics": func(s *model.Snapshot) {
		s.JobManager, s.Requests = model.JobManager{}, model.RequestTimes{}
	},
	"back pressure": func(s *model.Snapshot) {
		s.Vertices = slices.Clone(s.Vertices)
		for v := range s.Vertices {
			s.Vertices[v].Pressure = nil
		}
	},
	"checkpoint details": func(s *model.Snapshot) {
		s.Checkpoints.History = slices.Clone(s.Checkpoints.History)
		for i := range s.Checkpoints.History {
			s.Checkpoints.History[i].Tasks = nil
		}
	},
}

// TestWithLessDataItSaysLess: with a kind of data withheld the doctor may not know any more, but must not name another cause instead.
func TestWithLessDataItSaysLess(t *testing.T) {
	doctor, policy, all := diagnoseAll(t)
	for _, kind := range slices.Sorted(maps.Keys(withheld)) {
		right := 0
		for i := range all {
			s := all[i].snapshot
			withheld[kind](&s)
			d := doctor.Diagnose(&s, policy, s.At)
			got := labelNone
			if top := d.Top(); top != nil {
				got = fullName(top)
			}
			right += truth(got == all[i].label.Cause)
			if got != all[i].label.Cause && got != string(api.CauseUndetermined) && got != labelNone {
				t.Errorf("%s without %s: %s instead of %s", all[i].name, kind, got, all[i].label.Cause)
			}
		}
		t.Logf("without %s: %d of %d", kind, right, len(all))
		if float64(right) < leastPartial*float64(len(all)) {
			t.Errorf("without %s only %d of %d are right", kind, right, len(all))
		}
	}
}

// TestNamesDoNotMatter: the diagnosis is the same when vertices, classes of the user's and TaskManagers have other names.
func TestNamesDoNotMatter(t *testing.T) {
	doctor, policy, all := diagnoseAll(t)
	for i := range all {
		s := all[i].snapshot
		before := doctor.Diagnose(&s, policy, s.At)
		rename(&s)
		after := doctor.Diagnose(&s, policy, s.At)
		if before.Health != after.Health || len(before.Findings) != len(after.Findings) {
			t.Fatalf("%s: %s becomes %s", all[i].name, before.Health, after.Health)
		}
		for j := range before.Findings {
			b, a := &before.Findings[j], &after.Findings[j]
			if fullName(b) != fullName(a) || b.Score != a.Score {
				t.Errorf("%s: %s %d becomes %s %d", all[i].name, fullName(b), b.Score, fullName(a), a.Score)
			}
		}
	}
}
