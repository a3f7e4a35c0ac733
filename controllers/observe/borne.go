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

// learnRate takes the upload rate of a job that was judged healthy. While a remedy is in force that only bears its cause the rate of before is kept: by
// it the next diagnosis judges, and the illness is not what the job is like when it is well.
func (m *Memory) learnRate(rate model.Measure) {
	if !m.bearing {
		m.borneRate = model.Measure{}
	}
	if !rate.Known {
		return
	}
	if !m.bearing || !m.healthyRate.Known || rate.Value >= stillSlow*m.healthyRate.Value {
		m.healthyRate, m.borneRate = rate, model.Measure{}
		return
	}
	least, most := min(rate.Value, m.borneRate.Value), max(rate.Value, m.borneRate.Value)
	if !m.borneRate.Known || most > sameRate*least {
		m.borneRate = rate
	}
}
