package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// failing3 is a job whose checkpoints complete, and which failed of these so many minutes ago.
func failing3(name, message string, minutesAgo ...float64) *model.Snapshot {
	s := add(jobOf(2), times(10, completed(20*time.Second))...)
	for _, ago := range minutesAgo {
		s.Exceptions = append(s.Exceptions, model.JobException{At: testNow.Add(-time.Duration(ago * float64(time.Minute))), Name: name, Message: name + ": " + message, Task: "Sink: warehouse (1/2)"})
	}
	return s
}

// A job that fails again and again is not well for the checkpoints that complete in between, and one failure, or some that are over, make none of it ill.
func TestAJobThatKeepsFailing(t *testing.T) {
	const own, gone = "com.shop.BadRecord", "org.apache.flink.runtime.rpc.exceptions.RecipientUnreachableException"
	for name, c := range map[string]struct {
		job    *model.Snapshot
		health api.Health
		likely bool
	}{
		"every five minutes":                          {failing3(own, "no such country", 1, 6, 11), api.HealthAtRisk, true},
		"a process that is gone, again and again":     {failing3(gone, "Could not send message", 1, 1.02, 1.04, 6, 6.02, 11), api.HealthAtRisk, true},
		"one that nobody hears any more":              {failing3("java.util.concurrent.TimeoutException", "The heartbeat of TaskManager with id tm-2 timed out.", 1, 6, 11), api.HealthAtRisk, false},
		"twice":                                       {failing3(own, "no such country", 1, 6), api.HealthHealthy, false},
		"three times, and then no more":               {failing3(own, "no such country", 20, 25, 30), api.HealthHealthy, false},
		"once a day":                                  {failing3(own, "no such country", 1, 1440, 2880), api.HealthHealthy, false},
		"one start after the other fails at once":     {failing3(gone, "Could not send message", 1, 1.02, 1.04, 1.06, 1.08, 1.1), api.HealthHealthy, false},
		"checkpoints that failed restarted it":        {failing3("org.apache.flink.util.FlinkRuntimeException", intolerance+".", 1, 6, 11), api.HealthHealthy, false},
		"it begins anew where there are no resources": {failing3("org.apache.flink.runtime.jobmanager.scheduler.NoResourceAvailableException", "slots", 1, 6, 11), api.HealthHealthy, false},
	} {
		d := diagnosed(t, c.job)
		f := findingOf(&d, api.CauseTaskFailure)
		if d.Health != c.health || (f != nil && f.Score >= likelyScore) != c.likely {
			t.Errorf("%s: %s %q, %+v", name, d.Health, d.Message, f)
		}
	}
}

// Where checkpoints expire as well the failures may be what comes of it: a task that does not come back from a call ends with its process.
func TestFailuresBesideExpiries(t *testing.T) {
	s := expiredThrice(4, shares{all(quick), absentFirst, absentAll})
	s.Exceptions = failing3("com.shop.BadRecord", "no such country", 1, 6, 11).Exceptions
	d := diagnosed(t, s)
	if f := findingOf(&d, api.CauseTaskFailure); f != nil && f.Score >= likelyScore {
		t.Errorf("%+v", f)
	}
}

// What a log said when the job was first at risk belongs to the spell when it is unhealthy, though the first expiry has left the history.
func TestTheSpellBeginsWhereTheJobWasFirstSick(t *testing.T) {
	s := expiredThrice(4, shares{all(quick), absentFirst, absentAll})
	s.Past.Health = api.HealthUnhealthy
	s.Past.UnhealthySince, s.Past.SickSince = testNow.Add(-5*time.Minute), testNow.Add(-2*time.Hour).Add(20*time.Minute)
	s.Logs = []model.LogSignal{{Kind: model.LogOversizedPayload, Count: 2, Last: testNow.Add(-2 * time.Hour), Sample: "Discarding oversized payload"}}
	d := diagnosed(t, s)
	if f := findingOf(&d, api.CauseOversizedAck); f == nil || f.Score < likelyScore {
		t.Errorf("%+v", f)
	}
}
