package diagnose

import (
	"testing"

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
		{"one of eight that are missing uploads", shares{absentAll, absentAll, all(quick)}, append(append(idleThreads(source, 4), idleThreads(state, 4)...), uploadThread(0)), 0},
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
