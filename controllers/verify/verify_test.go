package verify

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// verifyCase is a treated job as it looks some time after the patch.
type verifyCase struct {
	name   string
	s      *model.Snapshot
	after  time.Duration
	change func(*model.Snapshot)
	want   api.Outcome
	says   string
}

func check(t *testing.T, cases []verifyCase) {
	t.Helper()
	policy := model.ResolvePolicy("", nil)
	for _, c := range cases {
		if c.change != nil {
			c.change(c.s)
		}
		v := Verify(c.s, nil, &policy, applied.Add(c.after))
		if v.Receipt == nil || v.Outcome != c.want || !strings.Contains(v.Message, c.says) {
			t.Errorf("%s: %s %q, want %s saying %q", c.name, v.Outcome, v.Message, c.want, c.says)
		}
	}
}

func TestCriterion(t *testing.T) {
	m := time.Minute
	check(t, []verifyCase{
		{"no checkpoint yet", treated(), 10 * m, nil, api.OutcomePending, "no checkpoint has finished"},
		{"two of three", treated(run(9*m, completed, completed)...), 30 * m, nil, api.OutcomePending, "2 of 3"},
		{"three in a row", treated(run(9*m, completed, completed, completed)...), 40 * m, nil, api.OutcomeEffective, "3 checkpoints completed in a row, median 9m; before: 6 of 6 expired"},
		{"a failure between begins the row anew", treated(run(9*m, completed, completed, failed, completed)...), 60 * m, nil, api.OutcomePending, "2 of 3"},
		{"two expiries are no verdict", treated(run(15*m, failed, failed, completed)...), 60 * m, nil, api.OutcomePending, "2 of 3 failures"},
		{"three expiries are", treated(run(15*m, failed, failed, failed)...), 60 * m, nil, api.OutcomeIneffective, "3 of the last 3 checkpoints failed since the remedy: Checkpoint expired"},
		{"completing just within the timeout: wait", treated(run(14*m+30*time.Second, completed, completed, completed)...), 60 * m, nil, api.OutcomePending, "96 % of the timeout"},
		{"completing is cure enough for one that expired", treated(run(14*m+30*time.Second, completed, completed, completed, completed, completed, completed)...), 80 * m, nil, api.OutcomeEffective, "yet the median"},
		{"timeout not read: completing counts", treated(run(9*m, completed, completed, completed)...), 40 * m, func(s *model.Snapshot) { s.Settings.Timeout.Known = false }, api.OutcomeEffective, ""},
		{"deadline without a verdict", treated(run(9*m, completed)...), 91 * m, nil, api.OutcomeInconclusive, "1h30m had passed without a verdict: 1 of 3"},
		{"no data at all is no cure", treated(), 91 * m, nil, api.OutcomeInconclusive, "no checkpoint has finished"},
		{"more than the history holds", treated(run(9*m, completed, completed, completed)...), 60 * m, func(s *model.Snapshot) {
			receipt(s).Criterion.CompleteInRow, s.Checkpoints.Counts.Completed = 12, 12
		}, api.OutcomeEffective, "12 checkpoints"},
		{"a criterion without numbers takes the policy's", treated(run(9*m, completed, completed, completed)...), 40 * m, func(s *model.Snapshot) { receipt(s).Criterion = model.Criterion{} }, api.OutcomeEffective, ""},
	})
}

// Some expire still, fewer than before: the remedy is judged within nine checkpoints, and none that does not cure is kept for want of a row.
func TestFailuresAmongCompletedOnes(t *testing.T) {
	m := time.Minute
	check(t, []verifyCase{
		{"3 of 8, never 3 in a row", treated(run(9*m, failed, completed, completed, failed, completed, completed, failed, completed)...), 80 * m, nil,
			api.OutcomeIneffective, "3 of the last 7 checkpoints failed since the remedy, and no 3 of them completed in a row; before: 6 of 6 expired"},
		{"every other one, the newest completed", treated(run(9*m, completed, failed, completed, failed, completed, failed)...), 80 * m, nil, api.OutcomeIneffective, "3 of the last 6"},
		{"the ninth decides, whichever it is", treated(run(9*m, failed, completed, completed, failed, completed, completed, failed, completed, completed)...), 80 * m, nil, api.OutcomeIneffective, "3 of the last 7"},
		{"those before a whole row are not among them", treated(run(9*m, failed, completed, failed, completed, failed, completed, completed, completed)...), 80 * m, nil, api.OutcomeIneffective, "3 of the last 5"},
		{"two failures, then a row", treated(run(9*m, completed, completed, completed, failed, completed, failed)...), 80 * m, nil, api.OutcomeEffective, "3 checkpoints completed in a row"},
		{"two failures wait", treated(run(9*m, completed, failed, completed, failed)...), 60 * m, nil, api.OutcomePending, "1 of 3 checkpoints completed in a row, and 2 of 3 failures"},
		{"what failed before a row counts no more", treated(run(9*m, failed, completed, completed, completed, failed, failed)...), 60 * m, nil, api.OutcomePending, "1 of 3 failures"},
		{"at the deadline two of five are a pattern", treated(run(9*m, completed, completed, failed, completed, failed)...), 91 * m, nil, api.OutcomeIneffective, "1h30m had passed without a verdict"},
		{"and so is nothing but a failure", treated(run(9*m, failed)...), 91 * m, nil, api.OutcomeIneffective, "1 of 3 failures"},
		{"the newest is an accident as any other", treated(run(9*m, failed, completed, completed)...), 91 * m, nil, api.OutcomeInconclusive, "1 of 3 failures"},
		{"one accident, and well since: nothing speaks against it", treated(run(9*m, completed, completed, failed)...), 91 * m, nil, api.OutcomeInconclusive, "2 of 3"},
	})
}

// With tolerable-failed-checkpoints 0, Flink's default, each expiry is a failover, which renews the restore and not the job's start.
func TestAFailoverBeginsNothingAnew(t *testing.T) {
	m := time.Minute
	failover := func(at time.Duration, completedInAll int64) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			s.Checkpoints.LatestRestored = &model.Restored{ID: 8124, At: restarted.Add(at)}
			s.Checkpoints.Counts.Completed, s.Job.Restarts = completedInAll, model.Measured(1)
		}
	}
	lost := treated(run(9*m, completed, completed)...)
	check(t, []verifyCase{
		{"an expiry between ends the row", treated(run(9*m, completed, failed, completed, completed)...), 40 * m, failover(3*m+m/2, 3), api.OutcomePending, "1 of 3"},
		{"each expiry a failover", treated(run(15*m, failed, failed, failed)...), 60 * m, failover(3*m+m/2, 0), api.OutcomeIneffective, "3 of the last 3 checkpoints failed"},
		{"an expiry that the history has lost", lost, 60 * m, func(s *model.Snapshot) {
			failover(m, 9)(s)
			s.Checkpoints.LatestFailed = &model.Checkpoint{ID: 8120, Status: failed, Trigger: restarted.Add(m / 2)}
		}, api.OutcomePending, "2 of 3"},
		{"a failure of the run before is no failure of this one", treated(run(9*m, completed, completed)...), 60 * m, func(s *model.Snapshot) {
			s.Checkpoints.Counts.Completed = 9
			s.Checkpoints.LatestFailed = &model.Checkpoint{ID: 8120, Status: failed, Trigger: applied.Add(-m)}
		}, api.OutcomeEffective, "9 checkpoints"},
		{"a failover of the old run after the patch is no restart with the new values", treated(run(9*m, completed, completed, completed)...), 40 * m, func(s *model.Snapshot) {
			s.Job.StartTime = applied.Add(-time.Hour)
		}, api.OutcomePending, "not been seen"},
	})
}

func TestOnlyLaterCheckpointsCount(t *testing.T) {
	m := time.Minute
	old := run(9*m, completed, completed, completed)
	for i := range old {
		old[i].Trigger = applied.Add(-time.Duration(i+1) * m)
	}
	savepoints := run(9*m, completed, completed, completed)
	restarts := run(time.Second, failed, failed, failed)
	for i := range savepoints {
		savepoints[i].Savepoint = true
		restarts[i].Failure.Kind = model.FailureFailover
	}
	check(t, []verifyCase{
		{"the run before", treated(old...), 5 * m, nil, api.OutcomePending, "no checkpoint has finished"},
		{"the old job is still there", treated(old...), time.Second, func(s *model.Snapshot) {
			s.Job.StartTime, s.Checkpoints.LatestRestored = applied.Add(-time.Hour), nil
		}, api.OutcomePending, "restart with the new values has not been seen"},
		{"generation not taken up", treated(run(9*m, completed, completed, completed)...), 40 * m, func(s *model.Snapshot) { s.Target.ObservedGeneration = 3 }, api.OutcomePending, "not been seen"},
		{"savepoints", treated(savepoints...), 40 * m, nil, api.OutcomePending, "no checkpoint has finished"},
		{"failures that follow from a restart", treated(restarts...), 40 * m, nil, api.OutcomePending, "no checkpoint has finished"},
		{"counts.failed says nothing", treated(), 10 * m, func(s *model.Snapshot) { s.Checkpoints.Counts = model.CheckpointCounts{Failed: 6, Total: 6} }, api.OutcomePending, ""},
		{"another job id after a cancel", treated(run(9*m, completed, completed, completed)...), 40 * m, func(s *model.Snapshot) {
			s.Job.ID, s.Checkpoints.LatestRestored = "5abe89c4", nil
			for i := range s.Checkpoints.History {
				s.Checkpoints.History[i].ID = int64(3 - i)
			}
		}, api.OutcomeEffective, ""},
		{"without a restart the patch begins it", treated(run(9*m, completed, completed, completed)...), 40 * m, func(s *model.Snapshot) {
			receipt(s).Changes[0] = model.ChangeRecord{Field: "kubernetes.operator.savepoint.cleanup.enabled", From: "true", To: "false"}
			s.Target.Config["kubernetes.operator.savepoint.cleanup.enabled"] = "false"
			s.Job.StartTime, s.Checkpoints.LatestRestored = applied.Add(-time.Hour), nil
		}, api.OutcomeEffective, ""},
	})
}

func TestStuckCheckpointCountsAsFailed(t *testing.T) {
	s := treated()
	receipt(s).Criterion.FailInRow = 1
	d := &model.Diagnosis{Counts: model.WindowCounts{InProgress: 1, PendingFor: 31 * time.Minute}}
	if v := Verify(s, d, nil, restarted.Add(32*time.Minute)); v.Outcome != api.OutcomeIneffective || !strings.Contains(v.Message, "pending for 31m") {
		t.Errorf("%s %q", v.Outcome, v.Message)
	}
	d.Counts.PendingFor = 50 * time.Minute // it began before the restart
	if v := Verify(s, d, nil, restarted.Add(32*time.Minute)); v.Outcome != api.OutcomePending {
		t.Errorf("%s %q", v.Outcome, v.Message)
	}
}

func TestAtRiskIsJudgedByWhatWasShort(t *testing.T) {
	m := time.Minute
	six := []model.CheckpointStatus{completed, completed, completed, completed, completed, completed}
	heap := func(used float64, gc float64) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			atRisk(s)
			receipt(s).Criterion.MaxHeapPercent, receipt(s).Criterion.MaxGCPercent = 85, 10
			s.JobManager = model.JobManager{HeapUsed: model.Measured(used), HeapMax: model.Measured(100), GCShare: model.Measured(gc), HeapSamples: 3}
		}
	}
	cpu := func(usage model.Measure) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			atRisk(s)
			receipt(s).Criterion.MaxCPUPercent = 85
			s.JobManager = model.JobManager{CPUUsage: usage, CPULimit: model.Measured(2)}
		}
	}
	check(t, []verifyCase{
		{"calm again", treated(run(8*m, six...)...), 60 * m, atRisk, api.OutcomeEffective, "before: median 8m"},
		{"not calm", treated(run(12*m, six...)...), 60 * m, atRisk, api.OutcomeIneffective, "80 % of the timeout"},
		{"not calm, but too few to tell", treated(run(12*m, six[:3]...)...), 60 * m, atRisk, api.OutcomePending, "80 %"},
		{"timeout not read", treated(run(8*m, six...)...), 60 * m, func(s *model.Snapshot) { atRisk(s); s.Settings.Timeout.Known = false }, api.OutcomePending, "not known"},
		{"heap and GC are fine", treated(run(m, six...)...), 60 * m, heap(60, 0.02), api.OutcomeEffective, ""},
		{"heap still full", treated(run(m, six...)...), 60 * m, heap(90, 0.15), api.OutcomeIneffective, "90 % of its heap"},
		{"full, and hardly collects: health calls that well", treated(run(m, six...)...), 60 * m, heap(90, 0.02), api.OutcomeEffective, ""},
		{"collects, and has room: health calls that well", treated(run(m, six...)...), 60 * m, heap(60, 0.15), api.OutcomeEffective, ""},
		{"collects much on a busy node, and four fifths are free", treated(run(m, six...)...), 60 * m, heap(19, 0.26), api.OutcomeEffective, ""},
		{"full at the first look", treated(run(m, six...)...), 60 * m, func(s *model.Snapshot) { heap(90, 0.15)(s); s.JobManager.HeapSamples = 1 }, api.OutcomePending, "not known yet"},
		{"GC still high", treated(run(m, six...)...), 60 * m, heap(60, 0.4), api.OutcomeIneffective, "40 % of its time"},
		{"CPU fine", treated(run(m, six...)...), 60 * m, cpu(model.Measured(1)), api.OutcomeEffective, ""},
		{"CPU still pegged", treated(run(m, six...)...), 60 * m, cpu(model.Measured(1.9)), api.OutcomeIneffective, "95 % of its CPU limit"},
		{"CPU not measured is no cure", treated(run(m, six...)...), 60 * m, cpu(model.Measure{}), api.OutcomePending, "not known"},
		{"and inconclusive in the end", treated(run(m, six...)...), 91 * m, cpu(model.Measure{}), api.OutcomeInconclusive, "not known"},
		{"duty cycle missed", treated(run(50*time.Second, six...)...), 60 * m, func(s *model.Snapshot) { atRisk(s); receipt(s).Criterion.DutyCyclePercent = 50 }, api.OutcomeIneffective, "83 % of the interval"},
		{"duty cycle met", treated(run(20*time.Second, six...)...), 60 * m, func(s *model.Snapshot) { atRisk(s); receipt(s).Criterion.DutyCyclePercent = 50 }, api.OutcomeEffective, ""},
	})
}

// Checkpoints that began late completed before as well: that they complete proves nothing.
func TestAtRiskByLateStartsIsJudgedByThem(t *testing.T) {
	m := time.Minute
	six := []model.CheckpointStatus{completed, completed, completed, completed, completed, completed}
	for _, c := range []struct {
		name    string
		history []model.CheckpointStatus
		late    time.Duration
		starts  int
		want    api.Outcome
		says    string
	}{
		{"punctual", six[:3], 10 * time.Second, 2, api.OutcomeEffective, ""},
		{"still late, too few to tell", six[:3], 70 * time.Second, 2, api.OutcomePending, "begin 1m10s late"},
		{"still late", six, 70 * time.Second, 5, api.OutcomeIneffective, "116 % of the interval of 1m"},
		{"not known yet", six[:3], 0, 1, api.OutcomePending, "not known yet"},
	} {
		s := treated(run(5*time.Second, c.history...)...)
		atRisk(s)
		receipt(s).Criterion.LateStartPercent = 100
		d := &model.Diagnosis{Facts: model.Facts{LateStart: c.late, Starts: c.starts}}
		if v := Verify(s, d, nil, applied.Add(60*m)); v.Outcome != c.want || !strings.Contains(v.Message, c.says) {
			t.Errorf("%s: %s %q, want %s saying %q", c.name, v.Outcome, v.Message, c.want, c.says)
		}
	}
}

func TestNothingInFlight(t *testing.T) {
	s := treated()
	receipt(s).Outcome = api.OutcomeEffective
	if v := Verify(s, nil, nil, applied); v != (model.Verification{}) {
		t.Errorf("%+v", v)
	}
	if v := Verify(nil, nil, nil, applied); v != (model.Verification{}) {
		t.Errorf("%+v", v)
	}
}

func TestInputIsNotChanged(t *testing.T) {
	s := treated(run(time.Minute, completed)...)
	receipt(s).Criterion = model.Criterion{}
	Verify(s, nil, nil, applied)
	if receipt(s).Criterion != (model.Criterion{}) {
		t.Errorf("the receipt of the snapshot was changed: %+v", receipt(s).Criterion)
	}
}

// A heap has room as it has in health: in the lowest of several samples, and where collections leave half of the time.
func TestAHeapWithRoomIsTheSameAsInHealth(t *testing.T) {
	six := []model.CheckpointStatus{completed, completed, completed, completed, completed, completed}
	collecting := func(share float64, samples int) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			atRisk(s)
			receipt(s).Criterion.MaxHeapPercent, receipt(s).Criterion.MaxGCPercent = 85, 10
			s.JobManager = model.JobManager{HeapUsed: model.Measured(30), HeapMax: model.Measured(100), GCShare: model.Measured(share), HeapSamples: samples}
		}
	}
	check(t, []verifyCase{
		{"a quarter of the time, with room", treated(run(9*time.Minute, six...)...), 40 * time.Minute, collecting(0.3, 3), api.OutcomeEffective, ""},
		{"of one sample nobody knows", treated(run(9*time.Minute, six...)...), 40 * time.Minute, collecting(0.3, 1), api.OutcomePending, "not known yet"},
		{"most of the time, at the first look", treated(run(9*time.Minute, six...)...), 40 * time.Minute, collecting(0.6, 1), api.OutcomeIneffective, "uses 60 %"},
		{"most of the time", treated(run(9*time.Minute, six...)...), 40 * time.Minute, collecting(0.6, 3), api.OutcomeIneffective, "uses 60 %"},
	})
}
