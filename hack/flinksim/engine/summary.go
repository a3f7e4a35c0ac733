package engine

import "slices"

// window is how many completed checkpoints the quantiles look back on; Flink keeps 10 000.
const window = 512

// Summary is the statistics over completed checkpoints.
type Summary struct {
	Durations, Sizes, Processed Distribution
}

// Distribution is a value's distribution; durations in ms, sizes in bytes.
type Distribution struct {
	Min, Max, Sum, Count int64
	recent               []int64
	sorted               []int64
}

func (s *Summary) add(c *Checkpoint) {
	var processed int64
	for i := range c.Subtasks {
		processed += c.Subtasks[i].Processed
	}
	s.Durations.add(int64(c.Duration()))
	s.Sizes.add(c.Bytes())
	s.Processed.add(processed)
}

func (d *Distribution) add(value int64) {
	if d.Count == 0 || value < d.Min {
		d.Min = value
	}
	d.Max = max(d.Max, value)
	d.Sum += value
	d.Count++
	if len(d.recent) == window {
		d.recent = d.recent[1:]
	}
	d.recent = append(d.recent, value)
	d.sorted = nil
}

// Average is the mean, 0 without values.
func (d *Distribution) Average() int64 {
	if d.Count == 0 {
		return 0
	}
	return d.Sum / d.Count
}

// Quantile is the value at a share of the recent ones; ok is false without values.
func (d *Distribution) Quantile(q float64) (value float64, ok bool) {
	if len(d.recent) == 0 {
		return 0, false
	}
	if d.sorted == nil {
		d.sorted = slices.Clone(d.recent)
		slices.Sort(d.sorted)
	}
	at := q * float64(len(d.sorted)-1)
	low := int(at)
	if low+1 >= len(d.sorted) {
		return float64(d.sorted[len(d.sorted)-1]), true
	}
	return float64(d.sorted[low]) + (at-float64(low))*float64(d.sorted[low+1]-d.sorted[low]), true
}
