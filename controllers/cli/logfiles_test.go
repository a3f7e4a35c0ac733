package cli

import (
	"os"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// What is no log is named, with what to do instead: a recording, a README, another program's log.
func TestFilesThatAreNoLogs(t *testing.T) {
	har, now := recorded(t, "1.20.5/slow-storage")
	s := newShell(t, now)
	for file, want := range map[string]string{
		har:                          "--log " + har + " is an HTTP Archive and no log: diagnose it with --recording " + har,
		"../../README.md":            "--log ../../README.md has no line that Flink logs; give the log of the JobManager",
		writeFile(t, "none.log", ""): "none.log is empty; give the log",
		writeFile(t, "dated.log", "2026-11-26 01:02:03,004 INFO  com.example.Shop [] - an order came in\n"): "none of them a line that Flink writes",
	} {
		status := s.run(t, "diagnose", "--log", file)
		if said := s.err.String(); status != StatusUnknown || s.out.Len() > 0 || !strings.Contains(said, want) || strings.Contains(said, "login page") {
			t.Errorf("%s: status %d, stdout %q, stderr %q", file, status, s.out.String(), said)
		}
	}
}

// Beside true logs a file that is none is left out, and that is said.
func TestAFileThatIsNoLogBesideLogs(t *testing.T) {
	logs, config := logsOf(t, "1.20.5/slow-storage")
	s := newShell(t, load(t, "1.20.5/slow-storage").End())
	status := s.run(t, append([]string{"diagnose", "--config", config, "--log", "../../README.md", "--log"}, logs...)...)
	if status != StatusSick || !strings.Contains(s.err.String(), "--log ../../README.md has no line that Flink logs: left out") {
		t.Errorf("status %d, %q", status, s.err.String())
	}
}

func TestIsArchive(t *testing.T) {
	har, _ := recorded(t, "1.20.5/slow-storage")
	text, err := os.ReadFile(har)
	if err != nil {
		t.Fatal(err)
	}
	for head, want := range map[string]bool{
		string(text): true, `{ "log": {"version"`: true, `{"log":"2026-11-26 01:02:03,004 INFO x"}`: false, "\x1f\x8b\x08": false, "": false,
	} {
		if got := isArchive(unzipped([]byte(head))); got != want {
			t.Errorf("%.40q: %v, want %v", head, got, want)
		}
	}
}

// Logs that name no job cannot tell whether it is the one that --job names.
func TestAJobThatNoLogNames(t *testing.T) {
	logs, config := logsOf(t, "1.20.5/slow-storage")
	id := load(t, "1.20.5/slow-storage").Jobs()[0]
	s := newShell(t, load(t, "1.20.5/slow-storage").End())
	args := append([]string{"diagnose", "--config", config, "--log"}, logs...)
	if status := s.run(t, append(args, "--job", "nobody")...); status != StatusUnknown || !strings.Contains(s.err.String(), `--job "nobody"`) || !strings.Contains(s.err.String(), id) {
		t.Errorf("status %d, %q", status, s.err.String())
	}
	if status := s.run(t, append(args, "--job", id)...); status != StatusSick {
		t.Errorf("by its id: status %d, %q", status, s.err.String())
	}
}

// A value that a setting cannot take is named with its key and what would be right: it is never taken for a default.
func TestWrongValuesInAConfig(t *testing.T) {
	logs, _ := logsOf(t, "1.20.5/slow-storage")
	s := newShell(t, load(t, "1.20.5/slow-storage").End())
	for text, want := range map[string]string{
		"execution.checkpointing.timeout: ten minutes\n":            `execution.checkpointing.timeout is "ten minutes", expected a duration such as 10 min`,
		"execution.checkpointing.timeout: 0\n":                      "expected a duration above 0",
		"execution.checkpointing.interval: often\n":                 `execution.checkpointing.interval is "often", expected a duration`,
		"execution.checkpointing.max-concurrent-checkpoints: two\n": `is "two", expected a whole number`,
		"execution.checkpointing.max-concurrent-checkpoints: 0\n":   "expected a whole number of at least 1",
		"execution.checkpointing.unaligned.enabled: perhaps\n":      `is "perhaps", expected true or false`,
		"execution.checkpointing.mode: twice\n":                     `is "twice", expected EXACTLY_ONCE or AT_LEAST_ONCE`,
		"jobmanager.memory.process.size: much\n":                    `is "much", expected a size such as 1600m`,
		"kubernetes.jobmanager.cpu.amount: two\n":                   `is "two", expected a number of cores`,
		"execution:\n  checkpointing:\n    timeout: -5 s\n":         `execution.checkpointing.timeout is "-5 s"`,
	} {
		file := writeFile(t, "config.yaml", text)
		status := s.run(t, append([]string{"diagnose", "--config", file, "--log"}, logs...)...)
		if said := s.err.String(); status != StatusUnknown || !strings.Contains(said, want) || !strings.Contains(said, "--config "+file) || s.out.Len() > 0 {
			t.Errorf("%q: status %d, stderr %q, stdout %q", text, status, said, s.out.String())
		}
	}
}

// Without a timeout no job is healthy by its logs: its checkpoints complete, and whether they come near it nobody can tell.
func TestLogsWithoutATimeout(t *testing.T) {
	lines := []string{}
	for i, end := range []string{"Completed checkpoint 1", "Completed checkpoint 2", "Decline checkpoint 3", "Completed checkpoint 4", "Completed checkpoint 5"} {
		minute := string(rune('1' + i))
		id := end[len(end)-1:]
		lines = append(lines, "2026-11-26 01:0"+minute+":00,000 INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Triggering checkpoint "+id+
			" (type=CheckpointType{name='Checkpoint', sharingFilesStrategy=FORWARD_BACKWARD}) @ 1795654860000 for job 68e2f3afd272682f2746840317535bae.")
		if strings.HasPrefix(end, "Decline") {
			lines = append(lines, "2026-11-26 01:0"+minute+":09,000 INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Decline checkpoint 3 by task 90bea66de1c231edf33913ecd54406c1_0a448493b4782967b150582570326227_0_0 of job 68e2f3afd272682f2746840317535bae at 10.0.0.1:6122-abc @ h (dataPort=1).")
			continue
		}
		lines = append(lines, "2026-11-26 01:0"+minute+":59,000 INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Completed checkpoint "+id+
			" for job 68e2f3afd272682f2746840317535bae (1024 bytes, checkpointDuration=59000 ms, finalizationTime=5 ms).")
	}
	file := writeFile(t, "jobmanager.log", strings.Join(lines, "\n")+"\n")
	s := newShell(t, load(t, "1.20.5/healthy").End())
	status := s.run(t, "diagnose", "--log", file, "-o", "json")
	if d := document(t, s.out.String()); status != StatusUnknown || d["health"] != "Unknown" || d["reason"] != api.ReasonLogsIncomplete {
		t.Errorf("status %d, %v because of %v: %v", status, d["health"], d["reason"], d["message"])
	}
	config := writeFile(t, "config.yaml", "execution.checkpointing.timeout: 30 min\nexecution.checkpointing.interval: 1 min\n")
	if status := s.run(t, "diagnose", "--log", file, "--config", config); status != StatusHealthy {
		t.Errorf("with --config: status %d: %s%s", status, s.out.String(), s.err.String())
	}
}

// A job that passes for a healthy one without a timeout is the only one that is held back.
func TestUntimed(t *testing.T) {
	pass := &model.Pass{Snapshot: &model.Snapshot{}, Diagnosis: model.Diagnosis{Health: api.HealthHealthy}}
	if !untimed(pass) {
		t.Error("healthy without a timeout")
	}
	pass.Snapshot.Settings.Timeout.Known = true
	if untimed(pass) {
		t.Error("the timeout is known")
	}
	pass.Snapshot.Settings.Timeout.Known, pass.Diagnosis.Health = false, api.HealthUnhealthy
	if untimed(pass) {
		t.Error("a sick one is sick without a timeout")
	}
}

// Labels of other recordings are said; where none matches, the names are of another directory and nothing is counted.
func TestLabelsOfOtherRecordings(t *testing.T) {
	har, now := recorded(t, "1.20.5/slow-storage")
	s := newShell(t, now)
	labels := writeFile(t, "labels.yaml", "1.20.5/slow-storage: {cause: SlowStateBackend, expired: 7}\n1.20.5/slow-storag: {cause: SinkFlush, expired: 1}\n")
	healthy, _ := recorded(t, "1.20.5/healthy")
	if status := s.run(t, "backtest", har, healthy, "--labels", labels); status != 0 || !strings.Contains(s.err.String(), "1 of 2 labels are of none of the recordings: 1.20.5/slow-storag;") ||
		!strings.Contains(s.err.String(), "1 of 2 recordings have no label: ") {
		t.Errorf("status %d, stderr %q", status, s.err.String())
	}
	labels = writeFile(t, "labels.yaml", "elsewhere/slow: {cause: SlowStateBackend, expired: 7}\n")
	if status := s.run(t, "backtest", har, "--labels", labels); status != StatusUnknown || s.out.Len() > 0 || !strings.Contains(s.err.String(), "none of the 1 labels, such as elsewhere/slow, is of one of the 1 recordings") {
		t.Errorf("status %d, stderr %q", status, s.err.String())
	}
}

// The causes a label may name are those of the API.
func TestLabelsMayNameEveryCause(t *testing.T) {
	raw, err := os.ReadFile("../../api/v1alpha1/vocabulary.go")
	if err != nil {
		t.Fatal(err)
	}
	_, enum, found := strings.Cut(string(raw), "+kubebuilder:validation:Enum=NetworkLatency;")
	if !found {
		t.Fatal("the enum of causes begins otherwise")
	}
	enum, _, _ = strings.Cut("NetworkLatency;"+enum, "\n")
	names := strings.Split(enum, ";")
	for _, name := range names {
		if wrong := (label{Cause: name}).check(); wrong != "" {
			t.Errorf("%s: %s", name, wrong)
		}
	}
	if len(names) != len(causes) {
		t.Errorf("%d causes, labels know %d", len(names), len(causes))
	}
}
