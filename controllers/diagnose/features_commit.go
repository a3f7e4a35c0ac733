package diagnose

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
