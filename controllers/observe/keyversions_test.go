package observe

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestReleaseOf(t *testing.T) {
	for version, want := range map[string]release{"1.20.5": {1, 20}, "2.2": {2, 2}, "1.20-vendor7": {1, 20}, "1.18.1-SNAPSHOT": {1, 18}} {
		if got, ok := releaseOf(version); !ok || got != want {
			t.Errorf("%s: %v, %v; want %v", version, got, ok, want)
		}
	}
	for _, version := range []string{"", "2", "1.", ".20", "v1.20", "1.x", "unknown"} {
		if got, ok := releaseOf(version); ok {
			t.Errorf("%q: %v; want that it is not known", version, got)
		}
	}
}

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

// A key that is too young or too old for the running Flink is said with its setting: what it is set to, when it is read and what is right.
func TestAKeyThatFlinkIgnoresIsSaid(t *testing.T) {
	const young, old, heap = "execution.checkpointing.incremental", "state.backend.incremental", "jobmanager.heap.size"
	incremental := func(s *model.Settings) string { return s.Incremental.Ignored }
	for _, test := range []struct {
		version string
		config  map[string]string
		of      func(*model.Settings) string
		want    string
	}{
		{"1.19.3", map[string]string{young: "true"}, incremental, "IgnoredByFlink: " + young + ": true, for Flink 1.19.3 does not read that key: it came with 1.20; set " + old},
		{"1.19.3", map[string]string{young: "true", old: "false"}, incremental, "IgnoredByFlink: " + young + ": true, for Flink 1.19.3 does not read that key: it came with 1.20; set " + old},
		{"1.19.3", map[string]string{young: "true", old: "true"}, incremental, ""}, // written for both
		{"1.20.5", map[string]string{young: "true"}, incremental, ""},
		{"2.2.1", map[string]string{old: "true"}, incremental, ""}, // an old name that is still read
		{"", map[string]string{young: "true"}, incremental, ""},
		{"1.16.3", map[string]string{"execution.checkpointing.unaligned.enabled": "true"}, func(s *model.Settings) string { return s.Unaligned.Ignored },
			"IgnoredByFlink: execution.checkpointing.unaligned.enabled: true, for Flink 1.16.3 does not read that key: it came with 1.17; set execution.checkpointing.unaligned"},
		{"2.2.1", map[string]string{heap: "4g"}, func(s *model.Settings) string { return s.JobManagerHeap.Ignored },
			"IgnoredByFlink: jobmanager.heap.size: 4g, for Flink 2.2.1 does not read that key: 1.20 was the last to; set jobmanager.memory.heap.size"},
		{"1.20.5", map[string]string{heap: "4g"}, func(s *model.Settings) string { return s.JobManagerHeap.Ignored }, ""},
	} {
		for name, facts := range map[string]*clusterFacts{
			"in force": {version: test.version, config: test.config, hasInForce: true}, "configured": {version: test.version, config: test.config},
		} {
			s := settingsOf(facts, nil)
			if got := test.of(&s); got != test.want {
				t.Errorf("Flink %q, %v, %s: %q, want %q", test.version, test.config, name, got, test.want)
			}
		}
		// The target's own configuration tells as well, where the JobManager's could not be read.
		s := settingsOf(&clusterFacts{version: test.version}, &model.Target{Kind: kindFlinkDeployment, Config: test.config})
		if got := test.of(&s); got != test.want {
			t.Errorf("Flink %q, %v of the target: %q, want %q", test.version, test.config, got, test.want)
		}
	}
}

// docs/targets.md tells of every key which versions read it.
func TestDocsTellWhichVersionsReadAKey(t *testing.T) {
	page := docsOf(t, "targets.md")
	row := func(key, versions string) {
		if !slices.ContainsFunc(strings.Split(page, "\n"), func(line string) bool {
			return strings.Contains(line, "`"+key+"`") && strings.HasSuffix(line, "| "+versions+" |")
		}) {
			t.Errorf("docs/targets.md does not tell that %s is read by %s", key, versions)
		}
	}
	for key, first := range firstRead {
		row(key, first.String()+" and newer")
	}
	for key, last := range lastRead {
		row(key, last.String()+" and older")
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
