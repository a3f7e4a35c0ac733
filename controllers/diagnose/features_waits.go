package diagnose

import (
	"fmt"
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// A barrier that was sent comes to the next task at once, or waits there behind what that task has to do: it is busy then, or back-pressured itself, and its
// own account of its time says so. Where a barrier waits for longer than the task was at anything it is on its way: nothing else lies between the two.

// idleWaits are such waits: of how many checkpoints that show the illness, of how many, the longest and of whom.
type idleWaits struct {
	checkpoints     int
	longest         time.Duration
	vertex, subtask int
}

// meanOf is what Flink's ratios of a subtask's time are means of.
const meanOf = time.Minute

func findIdleWaits(f *features) idleWaits {
	w := idleWaits{vertex: -1}
	for i := range f.profile {
		p := &f.profile[i]
		found := false
		for v := range f.s.Vertices {
			found = w.look(f, p, v) || found
		}
		w.checkpoints += count(found)
	}
	return w
}

// look looks at a vertex in a checkpoint.
func (w *idleWaits) look(f *features, p *profiled, v int) bool {
	entries := entriesOf(p.c, v)
	sent, known := f.sentTo(p, v)
	if !known || oneManager(f.placements(v)) {
		return false
	}
	found := false
	for i := range entries {
		e := &entries[i]
		came, told := f.cameAt(p, v, e)
		if !told || came-sent < share(p.ref, large) {
			continue
		}
		idle := f.idleWithin(v, i, p.c.Trigger.Add(sent), p.c.Trigger.Add(came))
		if idle < share(p.ref, large) {
			continue
		}
		found = true
		if idle > w.longest {
			w.longest, w.vertex, w.subtask = idle, v, i
		}
	}
	return found
}

// barriersQueue tells whether barriers of a checkpoint that shows the illness waited at a vertex for a large part of the time after all before it had sent them.
func (f *features) barriersQueue(v int) bool {
	for i := range f.profile {
		p := &f.profile[i]
		sent, known := f.sentTo(p, v)
		for _, e := range entriesOf(p.c, v) {
			if came, told := f.cameAt(p, v, &e); known && told && came-sent >= share(p.ref, large) {
				return true
			}
		}
	}
	return false
}

// placements are where a vertex and those before it run; a source is told by the JobManager, which is elsewhere.
func (f *features) placements(v int) []string {
	if f.role(v) == model.RoleSource {
		return append([]string{model.JobManagerProcess}, f.s.Vertices[v].Placement...)
	}
	all := append([]string(nil), f.s.Vertices[v].Placement...)
	for _, input := range f.s.Vertices[v].Inputs {
		if input >= 0 && input < len(f.s.Vertices) {
			all = append(all, f.s.Vertices[input].Placement...)
		}
	}
	return all
}

// sentTo is when the last of those before a vertex sent its barrier, from the trigger on; not known where one of them did not report. What they were at
// between the last barrier and their snapshot, such as a flush, comes before they send it; one that need not be aligned is sent earlier. A source is told at the trigger, if another one was told in time:
// else it may be the JobManager that was late.
func (f *features) sentTo(p *profiled, v int) (time.Duration, bool) {
	if f.role(v) == model.RoleSource {
		return 0, f.toldInTime(p)
	}
	last := time.Duration(0)
	for _, input := range f.s.Vertices[v].Inputs {
		entries := entriesOf(p.c, input)
		if len(entries) == 0 {
			return 0, false
		}
		for i := range entries {
			e := &entries[i]
			if e.Finished {
				continue
			}
			if !e.Reported || e.StartDelay < 0 || e.Alignment < 0 {
				return 0, false
			}
			last = max(last, e.StartDelay+e.Alignment+min(max(e.Residual, 0), f.atWorkFor(input, i)))
		}
	}
	return last, true
}

// toldInTime tells whether a source began within a third of what is long.
func (f *features) toldInTime(p *profiled) bool {
	for v := range f.s.Vertices {
		if f.role(v) == model.RoleSource && slices.ContainsFunc(entriesOf(p.c, v), func(e model.SubtaskLedger) bool {
			return e.Reported && !e.Finished && e.StartDelay >= 0 && 3*e.StartDelay < share(p.ref, large)
		}) {
			return true
		}
	}
	return false
}

// cameAt is when the last barrier came to a subtask, from the trigger on, or until when it had not come: where it never reported and nothing behind it got a
// barrier from it.
func (f *features) cameAt(p *profiled, v int, e *model.SubtaskLedger) (time.Duration, bool) {
	switch {
	case e.Finished:
		return 0, false
	case e.Reported:
		return e.StartDelay + max(e.Alignment, 0), e.StartDelay >= 0
	case f.role(v) == model.RoleSource || f.leaf(v):
		return 0, false // it may have come, and the snapshot not be done
	}
	none := true
	f.children(v, func(child int) {
		for _, c := range entriesOf(p.c, child) {
			none = none && (!c.Reported || c.Finished)
		}
	})
	return p.ref, none
}

// atWorkFor is for how long at most a subtask was busy or back-pressured in the time that was looked at last.
func (f *features) atWorkFor(v, i int) time.Duration {
	all := f.accounts(v, i)
	if len(all) == 0 {
		return 0
	}
	return all[0].work
}

// account is for how long a subtask was busy or back-pressured in a span until now.
type account struct{ work, span time.Duration }

// accounts are by what a subtask counted itself, lately and since its attempt began, and by Flink's mean of a minute. Each of them bounds what it was at.
func (f *features) accounts(v, i int) (all []account) {
	vertex := &f.s.Vertices[v]
	if i < len(vertex.Work) {
		for _, w := range []*model.Work{&vertex.Work[i].Lately, &vertex.Work[i].Since} {
			if w.Known() && w.Busy >= 0 && w.Backpressured >= 0 {
				all = append(all, account{work: w.Busy + w.Backpressured, span: w.Span})
			}
		}
	}
	if i < len(vertex.Pressure) {
		if p := &vertex.Pressure[i]; p.Busy.Known && p.Backpressured.Known {
			all = append(all, account{work: min(share(meanOf, p.Busy.Value+p.Backpressured.Value), meanOf), span: meanOf})
		}
	}
	return all
}

// idleWithin is for how long at least a subtask was at nothing between two moments: what of that time lies in a span that was looked at, less all that it
// did in the span.
func (f *features) idleWithin(v, i int, from, to time.Time) (idle time.Duration) {
	if to.After(f.now) {
		to = f.now
	}
	for _, a := range f.accounts(v, i) {
		begin := f.now.Add(-a.span)
		if from.After(begin) {
			begin = from
		}
		idle = max(idle, to.Sub(begin)-a.work)
	}
	return idle
}

// barriersOnTheWay: barriers come late to tasks that are at nothing meanwhile. Where a TaskManager is short of CPU or heap, or the JobManager slow, that may be
// why; one checkpoint may have met an accident.
func barriersOnTheWay(f *features) sign {
	w := &f.waits
	switch {
	case barriersLost(f).state == present || f.betweenTasks() || f.slowAtAll() || f.shortManager() != nil || f.allOver().state == present || f.threads.coordinator != nil:
		return settled
	case w.checkpoints == 0:
		return no
	}
	text := fmt.Sprintf("subtask %d of %s waited %s for a barrier that was sent, and was at nothing meanwhile", w.subtask, f.vertexName(w.vertex), span(w.longest))
	if w.checkpoints > 1 {
		return yes(text+fmt.Sprintf("; so in %d checkpoints", w.checkpoints), "there at once")
	}
	return weighing(25, text, "there at once")
}
