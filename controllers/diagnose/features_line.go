package diagnose

import (
	"fmt"
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// Uploads that are at work at once share what the storage takes: each of them gets a part, though the storage is as quick as ever. What all of them write
// together, over the time in which any was at work, is the storage's own rate.

// uploadSpan is one upload: when it was at work by itself, and what it wrote.
type uploadSpan struct {
	from, to time.Time
	bytes    float64
}

// line is the rate of all uploads together, in bytes per second, and how many of them were at work at once on the average.
type line struct {
	rate   model.Measure
	atOnce float64
}

// The rate of all uploads is as before from four fifths on: of storages that were as ever it was 0.81 to 1.14 of what it had been, of slower ones 0.71 at most. A quarter
// more of them at once is more than the same ones differ by.
const (
	asBefore   = 0.8
	moreAtOnce = 1.25
)

// lineOf adds up uploads; nothing is known of fewer than two.
func lineOf(spans []uploadSpan) line {
	if len(spans) < 2 {
		return line{}
	}
	slices.SortFunc(spans, func(a, b uploadSpan) int { return a.from.Compare(b.from) })
	bytes, each, busy, end := 0.0, time.Duration(0), time.Duration(0), time.Time{}
	for _, u := range spans {
		bytes += u.bytes
		each += u.to.Sub(u.from)
		if u.from.Before(end) {
			u.from = end
		}
		if u.to.After(u.from) {
			busy += u.to.Sub(u.from)
			end = u.to
		}
	}
	if busy < minRateTime {
		return line{}
	}
	return line{rate: model.Measured(bytes / busy.Seconds()), atOnce: float64(each) / float64(busy)}
}

// spanOf is the upload of a subtask that took so long by itself; false where it is too small to have a rate, or when it was is not known.
func spanOf(e *model.SubtaskLedger, own time.Duration) (uploadSpan, bool) {
	if e.Ack.IsZero() || own < minRateTime || e.CheckpointedSize < minRateBytes || e.Residual < 0 {
		return uploadSpan{}, false
	}
	to := e.Ack.Add(-e.Residual)
	return uploadSpan{from: to.Add(-own), to: to, bytes: float64(e.CheckpointedSize)}, true
}

// measureLine reads what all uploads write together, in the checkpoints that show the illness and in the completed ones that do not.
func (u *upload) measureLine(f *features) {
	var now, healthy []uploadSpan
	for i := range f.profile {
		p := &f.profile[i]
		forEntries(p.c, func(vertex int, e *model.SubtaskLedger) {
			own, clean := ownAsync(f, p, vertex, e)
			if s, ok := spanOf(e, own); ok && clean {
				now = append(now, s)
			}
		})
	}
	for c := range detailedOnes(f.s) {
		if illness(f, c) > 0 {
			continue
		}
		forEntries(c, func(_ int, e *model.SubtaskLedger) {
			if s, ok := spanOf(e, e.Async); ok {
				healthy = append(healthy, s)
			}
		})
	}
	u.lineNow, u.lineHealthy = lineOf(now), lineOf(healthy)
}

// lineAsBefore tells whether all uploads together write what they did in health, and no less than one subtask should.
func (f *features) lineAsBefore() bool {
	u := &f.upload
	return u.lineHealthy.rate.Known && u.lineNow.rate.AtLeast(max(f.p.Thresholds.SlowUpload, asBefore*u.lineHealthy.rate.Value))
}

// sharedLine tells whether a rate of one upload below that of health is a part of what the storage takes as before, as more of them are at work at once.
func (f *features) sharedLine() bool {
	u := &f.upload
	return f.lineAsBefore() && u.lineNow.atOnce >= moreAtOnce*u.lineHealthy.atOnce
}

// sharedFloor tells whether a rate of one upload below the policy's floor is no less than it was in health, of a storage that takes as much as then of all
// together: then it is that there is more to write, or that uploads wait for those of the checkpoint before.
func (f *features) sharedFloor(r model.Measure) bool {
	u := &f.upload
	return f.lineAsBefore() && u.healthy.Known && r.AtLeast(normalShare*u.healthy.Value) && (u.stateGrew.AtLeast(growsFast) || f.allFit())
}

// asMuchInAll tells whether a rate of one upload is no sign of a slow storage, by what all of them write.
func (f *features) asMuchInAll(r model.Measure) bool { return f.sharedLine() || f.sharedFloor(r) }

// mayBeBytes tells whether a rate that is called slow need not be why checkpoints expire: it is half of the job's own at least, and there is half as much again to
// write; or each upload by itself fits, and would be in time if it did not wait for those before it. Either explains the time.
func (f *features) mayBeBytes() bool {
	u := &f.upload
	r, _ := u.measured()
	return f.allFit() || u.healthy.Known && r.AtLeast(normalShare*u.healthy.Value) && u.stateGrew.AtLeast(growsFast)
}

func (l *line) text() string {
	return fmt.Sprintf("%.1f uploads at once, %s together", l.atOnce, rate(l.rate.Value))
}
