package verify

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestSuperseded(t *testing.T) {
	for _, c := range []struct {
		name       string
		change     func(*model.Snapshot)
		outcome    api.Outcome
		reverted   string
		misaligned string
	}{
		{"in place", func(*model.Snapshot) {}, api.OutcomePending, "", ""},
		{"written in another way", func(s *model.Snapshot) { s.Target.Config[timeoutKey] = "900 s" }, api.OutcomePending, "", ""},
		{"Argo CD put it back", func(s *model.Snapshot) {
			s.Target.Config[timeoutKey], s.Target.GitOps = "10m", []string{"Argo CD"}
			s.Target.Owners = map[string][]string{timeoutKey: {"argocd-controller"}}
		}, api.OutcomeSuperseded, "Argo CD", api.ReasonRevertedByGitOps},
		{"Flux took it out", func(s *model.Snapshot) {
			delete(s.Target.Config, timeoutKey)
			s.Target.GitOps, s.Target.Ours = []string{"Flux"}, nil
		}, api.OutcomeSuperseded, "Flux", api.ReasonRevertedByGitOps},
		{"a person changed it", func(s *model.Snapshot) { s.Target.Config[timeoutKey] = "1h" }, api.OutcomeSuperseded, "", ""},
		{"a person changed it under GitOps", func(s *model.Snapshot) {
			s.Target.Config[timeoutKey], s.Target.GitOps = "1h", []string{"Argo CD"}
			s.Target.Owners = map[string][]string{timeoutKey: {"kubectl-edit"}}
		}, api.OutcomeSuperseded, "", ""},
		{"upgradeMode is its owner's", func(s *model.Snapshot) {
			receipt(s).Changes = append(receipt(s).Changes, model.ChangeRecord{Field: fieldUpgradeMode, From: "savepoint", To: "last-state"})
			s.Target.UpgradeMode = "savepoint"
		}, api.OutcomePending, "", ""},
		{"CPU as a number", func(s *model.Snapshot) {
			receipt(s).Changes[0] = model.ChangeRecord{Field: "jobManager.resource.cpu", From: "1", To: "1.50"}
			s.Target.JobManagerCPU = model.Measured(1.5)
		}, api.OutcomePending, "", ""},
		{"CPU changed", func(s *model.Snapshot) {
			receipt(s).Changes[0] = model.ChangeRecord{Field: "jobManager.resource.cpu", From: "1", To: "1.5"}
			s.Target.JobManagerCPU = model.Measured(1)
		}, api.OutcomeSuperseded, "", ""},
		{"memory in another unit", func(s *model.Snapshot) {
			receipt(s).Changes[0] = model.ChangeRecord{Field: "jobManager.resource.memory", From: "1g", To: "2g"}
			s.Target.JobManagerMemory = "2048m"
		}, api.OutcomePending, "", ""},
		{"a key that is not shown", func(s *model.Snapshot) {
			receipt(s).Changes[0] = model.ChangeRecord{Field: "x.y", To: "1"}
		}, api.OutcomePending, "", ""},
	} {
		s := treated()
		c.change(s)
		v := Verify(s, nil, nil, applied.Add(5*time.Minute))
		if v.Outcome != c.outcome || v.RevertedBy != c.reverted || v.Misaligned != c.misaligned {
			t.Errorf("%s: %s by %q, %s %q", c.name, v.Outcome, v.RevertedBy, v.Misaligned, v.Message)
		}
	}
}

func TestValueInForce(t *testing.T) {
	for _, c := range []struct {
		name       string
		change     func(*model.Snapshot)
		outcome    api.Outcome
		misaligned string
	}{
		{"the job's code wins", func(s *model.Snapshot) {
			s.Settings.Timeout = model.Setting[time.Duration]{Value: 10 * time.Minute, Known: true, Origin: api.OriginJobCode}
		}, api.OutcomeIneffective, api.ReasonOverriddenInCode},
		{"a nested twin wins", func(s *model.Snapshot) {
			s.Settings.Timeout, s.Target.Twins = known(10*time.Minute), []string{timeoutKey}
		}, api.OutcomeIneffective, api.ReasonNestedDuplicate},
		{"not read", func(s *model.Snapshot) { s.Settings.Timeout = model.Setting[time.Duration]{} }, api.OutcomePending, ""},
		{"restart not seen: the old value is no evidence", func(s *model.Snapshot) {
			s.Job.StartTime, s.Checkpoints.LatestRestored = applied.Add(-time.Hour), nil
			s.Settings.Timeout = known(10 * time.Minute)
		}, api.OutcomePending, ""},
		{"cured all the same: nothing is undone", func(s *model.Snapshot) {
			s.Settings.Timeout = model.Setting[time.Duration]{Value: 10 * time.Minute, Known: true, Origin: api.OriginJobCode}
			s.Checkpoints.History = run(time.Minute, completed, completed, completed)
		}, api.OutcomeEffective, api.ReasonOverriddenInCode},
		{"what no Flink version reads", func(s *model.Snapshot) {
			receipt(s).Changes = append(receipt(s).Changes, model.ChangeRecord{Field: keyRunbookFlag, From: "true", WasSet: true, To: "false"})
			s.Target.Config[keyRunbookFlag] = "false"
		}, api.OutcomePending, api.ReasonIgnoredByFlink},
	} {
		s := treated()
		c.change(s)
		v := Verify(s, nil, nil, applied.Add(5*time.Minute))
		if v.Outcome != c.outcome || v.Misaligned != c.misaligned || (c.misaligned != "") != (v.MisalignedMessage != "") {
			t.Errorf("%s: %s, %s %q", c.name, v.Outcome, v.Misaligned, v.MisalignedMessage)
		}
	}
}
