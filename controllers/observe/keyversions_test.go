package observe

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// Flink shows any key in its configuration; one that came with a later version is not in force.
func TestAKeyYoungerThanFlinkIsNotInForce(t *testing.T) {
	config := map[string]string{
		"execution.checkpointing.incremental": "true", "execution.checkpointing.num-retained": "7", "state.checkpoints.num-retained": "3",
		"execution.checkpointing.cleaner.parallel-mode": "false", "execution.checkpointing.dir": "s3://new", "pekko.framesize": "1mb",
		"akka.framesize": "2mb", "state.backend.type": "rocksdb", "state.backend": "hashmap",
	}
	type inForce struct {
		Incremental, CleanerParallel bool
		NumRetained                  int
		Dir, Backend                 string
		Frame                        int64
		By                           api.SettingOrigin // who sets Incremental
	}
	set, unset := api.OriginOperatorDefault, api.OriginDefault
	for version, want := range map[string]inForce{
		"1.16.3":      {false, false, 3, "", "hashmap", 2 << 20, unset},
		"1.17.2":      {false, false, 3, "", "rocksdb", 2 << 20, unset},
		"1.18.1":      {false, false, 3, "", "rocksdb", 1 << 20, unset},
		"1.19.3":      {false, true, 3, "", "rocksdb", 1 << 20, unset},
		"1.20.5-amzn": {true, false, 7, "s3://new", "rocksdb", 1 << 20, set},
		"2.2.1":       {true, false, 7, "s3://new", "rocksdb", 1 << 20, set},
		"":            {true, false, 7, "s3://new", "rocksdb", 1 << 20, set},
	} {
		s := settingsOf(&clusterFacts{version: version, config: config}, nil)
		got := inForce{s.Incremental.Value, s.CleanerParallel.Value, s.NumRetained.Value, s.CheckpointDir.Value, s.StateBackend.Value, s.FrameSize.Value, s.Incremental.Origin}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Flink %q (-want +got):\n%s", version, diff)
		}
	}
}

// A key that Flink does not read explains nothing that the job tells.
func TestAYoungerKeyIsNobodysSetting(t *testing.T) {
	key := map[string]string{"execution.checkpointing.unaligned.enabled": "true"}
	target := &model.Target{Kind: kindFlinkDeployment, Config: key}
	for version, want := range map[string]api.SettingOrigin{"1.16.3": api.OriginDefault, "1.17.2": api.OriginJobCode} {
		facts := &clusterFacts{version: version, config: key, hasInForce: true, inForce: flink.CheckpointConfig{Unaligned: false}}
		if got := settingsOf(facts, target).Unaligned; got.Value || got.Origin != want {
			t.Errorf("Flink %s runs without unaligned checkpoints: %+v, want origin %s", version, got, want)
		}
	}
	old := settingsOf(&clusterFacts{version: "1.16.3"}, target).Unaligned
	if old.Value || old.Key != "execution.checkpointing.unaligned" {
		t.Errorf("%+v, want false under the name that 1.16 reads", old)
	}
}

// What a job was submitted with wins over its session cluster, whichever of the names of the setting each of them uses.
func TestTheJobsOwnValueComesBeforeItsClusters(t *testing.T) {
	target := &model.Target{Kind: kindFlinkSessionJob, Config: map[string]string{"state.backend.incremental": "true", "jobmanager.io-pool.size": "64"}}
	target.Others = []model.Target{{Kind: kindFlinkDeployment, Config: map[string]string{}}}
	for version, cluster := range map[string]string{"1.19.3": "state.backend.incremental", "2.2.1": "state.backend.incremental", "1.18.1": "execution.checkpointing.incremental"} {
		s := settingsOf(&clusterFacts{version: version, config: map[string]string{cluster: "false", "jobmanager.io-pool.size": "8"}}, target)
		if !s.Incremental.Value || s.Incremental.Origin != api.OriginTarget || s.IOPoolSize.Value != 8 {
			t.Errorf("Flink %s: incremental %+v, io pool %+v", version, s.Incremental, s.IOPoolSize)
		}
	}
}
