package observe

import (
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// stillSlow: an upload rate below half of what it was is the illness, for what a day does to a job is less. From half on it is learned again.
	stillSlow = 0.5
	// sameRate: a rate within a third of the one that is told is not told anew.
	sameRate = 4.0 / 3
)

// Bear tells the memory whether a remedy in force only bears its cause. Flink says it of all receipts that the target carries; where some turn out to be
// another CheckpointHealth's it is said again of one's own.
func (m *Memory) Bear(s *model.Snapshot) { m.bearing = mayBear(s) }

// mayBear tells whether a remedy only bears its cause. Where it is not known what was written before one may: a rate that is taken for a healthy one by
// mistake would stay.
func mayBear(s *model.Snapshot) bool {
	return s.Target.ReceiptsError != "" || s.Bearing(s.At) != nil
}

// learnRate takes the upload rate of a job that was judged healthy. While a remedy is in force that only bears its cause the rate of before is kept: by
// it the next diagnosis judges, and the illness is not what the job is like when it is well. A job that was sick when it was first seen has none of
// before: nothing is learned then.
func (m *Memory) learnRate(rate model.Measure) {
	if !m.bearing {
		m.borneRate = model.Measure{}
	}
	switch {
	case !rate.Known, m.bearing && !m.healthyRate.Known:
		return
	case !m.bearing, rate.Value >= stillSlow*m.healthyRate.Value:
		m.healthyRate, m.borneRate = rate, model.Measure{}
		return
	}
	least, most := min(rate.Value, m.borneRate.Value), max(rate.Value, m.borneRate.Value)
	if !m.borneRate.Known || most > sameRate*least {
		m.borneRate = rate
	}
}
