package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// logsOf writes the logs of a recording to files, and the configuration its JobManager tells.
func logsOf(t *testing.T, name string) (logs []string, config string) {
	t.Helper()
	har, _ := recorded(t, name)
	newest := map[string]string{}
	for _, e := range recordingsOf(t, har).Entries() {
		switch {
		case strings.HasSuffix(e.Path, "/log") || strings.Contains(e.Path, "/logs/"):
			newest[e.Path] = string(e.Body)
		case strings.HasSuffix(e.Path, "jobmanager/config"):
			var settings []struct{ Key, Value string }
			if err := json.Unmarshal(e.Body, &settings); err != nil {
				t.Fatalf("%s: %s: %v", name, e.Path, err)
			}
			var text strings.Builder
			for _, s := range settings {
				fmt.Fprintf(&text, "%s: %s\n", s.Key, s.Value)
			}
			config = writeFile(t, "flink-conf.yaml", text.String())
		}
	}
	for path, text := range newest {
		logs = append(logs, writeFile(t, strings.ReplaceAll(strings.Trim(path, "/"), "/", "-")+".log", text))
	}
	return logs, config
}

// logVerdict is what a command said of logs; health is empty where there are none.
type logVerdict struct {
	health           api.Health
	likely, ruledOut []string
	stderr           string
}

// fromLogsAlone is what `diagnose --log` says of the logs of a recording.
func fromLogsAlone(t *testing.T, name string, withConfig bool) logVerdict {
	t.Helper()
	logs, config := logsOf(t, name)
	if len(logs) == 0 {
		return logVerdict{}
	}
	_, now := recorded(t, name)
	s := newShell(t, now)
	args := []string{"diagnose", "-o", "json"}
	if withConfig {
		args = append(args, "--config", config)
	}
	s.run(t, append(append(args, "--log"), logs...)...)
	var d struct {
		Health    api.Health `json:"health"`
		Diagnoses []struct {
			Cause    api.Cause    `json:"cause"`
			SubCause api.SubCause `json:"subCause"`
			Verdict  api.Verdict  `json:"verdict"`
		} `json:"diagnoses"`
	}
	if err := json.Unmarshal(s.out.Bytes(), &d); err != nil {
		t.Fatalf("%s: %v in %q, stderr %q", name, err, s.out.String(), s.err.String())
	}
	said := logVerdict{health: d.Health, stderr: s.err.String()}
	for _, f := range d.Diagnoses {
		cause := strings.TrimSuffix(string(f.Cause)+"/"+string(f.SubCause), "/")
		switch f.Verdict {
		case api.VerdictLikely, api.VerdictConfirmed:
			said.likely = append(said.likely, cause)
		case api.VerdictRuledOut:
			said.ruledOut = append(said.ruledOut, cause)
		}
	}
	return said
}

// Nothing in a log tells that a JobManager's heap is full while all checkpoints complete in time; the text says that it was not seen.
var unseenInLogs = []string{"1.20.5/jobmanager-heap", "1.20.5/jobmanager-heap-large"}

// Logs tell less than the REST API: what they do not tell is no verdict. No wrong cause, no sick job that passes for a healthy one, no cured one
// that is called sick, and the true cause is never ruled out.
func TestLogsAlone(t *testing.T) {
	labels, err := readLabels(recordings + "labels.yaml")
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for name, l := range labels {
		for _, withConfig := range []bool{false, true} {
			said := fromLogsAlone(t, name, withConfig)
			if said.health == "" {
				continue // no log was recorded
			}
			if wrong := said.wrong(name, l.Cause); wrong != "" {
				t.Errorf("%s, config %v: %s; it is %s", name, withConfig, wrong, l.Cause)
			}
			told += min(len(said.likely), 1)
		}
	}
	if told < 9 { // that the timer is late, which logs tell, makes no SlowCleanup: no log shows a delete
		t.Errorf("%d times a likely cause was found in logs alone, at least 9 were expected", told)
	}
}

// wrong is what must not be said of a recording's logs; empty where nothing is.
func (s logVerdict) wrong(name, cause string) string {
	sick := cause != labelNone
	switch {
	case s.health == api.HealthUnknown:
		if s.stderr == "" {
			return "Unknown without a reason"
		}
	case s.health == api.HealthHealthy:
		if sick && !slices.Contains(unseenInLogs, name) {
			return "Healthy"
		}
	case !sick:
		return string(s.health)
	}
	if len(s.likely) > 0 && s.likely[0] != cause {
		return strings.Join(s.likely, ", ")
	}
	if slices.Contains(s.ruledOut, cause) {
		return cause + " is ruled out"
	}
	return ""
}

// Two jobs of a session cluster in one log: each is named, none is judged until one is picked.
func TestLogsOfTwoJobs(t *testing.T) {
	logs, config := logsOf(t, "1.20.5/slow-cleanup-neighbour")
	_, now := recorded(t, "1.20.5/slow-cleanup-neighbour")
	s := newShell(t, now)
	args := append([]string{"diagnose", "--config", config, "--log"}, logs...)
	status := s.run(t, args...)
	text, unpicked := s.out.String(), s.err.String()
	if status != StatusUnknown || strings.ContainsAny(text, "✓✗") || !strings.Contains(text, "--job") {
		t.Errorf("status %d, a picture of no job: %s", status, text)
	}
	for _, id := range []string{"0689b446a78916938696cebd120486fa", "86c12155e5cefccde6d83dc08ecf6fec"} {
		if !strings.Contains(unpicked, id) {
			t.Errorf("stderr %q does not name %s", unpicked, id)
		}
		status := s.run(t, append(args, "--job", id)...)
		if text := s.out.String(); status == StatusUnknown || strings.Contains(text, `""`) || !strings.Contains(text, id) {
			t.Errorf("%s: status %d: %s%s", id, status, text, s.err.String())
		}
	}
	if status := s.run(t, append(args, "--job", "nobody")...); status != StatusUnknown || !strings.Contains(s.err.String(), "nobody") {
		t.Errorf("a job that is not there: status %d, %q", status, s.err.String())
	}
}

// What is no Flink configuration is refused before anything is said.
func TestLogsWithAStrangeConfig(t *testing.T) {
	logs, _ := logsOf(t, "1.20.5/slow-storage")
	s := newShell(t, load(t, "1.20.5/slow-storage").End())
	for file, want := range map[string]string{
		"../../README.md": "not of the form key: value",
		"../../go.mod":    "not of the form key: value",
		writeFile(t, "app.yaml", "server:\n  port: 8080\n"): "none of its 1 keys is one of Flink's",
	} {
		status := s.run(t, append([]string{"diagnose", "--config", file, "--log"}, logs...)...)
		if status != StatusUnknown || !strings.Contains(s.err.String(), want) || !strings.Contains(s.err.String(), file) || s.out.Len() > 0 {
			t.Errorf("%s: status %d, stderr %q, stdout %q", file, status, s.err.String(), s.out.String())
		}
	}
}

// A job that no log names is called by its id, never by nothing.
func TestLogsWithoutNames(t *testing.T) {
	logs, config := logsOf(t, "1.20.5/slow-storage")
	s := newShell(t, load(t, "1.20.5/slow-storage").End())
	s.run(t, append([]string{"diagnose", "--config", config, "--log"}, logs...)...)
	narrow(t, s.out.String())
	if text := s.out.String(); strings.Contains(text, `""`) || !strings.HasPrefix(text, "job      "+load(t, "1.20.5/slow-storage").Jobs()[0]) {
		t.Errorf("names are empty: %s", text)
	}
}
