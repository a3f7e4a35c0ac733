package observe

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// thrown are exceptions so many seconds after a moment, newest first.
func thrown(secondsAfter ...int) (all []model.JobException) {
	for _, s := range secondsAfter {
		all = append(all, model.JobException{At: time.Unix(int64(s), 0), Name: "x", Frames: []string{"com.shop.Sink.write"}})
	}
	return all
}

// A process that is gone fails each new start, and Flink's answer holds no other failure any more: that there were some before is remembered, and a burst of
// them is one.
func TestFailuresBeforeABurstAreRemembered(t *testing.T) {
	m := &Memory{}
	m.recallExceptions(thrown(1003, 1002, 1001, 100))
	all := m.recallExceptions(thrown(2007, 2006, 2005, 2004, 2003, 2002, 2001, 2000))
	if len(all) != 10 || !all[8].At.Equal(time.Unix(1003, 0)) || !all[9].At.Equal(time.Unix(100, 0)) {
		t.Errorf("%+v", all)
	}
	if len(all[9].Frames) != 0 || len(all[0].Frames) == 0 {
		t.Error("only those that are read now have frames")
	}
	for at := 3000; at < 5000; at += 10 {
		all = m.recallExceptions(thrown(at))
	}
	if len(all) != 2*maxExceptions {
		t.Errorf("%d are remembered", len(all))
	}
	if m.recallExceptions(nil) != nil || len(m.exceptions) == 0 {
		t.Error("an answer without any says nothing of this job's past")
	}
}

// The spell begins where the job was first at risk, and goes on where that turns into unhealthy.
func TestTheSpellGoesOnFromRiskToIllness(t *testing.T) {
	m, at := &Memory{}, time.Unix(1000, 0)
	m.judged(at, api.HealthAtRisk, "")
	m.judged(at.Add(time.Minute), api.HealthUnhealthy, "")
	if past := m.past(); !past.SickSince.Equal(at) || !past.UnhealthySince.Equal(at.Add(time.Minute)) {
		t.Errorf("%+v", past)
	}
	m.judged(at.Add(time.Hour), api.HealthHealthy, "")
	if past := m.past(); !past.SickSince.IsZero() {
		t.Errorf("it is over: %+v", past)
	}
}
