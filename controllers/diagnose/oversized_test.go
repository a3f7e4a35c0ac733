package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// firstOnly leaves out the first n subtasks.
func firstOnly(n int) func(int) model.SubtaskLedger {
	return func(i int) model.SubtaskLedger {
		if i < n {
			return absentEntry()
		}
		return quick
	}
}

// lostAcknowledgements is a job of which the state vertex misses more subtasks from one expiry to the next, the newest first, and all others acknowledge.
func lostAcknowledgements(sinks func(int) model.SubtaskLedger, missing ...int) *model.Snapshot {
	var history []model.Checkpoint
	for _, n := range missing {
		history = append(history, detailed(expired(), 4, shares{all(quick), firstOnly(n), sinks}))
	}
	history = append(history, detailed(completed(20*time.Second), 4, shares{all(quick), all(quick), all(quick)}))
	return add(jobOf(4), history...)
}

// An acknowledgement that is dropped leaves a subtask that is done. It need not be idle: it goes on with the next records, under whatever load; their
// number may grow with the state; and where an expiry restarts the job others on the same TaskManagers show that the way is free.
func TestAcknowledgementsThatAreDropped(t *testing.T) {
	atRecords := func(stuck bool) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			spots := []string{"com.shop.Count.processElement", "com.shop.Count.add"}
			if stuck {
				spots[1] = spots[0]
			}
			for k, spot := range spots {
				s.Stacks = append(s.Stacks, model.StackSample{At: testNow.Add(time.Duration(10*k-40) * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute,
					Threads: []model.ThreadStack{taskThreadOf(state, 0, elementFrames, spot)}})
			}
			press(s, source, 0.7, 0.2)
			press(s, state, 0, 1)
		}
	}
	idle := func(s *model.Snapshot) { dumps(s, idleThreads(state, 4)...) }
	uploads := func(s *model.Snapshot) { dumps(s, append(idleThreads(state, 1), uploadThread(0))...) }
	restarts := func(s *model.Snapshot) {
		idle(s)
		s.Settings.TolerableFailed = set(0)
	}
	for name, c := range map[string]struct {
		job    *model.Snapshot
		change func(*model.Snapshot)
		likely bool
	}{
		"the same one, idle":                                {lostAcknowledgements(all(quick), 1, 1, 1), idle, true},
		"the same one, at its next records under load":      {lostAcknowledgements(all(quick), 1, 1, 1), atRecords(false), true},
		"the same one, whatever spot its records are at":    {lostAcknowledgements(all(quick), 1, 1, 1), atRecords(true), true},
		"at records, and those behind it wait for it":       {lostAcknowledgements(absentAll, 1, 1, 1), atRecords(false), false},
		"more from one to the next, idle":                   {lostAcknowledgements(all(quick), 3, 2, 1), idle, true},
		"fewer from one to the next":                        {lostAcknowledgements(all(quick), 1, 2, 3), idle, false},
		"it uploads":                                        {lostAcknowledgements(all(quick), 1, 1, 1), uploads, false},
		"each expiry restarts the job, others get through":  {lostAcknowledgements(all(quick), 1, 1, 1), restarts, true},
		"each expiry restarts the job, and nobody was seen": {lostAcknowledgements(all(quick), 1, 1, 1), func(s *model.Snapshot) { s.Settings.TolerableFailed = set(0) }, false},
	} {
		c.change(c.job)
		d := diagnosed(t, c.job)
		f := findingOf(&d, api.CauseOversizedAck)
		if likely := f != nil && f.Score >= likelyScore; likely != c.likely {
			t.Errorf("%s: likely %v, want %v (%+v)", name, likely, c.likely, f)
		}
	}
}

// Where two vertices in a row are dropped nobody behind the first one acknowledges. All of them are idle, and the sources did: their barriers came.
func TestTwoVerticesInARowAreDropped(t *testing.T) {
	for name, c := range map[string]struct {
		sources func(int) model.SubtaskLedger
		want    bool
	}{"the sources acknowledged": {all(quick), true}, "a source is missing": {absentFirst, false}} {
		one := func() model.Checkpoint { return detailed(expired(), 4, shares{c.sources, absentAll, absentAll}) }
		s := add(jobOf(4), one(), one(), one())
		dumps(s, append(idleThreads(state, 4), idleThreads(sink, 4)...)...)
		if got := silentSubtasks(featuresOf(t, s)); (got.state == present) != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What the missing ones held when they acknowledged last tells whether they are near a frame.
func TestWhatIsNearAFrame(t *testing.T) {
	for name, c := range map[string]struct {
		missing, others int64
		want            bool
	}{
		"four fifths of a frame":                          {400 << 10, 40 << 10, true},
		"a tenth of it":                                   {50 << 10, 40 << 10, false},
		"more than it: that was not inside":               {4 << 20, 40 << 10, false},
		"as much as those of its vertex that get through": {400 << 10, 400 << 10, false},
	} {
		s := lostAcknowledgements(all(quick), 1, 1, 1)
		s.Settings.FrameSize, s.Settings.InlineThreshold = set(int64(500<<10)), set(int64(1<<10))
		last := &s.Checkpoints.History[len(s.Checkpoints.History)-1]
		for v := range last.Tasks {
			for i := range last.Tasks[v].Entries {
				e := &last.Tasks[v].Entries[i]
				e.StateSize = 1 << 30 // of another vertex, in files
				if v == state {
					e.StateSize = c.others
					if i == 0 {
						e.StateSize = c.missing
					}
				}
			}
		}
		if got := featuresOf(t, s).nearFrame(); (got.state == present) != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Where each expiry restarts the job small checkpoints complete in between, and a row of them is no other trouble. State below the threshold is not
// uploaded: then it takes no stack.
func TestQuickCheckpointsAfterEachRestartAreNoOtherTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		tolerated int
		inline    int64
		likely    bool
	}{
		"each expiry restarts the job":                {0, 1 << 20, true},
		"and state is uploaded":                       {0, 1 << 10, false},
		"three quick ones of a job that tolerates it": {3, 1 << 20, false},
	} {
		lost := func() model.Checkpoint { return detailed(expired(), 4, shares{all(quick), firstOnly(4), all(quick)}) }
		fine := func() model.Checkpoint {
			held := func(int) model.SubtaskLedger { return entry(400<<10, 0.1, 0.1, 0.1, 0.2, 0.1) }
			return detailed(completed(time.Second), 4, shares{all(entry(0, 0.1, 0, 0, 0, 0.1)), held, all(entry(0, 0.1, 0, 0, 0, 0.1))})
		}
		s := add(jobOf(4), lost(), fine(), fine(), fine(), lost(), fine(), fine(), fine())
		s.Settings.TolerableFailed, s.Settings.FrameSize, s.Settings.InlineThreshold = set(c.tolerated), set(int64(500<<10)), set(c.inline)
		d := diagnosed(t, s)
		f := findingOf(&d, api.CauseOversizedAck)
		if likely := f != nil && f.Score >= likelyScore; likely != c.likely {
			t.Errorf("%s: likely %v, want %v (%s, %+v)", name, likely, c.likely, d.Health, f)
		}
	}
}

// A message that was seen to be dropped is dropped, whoever is in a long snapshot beside it.
func TestADroppedMessageBesideALongSnapshot(t *testing.T) {
	for name, seen := range map[string]bool{"seen in a log": true, "not seen": false} {
		s := expiredThrice(4, shares{all(quick), absentAll, firstOnly(1)})
		if seen {
			s.Logs = []model.LogSignal{{Kind: model.LogOversizedPayload, Process: "tm-1", Count: 8}}
		}
		dumps(s, append(idleThreads(state, 4), taskThreadOf(sink, 0, syncFrames, "com.shop.Ledger.snapshotState"))...)
		d := diagnosed(t, s)
		if f := findingOf(&d, api.CauseOversizedAck); (f != nil && f.Score >= possibleScore) != seen {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// Who never reported in expired checkpoints and has acknowledged the one in progress sends messages that get through.
func TestASilentOneThatAcknowledgesNow(t *testing.T) {
	for name, c := range map[string]struct {
		now    func(int) model.SubtaskLedger
		likely bool
	}{
		"it is missing still":                  {firstOnly(1), true},
		"it has acknowledged, another has not": {func(i int) model.SubtaskLedger { return []model.SubtaskLedger{quick, absentEntry(), quick, quick}[i] }, false},
	} {
		s := lostAcknowledgements(all(quick), 1, 1, 1)
		pending := detailed(model.Checkpoint{Status: model.CheckpointInProgress, Duration: 9 * time.Minute}, 4, shares{all(quick), c.now, all(quick)})
		s = add(jobOf(4), append([]model.Checkpoint{pending}, s.Checkpoints.History...)...)
		dumps(s, idleThreads(state, 4)...)
		d := diagnosed(t, s)
		if f := findingOf(&d, api.CauseOversizedAck); (f != nil && f.Score >= likelyScore) != c.likely {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
