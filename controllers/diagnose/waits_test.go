package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// lateBarriers is a job of which n checkpoints completed although barriers from the sources came to the second vertex after 400 s. Each of its subtasks was busy
// for so many of the last 900 s.
func lateBarriers(n int, busy float64) *model.Snapshot {
	late := all(entry(mib, 0.1, 400, 0.1, 0.2, 0.1))
	slow := detailed(completed(401*time.Second), 4, shares{all(quick), late, all(entry(mib, 400.2, 0.1, 0.1, 0.2, 0.1))})
	s := add(jobOf(4), times(n, slow)...)
	add(s, pendingFor(time.Second))
	s.Past.HealthyDuration = seconds(20)
	for v := range s.Vertices {
		for range s.Vertices[v].Parallelism {
			s.Vertices[v].Work = append(s.Vertices[v].Work, model.SubtaskWork{Lately: model.Work{Span: seconds(900), Busy: seconds(3), In: 900, Out: 900}})
		}
	}
	for i := range s.Vertices[state].Work {
		s.Vertices[state].Work[i].Lately.Busy = seconds(busy)
		s.Vertices[state].Pressure[i].Busy = model.Measured(busy / 900)
	}
	return s
}

// A barrier that was sent and that a task waits for which is at nothing is on its way, though the checkpoint completes.
func TestBarriersThatIdleTasksWaitFor(t *testing.T) {
	none := func(*model.Snapshot) {}
	for _, tt := range []struct {
		name   string
		s      *model.Snapshot
		change func(*model.Snapshot)
		likely bool
	}{
		{"idle in two checkpoints", lateBarriers(2, 9), none, true},
		{"idle in one", lateBarriers(1, 9), none, false},
		{"at work for as long as it waited", lateBarriers(2, 500), none, false},
		{"all in one process", lateBarriers(2, 9), func(s *model.Snapshot) {
			for v := range s.Vertices {
				for i := range s.Vertices[v].Placement {
					s.Vertices[v].Placement[i] = "tm-1"
				}
			}
		}, false},
		{"those before were late themselves", lateBarriers(2, 9), func(s *model.Snapshot) {
			for i := range s.Checkpoints.History {
				if tasks := s.Checkpoints.History[i].Tasks; tasks != nil {
					for k := range tasks[source].Entries {
						tasks[source].Entries[k] = entry(mib, 399, 0.1, 0.1, 0.2, 0.1)
					}
				}
			}
		}, false},
		{"a TaskManager collects garbage", lateBarriers(2, 9), func(s *model.Snapshot) { s.TaskManagers[0].GCShare = model.Measured(0.6) }, false},
		{"the JobManager answers late", lateBarriers(2, 9), func(s *model.Snapshot) {
			s.Requests = model.RequestTimes{Count: 12, Median: 2 * time.Second, Max: 9 * time.Second}
		}, false},
	} {
		tt.change(tt.s)
		f := featuresOf(t, tt.s)
		if a := networkLatency.assess(f); (a.finding.Score >= likelyScore) != tt.likely {
			t.Errorf("%s: %d of %+v, %+v", tt.name, a.finding.Score, a.finding.Evidence, f.waits)
		}
	}
}

// One checkpoint that is pending for many times as long as any in health is a risk long before its timeout is over.
func TestAHangIsSeenBeforeItsTimeout(t *testing.T) {
	for _, tt := range []struct {
		name    string
		s       *model.Snapshot
		timeout time.Duration
		want    api.Health
	}{
		{"a third of an hour", add(jobOf(2), history(times(1, pendingFor(20*time.Minute)), quickOnes)...), time.Hour, api.HealthAtRisk},
		{"less than a fifth of it", add(jobOf(2), history(times(1, pendingFor(10*time.Minute)), quickOnes)...), time.Hour, api.HealthHealthy},
		{"not ten times as long", add(jobOf(2), history(times(1, pendingFor(3*time.Minute)), quickOnes)...), 10 * time.Minute, api.HealthHealthy},
		{"another level than in the past", func() *model.Snapshot {
			s := add(jobOf(2), history(times(1, pendingFor(200*time.Second)), times(10, completed(100*time.Second)))...)
			s.Past.HealthyDuration = 15 * time.Second
			return s
		}(), 15 * time.Minute, api.HealthHealthy},
	} {
		if tt.s.Past.HealthyDuration == 0 {
			tt.s.Past.HealthyDuration = 20 * time.Second
		}
		if d := diagnosed(t, withTimeout(tt.s, tt.timeout, time.Minute)); d.Health != tt.want {
			t.Errorf("%s: %s (%s), want %s", tt.name, d.Health, d.Message, tt.want)
		}
	}
	s := withTimeout(add(jobOf(2), history(times(1, detailed(pendingFor(20*time.Minute), 2, shares{absentFirst, absentFirst, absentFirst})), quickOnes)...), time.Hour, time.Minute)
	s.Past.HealthyDuration = 20 * time.Second
	if f := featuresOf(t, s); len(f.profile) != 1 || len(f.missing.now) != 3 {
		t.Errorf("of the one that hangs nothing is looked at: %d profiled, missing %v", len(f.profile), f.missing.now)
	}
}

// The row that the history cuts off lay between two failures as well where a restart by one that has left it came before.
func TestARowThatTheHistoryCutsOff(t *testing.T) {
	for name, tt := range map[string]struct {
		before time.Duration
		want   api.Health
	}{"a failure just before": {time.Second, api.HealthUnhealthy}, "one long ago": {time.Hour, api.HealthHealthy}} {
		s := add(jobOf(2), history(times(3, completed(seconds(3))), times(1, expired()), times(2, completed(seconds(3))), times(1, expired()), times(3, completed(seconds(3))))...)
		oldest := s.Checkpoints.History[len(s.Checkpoints.History)-1].Trigger
		s.Exceptions = []model.JobException{{At: oldest.Add(-tt.before), Message: intolerance + ". The latest checkpoint failed due to Checkpoint expired before completing."}}
		if d := diagnosed(t, s); d.Health != tt.want {
			t.Errorf("%s: %s (%s), want %s", name, d.Health, d.Message, tt.want)
		}
	}
}

// A rate that is known only to be above what is slow anyway says nothing against a slow storage; one that is above what is slow does.
func TestARateKnownFromBelow(t *testing.T) {
	for _, tt := range []struct {
		rate float64 // MiB/s
		want signState
	}{{0.3, present}, {40, absent}} {
		f := featuresOf(t, expiredThrice(2, shares{all(quick), absentAll, all(quick)}))
		f.upload = upload{atLeast: model.Measured(tt.rate * mib), healthy: model.Measured(50 * mib)}
		if s := storageSlow(f); s.state != tt.want {
			t.Errorf("at least %.1f MiB/s: %v, want %v", tt.rate, s.state, tt.want)
		}
	}
}

// The load of a JobManager is a gauge of one moment: it is not idle by it where it was at work in the look before, or answers now and then late; and just below
// the limit it is at work where all that it does is late.
func TestALoadOfOneMoment(t *testing.T) {
	late := func(load float64, worst time.Duration) *model.Snapshot {
		behind := all(entry(mib, 0.1, 0.1, 0.1, 0.2, 400))
		s := add(jobOf(4), times(4, detailed(completed(401*time.Second), 4, shares{behind, behind, behind}))...)
		s.JobManager.CPUUsage, s.JobManager.CPULimit, s.JobManager.CPULoad = model.Measure{}, model.Measure{}, model.Measured(load)
		s.Requests = model.RequestTimes{Count: 40, Median: 380 * time.Millisecond, Max: worst}
		return s
	}
	if s := cpuHigh(featuresOf(t, late(0.84, 1600*time.Millisecond))); s.state != present {
		t.Error("0.84 of its load, and late now and then with all it does: not high")
	}
	if s := cpuHigh(featuresOf(t, late(0.84, 500*time.Millisecond))); s.state == present {
		t.Error("0.84 of its load, and answers that are always alike: high")
	}
	before := late(0.3, 400*time.Millisecond)
	if s := cpuLow(featuresOf(t, before)); s.state != present {
		t.Error("0.3 of its load and nothing else: not low")
	}
	before.Past.JobManagerLoad = model.Measured(0.99)
	if s := cpuLow(featuresOf(t, before)); s.state == present {
		t.Error("0.3 of its load, 0.99 a look before: low")
	}
	late0 := late(0.3, 400*time.Millisecond)
	for i, f := range []float64{0.001, 0.02} {
		late0.Checkpoints.History[0].Duration = 10*time.Minute + seconds(600*f)
		if got, want := featuresOf(t, late0).lagging(), i == 1; got != want {
			t.Errorf("completed %.1f%% beyond its timeout: lagging %t, want %t", 100*f, got, want)
		}
	}
}

// What an asynchronous part of an unaligned checkpoint waits for is no upload: barriers that are still to come, those behind included. What is left when all have
// come is.
func TestAWaitForBarriersIsNoUpload(t *testing.T) {
	unaligned := func(phases ...float64) func(int) model.SubtaskLedger {
		e := entry(2<<10, phases...)
		e.Unaligned = true
		e.EndToEnd -= e.Alignment // the asynchronous part contains it
		e.Aborted, e.Late = false, false
		return all(e)
	}
	for _, tt := range []struct {
		name   string
		each   shares
		upload time.Duration // of the second vertex
	}{
		{"it waits for its own barriers", shares{unaligned(1, 0, 0.1, 0.1, 0), unaligned(1, 400, 0.1, 400, 0), unaligned(1, 0, 0.1, 0.1, 0)}, 0},
		{"for those behind it, of which none reports", shares{unaligned(1, 0, 0.1, 0.1, 0), unaligned(1, 0, 0.1, 400, 0), absentAll}, 0},
		{"it uploads", shares{unaligned(1, 0, 0.1, 0.1, 0), unaligned(1, 0, 0, 400, 0), unaligned(1, 0, 0.1, 0.1, 0)}, 400 * time.Second},
		{"it uploads once they have come", shares{unaligned(1, 0, 0.1, 0.1, 0), unaligned(1, 100, 0, 400, 0), unaligned(1, 0, 0.1, 0.1, 0)}, 300 * time.Second},
	} {
		s := add(jobOf(4), detailed(completed(402*time.Second), 4, tt.each))
		f := featuresOf(t, s)
		if got := f.s.Checkpoints.History[0].Tasks[state].Entries[0].Async; (got - tt.upload).Abs() > time.Second {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.upload)
		}
		if before := s.Checkpoints.History[0].Tasks[state].Entries[0].Async; before != 400*time.Second {
			t.Errorf("%s: the snapshot itself was changed to %s", tt.name, before)
		}
	}
}

// A step that has no time left, of records that each take theirs, is at its limit though nobody before it is held up: what the barriers wait behind fits its buffers.
func TestAStepThatHoldsNobodyUp(t *testing.T) {
	for _, tt := range []struct {
		name    string
		busy    float64
		records int64
		likely  bool
	}{{"no time left", 60, 600, true}, {"half of its time left", 30, 600, false}, {"one call", 60, 0, false}} {
		behind := all(entry(mib, 400, 0.1, 0.1, 0.2, 0.1))
		slow := detailed(completed(401*time.Second), 4, shares{all(quick), behind, behind})
		s := add(jobOf(4), times(3, slow)...)
		s.Past.HealthyDuration = seconds(20)
		press(s, state, 0, tt.busy/60)
		for i := range s.Vertices[state].Parallelism {
			works(s, state, i, tt.busy, tt.records)
		}
		d := diagnosed(t, s)
		if f := findingOf(&d, api.CauseBackpressure); (f.Score >= likelyScore) != tt.likely {
			t.Errorf("%s: %d of %+v", tt.name, f.Score, f.Evidence)
		}
	}
}

// What is remembered of health comes down with a storage that gets slower and slower. Checkpoints that take longer of as much state tell.
func TestAStorageThatGetsSlowerWithItsPast(t *testing.T) {
	for name, tt := range map[string]struct {
		before int64
		grows  bool
		cause  api.Cause
	}{"as much state": {4 * 400 * mib, false, api.CauseSlowStateBackend}, "as much more state": {4 * 130 * mib, true, api.CauseCheckpointPressure}} {
		var row []model.Checkpoint
		for i := range 15 {
			took := 300 - 14*float64(i)
			bytes := int64(400 * mib)
			if tt.grows {
				bytes = int64(took / 300 * 400 * mib)
			}
			c := detailed(completed(seconds(took)), 4, shares{all(quick), all(entry(bytes, 0.1, 0.1, 0.1, took-1, 0.1)), all(quick)})
			c.CheckpointedSize, c.StateSize = 4*bytes, 4*bytes
			row = append(row, c)
		}
		s := add(jobOf(4), row...)
		s.Past.HealthyDuration, s.Past.HealthyStateSize, s.Past.HealthyUploadRate = seconds(90), tt.before, model.Measured(1.6*mib)
		s.Settings.Incremental = set(false)
		d := diagnosed(t, s)
		if top := d.Top(); top == nil || top.Cause != tt.cause || top.Score < likelyScore {
			t.Errorf("%s: %s (%s) %+v", name, d.Health, d.Message, top)
		}
	}
}

// A job none of whose checkpoints failed is given no cause to act on by one that is pending for long alone, nor by ones that are long, all alike and no longer
// than before, unless it is known to have been several times as quick.
func TestNothingIsLikelyWhereNothingMayAil(t *testing.T) {
	slow := func(took float64) model.Checkpoint {
		return detailed(completed(seconds(took)), 4, shares{all(quick), all(entry(mib, 0.1, 0.1, 0.1, took-1, 0.1)), all(quick)})
	}
	row := func(durations ...float64) (all []model.Checkpoint) {
		for _, d := range durations {
			all = append(all, slow(d))
		}
		return all
	}
	hang := detailed(pendingFor(7*time.Minute), 4, shares{all(quick), absentFirst, all(quick)})
	for _, tt := range []struct {
		name   string
		s      *model.Snapshot
		past   time.Duration
		likely bool
	}{
		{"long and alike, as ever", add(jobOf(4), row(310, 300, 320, 310, 305, 315, 310, 300, 305)...), 5 * time.Minute, false},
		{"long and alike, and nothing is known of before", add(jobOf(4), row(310, 300, 320, 310, 305, 315, 310, 300, 305)...), 0, false},
		{"long and alike, and quick before", add(jobOf(4), row(310, 300, 320, 310, 305, 315, 310, 300, 305)...), 20 * time.Second, true},
		{"longer and longer", add(jobOf(4), row(400, 390, 380, 370, 300, 290, 280, 270, 200)...), 3 * time.Minute, true},
		{"long and alike, and one failed", add(jobOf(4), history(row(310, 300, 320, 310, 305, 315, 310, 300), times(1, expired()))...), 5 * time.Minute, true},
		{"one alone is pending", add(jobOf(4), history(times(1, hang), quickOnes)...), 20 * time.Second, false},
	} {
		tt.s.Past.HealthyDuration = tt.past
		if d := diagnosed(t, tt.s); d.Health == api.HealthAtRisk {
			f := finding(&d, api.CauseSlowStateBackend, "")
			if got := d.Top() != nil && d.Top().Score >= likelyScore; got != tt.likely || got && d.Top().Cause != api.CauseSlowStateBackend {
				t.Errorf("%s: %s, %+v", tt.name, d.Message, f)
			}
		} else {
			t.Errorf("%s: %s (%s), want AtRisk", tt.name, d.Health, d.Message)
		}
	}
}

// One that hangs behind others that took longer than the job's past is the next of a row: two of the last three at least twice as long are one, and so is one as
// long as makes a risk.
func TestOneThatHangsBehindLongOnesIsTheNextOfARow(t *testing.T) {
	hang := detailed(pendingFor(7*time.Minute), 4, shares{all(quick), absentFirst, all(quick)})
	for _, tt := range []struct {
		name         string
		newest, next float64
		alone        bool
	}{{"as ever", 20, 22, true}, {"one long", 60, 22, true}, {"two long", 60, 42, false}, {"one that is a risk itself", 130, 22, false}, {"two hardly longer", 28, 26, true}} {
		s := add(jobOf(4), history(times(1, hang), times(1, completed(seconds(tt.newest))), times(1, completed(seconds(tt.next))), times(8, completed(20*time.Second)))...)
		s.Past.HealthyDuration = 20 * time.Second
		if f := featuresOf(t, s); f.tentative != tt.alone {
			t.Errorf("%s: tentative %t, want %t", tt.name, f.tentative, tt.alone)
		}
	}
}

// An upload waits behind the one of a checkpoint that completed, too, where several are taken at once.
func TestAnUploadQueuesBehindOneThatCompletes(t *testing.T) {
	take := func(async float64) model.Checkpoint {
		return detailed(completed(seconds(async+1)), 2, shares{all(quick), all(entry(100*mib, 0.1, 0.1, 0.1, async, 0.1)), all(quick)})
	}
	s := add(jobOf(2), take(400), take(350))
	c, before := &s.Checkpoints.History[0], &s.Checkpoints.History[1]
	before.Trigger = c.Trigger.Add(-50 * time.Second)
	for i := range before.Tasks[state].Entries {
		e := &before.Tasks[state].Entries[i]
		e.Ack = before.Trigger.Add(e.EndToEnd)
	}
	f := featuresOf(t, s)
	for i := range f.profile {
		if p := &f.profile[i]; p.c.ID == c.ID {
			if own, clean := ownAsync(f, p, state, entryOf(p.c, state, 0)); !clean || own < 90*time.Second || own > 110*time.Second {
				t.Errorf("by itself it took %s (known %t), want 100 s of 400 s behind the one before", own, clean)
			}
			return
		}
	}
	t.Error("it shows no illness")
}

// What checkpoints took that completed tells nothing of one whose barriers were lost: nothing of it came late, and no longer timeout is sized by the others.
func TestALostBarrierSizesNoTimeout(t *testing.T) {
	lost := detailed(expired(), 4, shares{all(quick), absentAll, absentAll})
	s := add(jobOf(4), history(times(1, lost), times(3, detailed(completed(400*time.Second), 4, shares{all(quick), all(entry(mib, 0.1, 399, 0.1, 0.1, 0.1)), all(quick)})))...)
	s.Past.HealthyDuration = 20 * time.Second
	f := featuresOf(t, s)
	f.sick, f.waits.checkpoints = false, 2
	if facts := computeFacts(f); !facts.NoneLate || facts.Max != 0 {
		t.Errorf("none late %t, longest %s", facts.NoneLate, facts.Max)
	}
	f.waits, f.lost = idleWaits{vertex: -1}, lostBarriers{vertex: -1}
	if facts := computeFacts(f); facts.Max != 400*time.Second {
		t.Errorf("of another cause: longest %s, want 400 s", facts.Max)
	}
}
