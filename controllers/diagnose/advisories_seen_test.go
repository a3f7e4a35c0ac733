package diagnose

import (
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func knownIssueOf(t *testing.T, s *model.Snapshot) model.Finding {
	t.Helper()
	d := diagnosed(t, s)
	for i := range d.Findings {
		if d.Findings[i].SubCause == api.SubCauseKnownIssue {
			return d.Findings[i]
		}
	}
	t.Fatal("no finding of a known issue")
	return model.Finding{}
}

// A known issue is ruled out where all that its predicates ask for is known and none fits, and not assessed where it is not.
func TestAKnownIssueThatCannotBeTold(t *testing.T) {
	quiet := func() *model.Snapshot { return caseNamed(t, "sink that flushes before the barrier") }
	for _, tt := range []struct {
		name   string
		change func(*model.Snapshot)
		want   api.Verdict
	}{
		{"all is known", func(s *model.Snapshot) {
			s.Stacks[1].Threads = append(s.Stacks[1].Threads, jobManagerThread("jobmanager-io-thread-1", poolFrames...))
		}, api.VerdictRuledOut},
		{"the version is not", func(s *model.Snapshot) { s.Job.FlinkVersion = "" }, api.VerdictNotAssessed},
		{"the version is none", func(s *model.Snapshot) { s.Job.FlinkVersion = "banana" }, api.VerdictNotAssessed},
		{"a setting is not", func(s *model.Snapshot) {
			s.Settings.Unaligned.Known = false
			s.Logs, s.Gaps = nil, []model.Gap{{Kind: model.GapLogs}}
		}, api.VerdictNotAssessed},
	} {
		s := quiet()
		tt.change(s)
		if f := knownIssueOf(t, s); f.Verdict != tt.want {
			t.Errorf("%s: %s with missing %v, want %s", tt.name, f.Verdict, f.Missing, tt.want)
		}
	}
}

// An issue whose signature is inferred from durations is likely at most, whatever it weighs.
func TestAnInferredKnownIssueIsNotConfirmed(t *testing.T) {
	waiting := func() *model.Snapshot {
		s := expiredThrice(4, shares{all(quick), absentAll, absentAll})
		s.Job.FlinkVersion, s.Settings.Unaligned = "1.20.1", set(true)
		s.Vertices[sink].Name = "orders: Writer -> orders: Committer"
		return s
	}
	inferred := waiting()
	if f := knownIssueOf(t, inferred); f.Verdict != api.VerdictLikely {
		t.Errorf("barriers that wait, and nothing seen: %s, want likely", f.Verdict)
	}
	heap := waiting()
	heap.Job.FlinkVersion = "1.16.0"
	heap.JobManager.GCShare = model.Measured(0.9)
	d, _, err := NewDoctorWith(AdvisoryFile{Name: "ours", Data: []byte(
		"advisories: [{id: SEEN, title: seen, affected: ['=1.16.0'], signature: signature.jobManagerHeap, weight: 90, advice: Upgrade.}]")})
	if err != nil {
		t.Fatal(err)
	}
	out := d.Diagnose(heap, testPolicy(), testNow)
	for i := range out.Findings {
		if f := &out.Findings[i]; f.SubCause == api.SubCauseKnownIssue && f.Verdict != api.VerdictConfirmed {
			t.Errorf("a measured signature of weight 90: %s, want confirmed", f.Verdict)
		}
	}
}

// The issue that drops acknowledgements silently is only why nobody says so: it never stands before the cause it belongs to.
func TestTheSilentDropNeverStandsAlone(t *testing.T) {
	last := expiredThrice(4, shares{all(quick), all(quick), absentFirst}) // a last vertex: nothing tells that its barrier came
	dumps(last, idleThreads(sink, 4)...)
	busy := caseNamed(t, "acknowledgements larger than a frame")
	busy.Logs = nil
	press(busy, sink, 0, 1)
	for name, s := range map[string]*model.Snapshot{"a last vertex": last, "a busy operator": busy, "with the line": caseNamed(t, "acknowledgements larger than a frame")} {
		d := diagnosed(t, s)
		if d.Top().Cause == api.CauseFlinkVersionBug {
			t.Errorf("%s: %s stands before OversizedAck with %d", name, d.Top().Summary, findingOf(&d, api.CauseOversizedAck).Score)
		}
	}
}
