package diagnose

import (
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A dump that is asked for over a slow way comes when the trigger comes, and catches uploads of a moment. They say nothing where late acknowledgements
// tell that uploads are short, or where most of those that are missing have none.
func TestUploadsThatADumpHappensToCatch(t *testing.T) {
	lateAck := all(entry(mib, 640, 0.1, 0.1, 0.2, 0.1)) // it began late, and uploaded at once
	slowUp := all(entry(mib, 0.1, 0.1, 0.1, 640, 0.1))
	half := func(i int) model.SubtaskLedger {
		if i%2 == 0 {
			return absentEntry()
		}
		return lateAck(i)
	}
	for _, tt := range []struct {
		name    string
		each    shares
		threads []model.ThreadStack
		want    int
	}{
		{"one of eight that are missing uploads, and in the next dump of the checkpoint", shares{absentAll, absentAll, all(quick)},
			append(append(idleThreads(source, 4), idleThreads(state, 4)...), uploadThread(0)), 1},
		{"all that are missing upload", shares{all(quick), absentAll, all(quick)},
			append(idleThreads(state, 4), uploadThread(0), uploadThread(1), uploadThread(2), uploadThread(3)), 4},
		{"late acknowledgements tell that they are short", shares{all(quick), half, all(quick)},
			append(idleThreads(state, 4), uploadThread(0), uploadThread(1)), 0},
		{"late acknowledgements tell that they are long", shares{all(quick), slowUp, all(quick)},
			append(idleThreads(state, 4), uploadThread(0), uploadThread(1)), 2},
		{"those of another vertex tell nothing", shares{all(quick), absentAll, lateAck},
			append(idleThreads(state, 4), uploadThread(0), uploadThread(1), uploadThread(2), uploadThread(3)), 4},
	} {
		s := expiredThrice(4, tt.each)
		dumps(s, tt.threads...)
		if got := featuresOf(t, s).threads.uploads; got != tt.want {
			t.Errorf("%s: %d uploads, want %d", tt.name, got, tt.want)
		}
	}
}

// Over a slow way each dump comes when a trigger comes, and may catch a short upload at the same spot: of another checkpoint. One that is there in two
// dumps of the same checkpoint does not pass, though the others that are missing have none.
func TestAnUploadThatStaysDoesNotPass(t *testing.T) {
	for name, c := range map[string]struct {
		first, second int64 // the checkpoints that were pending
		elsewhere     bool  // the upload is at another spot in the second dump
		want          int
	}{
		"in two dumps of one checkpoint": {8121, 8121, false, 1},
		"in dumps of two checkpoints":    {8120, 8121, false, 0},
		"at another spot":                {8121, 8121, true, 0},
	} {
		s := expiredThrice(4, shares{all(quick), absentAll, all(quick)})
		dumps(s, append(idleThreads(state, 4), uploadThread(0))...)
		s.Stacks[0].PendingCheckpoint, s.Stacks[1].PendingCheckpoint = c.first, c.second
		if c.elsewhere {
			upload := uploadThread(0)
			upload.Frames = append([]string{"org.apache.flink.core.fs.local.LocalDataOutputStream.sync"}, upload.Frames...)
			s.Stacks[1].Threads = append(idleThreads(state, 4), upload)
		}
		f := featuresOf(t, s)
		if got := f.threads.uploads; got != c.want {
			t.Errorf("%s: %d uploads, want %d", name, got, c.want)
		}
		if top := diagnoseCauses(f)[0]; c.want > 0 && top.Cause == api.CauseOversizedAck {
			t.Errorf("%s: %+v is first though an upload is stuck", name, top)
		}
	}
}
