package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// endlessUploads is a job of three days whose state subtasks upload when the checkpoint expires, and none of whose uploads has ended since. Its last
// completed checkpoint wrote so many bytes, and its subtasks had so much a second while it was well.
func endlessUploads(bytes int64, healthy float64) *model.Snapshot {
	s := expiredThrice(4, shares{all(quick), absentAll, all(quick)})
	s.Job.StartTime = testNow.Add(-72 * time.Hour)
	s.Checkpoints.History = s.Checkpoints.History[:3]
	last := completed(20 * time.Second)
	last.CheckpointedSize, last.StateSize, last.Trigger = bytes, bytes, testNow.Add(-40*time.Minute)
	s.Checkpoints.LatestCompleted = &last
	s.Past.HealthyUploadRate = model.Measured(healthy)
	dumps(s, append(idleThreads(state, 4), uploadThread(0), uploadThread(1), uploadThread(2), uploadThread(3))...)
	s.Stacks[0].Threads = idleThreads(state, 4)
	for i := range 4 { // they write on: at another spot in the dump before
		upload := uploadThread(i)
		upload.Frames = append([]string{"net.vendor.Stream.connect"}, upload.Frames...)
		s.Stacks[0].Threads = append(s.Stacks[0].Threads, upload)
	}
	return s
}

// Uploads that two dumps show at the same spot while none was ever late, over expiries that had the time for it, hang: no longer timeout helps them, and a
// rate of long ago is not theirs.
func TestUploadsThatHangDoNotMove(t *testing.T) {
	for name, c := range map[string]struct {
		stuck, late, moves bool
	}{
		"they write on":                        {moves: true},
		"at the same spot, and none ever late": {stuck: true},
		"at the same spot, and some were late": {stuck: true, late: true, moves: true},
	} {
		s := endlessUploads(2000*mib, 20*mib)
		s.Past.SlowUploadRate, s.Past.SlowUploadAt = model.Measured(mib/2), testNow.Add(-10*time.Minute)
		if c.stuck {
			s.Stacks[0].Threads = s.Stacks[1].Threads
		}
		if c.late {
			entries := s.Checkpoints.History[2].Tasks[state].Entries
			for i := range entries {
				at := s.Checkpoints.History[2].Trigger.Add(11 * time.Minute)
				entries[i] = entry(mib, 0.1, 0.1, 0.1, 659.6, 0.1)
				entries[i].Index, entries[i].Ack = i, at
			}
		}
		d := diagnosed(t, s)
		if d.Facts.UploadMoves != c.moves || d.Facts.NeverLate == c.moves {
			t.Errorf("%s: moves %t, never late %t", name, d.Facts.UploadMoves, d.Facts.NeverLate)
		}
	}
}

// That an upload is still at work after the timeout is a bound of its rate: what a checkpoint can have to write is known from the last that completed.
func TestUploadsThatNeverEndAreBounded(t *testing.T) {
	d := diagnosed(t, endlessUploads(2000*mib, 20*mib)) // 500 MiB a subtask in 600 s, where 20 MiB/s would need 25 s
	if top := d.Top(); top.Cause != api.CauseSlowStateBackend || top.Score < likelyScore {
		t.Errorf("found %s %s %d: %s %v", top.Cause, top.Verdict, top.Score, top.Summary, top.Missing)
	}
	for name, s := range map[string]*model.Snapshot{
		"so many bytes need the timeout at the job's own rate": endlessUploads(30_000*mib, 10*mib),
		"a job that began a minute before that checkpoint may have grown forty times": func() *model.Snapshot {
			s := endlessUploads(2000*mib, 20*mib)
			s.Job.StartTime = testNow.Add(-41 * time.Minute)
			return s
		}(),
		"of an increment a minute as much as forty may have come together": func() *model.Snapshot {
			s := endlessUploads(2000*mib, 20*mib)
			s.Checkpoints.LatestCompleted.StateSize *= 10
			return s
		}(),
		"somebody works off records": func() *model.Snapshot {
			s := endlessUploads(2000*mib, 20*mib)
			s.Stacks = nil
			dumps(s, append(idleThreads(state, 3), taskThreadOf(state, 3, elementFrames, "com.acme.Enrich.map"), uploadThread(0), uploadThread(1), uploadThread(2))...)
			return s
		}(),
		"nothing completed": func() *model.Snapshot {
			s := endlessUploads(2000*mib, 20*mib)
			s.Checkpoints.LatestCompleted = nil
			return s
		}(),
	} {
		if f := featuresOf(t, s); f.upload.ceiling.Known && slowRate(f).state == present {
			t.Errorf("%s: and the rate is called slow, below %g", name, f.upload.ceiling.Value)
		}
	}
}

// What was measured in the same spell is known still when no upload ends any more, and so is that uploads move.
func TestARateOutlivesTheUploadsThatToldIt(t *testing.T) {
	s := endlessUploads(2000*mib, 20*mib)
	s.Checkpoints.LatestCompleted = nil
	s.Past.SlowUploadRate, s.Past.SlowUploadAt = model.Measured(mib/2), testNow.Add(-10*time.Minute)
	d := diagnosed(t, s)
	if top := d.Top(); top.Cause != api.CauseSlowStateBackend || top.Verdict != api.VerdictConfirmed {
		t.Errorf("found %s %s %d: %s %+v", top.Cause, top.Verdict, top.Score, top.Summary, top.Evidence)
	}
	if !d.Facts.UploadMoves || d.Facts.NoneLate || d.Facts.NeverLate || !d.Facts.UploadRate.AtLeast(mib/2) {
		t.Errorf("the remedy is sized by %+v", d.Facts)
	}
	s.Past.SlowUploadRate = model.Measured(18 * mib)
	if f := featuresOf(t, s); slowRate(f).state == present || normalRate(f).state != present {
		t.Error("a rate that was as ever is called slow")
	}
}
