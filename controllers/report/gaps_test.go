package report

import (
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// lacking says of what is first in the list of causes what was not read.
func lacking(texts ...string) func(*model.Pass) {
	return func(p *model.Pass) { p.Diagnosis.Findings[0].Missing = texts }
}

// Each row is what a status names as missing, then and now: it is written with the next pass where something else is missing, or for another
// reason, a minute after the last write at the earliest, and of a healthy job a quarter of an hour after it. Figures are no change.
func TestWhatIsMissingReachesStatus(t *testing.T) {
	dump := "thread dump of TaskManager 10.0.0.7:6122-3ac1 (answered 404)"
	unknown := func(why string) func(*model.Pass) {
		return func(p *model.Pass) {
			p.Snapshot.Gaps = []model.Gap{{Kind: model.GapConfiguration, Signal: "the configuration of the JobManager, which is long enough for a second line", Why: why}}
		}
	}
	unseen := func(why string) func(*model.Pass) {
		return func(p *model.Pass) {
			p.Snapshot.Gaps = []model.Gap{{Kind: model.GapJobManagerMetrics, Signal: "the JobManager's metrics", Why: why}}
		}
	}
	for _, test := range []struct {
		name      string
		situation func() *model.Pass
		old, next func(*model.Pass)
		after     time.Duration // until it is written at the earliest; 0 for not within ten minutes
	}{
		{"something is missing now", slowStorage, lacking(), lacking(dump), time.Minute},
		{"it was read after all", slowStorage, lacking(dump), lacking(), time.Minute},
		{"for another reason", slowStorage, lacking(dump), lacking("thread dump of TaskManager 10.0.0.7:6122-3ac1 (no answer within 30 s)"), time.Minute},
		{"other figures", slowStorage, lacking(dump), lacking("thread dump of TaskManager 10.0.0.12:6122-91bf (answered 503)"), 0},
		{"another order", slowStorage, lacking(dump, "logs (off)"), lacking("logs (off)", dump, dump), 0},
		{"not judged, another reason", unreachable, unknown("answered 404"), unknown("no such host"), time.Minute},
		{"not judged, other figures", unreachable, unknown("answered 404 after 3 ms"), unknown("answered 503 after 12345 ms"), 0},
		{"healthy", base, unseen("answered 404"), unseen("no such host"), 15 * time.Minute},
		{"healthy, other figures", base, unseen("answered 404"), unseen("answered 503"), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			before, after := test.situation(), test.situation()
			test.old(before)
			test.next(after)
			cluster := fakeCluster(t)
			o := read(t, cluster)
			o.Status = Status(o, before)
			if now := next(o.Status, after); Changed(&o.Status, &now) {
				t.Fatal("more than what is missing changed")
			}
			writer := NewWriter(cluster)
			written := time.Duration(0)
			for passed := time.Duration(0); passed <= 15*time.Minute && written == 0; passed += 30 * time.Second {
				if passed > 10*time.Minute && test.after == 0 {
					break
				}
				status := next(o.Status, after)
				got, err := writer.Write(t.Context(), o, &status, at.Add(passed))
				if err != nil {
					t.Fatal(err)
				}
				if got != nil {
					written = passed
				}
			}
			if written != test.after {
				t.Errorf("written after %s, want %s (0: never)", written, test.after)
			}
		})
	}
}

// What is missing in every second pass is no news, of a job that is well or sick; what is missing in two passes in a row, or in neither of two, is.
func TestAGapThatComesAndGoesIsNoNews(t *testing.T) {
	unseen := func(p *model.Pass) {
		p.Snapshot.Gaps = []model.Gap{{Kind: model.GapJobManagerMetrics, Signal: "the JobManager's metrics", Why: "answered 404"}}
	}
	dump := lacking("thread dump of TaskManager 10.0.0.7:6122-3ac1 (answered 404)")
	for _, test := range []struct {
		name      string
		situation func() *model.Pass
		gap       func(*model.Pass)
		missing   string // a letter a pass: m where the gap is there
		every     time.Duration
		writes    string // a letter a pass: w where status was written
	}{
		{"well", base, unseen, "-m-m-m-m-m", 5 * time.Minute, "----------"},
		{"well, from then on", base, unseen, "-m-mmmmmmm", 5 * time.Minute, "----w-----"},
		{"sick", slowStorage, dump, "-m-m-m-m-m", time.Minute, "----------"},
		{"sick, from then on", slowStorage, dump, "-m-mmmmmmm", time.Minute, "----w-----"},
		{"sick, and no more from then on", slowStorage, dump, "mmmm-m----", time.Minute, "-w-----w--"},
	} {
		cluster := fakeCluster(t)
		o := read(t, cluster)
		o.Status = Status(o, test.situation())
		if err := cluster.Status().Update(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		writer, writes := NewWriter(cluster), ""
		for i, letter := range test.missing {
			pass := test.situation()
			if letter == 'm' {
				test.gap(pass)
			}
			status := next(o.Status, pass)
			got, err := writer.Write(t.Context(), o, &status, at.Add(time.Duration(i)*test.every))
			if err != nil {
				t.Fatal(err)
			}
			if writes += "-"; got != nil {
				o, writes = got, writes[:i]+"w"
			}
		}
		if writes != test.writes {
			t.Errorf("%s: written %s, want %s", test.name, writes, test.writes)
		}
	}
}
