package observe

import (
	"slices"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A gateway that forbids one path makes no pass ask the others again: that one is asked rarely, and a healthy pass stays at three requests.
func TestAFactThatFailsIsAskedRarelyAndAlone(t *testing.T) {
	for _, test := range []struct {
		path, signal string
		kind         model.GapKind
	}{
		{"/jobmanager/config", "cluster configuration", model.GapConfiguration},
		{"/jobs/" + jobID + "/checkpoints/config", "checkpoint settings in force", model.GapConfiguration},
		{"/jobs/" + jobID, "vertices", model.GapVertices},
	} {
		w := newWorld(t)
		w.fake.forbidden = []string{test.path}
		w.pass(0, api.HealthHealthy)
		w.pass(time.Second, api.HealthHealthy) // what follows first sight
		besides := map[string]int{}
		for range 40 { // 20 minutes
			s := w.pass(30*time.Second, api.HealthHealthy)
			for _, path := range w.besidesThree() {
				besides[path]++
			}
			wantGap(t, &s, test.kind, test.signal, "answered 403", "the gateway says no")
		}
		// After 30 s, 1, 2 and 4 minutes, then every five.
		if again := besides[test.path]; again < 4 || again > 7 {
			t.Errorf("%s: asked again %d times in 20 minutes", test.path, again)
		}
		delete(besides, test.path)
		if clocks := besides["/jobs/"+jobID]; clocks > 2 || len(besides) != min(clocks, 1) {
			t.Errorf("%s: asked %v as well in 20 minutes, want nothing but the JobManager's clock every ten", test.path, besides)
		}
		w.fake.forbidden = nil
		if s := w.pass(5*time.Minute, api.HealthHealthy); s.Missing(test.kind) || len(w.fake.asked) != 4 {
			t.Errorf("%s: it answers again, gaps %+v, asked %v", test.path, s.Gaps, w.fake.asked)
		}
	}
}

// besidesThree is what the pass asked beside the three requests of a healthy one, each of which it must have made once.
func (w *world) besidesThree() []string {
	w.t.Helper()
	rest := slices.Clone(w.fake.asked)
	for _, path := range []string{"/jobs/overview", "/jobs/" + jobID + "/checkpoints", "/jobmanager/metrics"} {
		i := slices.Index(rest, path)
		if i < 0 {
			w.t.Fatalf("asked %v, and not %s", w.fake.asked, path)
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return rest
}

func wantGap(t *testing.T, s *model.Snapshot, kind model.GapKind, signal string, says ...string) {
	t.Helper()
	i := slices.IndexFunc(s.Gaps, func(g model.Gap) bool { return g.Kind == kind && g.Signal == signal })
	if i < 0 {
		t.Fatalf("gaps %+v, want %s", s.Gaps, signal)
	}
	for _, text := range says {
		if !strings.Contains(s.Gaps[i].Why, text) {
			t.Fatalf("%s is missing as %q, want %q in it", signal, s.Gaps[i].Why, text)
		}
	}
}

// A graph that could not be read when a task changed state is asked again, though the one before is known.
func TestAChangedGraphIsAskedAgainUntilItIsRead(t *testing.T) {
	w := newWorld(t)
	w.pass(0, api.HealthHealthy)
	w.modified("1772366300000")
	w.fake.forbidden = []string{"/jobs/" + jobID}
	w.pass(30*time.Second, api.HealthHealthy)
	w.fake.forbidden = nil
	w.fake.answers["/jobs/"+jobID] = strings.ReplaceAll(w.fake.answers["/jobs/"+jobID], "Source: orders", "Source: returns")
	if s := w.pass(30*time.Second, api.HealthHealthy); s.Vertices[0].Name != "Source: returns" {
		t.Errorf("the vertices are those from before: %+v", s.Vertices)
	}
}

// Somebody who waits for an answer does not wait five minutes for what failed once.
func TestADeepPassAsksAtOnceForWhatFailed(t *testing.T) {
	w := newWorld(t)
	w.opts.Deep, w.fake.forbidden = true, []string{"/jobmanager/config"}
	w.pass(0, api.HealthUnknown)
	w.fake.forbidden = nil
	if s := w.pass(5*time.Second, api.HealthUnknown); s.Missing(model.GapConfiguration) {
		t.Errorf("gaps %+v", s.Gaps)
	}
}
