package observe

import (
	"slices"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Bounds of what is remembered of one job. Together they keep a healthy job below 20 kB; a sick one holds the details of a few
// checkpoints beside that, about 150 bytes a subtask.
const (
	maxStacks       = 6
	maxHeapSamples  = 6
	heapAge         = 10 * time.Minute
	maxRemembered   = 12    // checkpoints with details; live passes read four at a time
	maxEntries      = 80000 // subtasks of those; three checkpoints of a job of 25,000
	maxTaskManagers = 16    // whose counters are remembered and whose metrics are read
)

// Memory is what earlier passes of one job remember in this process. One pass at a time may use it. The zero value is a first sight.
type Memory struct {
	passes, readings int
	// absences is how many passes were told that the job does not run.
	absences int

	// What the passes before meant; see Judged.
	health                     api.Health
	cause                      api.Cause
	unhealthySince, causeSince time.Time
	// sickSince is when the spell began, at risk or unhealthy; unhealthySince begins anew where one turns into the other.
	sickSince time.Time
	judgedAt  time.Time
	// named are the likely first causes of the present spell, see found; restored is the one of the manager before this one.
	named    []model.NamedCause
	restored api.Cause
	// seen are those that were likely at whatever place.
	seen []model.NamedCause

	// Baselines of the healthy job.
	healthyDuration  time.Duration
	healthyRate      model.Measure
	healthyUnder     circumstances // of healthyRate
	healthyStateSize int64
	// bearing tells that a remedy in force only bears its cause, and borneRate is the upload rate under it; see learnRate.
	bearing   bool
	borneRate model.Measure
	// slowRate is the upload rate that was measured last in the present spell, completedRate the one while checkpoints of less state completed.
	slowRate, completedRate spellRate

	// target is the FlinkDeployment, or the workload of a standalone JobManager, as last taken apart, and targetAt when the latter's
	// ConfigMaps were read.
	target   model.Target
	targetAt time.Time
	// sessionJob is the name of the FlinkSessionJob that was beside the session cluster last; "" where none was.
	sessionJob string

	// What the job looked like, and when that must be read again.
	job     jobMark
	running runningMark
	// started is when the job that was seen last had started; see upgraded.
	started time.Time
	down    time.Time // see model.Past.DownSince
	// tasksDown: see model.Past.TasksDownSince.
	tasksDown time.Time
	topology  topology
	facts     clusterFacts
	settings  settingsMemory
	clock     jobManagerClock

	// Counters of the pass before.
	fetches      fetches
	jobManager   processMemory
	taskManagers map[string]*processMemory
	restarts     model.Measure
	// askRestarts is in how many passes numRestarts is to be asked yet: an answer is one poll old.
	askRestarts int
	// lastJobManager is what the pass before said of the JobManager, loadBefore its load in the one before this one.
	lastJobManager model.JobManager
	loadBefore     model.Measure
	baseline       baseline
	total          int64 // counts.total
	row            durationRow

	// seenFailed is the newest failed checkpoint that was looked at in detail; remembered are the ledgers read so far, newest first.
	seenFailed int64
	remembered []rememberedCheckpoint
	// detailed is the newest completed checkpoint among those that were read, kept when it is remembered no more.
	detailed *model.Checkpoint
	// lookAgain is when the late acknowledgements of the newest expiry are worth another look; zero for never.
	lookAgain time.Time

	// pressure is by vertex what was read in this spell while a checkpoint was pending for long.
	pressure []vertexPressure
	// work is by vertex what its subtasks did between the readings of this spell.
	work []vertexWork
	// workAt is when it was read last.
	workAt time.Time

	// exceptions are the newest ones that were read, newest first.
	exceptions []model.JobException

	stacks []model.StackSample
	// stackAt is when the stacks were looked at last, and failedLook what kept us from all of them then; nil where some came.
	stackAt    time.Time
	failedLook []model.Gap

	logs   []model.LogSignal
	logsAt time.Time
	// logsSaw is when the newest checkpoint had failed at that look.
	logsSaw time.Time
	// watchedAt is when the logs were looked at last, sick or not; logGaps are what that look could not read, and logTargets whose logs it read
	// beside the JobManager's. podLogs is how far the log of each pod was read, and logSource the way in which all of them were.
	watchedAt  time.Time
	logSource  logSource
	logGaps    []model.Gap
	logTargets []string
	podLogs    map[string]podLogMark
	// versions are the TaskManagers' as their logs said when they were last read, by TaskManager.
	versions map[string]string
	// mismatches are what TaskManagers answered that do not understand the JobManager's calls, by TaskManager.
	mismatches map[string]string

	// last is what this pass saw, for the baselines once it is judged healthy.
	last model.CheckpointLedger
}

// rememberedCheckpoint is a checkpoint whose details were read, and when.
type rememberedCheckpoint struct {
	checkpoint model.Checkpoint
	readAt     time.Time
}

// Judged tells the memory what the pass meant: how deep the next one reads, since when the job has been sick and of what, and what was measured in the
// spell, for what is not known in the next pass was known in this one. A healthy pass also sets the baselines: what this job is like when it is well.
// The snapshot says which remedies are one's own.
func (m *Memory) Judged(at time.Time, s *model.Snapshot, d *model.Diagnosis) {
	m.bearing = mayBear(s)
	if m.healthyRate.Known && !m.healthyUnder.known() {
		m.healthyUnder.knownBy(m.uploadsUnder())
	}
	if d.Facts.UploadRate.Known && !d.Facts.UploadRemembered {
		m.slowRate = spellRate{rate: d.Facts.UploadRate, at: at, config: m.facts.config}
	}
	if rate := d.Facts.CompletedUploadRate; rate.Known && !m.completedRate.under(m.facts.config).Known {
		m.completedRate = spellRate{rate: rate, at: at, config: m.facts.config}
	}
	m.found(at, d)
	cause := api.Cause("")
	if own := d.Own(); own != nil {
		cause = own.Cause
	}
	m.judged(at, d.Health, cause)
}

func (m *Memory) judged(at time.Time, health api.Health, cause api.Cause) {
	if health == api.HealthUnhealthy || health == api.HealthAtRisk {
		if m.sickSince.IsZero() {
			m.sickSince = at
		}
		if m.unhealthySince.IsZero() || m.health != health {
			m.unhealthySince = at
		}
	}
	if health == api.HealthHealthy {
		if m.Sick() { // the lines of that spell are told; the next one reads the logs at once
			m.logs, m.logsAt, m.watchedAt = nil, time.Time{}, time.Time{}
		}
		m.unhealthySince, m.sickSince = time.Time{}, time.Time{}
		m.slowRate, m.completedRate = spellRate{}, spellRate{}
		m.named, m.seen, m.restored = nil, nil, ""
		m.stacks, m.failedLook, m.pressure = nil, nil, nil // what tasks did in the spell that is over
		m.restWork(at)
		m.learn()
	}
	if cause != m.cause || m.causeSince.IsZero() {
		m.causeSince = at
	}
	if cause == "" {
		m.causeSince = time.Time{}
	}
	m.health, m.cause, m.judgedAt = health, cause, at
}

// found keeps which cause of the job's own was first in this pass, where it was likely.
func (m *Memory) found(at time.Time, d *model.Diagnosis) {
	if m.restored != "" {
		m.name(m.restored, at) // when the manager before this one saw it last is not known: not long ago
		m.restored = ""
	}
	for i := range d.Findings {
		if f := &d.Findings[i]; f.Verdict == api.VerdictLikely || f.Verdict == api.VerdictConfirmed {
			m.seen = withCause(m.seen, f.Cause, at)
		}
	}
	if own := d.Own(); own != nil && own.Cause != api.CauseUndetermined && (own.Verdict == api.VerdictLikely || own.Verdict == api.VerdictConfirmed) {
		m.name(own.Cause, at)
	}
}

func (m *Memory) name(cause api.Cause, at time.Time) {
	m.named = withCause(m.named, cause, at)
}

// withCause are the causes with the last time of one of them.
func withCause(known []model.NamedCause, cause api.Cause, at time.Time) []model.NamedCause {
	others := slices.DeleteFunc(slices.Clone(known), func(n model.NamedCause) bool { return n.Cause == cause })
	return append(others, model.NamedCause{Cause: cause, Last: at})
}

// Restore tells a new memory what the status of the CheckpointHealth kept over a restart of the manager. Zero times are not known.
func (m *Memory) Restore(health api.Health, cause api.Cause, unhealthySince, causeSince time.Time) {
	m.health, m.cause, m.unhealthySince, m.causeSince = health, cause, unhealthySince, causeSince
	if m.Sick() && cause != api.CauseUndetermined {
		m.restored = cause
	}
}

// RestoreBaseline tells a new memory what the job was like while it was well; what is zero is not known.
func (m *Memory) RestoreBaseline(duration time.Duration, rate model.Measure, stateSize int64) {
	m.healthyDuration, m.healthyRate, m.healthyStateSize, m.healthyUnder = duration, rate, stateSize, circumstances{}
}

// Readings is how many passes read the checkpoint statistics: one that reached nobody saw nothing fresh.
func (m *Memory) Readings() int { return m.readings }

// Looks is how many passes learned afresh how the job is, be it that it does not run.
func (m *Memory) Looks() int { return m.readings + m.absences }

// Sick tells whether the pass before judged the job unhealthy or at risk.
func (m *Memory) Sick() bool { return sick(m.health) }

// SickSince is when the present spell began; now where this pass is the first of it.
func (m *Memory) SickSince(now time.Time) time.Time {
	if m.unhealthySince.IsZero() {
		return now
	}
	return m.unhealthySince
}

// learn takes the baselines from a ledger that was judged healthy.
func (m *Memory) learn() {
	var durations []time.Duration
	for i := range m.last.History {
		c := &m.last.History[i]
		if c.Status == model.CheckpointCompleted && !c.Savepoint && c.Duration > 0 {
			durations = append(durations, c.Duration)
		}
	}
	if len(durations) < 3 {
		return // two checkpoints are no habit
	}
	slices.Sort(durations)
	m.healthyDuration = durations[len(durations)/2]
	if c := m.last.LatestCompleted; c != nil && c.StateSize > 0 {
		m.healthyStateSize = c.StateSize
	}
	rate := uploadRate(&m.last)
	if !rate.Known {
		rate = m.baseline.rate
	}
	m.learnRate(rate)
}

// quickShare of the timeout is as long as a checkpoint may take to say what the job is like when it is well: a quarter.
const quickShare = 4

// learnFromQuick takes the upload rate from checkpoints that completed quickly where there is none yet: a job that was sick when it was first
// seen may still show its better days, and a restart takes them away.
func (m *Memory) learnFromQuick(ledger *model.CheckpointLedger, timeout time.Duration) {
	if m.healthyRate.Known {
		return
	}
	quick := model.CheckpointLedger{}
	for i := range ledger.History {
		if c := &ledger.History[i]; c.Tasks != nil && !c.Savepoint && c.Duration > 0 && quickShare*c.Duration <= timeout {
			quick.History = append(quick.History, *c)
		}
	}
	m.healthyRate, m.healthyUnder = uploadRate(&quick), m.uploadsUnder()
}

// uploadRate is the median rate of the subtasks that uploaded enough to measure it, in bytes per second.
func uploadRate(ledger *model.CheckpointLedger) model.Measure {
	const enoughBytes, enoughTime = 64 << 10, 20 * time.Millisecond // below, fixed costs are what one measures
	var rates []float64
	for i := range ledger.History {
		if ledger.History[i].Status != model.CheckpointCompleted {
			continue
		}
		for _, task := range ledger.History[i].Tasks {
			for j := range task.Entries {
				e := &task.Entries[j]
				if e.CheckpointedSize >= enoughBytes && e.Async >= enoughTime && !e.Aborted {
					rates = append(rates, float64(e.CheckpointedSize)/e.Async.Seconds())
				}
			}
		}
	}
	if len(rates) == 0 {
		return model.Measure{}
	}
	slices.Sort(rates)
	return model.Measured(rates[len(rates)/2])
}

// past is what the snapshot says of earlier passes.
func (m *Memory) past() model.Past {
	healthyRate, borneRate := m.uploadBaseline()
	return model.Past{
		Passes: m.passes, Health: m.health, Cause: m.cause, UnhealthySince: m.unhealthySince, CauseSince: m.causeSince,
		Named: m.named, Seen: m.seen, SickSince: m.sickSince, JobManagerLoad: m.loadBefore,
		HealthyDuration: m.healthyDuration, HealthyUploadRate: healthyRate, HealthyStateSize: m.healthyStateSize, BorneUploadRate: borneRate,
		SlowUploadRate: m.slowRate.under(m.facts.config), SlowUploadAt: m.slowRate.at, CompletedUploadRate: m.completedRate.under(m.facts.config),
	}
}

// forget drops what belongs to a run of the job that is over. Baselines and the story of its health stay: it is the same job.
func (m *Memory) forget() {
	m.detailed, m.row = nil, durationRow{}
	m.topology, m.remembered, m.seenFailed, m.lookAgain = topology{}, nil, 0, time.Time{}
	m.fetches, m.jobManager, m.taskManagers, m.restarts, m.total = fetches{}, processMemory{}, nil, model.Measure{}, 0
	m.askRestarts, m.lastJobManager, m.loadBefore, m.baseline = 0, model.JobManager{}, model.Measure{}, baseline{}
	m.stacks, m.stackAt, m.failedLook, m.pressure = nil, time.Time{}, nil, nil
	m.work, m.workAt, m.exceptions = nil, time.Time{}, nil
	m.logs, m.logsAt, m.versions, m.mismatches, m.logTargets = nil, time.Time{}, nil, nil, nil
}

// recall finds a checkpoint whose details were read before.
func (m *Memory) recall(id int64) *rememberedCheckpoint {
	for i := range m.remembered {
		if m.remembered[i].checkpoint.ID == id {
			return &m.remembered[i]
		}
	}
	return nil
}

// remember keeps a checkpoint with its details. The first expiry after a completed checkpoint goes last of all: it is the one that the
// timeout is sized from.
func (m *Memory) remember(checkpoint *model.Checkpoint, at time.Time, first int64) {
	if checkpoint.Status == model.CheckpointCompleted && !checkpoint.Savepoint && checkpoint.Tasks != nil && (m.detailed == nil || m.detailed.ID < checkpoint.ID) {
		kept := *checkpoint
		m.detailed = &kept
	}
	if known := m.recall(checkpoint.ID); known != nil {
		known.checkpoint, known.readAt = *checkpoint, at
		return
	}
	m.remembered = append(m.remembered, rememberedCheckpoint{checkpoint: *checkpoint, readAt: at})
	slices.SortFunc(m.remembered, func(a, b rememberedCheckpoint) int { return int(b.checkpoint.ID - a.checkpoint.ID) })
	for i := len(m.remembered) - 1; i >= 0 && m.tooMuch(); i-- {
		if id := m.remembered[i].checkpoint.ID; id != first && id != checkpoint.ID {
			m.remembered = slices.Delete(m.remembered, i, i+1)
		}
	}
}

// firstExpiryAfter is the oldest expired checkpoint that is remembered and younger than another; nil if none.
func (m *Memory) firstExpiryAfter(id int64) *model.Checkpoint {
	for i := len(m.remembered) - 1; i >= 0; i-- {
		if c := &m.remembered[i].checkpoint; c.Expired() && c.ID > id {
			return c
		}
	}
	return nil
}

// tooMuch tells that more is remembered than should be.
func (m *Memory) tooMuch() bool {
	entries := 0
	for i := range m.remembered {
		for j := range m.remembered[i].checkpoint.Tasks {
			entries += len(m.remembered[i].checkpoint.Tasks[j].Entries)
		}
	}
	return len(m.remembered) > maxRemembered || entries > maxEntries
}

// addStack keeps a sample and drops the oldest. In one spell of illness a dump tells until there is a newer one: with an interval of an hour that is
// an hour later.
func (m *Memory) addStack(sample model.StackSample) {
	m.stacks = append(m.stacks, sample)
	if len(m.stacks) > maxStacks {
		m.stacks = slices.Delete(m.stacks, 0, len(m.stacks)-maxStacks)
	}
}
