package report

import (
	"testing"
	"time"

	"k8s.io/utils/ptr"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestABaselineIsWrittenWhereItMoved(t *testing.T) {
	written := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	kept := api.BaselineStatus{CheckpointDurationMilliseconds: ptr.To[int64](9000), UploadBytesPerSecond: ptr.To[int64](40e6),
		StateSizeBytes: ptr.To[int64](1 << 30), ObservedTime: moment(written)}
	past := model.Past{HealthyDuration: 9 * time.Second, HealthyUploadRate: model.Measured(40e6), HealthyStateSize: 1 << 30}
	for _, c := range []struct {
		name   string
		after  time.Duration
		change func(*model.Past)
		want   bool // written anew
	}{
		{"as it was", 24 * time.Hour, func(*model.Past) {}, false},
		{"a quarter slower", 24 * time.Hour, func(p *model.Past) { p.HealthyDuration = 11250 * time.Millisecond }, false},
		{"half as long again", 24 * time.Hour, func(p *model.Past) { p.HealthyDuration = 13500 * time.Millisecond }, true},
		{"state that comes and goes with its windows", time.Hour, func(p *model.Past) { p.HealthyStateSize = 1 << 34 }, false},
		{"state that came to stay", 7 * time.Hour, func(p *model.Past) { p.HealthyStateSize = 1 << 34 }, true},
		{"half the rate", 7 * time.Hour, func(p *model.Past) { p.HealthyUploadRate = model.Measured(20e6) }, true},
		{"another target", time.Minute, func(p *model.Past) { *p = model.Past{} }, true},
		{"a rate that no integer holds", 7 * time.Hour, func(p *model.Past) { p.HealthyUploadRate = model.Measured(1e300) }, true},
	} {
		now := past
		c.change(&now)
		got := baselineStatus(&kept, &now, written.Add(c.after))
		old, next := api.CheckpointHealthStatus{Baseline: kept}, api.CheckpointHealthStatus{Baseline: got}
		if Changed(&old, &next) != c.want {
			t.Errorf("%s: written %v, want %v", c.name, !c.want, c.want)
		}
		if rate := ptr.Deref(got.UploadBytesPerSecond, 0); rate < 0 || rate > api.MaxInteger {
			t.Errorf("%s: rate %d", c.name, rate)
		}
	}
	first := baselineStatus(&api.BaselineStatus{}, &past, written)
	if first.StateSizeBytes == nil || *first.UploadBytesPerSecond != 40e6 || *first.CheckpointDurationMilliseconds != 9000 {
		t.Errorf("first %+v", first)
	}
	small := api.BaselineStatus{CheckpointDurationMilliseconds: ptr.To[int64](20), StateSizeBytes: ptr.To[int64](1000)}
	if got := baselineStatus(&small, &model.Past{HealthyDuration: 80 * time.Millisecond, HealthyStateSize: 9000}, written); *got.StateSizeBytes != 1000 {
		t.Errorf("noise was written: %+v", got)
	}
	// A figure that becomes known does not wait.
	known := baselineStatus(&small, &past, written)
	if known.UploadBytesPerSecond == nil {
		t.Error("a rate that became known was not written")
	}
}
