package controllers

import (
	"strings"
	"testing"
	"time"

	"k8s.io/utils/ptr"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim"
)

// The storage falls from 240 MB/s to a tenth, which is still above every absolute floor: only this job's own past tells that it is slow. The
// manager is restarted while the job is sick, and what status kept of that past still tells.
func TestWhatAJobWasLikeOutlivesAManager(t *testing.T) {
	w := newWorld(t, "story-baseline")
	c, _ := flinksim.CaseNamed("payments")
	w.deployCase("payments", c.StorageFalls(520e6, 240e6, time.Minute, 24e6))
	w.watch("payments", "policy: {mode: Recommend, detection: {treat: AtRisk}, thresholds: {largeStateBytes: 67108864}}\n")
	w.run(120, "sick of its storage", func() bool { return w.health("payments").Status.Cause == api.CauseSlowStateBackend })
	before := w.health("payments").Status.Baseline
	if got := ptr.Deref(before.UploadBytesPerSecond, 0); got < 100e6 || got > 300e6 {
		t.Fatalf("the baseline is %+v, rate %d, want about 240 MB/s", before, got)
	}
	w.after(40) // what Flink keeps of the good times leaves its history
	w.start()
	for range 60 {
		w.tick()
		if cause := w.health("payments").Status.Cause; cause != api.CauseSlowStateBackend {
			t.Fatalf("after the restart the cause is %s\n%s", cause, w.story())
		}
	}
	after := w.health("payments").Status
	if *after.Baseline.UploadBytesPerSecond != *before.UploadBytesPerSecond || !after.Baseline.ObservedTime.Equal(before.ObservedTime) {
		t.Errorf("the baseline was %+v and is %+v", before, after.Baseline)
	}
	if text := strings.Join(after.Assessment, "\n"); !strings.Contains(text, "MiB/s, this job's") {
		t.Errorf("the assessment does not compare with the job's own rate:\n%s", text)
	}
}
