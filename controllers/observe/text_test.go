package observe

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// What Flink and connectors say is quoted in status, events and JSON: whichever way it came, no secret is in it.
func TestQuotedTextsHoldNoSecrets(t *testing.T) {
	const said = `java.sql.SQLException: cannot connect to jdbc:mysql://h/d?user=a&password=SECRET`
	w := newWorld(t)
	failed := strings.Replace(expired(w.clock.now.UnixMilli()-700_000), "Checkpoint expired before completing.", "Asynchronous task checkpoint failed. "+said, 1)
	w.history(failed, completed(7, w.clock.now.UnixMilli()-800_000))
	w.fake.answers["/jobs/"+jobID+"/exceptions"] = `{"exceptionHistory":{"entries":[{"exceptionName":"x.Y","timestamp":1772366300000,"stacktrace":"` +
		said + `\n\tat a.B.c(B.java:1)\nCaused by: ` + said + `"}]}}`
	w.fake.answers["/jobmanager/logs"] = `{"logs":[{"name":"a.log","size":10}]}`
	w.fake.answers["/jobmanager/logs/a.log"] = "2026-03-01 12:00:00,000 WARN x [] - Failure to finalize checkpoint: " + said + "\n" +
		"2026-03-01 12:00:01,000 INFO x [] - task (1/2) switched from RUNNING to FAILED.\n" + said + "\n\tat a.B.c(B.java:1)\n"
	snapshot := w.pass(time.Second, api.HealthUnhealthy)
	if len(snapshot.Exceptions) == 0 || len(snapshot.Logs) == 0 || snapshot.Checkpoints.History[0].Failure == nil {
		t.Fatalf("exceptions %v, logs %v, history %v", snapshot.Exceptions, snapshot.Logs, snapshot.Checkpoints.History)
	}
	report, err := ScanLog(strings.NewReader(w.fake.answers["/jobmanager/logs/a.log"]), "jobmanager")
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]any{"snapshot": snapshot, "log": report.Signals, "log's exceptions": report.Exceptions} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if i := strings.Index(string(text), "SECRET"); i >= 0 {
			t.Errorf("%s holds a secret: …%s…", name, text[max(0, i-120):i+6])
		}
		if !strings.Contains(string(text), "cannot connect") {
			t.Errorf("%s lacks the rest of the message: %s", name, text)
		}
	}
}

// A secret at the place where a text is cut does not survive by half.
func TestQuotedTextCutsLast(t *testing.T) {
	text := strings.Repeat("x", 40) + " password=SECRETSECRET"
	if got := quotedText(text, 57); strings.Contains(got, "SEC") {
		t.Errorf("quotedText = %q", got)
	}
}
