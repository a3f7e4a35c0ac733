package cli

import (
	"strings"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/observe"
)

var exampleNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// oneLine is a text without its line breaks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// The tail of a log says nothing of what completed before it: nobody is told that a restart loses everything.
func TestATailOfALog(t *testing.T) {
	lines := strings.SplitAfter(fileText(t, example+"jobmanager.log"), "\n")
	s := newShell(t, exampleNow)
	for from, text := range map[string]string{"head": strings.Join(lines, ""), "tail": strings.Join(lines[len(lines)-20:], "")} {
		s.run(t, "diagnose", "--log", writeFile(t, "jobmanager.log", text))
		narrow(t, s.out.String())
		said := oneLine(s.out.String())
		if strings.Contains(said, "Nothing ever completed in this run") != (from == "head") ||
			strings.Contains(said, "whether an earlier one completed, and so how much a restart would replay, is not in them") != (from == "tail") {
			t.Errorf("%s: %s%s", from, s.out.String(), s.err.String())
		}
	}
}

// Where only the JobManager's log is there, those of the TaskManagers are asked for before anything that takes a running job.
func TestTheTaskManagersLogsAreAskedFor(t *testing.T) {
	s := newShell(t, exampleNow)
	s.run(t, "diagnose", "--log", example+"jobmanager.log")
	narrow(t, s.out.String())
	if said := oneLine(s.out.String()); !strings.Contains(said, "To settle it: the TaskManagers' logs of 11:4") || !strings.Contains(said, " UTC beside this one, and --config; then ") {
		t.Errorf("said: %s", s.out.String())
	}
	s.run(t, "diagnose", "--log", example+"jobmanager.log", "--config", example+"config.yaml")
	if said := oneLine(s.out.String()); !strings.Contains(said, " beside this one; then ") {
		t.Errorf("with --config: %s", s.out.String())
	}
	s.run(t, "diagnose", "--log", example+"jobmanager.log", example+"taskmanager.log")
	if said := oneLine(s.out.String()); strings.Contains(said, "beside this one") {
		t.Errorf("with the TaskManager's log: %s", s.out.String())
	}
}

// A log of another time is named, and one that is given twice counts once.
func TestLogsOfAnotherTimeAndTwice(t *testing.T) {
	s := newShell(t, exampleNow)
	old := writeFile(t, "old.log", strings.ReplaceAll(fileText(t, example+"taskmanager.log"), "2026-11-22", "2026-10-01"))
	s.run(t, "diagnose", "--config", example+"config.yaml", "--log", example+"jobmanager.log", old)
	if said := s.err.String(); !strings.HasPrefix(said, "--log old.log: its lines are of 1 Oct 2026 11:4") ||
		!strings.Contains(said, "none of the time of the checkpoints (22 Nov 2026 11:4") {
		t.Errorf("said: %q", said)
	}
	again := writeFile(t, "copy.log", fileText(t, example+"taskmanager.log"))
	s.run(t, "diagnose", "--config", example+"config.yaml", "--log", example+"jobmanager.log", example+"taskmanager.log", again)
	if !strings.Contains(s.out.String(), " 8 oversized payloads discarded") || s.err.String() != "--log "+again+": holds the same as "+example+"taskmanager.log: read once\n" {
		t.Errorf("said: %s%s", s.out.String(), s.err.String())
	}
}

// kubectl logs … | diagnose --log -
func TestALogThatIsPipedIn(t *testing.T) {
	s := newShell(t, exampleNow)
	s.env.In = strings.NewReader(fileText(t, example+"jobmanager.log"))
	if status := s.run(t, "diagnose", "--log", "-"); status != StatusSick || s.err.Len() > 0 {
		t.Errorf("status %d: %s%s", status, s.out.String(), s.err.String())
	}
}

// Times without a date are not taken for today's: the head says of which day a recording or a log is.
func TestTheHeadSaysOfWhichDayItIs(t *testing.T) {
	s := newShell(t, exampleNow.AddDate(0, 0, 4))
	s.run(t, "diagnose", "--log", example+"jobmanager.log")
	if !strings.Contains(s.out.String(), "\nseen     22 Nov 2026 11:44 to 11:46 UTC\n") {
		t.Errorf("logs: %s", s.out.String())
	}
	s.run(t, "diagnose", "--log", writeFile(t, "plain.log", plainLog))
	if !strings.Contains(s.out.String(), "\nseen     26 Nov 2026 01:00 to 01:40 in the log's own time\n") {
		t.Errorf("logs without a zone: %s", s.out.String())
	}
	har, now := recorded(t, "1.20.5/slow-storage")
	s.run(t, "diagnose", "--recording", har)
	if !strings.Contains(s.out.String(), "\nseen     "+now.UTC().Format("2 Jan 2006 ")) {
		t.Errorf("a recording: %s", s.out.String())
	}
	if text := spanText(observe.Span{From: exampleNow, To: exampleNow.Add(13 * time.Hour)}, ""); text != "22 Nov 2026 12:00 to 23 Nov 2026 01:00" {
		t.Errorf("over midnight: %s", text)
	}
}

// What a closed window means is said of a recording too, where a remedy would wait for it.
func TestAClosedWindowOnARecording(t *testing.T) {
	har, now := recorded(t, "1.20.5/slow-storage")
	s := newShell(t, now)
	for schedule, closed := range map[string]bool{"0 3 * * *": true, "* * * * *": false} {
		policy := writeFile(t, "policy.yaml", "mode: Remediate\nguards: {windows: [{schedule: \""+schedule+"\", durationSeconds: 60, timeZone: Europe/Berlin}]}\n")
		s.run(t, "diagnose", "--recording", har, "--policy", policy)
		said := oneLine(s.out.String())
		if !strings.Contains(said, "apply the patch yourself") || strings.Contains(said, "when this was seen, the policy's window opens at ") != closed {
			t.Errorf("%s: %s%s", schedule, s.out.String(), s.err.String())
		}
	}
}
