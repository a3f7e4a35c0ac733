package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// oldSource makes the sources of a job ones of the old kind: how busy they are Flink does not tell.
func oldSource(s *model.Snapshot, pressed float64) {
	for i := range s.Vertices[source].Pressure {
		s.Vertices[source].Pressure[i] = model.SubtaskPressure{Backpressured: model.Measured(pressed), Idle: model.Measured(0)}
	}
}

// lockedBy are the two threads of a source of the old kind: its own, which holds the lock, and the task's, whose trigger waits for it.
func lockedBy(i int) []model.ThreadStack {
	reads := taskThreadOf(source, i, legacyLoop, "io.harbour.Feed.scan")
	reads.Name = "Legacy Source Thread - Source: orders (1/4)#0"
	waits := taskThreadOf(source, i, nil, "org.apache.flink.streaming.runtime.tasks.StreamTaskActionExecutor$SynchronizedStreamTaskActionExecutor.runThrowing")
	waits.State, waits.BlockedOn, waits.Holder = "BLOCKED", "java.lang.Object", reads.Name
	return []model.ThreadStack{waits, reads}
}

// A source of the old kind that holds the lock for which its own trigger waits needs no second dump. One that is back-pressured holds it for that.
func TestOneDumpShowsALockThatIsHeld(t *testing.T) {
	late := all(entry(mib, 640, 0, 0, 0.1, 0.1))
	for name, c := range map[string]struct {
		pressed float64
		each    shares
		likely  bool
	}{
		"some are missing":                    {0, shares{absentFirst, absentAll, absentAll}, true},
		"all began equally late, for all are": {0, shares{late, late, late}, true},
		"it is back-pressured":                {0.95, shares{absentFirst, absentAll, absentAll}, false},
	} {
		s := expiredThrice(4, c.each)
		oldSource(s, c.pressed)
		pending := detailed(model.Checkpoint{Status: model.CheckpointInProgress, Duration: 9 * time.Minute}, 4, shares{absentFirst, absentAll, absentAll})
		s.Checkpoints.History[0].ID, pending.Trigger, pending.ID = 8120, testNow.Add(-9*time.Minute), 8121
		s.Checkpoints.History = append([]model.Checkpoint{pending}, s.Checkpoints.History...)
		s.Stacks = []model.StackSample{{At: testNow.Add(-30 * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute, Threads: lockedBy(0)}}
		d := diagnosed(t, s)
		f := findingOf(&d, api.CauseSourceBlocked)
		if likely := f != nil && f.Score >= likelyScore; likely != c.likely {
			t.Errorf("%s: likely %v, want %v (%+v)", name, likely, c.likely, f)
		}
		if f != nil && f.Verdict == api.VerdictConfirmed {
			t.Errorf("%s: confirmed by a single dump: %+v", name, f)
		}
	}
}

// Where nobody acknowledges, sources that have no coordinator and take their trigger under a lock are possible, and a coordinator is less so.
func TestNobodyAcknowledgesBehindOldSources(t *testing.T) {
	for name, old := range map[string]bool{"old ones": true, "newer ones": false} {
		s := expiredThrice(4, shares{absentAll, absentAll, absentAll})
		if old {
			oldSource(s, 0)
		}
		d := diagnosed(t, s)
		held, coordinator := findingOf(&d, api.CauseSourceBlocked), findingOf(&d, api.CauseCoordinatorBlocked)
		if (held.Score >= possibleScore) != old || (coordinator.Score >= possibleScore) == old {
			t.Errorf("%s: %+v, %+v", name, held, coordinator)
		}
	}
}

// A source that is in its own snapshot has taken its trigger: its read is not what holds it.
func TestASourceInItsSnapshotDoesNotRead(t *testing.T) {
	s := expiredThrice(4, shares{absentFirst, absentAll, absentAll})
	press(s, source, 0, 1, 0)
	dumps(s, append(idleThreads(sink, 4), taskThreadOf(source, 0, syncFrames, "io.harbour.Feed.snapshotState"))...)
	d := diagnosed(t, s)
	if f := findingOf(&d, api.CauseSourceBlocked); f != nil && f.Score >= possibleScore {
		t.Errorf("%+v", f)
	}
	if d.Top().Cause != api.CauseSlowSyncPhase {
		t.Errorf("%s is first", d.Top().Cause)
	}
}

// A JobManager that collects garbage tells all sources late: they look as if they did not come back, which one dump does not settle.
func TestSourcesThatAStrainedJobManagerTellsLate(t *testing.T) {
	for name, c := range map[string]struct {
		collects float64
		twice    bool
		source   bool
	}{"the JobManager has time": {0.01, false, true}, "it collects garbage": {0.5, false, false}, "it collects, and two dumps show the read": {0.5, true, true}} {
		late := all(entry(mib, 250, 0, 0.1, 0.1, 200))
		s := expiredThrice(4, shares{func(i int) model.SubtaskLedger {
			if i == 0 {
				return absentEntry()
			}
			return late(i)
		}, absentAll, absentAll})
		s.JobManager.GCShare, s.JobManager.HeapUsed = model.Measured(c.collects), model.Measured(1<<30)
		press(s, source, 0, 1, 0)
		dumps(s, append(idleThreads(state, 4), taskThreadOf(source, 0, sourceFrames, "com.shop.TableReader.pollNext"))...)
		if !c.twice {
			s.Stacks = s.Stacks[1:]
		}
		d := diagnosed(t, s)
		if f := findingOf(&d, api.CauseSourceBlocked); (f != nil && f.Score >= likelyScore) != c.source {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
