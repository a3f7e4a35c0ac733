package diagnose

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// How old a checkpoint is the JobManager's clock tells, whatever ours says: with a timeout of 30 s, a minute is twice that.
func TestClocksThatDisagree(t *testing.T) {
	const young, old = 5 * time.Second, 70 * time.Second // on the JobManager's clock
	tests := []struct {
		name    string
		ahead   time.Duration // the JobManager's clock less ours
		known   bool
		pending time.Duration
		health  api.Health
		age     time.Duration
	}{
		{"the same clock", 0, true, young, api.HealthHealthy, young},
		{"ours is a minute ahead", -time.Minute, true, young, api.HealthHealthy, young},
		{"ours is an hour ahead", -time.Hour, true, young, api.HealthHealthy, young},
		{"ours is a minute behind", time.Minute, true, young, api.HealthHealthy, young},
		{"overdue, ours is ahead", -time.Minute, true, old, api.HealthUnhealthy, old},
		{"overdue, ours is behind", time.Minute, true, old, api.HealthUnhealthy, old},
		{"overdue, ours is an hour behind", time.Hour, true, old, api.HealthUnhealthy, old},
		{"nothing known: ours is taken", 0, false, old, api.HealthUnhealthy, old},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := add(jobOf(4), append([]model.Checkpoint{pendingFor(test.pending)}, times(5, completed(time.Second))...)...)
			s.Settings.Timeout = set(30 * time.Second)
			ours := testNow.Add(-test.ahead) // all times of the job are the JobManager's
			s.At = ours
			if test.known {
				s.JobManagerNow = testNow
			}
			d := Diagnose(s, testPolicy(), ours)
			if d.Health != test.health || d.Counts.PendingFor != test.age {
				t.Errorf("%s, pending for %s; want %s and %s: %s", d.Health, d.Counts.PendingFor, test.health, test.age, d.Message)
			}
			// A look that is judged a little later is that much later on both clocks.
			if d := Diagnose(s, testPolicy(), ours.Add(time.Second)); d.Counts.PendingFor != test.age+time.Second {
				t.Errorf("a second later pending for %s, want %s", d.Counts.PendingFor, test.age+time.Second)
			}
		})
	}
}

// The causes of an illness, and what is said of ages, do not depend on our clock either: neither does what earlier passes remember by it.
func TestFindingsDoNotDependOnOurClock(t *testing.T) {
	said := func(ahead time.Duration) string {
		s := add(jobOf(4), append([]model.Checkpoint{pendingFor(8 * time.Minute)}, times(5, expired())...)...)
		s.Exceptions = []model.JobException{{At: testNow.Add(-3 * time.Minute), Name: "java.io.IOException", Message: "Connection refused"}}
		s.At, s.JobManagerNow = testNow.Add(-ahead), testNow
		s.Past.Health, s.Past.UnhealthySince = api.HealthUnhealthy, s.At.Add(-2*time.Hour)
		d := Diagnose(s, testPolicy(), s.At)
		var out strings.Builder
		out.WriteString(d.Message)
		for i := range d.Findings {
			f := &d.Findings[i]
			out.WriteString("\n" + fullNameOf(f) + ": " + f.Summary)
			for _, e := range f.Evidence {
				out.WriteString("; " + e.Signal + ": " + e.Observed)
			}
		}
		return out.String()
	}
	want := said(0)
	for _, ahead := range []time.Duration{time.Minute, -time.Minute, 26 * time.Hour, -26 * time.Hour} {
		if got := said(ahead); got != want {
			t.Errorf("the JobManager's clock is %s ahead:\n%s\nwant\n%s", ahead, got, want)
		}
	}
}

func fullNameOf(f *model.Finding) string { return string(f.Cause) + "/" + string(f.SubCause) }
