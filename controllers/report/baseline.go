package report

import (
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// baselineEvery is how often figures that are known already are renewed where they moved: four writes a day at most, also for a job
	// whose state comes and goes with its windows. What a day does to a job is followed all the same.
	baselineEvery = 6 * time.Hour
	// smallDuration and smallSize are below what is worth a write: a third of a second more, where checkpoints take none, is noise, and so is
	// a megabyte.
	smallDuration = int64(time.Second / time.Millisecond)
	smallSize     = int64(1 << 20)
)

// baselineStatus is what the job is like while it is well: what status kept, until the figures are known for the first time or moved enough.
// What the memory no longer knows is of another job, and goes.
func baselineStatus(prev *api.BaselineStatus, past *model.Past, now time.Time) api.BaselineStatus {
	next := api.BaselineStatus{ObservedTime: moment(now)}
	if past.HealthyDuration > 0 {
		next.CheckpointDurationMilliseconds = large(past.HealthyDuration.Milliseconds())
	}
	if past.HealthyUploadRate.AtLeast(1) {
		next.UploadBytesPerSecond = large(bytesOf(past.HealthyUploadRate.Value))
	}
	if past.HealthyStateSize > 0 {
		next.StateSizeBytes = large(past.HealthyStateSize)
	}
	if next == (api.BaselineStatus{ObservedTime: next.ObservedTime}) {
		return api.BaselineStatus{}
	}
	known := sameFiguresKnown(prev, &next)
	young := prev.ObservedTime != nil && now.Sub(prev.ObservedTime.Time) < baselineEvery
	if known && (young || !baselineMoved(prev, &next)) {
		return *prev
	}
	return next
}

// bytesOf is a rate in whole bytes; one that no integer holds is the largest that status does.
func bytesOf(rate float64) int64 { return int64(min(rate, api.MaxInteger)) }

// sameFiguresKnown tells whether both know the same figures.
func sameFiguresKnown(a, b *api.BaselineStatus) bool {
	return (a.CheckpointDurationMilliseconds == nil) == (b.CheckpointDurationMilliseconds == nil) &&
		(a.UploadBytesPerSecond == nil) == (b.UploadBytesPerSecond == nil) && (a.StateSizeBytes == nil) == (b.StateSizeBytes == nil)
}

func baselineMoved(a, b *api.BaselineStatus) bool {
	return moved(a.CheckpointDurationMilliseconds, b.CheckpointDurationMilliseconds, smallDuration) ||
		moved(a.UploadBytesPerSecond, b.UploadBytesPerSecond, 0) || moved(a.StateSizeBytes, b.StateSizeBytes, smallSize)
}

// moved tells whether a figure is more than a third larger than it was, or was more than a third larger than it is, and large enough to matter.
func moved(was, is *int64, small int64) bool {
	if was == nil || is == nil {
		return was != is
	}
	least, most := min(*was, *is), max(*was, *is)
	return most > small && float64(most) > 4.0/3*float64(least)
}

// baseline is what a write is worth: figures that stand are taken over as they are.
func (g *gist) baseline(b *api.BaselineStatus) {
	for _, figure := range [...]*int64{b.CheckpointDurationMilliseconds, b.UploadBytesPerSecond, b.StateSizeBytes} {
		if figure != nil {
			g.number(*figure)
		}
		g.say("")
	}
}
