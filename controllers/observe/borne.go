package observe

import (
	"maps"
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// stillSlow: an upload rate below half of what it was is the illness, for what a day does to a job is less. From half on it is learned again.
	stillSlow = 0.5
	// sameRate: a rate within a third of the one that is told is not told anew.
	sameRate = 4.0 / 3
)

// mayBear tells whether a remedy only bears its cause. Where it is not known what was written before one may: a rate that is taken for a healthy one by
// mistake would stay.
func mayBear(s *model.Snapshot) bool {
	return s.Target.ReceiptsError != "" || s.Bearing(s.At) != nil
}

// learnRate takes the upload rate of a job that was judged healthy. While a remedy is in force that only bears its cause the rate of before is kept: by
// it the next diagnosis judges, and the illness is not what the job is like when it is well. A job that was sick when it was first seen has none of
// before: nothing is learned then. Neither is anything under other circumstances: the same slow storage that half as many subtasks share gives each twice
// as much, and that is not how it is when it is well.
func (m *Memory) learnRate(rate model.Measure) {
	if !m.bearing {
		m.borneRate = model.Measure{}
	} else if now := m.uploadsUnder(); m.healthyUnder.differ(&now) {
		return
	}
	switch {
	case !rate.Known, m.bearing && !m.healthyRate.Known:
		return
	case !m.bearing, rate.Value >= stillSlow*m.healthyRate.Value:
		m.healthyRate, m.healthyUnder, m.borneRate = rate, m.uploadsUnder(), model.Measure{}
		return
	}
	least, most := min(rate.Value, m.borneRate.Value), max(rate.Value, m.borneRate.Value)
	if !m.borneRate.Known || most > sameRate*least {
		m.borneRate = rate
	}
}

// circumstances are what somebody may change while a rate is kept: under others another rate is to be expected, however well the storage is.
type circumstances struct {
	// config is the configuration, of which counts what says how uploads go, and parallelism that of each vertex; nil where it is not known.
	config      map[string]string
	parallelism []int
}

// uploadKeys begin the keys that say where uploads go, how many run side by side, how much each holds, and what a TaskManager has for them. What a longer
// timeout is made of is none of them, nor what the JobManager does after them: how many failures it tolerates, what it keeps and how it cleans up.
var uploadKeys = []string{
	"state.backend", "state.changelog.", "state.checkpoints.dir", "state.checkpoint-storage", "state.storage.fs.", "s3.", "fs.",
	"taskmanager.memory.", "taskmanager.cpu.", "taskmanager.numberOfTaskSlots", "kubernetes.taskmanager.",
	"execution.checkpointing.dir", "execution.checkpointing.storage", "execution.checkpointing.incremental", "execution.checkpointing.unaligned",
	"execution.checkpointing.aligned-checkpoint-timeout", "execution.checkpointing.alignment-timeout", "execution.checkpointing.max-concurrent-checkpoints",
	"execution.checkpointing.file-merging.", "execution.checkpointing.data-inline-threshold", "execution.checkpointing.write-buffer-size",
	"execution.checkpointing.local-",
}

// uploadsUnder are the present circumstances.
func (m *Memory) uploadsUnder() circumstances {
	now := circumstances{config: m.facts.config} // it is never changed, but replaced when it is read again
	for i := range m.topology.vertices {
		now.parallelism = append(now.parallelism, m.topology.vertices[i].Parallelism)
	}
	return now
}

// setUploads are the entries of a configuration that say how uploads go.
func setUploads(config map[string]string) map[string]string {
	set := map[string]string{}
	for key, value := range config {
		if slices.ContainsFunc(uploadKeys, func(begin string) bool { return strings.HasPrefix(key, begin) }) {
			set[key] = value
		}
	}
	return set
}

// known tells that none of it is missing.
func (c *circumstances) known() bool { return c.config != nil && c.parallelism != nil }

// knownBy fills in what is not known of the circumstances: a rate that status kept over a restart of the manager is of those that are found then.
func (c *circumstances) knownBy(now circumstances) {
	if c.config == nil {
		c.config = now.config
	}
	if c.parallelism == nil {
		c.parallelism = now.parallelism
	}
}

// differ tells whether any of what is known of both has changed.
func (c *circumstances) differ(now *circumstances) bool {
	config := c.config != nil && now.config != nil && !maps.Equal(setUploads(c.config), setUploads(now.config))
	return config || c.parallelism != nil && now.parallelism != nil && !slices.Equal(c.parallelism, now.parallelism)
}

// uploadBaseline is the rate of the healthy job, and the one that is borne where that is below it. What is kept while a remedy bears its cause
// says nothing under other circumstances, and neither does what comes since.
func (m *Memory) uploadBaseline() (healthy, borne model.Measure) {
	if !m.bearing {
		return m.healthyRate, m.borneRate
	}
	if now := m.uploadsUnder(); m.healthyUnder.differ(&now) {
		return model.Measure{}, model.Measure{}
	}
	return m.healthyRate, m.borneRate
}

// spellRate is an upload rate in bytes per second of a subtask, when it was measured and under which configuration.
type spellRate struct {
	rate   model.Measure
	at     time.Time
	config map[string]string
}

// under is the rate where the configuration is what it was then; another one may set other transfer threads or another state backend.
func (r *spellRate) under(config map[string]string) model.Measure {
	if !maps.Equal(r.config, config) {
		return model.Measure{}
	}
	return r.rate
}
