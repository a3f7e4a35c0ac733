package diagnose

import (
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// A commit that holds up a checkpoint and one that a dump happens to catch look the same: after each checkpoint there is one, and most are over in a moment.
// One that is there in two dumps some seconds apart lasts. Of one in a single dump the others tell: whoever does not acknowledge is in a commit as well, or
// behind one. A network that loses messages leaves others missing that have nothing to do.

// behind marks the vertices of the missing subtasks that fit, and all that get their barriers through them.
func (f *features) behind(fits func(*taskThread) bool) (at, after []bool) {
	at, after = make([]bool, len(f.s.Vertices)), make([]bool, len(f.s.Vertices))
	var mark func(v int)
	mark = func(v int) {
		f.children(v, func(child int) {
			if !after[child] {
				after[child] = true
				mark(child)
			}
		})
	}
	for i := range f.threads.tasks {
		if t := &f.threads.tasks[i]; fits(t) && t.vertex >= 0 && t.vertex < len(at) && !at[t.vertex] {
			at[t.vertex] = true
			mark(t.vertex)
		}
	}
	return at, after
}

// othersIdle counts the missing subtasks that are idle although none that fits is before them: what they wait for is something else.
func (f *features) othersIdle(fits func(*taskThread) bool) int {
	_, after := f.behind(fits)
	n, _, _ := f.threads.find(func(t *taskThread) bool {
		return t.idle() && t.vertex >= 0 && t.vertex < len(after) && !after[t.vertex]
	})
	return n
}

// onlyBehind tells whether all that is missing is at a vertex with a subtask that fits, or behind one, and others acknowledged.
func (f *features) onlyBehind(fits func(*taskThread) bool) bool {
	at, after := f.behind(fits)
	found, others := false, false
	for v := range f.ledger.vertices {
		switch {
		case f.ledger.vertices[v].missing() == 0:
			others = true
		case !at[v] && !after[v]:
			return false
		default:
			found = true
		}
	}
	return found && others
}

// commitsInPassing tells whether the commits that are seen may be over in a moment: none is at the same spot in two dumps, and others are missing that no
// commit keeps.
func (f *features) commitsInPassing() bool {
	n, stuck, _ := f.threads.find(commits)
	return n > 0 && stuck == 0 && f.othersIdle(commits) > 0
}

// mayBeReached tells whether whoever is missing beside a commit says little against it: the checkpoint is young and anybody is missing, or dumps of two show the
// commit.
func (f *features) mayBeReached() bool {
	n, _, _ := f.threads.find(func(t *taskThread) bool { return commits(t) && f.threads.committed[t.vertex] > 1 })
	return n > 0 || f.threads.age < share(f.w.timeout, large)
}

// committing tells whether dumps of two checkpoints of this spell show a vertex in a commit that is seen in one now, and nobody is missing whom it does not keep.
func (f *features) committing() bool {
	if f.othersIdle(commits) > 0 {
		return false
	}
	n, _, _ := f.threads.find(func(t *taskThread) bool { return commits(t) && f.threads.committed[t.vertex] > 1 })
	return n > 0
}

// lateAfter is when the subtasks of a vertex began checkpoints, by what these follow.
type lateAfter struct {
	// late began late though their barriers waited for nobody before them, each after a completed checkpoint; others follow another one and began at once.
	late, others int
	// most is how late the latest began.
	most time.Duration
}

// lateAfterCompleted counts the checkpoints that a vertex began late after a completed one, or behind one that did and in the same moment; none where any other
// began late, or as many after a completed one began at once since the first late one.
func (f *features) lateAfterCompleted(v int) (a lateAfter) {
	quick, since, history := 0, 0, f.s.Checkpoints.History
	for i := 0; i+1 < len(history); i++ { // newest first
		began, known := f.beganLate(&history[i], v)
		after := history[i+1].Status == model.CheckpointCompleted
		switch {
		case !known || !f.follows(i):
		case !after && began > 0:
			if !f.waitedAlong(i, v, history[i].Trigger.Add(began)) {
				return lateAfter{}
			}
		case !after:
			a.others++
		case began > 0:
			a.late, quick, since = a.late+1, quick+since, 0
			a.most = max(a.most, began)
		default:
			since++
		}
	}
	if a.late <= quick {
		return lateAfter{}
	}
	return a
}

// waitedAlong tells whether a checkpoint that began late waited for what those before it waited for, back to one that follows a completed checkpoint: all that
// wait behind one commit begin in the moment in which it ends.
func (f *features) waitedAlong(i, v int, began time.Time) bool {
	history := f.s.Checkpoints.History
	for j := i + 1; j < len(history); j++ {
		if history[j].Status == model.CheckpointCompleted {
			return j > i+1
		}
		late, known := f.beganLate(&history[j], v)
		if known && (late == 0 || history[j].Trigger.Add(late).Sub(began).Abs() > f.w.timeout/10) {
			return false
		}
	}
	return false
}

// follows tells whether a checkpoint of the history and the one before it are periodic ones, and that one had ended.
func (f *features) follows(i int) bool {
	c, before := &f.s.Checkpoints.History[i], &f.s.Checkpoints.History[i+1]
	return !c.Savepoint && !before.Savepoint && before.Status != model.CheckpointInProgress
}

// beganLate is how late the last subtask of a vertex began a checkpoint, 0 for in time; not known where nothing was reported. Where those before it began late
// as well, or one of its own barriers was late, that is not the vertex's own.
func (f *features) beganLate(c *model.Checkpoint, v int) (late time.Duration, known bool) {
	long, before := share(f.w.timeout, large), false
	forEntries(c, func(at int, e *model.SubtaskLedger) {
		switch {
		case slices.Contains(f.s.Vertices[v].Inputs, at):
			before = before || lateToBarriers(e, long)
		case at == v && e.StartDelay >= 0:
			known = true
			if e.StartDelay >= long && max(e.Alignment, 0) < e.StartDelay/10 {
				late = max(late, e.StartDelay)
			}
		}
	})
	if before {
		return 0, false
	}
	return late, known
}

// commitsOften tells whether dumps of two checkpoints of this spell show a vertex that takes records in a commit. Meanwhile it takes none, so that those before it
// are held although nobody is busy.
func (f *features) commitsOften() bool {
	for v, n := range f.threads.committed {
		if n > 1 && v >= 0 && v < len(f.s.Vertices) && len(f.s.Vertices[v].Inputs) > 0 {
			return true
		}
	}
	return false
}
