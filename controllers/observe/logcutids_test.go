package observe

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// Ids that people cut, with dots or without, are read as the job's own.
func TestLogsWithCutIDs(t *testing.T) {
	for _, cut := range []string{jobID[:6], jobID[:8], jobID[:8] + "...", jobID[:12] + "…"} {
		for text, jobs := range map[string]string{
			strings.ReplaceAll(ordered, jobID, cut):                     cut,
			strings.Replace(ordered, "of job "+jobID, "of job "+cut, 1): jobID, // one line is cut, the others are whole
		} {
			s := FromLogs([]*LogReport{scan(t, "jm.log", text)}, nil, time.Time{}, Selector{Name: jobID[:6], IDPrefix: jobID[:6]})
			if want := strings.TrimRight(jobs, ".…"); s.Job.ID != want || !s.Availability.Judgeable() {
				t.Fatalf("%s: job %q, want %q; %+v", cut, s.Job.ID, want, s.Availability)
			}
			if h := tell(s.Checkpoints.History); len(h) != 1 || !h[0].Expired || countOf(&s, model.LogExpired) != 1 {
				t.Errorf("%s: history %+v, %d expiries", cut, h, countOf(&s, model.LogExpired))
			}
		}
	}
}

// What may be of several jobs is of none, and each is named.
func TestABeginningOfSeveralIDs(t *testing.T) {
	alike := jobID[:8] + strings.Repeat("0", 24)
	s := FromLogs([]*LogReport{scan(t, "jm.log", strings.ReplaceAll(ordered, otherJob, alike))}, nil, time.Time{}, Selector{Name: jobID[:8], IDPrefix: jobID[:8]})
	if m := s.Availability.Message; s.Availability.Reason != api.ReasonJobAmbiguous || !strings.Contains(m, jobID) || !strings.Contains(m, alike) {
		t.Errorf("%+v", s.Availability)
	}
	jobs := []flink.JobOverview{{ID: jobID, Name: "a", State: "RUNNING"}, {ID: alike, Name: "b", State: "RUNNING"}}
	if _, why := pickJob(jobs, Selector{Name: jobID[:8], IDPrefix: jobID[:8]}); why.Reason != api.ReasonJobAmbiguous || !strings.Contains(why.Message, alike) {
		t.Errorf("%+v", why)
	}
	if job, why := pickJob(jobs, Selector{Name: alike[:12], IDPrefix: alike[:12]}); job == nil || job.ID != alike {
		t.Errorf("%+v", why)
	}
	if job, _ := pickJob(jobs, Selector{Name: alike[:12]}); job != nil {
		t.Error("the name of an object's jobSelector is no beginning of an id")
	}
	if job, _ := pickJob(jobs, Selector{Name: alike[:5], IDPrefix: alike[:5]}); job != nil {
		t.Error("five digits are too few")
	}
}
