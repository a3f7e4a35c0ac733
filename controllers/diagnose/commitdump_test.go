package diagnose

import (
	"testing"
	"time"
)

// Where each checkpoint follows a completed one, that those begin late says no more than that they begin late: one dump that shows a commit catches anybody in it.
func TestOneDumpWhereEachFollowsACompletedOne(t *testing.T) {
	late := shares{all(quick), all(quick), all(entry(mib, 300, 0, 0.1, 0.1, 0.1))}
	for n, want := range map[int]bool{1: false, 2: true} {
		h := times(3, detailed(completed(310*time.Second), 2, late))
		h = append(h, detailed(completed(20*time.Second), 2, shares{all(quick), all(quick), all(quick)}), completed(20*time.Second))
		f := featuresOf(t, add(jobOf(2), h...))
		f.threads.known = true
		f.threads.committed = map[int]int{sink: n}
		if a := f.lateAfterCompleted(sink); a.late == 0 || a.others > 0 {
			t.Fatalf("%+v: want late ones, and none after an expired one", a)
		}
		if got := weightOf(commitBlocksTask.assess(f), "start after completed checkpoints") > 0; got != want {
			t.Errorf("%d dumps: %+v", n, commitBlocksTask.assess(f).finding.Evidence)
		}
	}
}
