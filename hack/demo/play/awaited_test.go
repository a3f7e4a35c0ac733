package play

import (
	"strings"
	"testing"
	"time"
)

// A run never looks as if it hung: while nothing moves it says what it waits for, every quiet, and at its end how long it still watches.
func TestALogIsNeverSilent(t *testing.T) {
	parts := []*Part{{Name: "payments"}, {Name: "orders"}, {Name: "clicks"}, {Name: "fraud"}, {Name: "ads"}}
	verdicts := map[string]Verdict{"ads": {Passed: true}}
	for _, part := range parts[:4] {
		verdicts[part.Name] = Verdict{Why: "not judged yet"}
	}
	rows := []row{{name: "payments"}}
	var out strings.Builder
	began := time.Unix(1_795_600_000, 0)
	log := newTable(&out, false, began, parts)
	shown := func(after time.Duration, looks int) string {
		out.Reset()
		log.show(rows, awaited(parts, verdicts, looks), began.Add(after))
		return out.String()
	}
	shown(0, hold)
	if text := shown(quiet-time.Second, hold); text != "" {
		t.Errorf("it speaks too soon: %q", text)
	}
	if text := shown(quiet, hold); !strings.Contains(text, "10s  waiting for payments (not judged yet), orders (not judged yet), clicks (not judged yet), 1 more") {
		t.Errorf("after %s without a line: %q", quiet, text)
	}
	if text := shown(quiet+time.Second, hold); text != "" {
		t.Errorf("it repeats itself: %q", text)
	}
	for _, part := range parts {
		verdicts[part.Name] = Verdict{Passed: true}
	}
	if text := shown(3*quiet, 4); !strings.Contains(text, "watched for 4s more") {
		t.Errorf("all are there: %q", text)
	}
	if text := shown(9*quiet, 0); text != "" {
		t.Errorf("nothing is waited for: %q", text)
	}
}

// On a terminal it stands below the table and is drawn anew with it.
func TestATerminalShowsWhatIsAwaited(t *testing.T) {
	parts := []*Part{{Name: "payments"}}
	var out strings.Builder
	began := time.Unix(1_795_600_000, 0)
	screen := newTable(&out, true, began, parts)
	long := "waiting for " + strings.Repeat("x", 400)
	for i := range 2 {
		screen.show([]row{{name: "payments"}}, long, began.Add(time.Duration(i)*time.Second))
	}
	if text := out.String(); strings.Count(text, "waiting for") != 2 || !strings.Contains(text, "\x1b[3A") || strings.Contains(text, strings.Repeat("x", tableColumns)) {
		t.Errorf("drawn: %q", text)
	}
}
