package diagnose

import (
	"math/rand/v2"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// everything takes all kinds of data away but the list of checkpoints, as a closed gateway does.
func everything(s *model.Snapshot) {
	for _, w := range withholdings {
		w.take(s)
		s.Gaps = append(s.Gaps, model.Gap{Kind: w.kind, Signal: w.name, Why: "answered 403"})
	}
}

// Where nothing was read nothing is ruled out, whether the gaps are named or the pass was none that reads more.
func TestNothingReadRulesNothingOut(t *testing.T) {
	for _, c := range causeCases {
		closed, shallow := c.make(4), c.make(4)
		everything(closed)
		everything(shallow)
		shallow.Gaps, shallow.Deep = nil, false
		for name, s := range map[string]*model.Snapshot{"closed gateway": closed, "shallow pass": shallow} {
			d := diagnosed(t, s)
			for i := range d.Findings {
				if f := &d.Findings[i]; f.Verdict == api.VerdictRuledOut {
					t.Errorf("%s, %s: %s is ruled out with nothing read", c.name, name, causeName(f.Cause, f.SubCause))
				}
			}
		}
	}
}

// Whatever kind of data is withheld: a cause that is likely with it is never ruled out without it.
func TestALikelyCauseIsNeverRuledOutForWantOfData(t *testing.T) {
	for _, c := range causeCases {
		full := verdicts(diagnosed(t, c.make(4)).Findings)
		for _, w := range withholdings {
			s := c.make(4)
			w.take(s)
			s.Gaps = append(s.Gaps, model.Gap{Kind: w.kind, Signal: w.name, Why: "answered 404"})
			for name, verdict := range verdicts(diagnosed(t, s).Findings) {
				if before := full[name]; verdict == api.VerdictRuledOut && (before == api.VerdictLikely || before == api.VerdictConfirmed) {
					t.Errorf("%s without %s: %s is ruled out, with them it is %s", c.name, w.name, name, before)
				}
			}
		}
	}
}

func verdicts(findings []model.Finding) map[string]api.Verdict {
	all := map[string]api.Verdict{}
	for i := range findings {
		all[causeName(findings[i].Cause, findings[i].SubCause)] = findings[i].Verdict
	}
	return all
}

// fullyRead is a job of which all there is was read.
func fullyRead(t *testing.T) *model.Snapshot {
	t.Helper()
	s := caseNamed(t, "sink that flushes before the barrier")
	s.Pods = []model.Pod{{Name: "orders-0", Component: model.ComponentJobManager}, {Name: "orders-1", Component: model.ComponentTaskManager}}
	s.Job.Restarts = model.Measured(0)
	for i := range s.Stacks {
		s.Stacks[i].Threads = append(s.Stacks[i].Threads, jobManagerThread("jobmanager-io-thread-1", poolFrames...))
	}
	return s
}

// With all there is to read something is ruled out: the mechanism does not hide behind what is missing.
func TestWithTheDataCausesAreRuledOut(t *testing.T) {
	s := fullyRead(t)
	out := verdicts(diagnosed(t, s).Findings)
	for _, cause := range []api.Cause{api.CauseSlowStateBackend, api.CauseCheckpointPressure, api.CauseDataSkew, api.CauseSourceBlocked,
		api.CauseCommitBlocksTask, api.CauseUserCodeBlocking, api.CauseCoordinatorBlocked, api.CauseStorageFailure, api.CauseTaskFailure, api.CauseTaskManagerPressure} {
		if v := out[string(cause)]; v != api.VerdictRuledOut {
			t.Errorf("%s is %s although all of it was read", cause, v)
		}
	}
}

// A row's weight is the most it can weigh, for what is not read counts with it; and a sign never changes sides.
func TestRowsWeighAtMostWhatTheySay(t *testing.T) {
	check := func(s *model.Snapshot) {
		q := &patient{s: s, p: testPolicy(), now: testNow, w: countWindow(s, testPolicy(), testNow)}
		q.g = measureGaps(s, &q.w)
		d, err := builtIn()
		if err != nil {
			t.Fatal(err)
		}
		f := newFeatures(q, true, newClassifier(d.stacks))
		f.advisories, f.untold = matchAdvisories(d.advisories, f)
		for _, r := range table {
			for i := range r.rows {
				row := &r.rows[i]
				if s := row.look(f); s.state == present && s.weight != 0 && (s.weight*row.weight < 0 || s.weight*s.weight > row.weight*row.weight) {
					t.Errorf("%s: %q weighs %d, and its row says %d", causeName(r.cause, r.sub), row.signal, s.weight, row.weight)
				}
			}
		}
	}
	for _, c := range causeCases {
		check(c.make(4))
	}
	for seed := range uint64(1000) {
		check(randomJob(rand.New(rand.NewPCG(seed, 11))))
	}
}

// Every kind of data that a row may need is in the table that says whether it is there.
func TestEveryNeedIsKnown(t *testing.T) {
	known := needs(0)
	for _, n := range needed {
		if known&n.needs != 0 || n.what == "" || n.there == nil {
			t.Errorf("%b is there twice, or without a name or a test", n.needs)
		}
		known |= n.needs
	}
	for _, r := range table {
		for i := range r.rows {
			if unknown := r.rows[i].needs &^ known; unknown != 0 {
				t.Errorf("%s: %q needs %b, which nobody knows", causeName(r.cause, r.sub), r.rows[i].signal, unknown)
			}
		}
	}
}
