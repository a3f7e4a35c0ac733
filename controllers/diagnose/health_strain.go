package diagnose

import (
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// strainMargin is the share of the timeout from which on checkpoints that a JobManager without CPU makes slow are a risk: half of timeoutMargin's, for that
	// it has none is known as well.
	strainMargin = 10
	// strainRow is as many of the newest checkpoints as are looked at where it makes them now quick and now slow: three of them at least are.
	strainRow = 6
	// lateOnce is one answer that is late by itself: what an answer of a few kB takes through a process that waits for its next share of a processor several times.
	lateOnce = 500 * time.Millisecond
)

// strainOf is from when on checkpoints count as slowed down by a JobManager whose CPU use against its limit is not known; 0 where nothing says so. It
// takes three things that go together nowhere else in the recordings: the JVM uses half of what it may at a moment (of one that had next to nothing the gauge
// read 0.52 to 0.99), REST answers are late in the middle or now and then, and the newest checkpoints take several times as long as the quickest of this run.
// Each by itself comes with a deployment, a busy node or a slow storage. Where it was found in the pass before half as long is enough, whatever answers take in one moment.
func strainOf(s *model.Snapshot, w *window) time.Duration {
	quickest := s.Checkpoints.Summary.Min
	if cpuShare(&s.JobManager).Known || !loadOf(s).AtLeast(idleRatio) || s.Requests.Count == 0 || w.guessed || quickest <= 0 {
		return 0
	}
	if strainedBefore(s) {
		return w.slowFrom(max(w.timeout/(2*strainMargin), severalTimes*quickest))
	}
	if s.Requests.Median < lateAnswer && s.Requests.Max < lateOnce {
		return 0
	}
	return w.slowFrom(max(w.timeout/strainMargin, severalTimes*quickest))
}

// slowFrom is least where the newest take so long, two of the last three or now and then; else 0.
func (w *window) slowFrom(least time.Duration) time.Duration {
	if w.measured < 3 || median(w.recent(3)) < least && !w.nowAndThen(least) {
		return 0
	}
	return least
}

// strainedBefore tells whether the pass before found the JobManager short of CPU.
func strainedBefore(s *model.Snapshot) bool {
	return s.Past.Cause == api.CauseJobManagerOverload && (s.Past.Health == api.HealthAtRisk || s.Past.Health == api.HealthUnhealthy)
}

// loadOf is the JVM's load of the JobManager. Now and then it reads 0 beside a CPU time that goes on: that is no reading, and the one before stands.
func loadOf(s *model.Snapshot) model.Measure {
	jm := &s.JobManager
	if jm.CPULoad.Known && jm.CPULoad.Value < leastLoad && jm.CPUUsage.Known && jm.CPUUsage.Value > 0 && s.Past.JobManagerLoad.Known {
		return s.Past.JobManagerLoad
	}
	return jm.CPULoad
}

// nowAndThen tells whether half of the newest took so long.
func (w *window) nowAndThen(least time.Duration) bool {
	slow, row := 0, w.recent(strainRow)
	for _, d := range row {
		slow += count(d >= least)
	}
	return 2*slow >= strainRow && len(row) == strainRow
}

// strainedFor is what the newest take.
func (w *window) strainedFor() time.Duration {
	return max(median(w.recent(3)), median(w.recent(strainRow)))
}

// answers is how late the JobManager answers, in the middle, or at worst where it is late now and then.
func (w *window) answers(s *model.Snapshot) string {
	if s.Requests.Median < lateAnswer {
		return span(s.Requests.Max) + " at worst"
	}
	return span(s.Requests.Median)
}
