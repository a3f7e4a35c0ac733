package diagnose

import (
	"fmt"
	"slices"

	"checkpointhealth.dev/operator/controllers/model"
)

// barriersLost looks for barriers that left a vertex, all of which acknowledged, and do not come to the next one: missing subtasks of it are idle and upload
// nothing, none behind them has got the barrier from them either, and nobody before them is kept from sending. Where packets are lost the buffers need not be
// full. One dump may come just when what held them up has ended; those of two checkpoints do not.
func barriersLost(f *features) sign {
	v, n := f.waitsInVain()
	if n == 0 || f.threads.lulls == 0 || f.press.anyPressure >= highPressure || f.slowAtAll() || f.lagging() || f.threads.pool.hold() || f.shortManager() != nil {
		return no
	}
	text := of(n, f.s.Vertices[v].Parallelism, "subtasks of "+f.vertexName(v)+" are idle and wait for barriers that all before them have sent")
	if f.threads.lulls > 1 {
		return inferred(yes(text+fmt.Sprintf(", in dumps of %d checkpoints", f.threads.lulls), "there at once"))
	}
	return inferred(weighing(25, text, "there at once"))
}

// waitsInVain finds a vertex of which subtasks are missing in the newest sick checkpoint although all before it acknowledged, and nothing behind it did; and
// how many are missing. It takes more than one TaskManager: what stays in a process is not lost.
func (f *features) waitsInVain() (vertex, missing int) {
	if !f.threads.known || !f.threads.quiet() {
		return -1, 0
	}
	for v, n := range f.missing.nowByVertex {
		if n > 0 && f.role(v) != model.RoleSource && !f.leaf(v) && !oneManager(f.s.Vertices[v].Placement) && f.allSent(v) && f.noneReached(v) {
			return v, n
		}
	}
	return -1, 0
}

// allSent tells whether all before a vertex acknowledged the newest sick checkpoint.
func (f *features) allSent(v int) bool {
	now := f.missing.nowByVertex
	return !slices.ContainsFunc(f.s.Vertices[v].Inputs, func(input int) bool { return input < 0 || input >= len(now) || now[input] > 0 })
}

// noneReached tells whether nothing that reads from a vertex acknowledged it.
func (f *features) noneReached(v int) bool {
	none := true
	f.children(v, func(child int) { none = none && f.missing.nowByVertex[child] >= f.s.Vertices[child].Parallelism })
	return none
}

// oneManager tells whether all subtasks run on one TaskManager, as far as is known.
func oneManager(placement []string) bool {
	return !slices.ContainsFunc(placement, func(id string) bool { return id != placement[0] })
}
