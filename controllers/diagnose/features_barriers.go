package diagnose

import (
	"fmt"
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// lostBarriers are barriers that left a vertex, all of which acknowledged, and did not come to the next one while dumps were taken.
type lostBarriers struct {
	// checkpoints is of how many checkpoints dumps show it; missing subtasks of vertex waited in the newest of them. expired tells that one of those ended with
	// subtasks of its vertex still missing: what had just come when the dump was taken would have been acknowledged.
	checkpoints, vertex, missing int
	expired                      bool
}

// findLostBarriers looks at the dumps of the checkpoints that show the illness, the newest first, each taken when 30 % of the timeout were over at least.
// Where any of them shows somebody who was held for sure, that is what the others wait for.
func findLostBarriers(f *features, c *classifier) lostBarriers {
	lost, seen := lostBarriers{vertex: -1}, map[int64]bool{}
	for i := len(f.s.Stacks) - 1; i >= 0; i-- {
		sample := &f.s.Stacks[i]
		checkpoint := f.checkpointOf(sample)
		if checkpoint == nil || !showsTasks(sample) || illness(f, checkpoint) == 0 {
			continue
		}
		var before *model.StackSample
		if i > 0 {
			before = shortlyBefore(f, sample, &f.s.Stacks[i-1])
		}
		shown := threads{known: true}
		shown.readTasks(f, c, sample, before, nil)
		if held, _, _ := shown.find(heldForSure); held > 0 {
			return lostBarriers{vertex: -1}
		}
		if shown.quiet() && shown.working == 0 && sample.PendingFor >= share(f.w.timeout, large) && !seen[checkpoint.ID] {
			lost.count(f, checkpoint, f.s.JobManagerTime(sample.At))
		}
		seen[checkpoint.ID] = true
	}
	return lost
}

// count counts a checkpoint of which subtasks of a vertex had not acknowledged by then although all before it had, and nothing behind it had either. It takes
// more than one TaskManager: what stays in a process is not lost.
func (l *lostBarriers) count(f *features, c *model.Checkpoint, at time.Time) {
	missing := missingByVertex(f, c, at)
	for v, n := range missing {
		if n == 0 || f.role(v) == model.RoleSource || f.leaf(v) || oneManager(f.s.Vertices[v].Placement) {
			continue
		}
		if allSent(f, v, missing) && noneReached(f, v, missing) {
			l.checkpoints++
			if l.vertex < 0 {
				l.vertex, l.missing = v, n
			}
			l.expired = l.expired || c.Expired() && missingByVertex(f, c, c.Failure.At)[v] > 0
			return
		}
	}
}

// missingByVertex counts the subtasks that had not acknowledged a checkpoint by then.
func missingByVertex(f *features, c *model.Checkpoint, at time.Time) []int {
	missing := make([]int, len(f.s.Vertices))
	for j := range c.Tasks {
		t := &c.Tasks[j]
		if t.Vertex < 0 || t.Vertex >= len(missing) {
			continue
		}
		for k := range t.Entries {
			e := &t.Entries[k]
			missing[t.Vertex] += count(unacknowledged(e) || !e.Finished && e.Ack.After(at))
		}
	}
	return missing
}

// allSent tells whether all before a vertex acknowledged.
func allSent(f *features, v int, missing []int) bool {
	return !slices.ContainsFunc(f.s.Vertices[v].Inputs, func(input int) bool { return input < 0 || input >= len(missing) || missing[input] > 0 })
}

// noneReached tells whether nothing that reads from a vertex acknowledged.
func noneReached(f *features, v int, missing []int) bool {
	none := true
	f.children(v, func(child int) { none = none && missing[child] >= f.s.Vertices[child].Parallelism })
	return none
}

// oneManager tells whether all subtasks run on one TaskManager, as far as is known.
func oneManager(placement []string) bool {
	first := ""
	return !slices.ContainsFunc(placement, func(id string) bool {
		if first == "" {
			first = id
		}
		return id != "" && id != first
	})
}

// barriersLost: missing subtasks are idle and upload nothing, all before them have sent their barriers, and none behind them has got one from them. Where
// packets are lost the buffers need not be full. One dump may come just when they are there; those of two checkpoints do not, nor that of one that expired
// later. Of a vertex that works for a large part of the time a dump may show the pause between two bursts.
func barriersLost(f *features) sign {
	l := &f.lost
	if l.checkpoints == 0 || f.press.vertices[l.vertex].maxBusy >= large || f.slowAtAll() || f.lagging() || f.threads.pool.hold() || f.shortManager() != nil {
		return no
	}
	if !f.press.known {
		return missing(model.GapBackpressure)
	}
	text := of(l.missing, f.s.Vertices[l.vertex].Parallelism, "subtasks of "+f.vertexName(l.vertex)+" are idle and wait for barriers that all before them have sent")
	switch {
	case f.s.Requests.Count == 0: // whether the JobManager is slow is not known
	case l.checkpoints > 1:
		return inferred(yes(text+fmt.Sprintf(", in dumps of %d checkpoints", l.checkpoints), "there at once"))
	case l.expired:
		return inferred(yes(text+", which did not come until the checkpoint expired", "there at once"))
	}
	return inferred(weighing(25, text, "there at once"))
}
