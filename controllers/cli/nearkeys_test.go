package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/recording"
)

func TestMisspelledKeys(t *testing.T) {
	for key, want := range map[string]string{
		"execution.checkpointing.timout":           "execution.checkpointing.timeout",
		"execution.checkpoint.timeout":             "execution.checkpointing.timeout",
		"exection.checkpointing.timeout":           "execution.checkpointing.timeout",
		"execution.checkpointing.Timeout":          "execution.checkpointing.timeout",
		"execution.checkpointing.min_pause":        "execution.checkpointing.min-pause",
		"checkpointing.interval":                   "execution.checkpointing.interval",
		"execution.checkpointing.incremetnal":      "execution.checkpointing.incremental",
		"jobmanager.memory.proces.size":            "jobmanager.memory.process.size",
		"execution.checkpointing.timeout":          "",
		"state.backend.incremental":                "",
		"timeout":                                  "",
		"s3.secret-key":                            "",
		"jobmanager.memory.off-heap.size":          "",
		"state.savepoints.dir":                     "",
		"com.example.shop.orders.max":              "",
		"taskmanager.memory.process.size":          "",
		"execution.checkpointing.unaligned.forced": "",
	} {
		got := strings.Join(misspelled([]string{key}), "; ")
		if want == "" && got != "" || want != "" && got != key+" is no key that is read here; is "+want+" meant?" {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if n := len(misspelled(strings.Fields(strings.Repeat("execution.checkpointing.timout ", 20)))); n != maxMisspelled {
		t.Errorf("%d remarks, want %d", n, maxMisspelled)
	}
}

// No key with which a real Flink ran is remarked.
func TestNoKeyOfFlinkIsRemarked(t *testing.T) {
	files, err := filepath.Glob(recordings + "*/*.har.gz")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		addKeys(t, file, seen)
	}
	if len(seen) < 30 {
		t.Fatalf("%d keys only", len(seen))
	}
	for key := range seen {
		if said := misspelled([]string{key}); len(said) > 0 {
			t.Error(said)
		}
	}
	for _, key := range observe.SettingKeys() {
		if !observe.KeptKey(key) {
			t.Errorf("%s is read and not kept", key)
		}
	}
}

// addKeys adds the keys of the configurations in a recording.
func addKeys(t *testing.T, file string, seen map[string]bool) {
	t.Helper()
	archive, err := recording.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range archive.Entries() {
		var settings []struct{ Key string }
		if !strings.HasSuffix(e.Path, "jobmanager/config") || json.Unmarshal(e.Body, &settings) != nil {
			continue
		}
		for _, setting := range settings {
			seen[setting.Key] = true
		}
	}
}

// The remark is on stderr and names the file; the diagnosis is made all the same.
func TestAMisspelledKeyIsRemarked(t *testing.T) {
	logs, config := logsOf(t, "1.20.5/slow-storage")
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	wrong := writeFile(t, "config.yaml", strings.Replace(string(raw), "execution.checkpointing.timeout:", "execution.checkpointing.timout:", 1)+"com.example.key: 1\n")
	s := newShell(t, load(t, "1.20.5/slow-storage").End())
	status := s.run(t, append([]string{"diagnose", "--config", wrong, "--log"}, logs...)...)
	want := "--config " + wrong + ": execution.checkpointing.timout is no key that is read here; is execution.checkpointing.timeout meant?\n"
	if status != StatusSick || s.err.String() != want {
		t.Errorf("status %d, stderr %q, want %q", status, s.err.String(), want)
	}
}
