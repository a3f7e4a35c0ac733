package report

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// next reports a situation on an object that carries the status of before.
func next(before api.CheckpointHealthStatus, pass *model.Pass) api.CheckpointHealthStatus {
	o := object()
	o.Status = before
	return Status(o, pass)
}

// later moves a pass on, as time and new checkpoints do while nothing changes.
func later(p *model.Pass, d time.Duration) *model.Pass {
	p.Now = p.Now.Add(d)
	p.Snapshot.At = p.Now
	for i := range p.Snapshot.Checkpoints.History {
		c := &p.Snapshot.Checkpoints.History[i]
		c.ID, c.Trigger = c.ID+int64(d/time.Minute), c.Trigger.Add(d)
		if c.Status == model.CheckpointCompleted {
			c.Duration += 700 * time.Millisecond
		}
	}
	if p.Diagnosis.Slowest.Known {
		p.Diagnosis.Slowest.CheckpointID += int64(d / time.Minute)
	}
	if p.Diagnosis.Counts.InProgress == 0 {
		p.Diagnosis.Counts.InProgress, p.Diagnosis.Counts.Window = 1, p.Diagnosis.Counts.Window-1
		p.Diagnosis.Counts.Completed = max(p.Diagnosis.Counts.Completed-1, 0)
	}
	if top := p.Diagnosis.Top(); top != nil && len(top.Evidence) > 0 {
		top.Score, top.Evidence[0].Observed = max(top.Score-1, 0), "1.3 MiB/s"
	}
	return p
}

func TestAtRestNothingIsWritten(t *testing.T) {
	for name, situation := range situations {
		t.Run(name, func(t *testing.T) {
			before := Status(object(), situation())
			after := next(before, later(situation(), 4*time.Minute))
			kept, changed := Merge(&before, &after, false)
			if changed {
				t.Errorf("figures alone caused a write:\n%s\n---\n%s", essence(nil, &before), essence(nil, &after))
			}
			if !sameFigures(&kept, &before) {
				t.Error("what is kept must be the status before, byte for byte")
			}
			if len(Events(&before, &after, situation())) > 0 && name != "applied" {
				t.Errorf("events at rest: %v", Events(&before, &after, situation()))
			}
		})
	}
}

func TestHealthyIsNeverRenewed(t *testing.T) {
	before := Status(object(), base())
	after := next(before, later(base(), 30*24*time.Hour))
	if _, changed := Merge(&before, &after, RefreshAfter(&after, false) > 0); changed {
		t.Error("a healthy job at rest was written because time passed")
	}
}

func TestSickFiguresAreRenewedWhenDue(t *testing.T) {
	before := Status(object(), slowStorage())
	same := next(before, slowStorage())
	if _, changed := Merge(&before, &same, true); changed {
		t.Error("nothing moved, yet a refresh wrote")
	}
	moved := next(before, later(slowStorage(), 7*time.Minute))
	kept, changed := Merge(&before, &moved, true)
	if !changed || !sameFigures(&kept, &moved) {
		t.Error("a refresh that is due must write the new figures")
	}
}

// An upgrade that stays where it is has its own story: what is said of it is renewed by the minute, and not while nothing moves.
func TestUpgradesAreRenewedSoon(t *testing.T) {
	upgrade := func(message string) *model.Pass {
		pass := base()
		pass.Snapshot.Availability = model.Availability{Reason: api.ReasonUpgrading, Message: message}
		pass.Diagnosis.Health, pass.Diagnosis.Reason = api.HealthUnknown, api.ReasonUpgrading
		return pass
	}
	silent := Status(object(), upgrade("it is being upgraded; the JobManager does not answer yet"))
	if after := RefreshAfter(&silent, false); after != refreshPending {
		t.Errorf("renewed after %s: want %s", after, refreshPending)
	}
	empty := next(silent, upgrade("it is being upgraded; the cluster runs no job"))
	if _, changed := Merge(&silent, &empty, true); !changed {
		t.Error("the JobManager answers, and status still says that it does not")
	}
	same := next(silent, upgrade("it is being upgraded; the JobManager does not answer yet"))
	if _, changed := Merge(&silent, &same, true); changed {
		t.Error("nothing moved, yet it was written")
	}
}

func TestChangesAreWritten(t *testing.T) {
	sick := slowStorage
	edits := map[string]func(*model.Pass){
		"health":       func(p *model.Pass) { p.Diagnosis.Health = api.HealthAtRisk },
		"cause":        func(p *model.Pass) { p.Diagnosis.Findings[0].Cause = api.CauseNetworkLatency },
		"verdict":      func(p *model.Pass) { p.Diagnosis.Findings[0].Verdict = api.VerdictConfirmed },
		"job state":    func(p *model.Pass) { p.Snapshot.Job.State = "RESTARTING" },
		"job id":       func(p *model.Pass) { p.Snapshot.Job.ID = "9f3a0000000000000000000000000002" },
		"timeout":      func(p *model.Pass) { p.Snapshot.Settings.Timeout.Value = time.Hour },
		"origin":       func(p *model.Pass) { p.Snapshot.Settings.Timeout.Origin = api.OriginJobCode },
		"mode":         func(p *model.Pass) { p.Policy.Mode = api.ModeRecommend },
		"why not":      func(p *model.Pass) { p.Decision.WhyNot.Reason = api.ReasonCooldown },
		"remedy":       func(p *model.Pass) { p.Decision.Remedy.Hash = "aaaa0000" },
		"remedy gone":  func(p *model.Pass) { p.Decision.Remedy = nil },
		"receipt":      func(p *model.Pass) { p.Snapshot.Target.Receipts = []model.Receipt{receipt(api.OutcomePending)} },
		"reverted":     func(p *model.Pass) { p.Verification.RevertedBy = "Argo CD" },
		"nothing came": func(p *model.Pass) { p.Diagnosis.Counts.Expired, p.Diagnosis.Counts.ConsecutiveExpired = 0, 0 },
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			before := Status(object(), sick())
			pass := sick()
			edit(pass)
			after := next(before, pass)
			if !Changed(&before, &after) {
				t.Error("a change went unnoticed")
			}
		})
	}
}

func TestSuspendedKeepsWhatWasSeen(t *testing.T) {
	o := object()
	o.Status = Status(o, slowStorage())
	first := Suspended(o, at)
	if first.Assessment[0] != suspendedLine || first.Health != api.HealthUnknown || first.Cause != api.CauseSlowStateBackend {
		t.Errorf("suspended status: %q, health %s, cause %s", first.Assessment[0], first.Health, first.Cause)
	}
	o.Status = first
	second := Suspended(o, at.Add(time.Hour))
	if Changed(&first, &second) || !sameFigures(&first, &second) {
		t.Error("a suspended object must be at rest")
	}
	resumed := next(first, slowStorage())
	if !Changed(&first, &resumed) {
		t.Error("resuming must be written")
	}
}

func TestSpellSurvivesUnknownAndEndsWithHealthy(t *testing.T) {
	sick := Status(object(), slowStorage())
	began := sick.UnhealthySince
	if began == nil || !began.Time.Equal(minutesAgo(57)) {
		t.Fatalf("unhealthySince = %v, want the first expiry in a row %v", began, minutesAgo(57))
	}
	lost := next(sick, unreachable())
	if lost.UnhealthySince == nil || !lost.UnhealthySince.Equal(began) {
		t.Errorf("an unreachable JobManager ended the spell: %v", lost.UnhealthySince)
	}
	if well := next(lost, base()); well.UnhealthySince != nil {
		t.Errorf("a healthy job is still unhealthy since %v", well.UnhealthySince)
	}
}
