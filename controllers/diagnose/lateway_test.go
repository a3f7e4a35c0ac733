package diagnose

import (
	"slices"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// The JVM's load reads 0 now and then. Where answers, acknowledgements of all kinds and the JobManager's own timer are late and it collects no garbage, that is
// no idle JobManager, and a load that is not known keeps nobody from saying so.
func TestALoadOfNothingIsNoLoad(t *testing.T) {
	for _, tt := range []struct {
		name       string
		load, took float64
		answers    time.Duration
		likely     bool
	}{
		{"late with all it does", 0, 610, 5 * time.Second, true},
		{"its timer is in time", 0, 590, 5 * time.Second, false},
		{"it answers at once", 0, 610, 40 * time.Millisecond, false},
		{"it was measured to have time", 0.03, 610, 5 * time.Second, false},
	} {
		late := all(entry(mib, 0.1, 0.1, 0.1, 0.2, tt.took-1))
		s := add(jobOf(4), times(4, detailed(completed(seconds(tt.took)), 4, shares{late, late, late}))...)
		s.JobManager.CPUUsage, s.JobManager.CPULimit, s.JobManager.CPULoad = model.Measured(0.21), model.Measure{}, model.Measured(tt.load)
		s.Requests = model.RequestTimes{Count: 12, Median: tt.answers / 10, Max: tt.answers}
		if a := jobManagerCPU.assess(featuresOf(t, s)); (a.finding.Score >= likelyScore) != tt.likely {
			t.Errorf("%s: %d of %+v", tt.name, a.finding.Score, a.finding.Evidence)
		}
	}
}

// A TaskManager whose dump takes long, or barriers that do not arrive, are no flush: that only sinks are late besides says nothing against the way.
func TestLateSinksBesideALateWay(t *testing.T) {
	for _, slow := range []bool{true, false} {
		s := expiredThrice(4, shares{all(quick), all(quick), all(entry(mib, 0.1, 0.1, 0.1, 0.2, 700))})
		dumps(s, idleThreads(sink, 4)...)
		for i := range s.Stacks {
			s.Stacks[i].Took = map[string]time.Duration{model.JobManagerProcess: 30 * time.Millisecond, "tm-1": 40 * time.Millisecond, "tm-2": 40 * time.Millisecond}
			if slow {
				s.Stacks[i].Took["tm-2"] = 200 * time.Second
			}
		}
		found := networkFinding(t, s)
		against := slices.ContainsFunc(found.Evidence, func(e model.Evidence) bool { return e.Signal == "vertices" && e.Weight < 0 })
		if against == slow {
			t.Errorf("answers late %t: %+v", slow, found.Evidence)
		}
	}
}
