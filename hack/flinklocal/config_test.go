package flinklocal

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestEffectiveOrder(t *testing.T) {
	p := place{dir: "/lab", scheme: "objectstore", host: loopback, rpc: 1, rest: 2}
	conf := effective("1.20.5", p, map[string]string{"taskmanager.memory.task.heap.size": "768m"}, map[string]string{
		"execution.checkpointing.timeout":               "15m",
		"rest.port":                                     "8081",
		"state.checkpoints.dir":                         "s3://bucket/checkpoints",
		"high-availability.type":                        "kubernetes",
		"high-availability":                             "kubernetes",
		"kubernetes.operator.savepoint.cleanup.enabled": "true",
		"taskmanager.memory.process.size":               "4g",
		"execution.savepoint.cleanup-in-background":     "true",
	})
	for key, want := range map[string]string{
		"execution.checkpointing.timeout":           "15m",  // the user's, over the default
		"execution.checkpointing.interval":          "3 s",  // the default
		"taskmanager.memory.task.heap.size":         "768m", // the lab's, over the default
		"rest.port":                                 "2",    // ours, over the user's
		"state.checkpoints.dir":                     "objectstore:///lab/checkpoints",
		"execution.savepoint.cleanup-in-background": "true", // unknown to Flink, and still the user's
	} {
		if conf[key] != want {
			t.Errorf("%s = %q, want %q", key, conf[key], want)
		}
	}
	for _, key := range []string{"high-availability", "high-availability.type", "kubernetes.operator.savepoint.cleanup.enabled", "taskmanager.memory.process.size"} {
		if v, ok := conf[key]; ok {
			t.Errorf("%s = %q, want it left out: it needs what local processes do not have", key, v)
		}
	}
}

func TestForVersionGivesTheNameThatIsRead(t *testing.T) {
	conf := map[string]string{"execution.checkpointing.incremental": "true", "pekko.framesize": "500000b", "execution.checkpointing.timeout": "10s"}
	for version, want := range map[string][]string{
		"1.17.2": {"state.backend.incremental", "akka.framesize"},
		"1.18.1": {"state.backend.incremental", "pekko.framesize"},
		"1.20.5": {"execution.checkpointing.incremental", "pekko.framesize"},
		"2.2.1":  {"execution.checkpointing.incremental", "pekko.framesize"},
	} {
		got := forVersion(version, conf)
		if len(got) != len(conf) || got["execution.checkpointing.timeout"] != "10s" {
			t.Errorf("%s: %v, want as many settings as before", version, got)
		}
		for _, key := range want {
			if got[key] == "" {
				t.Errorf("%s: %v, want %s", version, got, key)
			}
		}
	}
	if len(conf) != 3 || conf["pekko.framesize"] == "" {
		t.Errorf("the configuration given was changed: %v", conf)
	}
}

func TestConfigFile(t *testing.T) {
	conf := map[string]string{"b": "true", "a": "x: y # z", "c": "10 s"}
	name, text, err := configFile("1.18.1", conf)
	if err != nil || name != "flink-conf.yaml" || string(text) != "a: x: y # z\nb: true\nc: 10 s\n" {
		t.Errorf("1.18: %s %q %v, want flat lines without quotes in flink-conf.yaml", name, text, err)
	}
	for _, version := range []string{"1.19.0", "2.2.1"} {
		name, text, err := configFile(version, conf)
		if err != nil || name != "config.yaml" {
			t.Fatalf("%s: %s, %v", version, name, err)
		}
		var back map[string]string
		if err := yaml.Unmarshal(text, &back); err != nil || len(back) != 3 || back["a"] != conf["a"] || back["b"] != "true" {
			t.Errorf("%s: %q reads as %v (%v), want texts as they were", version, text, back, err)
		}
	}
}

func TestTaskManagerHeap(t *testing.T) {
	heap, err := taskManagerHeap(defaults())
	if err != nil || heap != 448*mib { // 384m of tasks and 64m of the framework
		t.Errorf("%d MiB, %v; want 448 MiB", heap/mib, err)
	}
	if _, err := taskManagerHeap(map[string]string{"taskmanager.memory.task.heap.size": "much"}); err == nil || !strings.Contains(err.Error(), "task.heap.size") {
		t.Errorf("error %v, want one that names the key", err)
	}
}
