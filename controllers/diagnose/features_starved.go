package diagnose

import (
	"fmt"
	"slices"

	"checkpointhealth.dev/operator/controllers/model"
)

// A process that gets no CPU is late with whatever it does: its uploads, its acknowledgements, its answers. These are consequences there. They are causes of
// their own only where they are late on TaskManagers with CPU to spare as well.

// withoutTime are the TaskManagers that have none to spare: they have used up their CPU, collect garbage for half of the time, or are the one on which all
// snapshots take several times as long as in health.
func (f *features) withoutTime() map[string]bool {
	short := map[string]bool{}
	for i := range f.s.TaskManagers {
		if tm := &f.s.TaskManagers[i]; f.starved(tm) || tm.GCShare.AtLeast(mostlyGC) {
			short[tm.ID] = true
		}
	}
	if f.allOver().state == present {
		short[f.answers.worst] = true
	}
	return short
}

// starvedUploads are the uploads of TaskManagers without time against those of the others.
type starvedUploads struct {
	here, elsewhere bytesAndTime
	// late are large on a TaskManager without time, tiny those of them that write next to nothing; lateElsewhere are so on others, quick are not.
	late, tiny, lateElsewhere, quick int
}

func (u *starvedUploads) add(e *model.SubtaskLedger, short, late bool) {
	switch {
	case short && late:
		u.here.add(e.CheckpointedSize, e.Async, true)
		u.late++
		u.tiny += count(e.CheckpointedSize < minRateBytes)
	case short:
	case late:
		u.lateElsewhere++
	default:
		u.elsewhere.add(e.CheckpointedSize, e.Async, true)
		u.quick++
	}
}

// quickElsewhere tells whether the storage takes what others write several times as fast, in the same checkpoints.
func (u *starvedUploads) quickElsewhere() bool {
	here, elsewhere := u.here.rate(), u.elsewhere.rate()
	return u.quick > 0 && u.lateElsewhere == 0 && (!here.Known || !elsewhere.Known || here.Value < slowShare*elsewhere.Value)
}

// findStarvedUploads compares what subtasks that write did in the checkpoints that show the illness.
func findStarvedUploads(f *features, short map[string]bool) starvedUploads {
	u := starvedUploads{}
	for i := range f.profile {
		p := &f.profile[i]
		forEntries(p.c, func(v int, e *model.SubtaskLedger) {
			if e.CheckpointedSize <= 0 || e.Async < 0 || v < 0 || v >= len(f.s.Vertices) || f.managerOf(v, e.Index) == "" {
				return
			}
			u.add(e, short[f.managerOf(v, e.Index)], e.Async >= share(p.ref, large))
		})
	}
	return u
}

// uploadsWithoutCPU looks for uploads that are late for want of CPU, not of storage: all that are late run on TaskManagers without time, while others write
// quickly. Where nobody writes elsewhere it speaks less: they write next to nothing, of which the time tells no rate, or what needs nothing but CPU takes as
// many times longer.
func uploadsWithoutCPU(f *features) sign {
	short := f.withoutTime()
	if len(short) == 0 {
		return settled
	}
	u := findStarvedUploads(f, short)
	if u.late == 0 || u.lateElsewhere > 0 {
		return no
	}
	if u.quickElsewhere() {
		return yes(fmt.Sprintf("%d that take long are all of TaskManagers without CPU to spare, %d elsewhere are quick", u.late, u.quick), "")
	}
	slow, of, vertices := f.slowAllOver("")
	if u.quick == 0 && (u.tiny == u.late || vertices > 0 && 2*slow >= of) {
		return weighing(30, fmt.Sprintf("%d that take long are all of TaskManagers without CPU to spare", u.late), "")
	}
	return no
}

// starvedOnly tells whether uploads elsewhere say that it is not the storage.
func starvedOnly(f *features) bool {
	s := uploadsWithoutCPU(f)
	return s.state == present && s.weight == 0
}

// spares tells whether a TaskManager was read that has CPU to spare, the one of that id or any.
func (f *features) spares(id string) bool {
	return slices.ContainsFunc(f.s.TaskManagers, func(tm model.TaskManager) bool {
		used := usedUp(&tm)
		return (id == "" || tm.ID == id) && used.Known && used.Value < cpuToSpare
	})
}
