package cli

import (
	"strings"
	"testing"
)

// Acknowledgements that a log shows to have come after their checkpoint had expired are told: that messages get through, and how late, is what somebody who
// reads the log would look for.
func TestLateAcknowledgementsOfALogAreTold(t *testing.T) {
	trigger := "2026-11-26 01:10:00,000 INFO  o.a.f.r.c.CheckpointCoordinator [] - Triggering checkpoint 5 (type=CHECKPOINT) @ 1795655400000 for job " + plainJob + ".\n"
	late := "2026-11-26 01:31:00,000 WARN  o.a.f.r.c.CheckpointCoordinator [] - Received late message for now expired checkpoint attempt 5 from task " +
		"a1b2c3d4e5f60718293a4b5c6d7e8f90_cbc357ccb763df2852fee8c4fc7d55f2_%_0 of job " + plainJob + " at pay-tm-1 @ 10.0.0.1 (dataPort=40012).\n"
	two := strings.Replace(late, "%", "0", 1) + strings.Replace(late, "%", "1", 1)
	lines := strings.SplitAfter(plainLog, "\n")
	for name, c := range map[string]struct{ log, want, format string }{
		"of one that expired": {lines[0] + trigger + lines[1] + lines[2] + two + lines[3],
			"By the JobManager's log messages get through, but late: acknowledgements that came after their checkpoint had expired: 2, of checkpoints: 1; the latest came 21m after its trigger.", formatText},
		"of one whose trigger is in no log": {lines[0] + lines[1] + lines[2] + two + lines[3], "had expired: 2, of checkpoints: 1.", formatText},
		"of one whose end is in no log":     {lines[0] + lines[2] + two + lines[3], "end of checkpoint 5 (they are over, and no log tells how they ended; acknowledgements came after that: 2)", formatJSON},
		"none":                              {plainLog, "", formatText},
	} {
		s := newShell(t, load(t, "1.20.5/healthy").End())
		s.run(t, "diagnose", "-o", c.format, "--log", writeFile(t, "jobmanager.log", c.log))
		if c.format == formatText {
			narrow(t, s.out.String())
		}
		text := strings.Join(strings.Fields(s.out.String()), " ")
		if c.want == "" && strings.Contains(text, "late") || !strings.Contains(text, c.want) {
			t.Errorf("%s: want %q in %s%s", name, c.want, s.out.String(), s.err.String())
		}
	}
}
