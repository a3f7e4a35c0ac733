package verify

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestEveryFieldIsComparedWithWhatFlinkRunsWith(t *testing.T) {
	cluster := map[string]string{
		"kubernetes.jobmanager.cpu.amount": "0.5", "kubernetes.jobmanager.cpu.limit-factor": "2", "jobmanager.memory.process.size": "2048m",
		"jobmanager.io-pool.size": "8", "execution.checkpointing.cleaner.parallel-mode": "true", "execution.checkpointing.incremental": "true",
		"state.backend.incremental": "true", "state.backend.rocksdb.checkpoint.transfer.thread.num": "8", "some.workaround": "1m",
	}
	for _, c := range []struct{ field, is, isNot string }{
		{"execution.checkpointing.timeout", "15m", "10m"},
		{"execution.checkpointing.interval", "60 s", "5m"},
		{"execution.checkpointing.max-concurrent-checkpoints", "1", "2"},
		{"execution.checkpointing.unaligned", "true", "false"},
		{"execution.checkpointing.unaligned.enabled", "true", "false"},
		{"jobManager.resource.cpu", "0.50", "1"},
		{"jobManager.resources.requests.cpu", "500m", "1"},
		{"jobManager.resources.limits.cpu", "1", "500m"},
		{"jobManager.resource.memory", "2g", "4g"},
		{"jobManager.resources.requests.memory", "2Gi", "4Gi"},
		{"jobManager.resources.limits.memory", "2Gi", "4Gi"},
		{"jobmanager.io-pool.size", "8", "4"},
		{"execution.checkpointing.cleaner.parallel-mode", "true", "false"},
		{"execution.checkpointing.incremental", "true", "false"},
		{"state.backend.incremental", "true", "false"},
		{"state.backend.rocksdb.checkpoint.transfer.thread.num", "8", "16"},
		{"some.workaround", "60s", "2m"},
	} {
		s := treated()
		s.Settings.Cluster, s.Settings.MaxConcurrent, s.Settings.Unaligned = cluster, known(1), known(true)
		v := &verdict{s: s, r: receipt(s)}
		value, _, ok := v.inForce(c.field)
		if !ok || !agree(c.field, value, c.is) || agree(c.field, value, c.isNot) {
			t.Errorf("%s: in force %q (%v), want it to agree with %s and not with %s", c.field, value, ok, c.is, c.isNot)
		}
		s.Settings = model.Settings{}
		if value, _, ok := v.inForce(c.field); ok {
			t.Errorf("%s: %q where nothing was read", c.field, value)
		}
	}
	for _, field := range []string{keyRunbookFlag, "kubernetes.operator.savepoint.cleanup.enabled", fieldUpgradeMode} {
		s := treated()
		s.Settings.Cluster = map[string]string{keyRunbookFlag: "true", "kubernetes.operator.savepoint.cleanup.enabled": "true"}
		if _, _, ok := (&verdict{s: s, r: receipt(s)}).inForce(field); ok {
			t.Errorf("%s is nothing that Flink runs with", field)
		}
	}
}

// The JobManager came back without what was written: that is said, and the checkpoints decide.
func TestWhatTheJobManagerDoesNotRunWithIsSaid(t *testing.T) {
	s := treated()
	receipt(s).Changes[0] = model.ChangeRecord{Field: "jobManager.resource.cpu", From: "0.25", WasSet: true, To: "0.5"}
	s.Target.JobManagerCPU = model.Measured(0.5)
	s.Settings.Cluster = map[string]string{"kubernetes.jobmanager.cpu": "0.25"}
	v := Verify(s, nil, nil, applied.Add(5*time.Minute))
	if v.Outcome != api.OutcomePending || v.Misaligned != api.ReasonNotInForce || !strings.Contains(v.MisalignedMessage, "jobManager.resource.cpu = 0.25 although 0.5 was written") {
		t.Errorf("%s, %s %q", v.Outcome, v.Misaligned, v.MisalignedMessage)
	}
	s.Settings.Cluster["kubernetes.jobmanager.cpu"] = "0.5"
	if v := Verify(s, nil, nil, applied.Add(5*time.Minute)); v.Misaligned != "" {
		t.Errorf("in force: %s %q", v.Misaligned, v.MisalignedMessage)
	}
	s.Target.Kind, s.Settings.Cluster["state.backend.incremental"] = "FlinkSessionJob", "false"
	if value, _, ok := (&verdict{s: s, r: receipt(s)}).inForce("state.backend.incremental"); ok {
		t.Errorf("%q of the session cluster says nothing of what its job was submitted with", value)
	}
}
