package diagnose

import (
	"fmt"
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// slowHost is a TaskManager on which the same work takes several times as long as on the others: the parts of a checkpoint that have nothing to do with
// records, of subtasks of the same vertex in the same checkpoint. A process without CPU is slow in all of them.
type slowHost struct {
	id string
	// slower of compared pairs of a vertex and a checkpoint were slower there; vertices is of how many vertices they are, source whether of one.
	slower, compared, vertices int
	source                     bool
	seen                       map[int]bool
	// here and elsewhere are the means of the pair that differs most.
	here, elsewhere time.Duration
	vertex          int
}

// found tells whether it is a pattern: twice at least and in most of what can be compared, of two vertices or of a source, whose start waits for
// nobody.
func (h *slowHost) found() bool {
	return h.slower >= 2 && 2*h.slower > h.compared && (h.vertices > 1 || h.source)
}

// Several times as long is four times, as for a job's own past; and it must be time: a tenth of a second is more than healthy processes differ by in the
// recordings (40 ms), and what a quota takes away at least.
const (
	slowerHere = 4
	lostHere   = 100 * time.Millisecond
)

// findSlowHost compares the TaskManagers over the checkpoints that show the illness.
func findSlowHost(f *features) slowHost {
	hosts := map[string]*slowHost{}
	for i := range f.profile {
		c := f.profile[i].c
		for j := range c.Tasks {
			if v := c.Tasks[j].Vertex; v >= 0 && v < len(f.s.Vertices) {
				compareHosts(hosts, v, f.role(v) == model.RoleSource, meansByHost(&c.Tasks[j], f.s.Vertices[v].Placement, f.role(v) == model.RoleSource))
			}
		}
	}
	worst := slowHost{}
	for _, h := range hosts {
		if h.found() && (h.slower > worst.slower || h.slower == worst.slower && h.id < worst.id) {
			worst = *h
		}
	}
	return worst
}

// compareHosts takes the means of one vertex in one checkpoint.
func compareHosts(hosts map[string]*slowHost, vertex int, source bool, means map[string]time.Duration) {
	for id, here := range means {
		h := hosts[id]
		if h == nil {
			h = &slowHost{id: id, seen: map[int]bool{}}
			hosts[id] = h
		}
		if h.compare(here, means, vertex) && !h.seen[vertex] {
			h.seen[vertex] = true
			h.vertices++
			h.source = h.source || source
		}
	}
}

// compare holds a TaskManager against the slowest of the others.
func (h *slowHost) compare(here time.Duration, means map[string]time.Duration, vertex int) (slower bool) {
	elsewhere := time.Duration(-1)
	for id, mean := range means {
		if id != h.id {
			elsewhere = max(elsewhere, mean)
		}
	}
	if elsewhere < 0 {
		return false
	}
	h.compared++
	if here < slowerHere*elsewhere || here-elsewhere < lostHere {
		return false
	}
	h.slower++
	if here-elsewhere > h.here-h.elsewhere {
		h.here, h.elsewhere, h.vertex = here, elsewhere, vertex
	}
	return true
}

// meansByHost is what subtasks that reported spent on average, on each TaskManager: in their own phases and until their acknowledgement was there,
// and for sources until they were told.
func meansByHost(t *model.TaskLedger, placement []string, source bool) map[string]time.Duration {
	sums, counts := map[string]time.Duration{}, map[string]int{}
	for k := range t.Entries[:min(len(t.Entries), len(placement))] {
		e := &t.Entries[k]
		if placement[k] == "" || !e.Reported || e.Finished || e.Unfinished != model.PhaseNone || min(e.Sync, e.Async, e.Residual) < 0 {
			continue
		}
		own := e.Sync + e.Async + e.Residual
		if source {
			own += max(e.StartDelay, 0)
		}
		sums[placement[k]] += own
		counts[placement[k]]++
	}
	for id, n := range counts {
		sums[id] /= time.Duration(n)
	}
	return sums
}

func (h *slowHost) text(f *features) string {
	return fmt.Sprintf("%s on %s takes %s, elsewhere %s; %d of %d comparisons", f.vertexName(h.vertex), named(h.id), span(h.here), span(h.elsewhere), h.slower, h.compared)
}

// usedUp is how much of the CPU it may have a TaskManager uses: of its limit where that is known, else as the JVM says, which knows its quota
// (1.0 at a quota of 0.08 core, below 0.3 in all other recordings).
func usedUp(tm *model.TaskManager) model.Measure {
	if cpu := managerCPU(tm); cpu.Known {
		return cpu
	}
	return tm.CPULoad
}

// starved tells whether a TaskManager has used up its CPU.
func (f *features) starved(tm *model.TaskManager) bool {
	return usedUp(tm).AtLeast(f.p.Thresholds.JobManagerCPU)
}

// starvedManager is the TaskManager that has used up its CPU: the one on which things are slow, else the first of the worst; nil if none has.
func (f *features) starvedManager() *model.TaskManager {
	worst := f.worstManager(usedUp)
	if worst == nil || !f.starved(worst) {
		return nil
	}
	if i := slices.IndexFunc(f.s.TaskManagers, func(tm model.TaskManager) bool { return tm.ID == f.host.id && f.starved(&tm) }); i >= 0 {
		return &f.s.TaskManagers[i]
	}
	return worst
}

// dearHost is a TaskManager on which a record costs several times as much time as elsewhere, in operators that have nothing to do with one another: the
// processor is short there, not the operator slow.
type dearHost struct {
	id string
	// dearer of compared vertices are so there; here and elsewhere are what a record costs of the one that differs most.
	dearer, compared int
	here, elsewhere  time.Duration
	vertex           int
}

// dearerHere is three times: hosts of one kind differ by less than two.
const dearerHere = 3

func (h *dearHost) found() bool { return h.dearer > 1 && 2*h.dearer > h.compared }

// findDearHost compares what a record costs, of vertices with subtasks on several TaskManagers.
func findDearHost(f *features) dearHost {
	hosts := map[string]*dearHost{}
	for v := range f.s.Vertices {
		costs := f.costByHost(v, func(w *model.SubtaskWork) *model.Work { return &w.Lately })
		if len(costs) < 2 {
			costs = f.costByHost(v, func(w *model.SubtaskWork) *model.Work { return &w.Since })
		}
		for id, here := range costs {
			if hosts[id] == nil {
				hosts[id] = &dearHost{id: id}
			}
			hosts[id].compare(here, costs, v)
		}
	}
	worst := dearHost{}
	for _, h := range hosts {
		if h.found() && (h.dearer > worst.dearer || h.dearer == worst.dearer && h.id < worst.id) {
			worst = *h
		}
	}
	return worst
}

func (h *dearHost) compare(here time.Duration, costs map[string]time.Duration, vertex int) {
	elsewhere := time.Duration(0)
	for id, cost := range costs {
		if id != h.id {
			elsewhere = max(elsewhere, cost)
		}
	}
	if elsewhere == 0 {
		return
	}
	h.compared++
	if here < dearerHere*elsewhere {
		return
	}
	h.dearer++
	if h.elsewhere == 0 || float64(here)/float64(elsewhere) > float64(h.here)/float64(h.elsewhere) {
		h.here, h.elsewhere, h.vertex = here, elsewhere, vertex
	}
}

// stoodLong tells whether a subtask worked for long in this spell without a record: it is in a call, and what a record costs it says nothing of its processor.
func (f *features) stoodLong(v, i int) bool {
	w := &f.s.Vertices[v].Work[i]
	return w.Stood.Known() && f.judgeOwn(v, w, &w.Stood).one
}

// costByHost is the busy time of a record of a vertex on each TaskManager where enough of them passed to tell.
func (f *features) costByHost(v int, of func(*model.SubtaskWork) *model.Work) map[string]time.Duration {
	vertex := &f.s.Vertices[v]
	busy, records := map[string]time.Duration{}, map[string]int64{}
	for i := range vertex.Work[:min(len(vertex.Work), len(vertex.Placement))] {
		w, id := of(&vertex.Work[i]), vertex.Placement[i]
		if id == "" || !w.Known() || w.Busy < 0 || f.stoodLong(v, i) {
			continue
		}
		busy[id] += w.Busy
		if vertex.Role == model.RoleSource {
			records[id] += w.Out
		} else {
			records[id] += w.In
		}
	}
	for id, n := range records {
		if n < flow || busy[id] <= 0 {
			delete(busy, id)
			continue
		}
		busy[id] = max(busy[id]/time.Duration(n), 1)
	}
	return busy
}

func (h *dearHost) text(f *features) string {
	return fmt.Sprintf("of %s on %s costs %s, elsewhere %s; so in %d of %d vertices", f.vertexName(h.vertex), named(h.id), h.here.Round(10*time.Microsecond), h.elsewhere.Round(10*time.Microsecond), h.dearer, h.compared)
}

// sickManager is the TaskManager that is sick for sure: it collects garbage for half of its time, or has used up its CPU and shows it in work that
// others do in a moment. nil if none is.
func (f *features) sickManager() *model.TaskManager {
	tm := f.shortManager()
	switch {
	case tm == nil:
		return nil
	case tm.GCShare.AtLeast(mostlyGC):
		return tm
	case f.starved(tm) && (f.dear.found() && f.dear.id == tm.ID || f.host.found() && f.host.id == tm.ID):
		return tm
	}
	return nil
}

// onSickManager looks for a vertex of which the busy subtasks run on a sick TaskManager: whatever they do takes long there.
func (f *features) onSickManager(v int) sign {
	tm := f.sickManager()
	if tm == nil || v < 0 {
		return no
	}
	vertex, there, busy := &f.s.Vertices[v], 0, 0
	for i := range vertex.Pressure[:min(len(vertex.Pressure), len(vertex.Placement))] {
		if _, at := f.timeSpent(v, i); at.AtLeast(busyRatio) {
			busy++
			there += count(vertex.Placement[i] == tm.ID)
		}
	}
	return when(there > 0 && 2*there > busy, fmt.Sprintf("%d of %d busy subtasks of %s run on %s, which is sick itself", there, busy, f.vertexName(v), named(tm.ID)), "")
}

// managerOf is where a subtask runs; empty where that is not known.
func (f *features) managerOf(v, i int) string {
	if where := f.s.Vertices[v].Placement; i >= 0 && i < len(where) {
		return where[i]
	}
	return ""
}

// Snapshots wait for nobody but the processor: neither for the way to the JobManager nor for a storage. ownWork is that part of a subtask's time: the
// synchronous part, and the asynchronous one where it writes nothing.
func ownWork(e *model.SubtaskLedger) time.Duration {
	own := max(e.Sync, 0)
	if e.CheckpointedSize == 0 && e.StateSize == 0 {
		own += max(e.Async, 0)
	}
	return own
}

const (
	// takenAway is how long a thread waits at least whose process has used up its share: a quota is given out every 100 ms, and of those one with a tenth
	// of a core gets 10.
	takenAway = 90 * time.Millisecond
	// cpuToSpare is below what TaskManagers use that have enough: 0.3 at most in the recordings, and 0.37 where the reading came through at all in the
	// one where they had not.
	cpuToSpare = 0.3
)

// slowAllOver counts the reports of sick checkpoints whose own work can be compared with what it was in health, those of them where it takes several
// times as long, and of how many vertices these are. id is of the TaskManager whose reports count; all do where it is empty.
func (f *features) slowAllOver(id string) (slow, of, vertices int) {
	healthy, seen := f.healthyWork(), map[int]bool{}
	for i := range f.profile {
		forEntries(f.profile[i].c, func(v int, e *model.SubtaskLedger) {
			usual, known := healthy[v]
			if !known || e.Unfinished != model.PhaseNone || id != "" && f.managerOf(v, e.Index) != id {
				return
			}
			of++
			if own := ownWork(e); own >= takenAway && own >= slowerHere*usual {
				slow++
				seen[v] = true
			}
		})
	}
	return slow, of, len(seen)
}

// healthyWork is by vertex the median of what its subtasks' own work took in checkpoints that show no illness.
func (f *features) healthyWork() map[int]time.Duration {
	took := map[int][]time.Duration{}
	read := func(c *model.Checkpoint) {
		if completes(c) && illness(f, c) == 0 {
			forEntries(c, func(v int, e *model.SubtaskLedger) { took[v] = append(took[v], ownWork(e)) })
		}
	}
	for i := range f.s.Checkpoints.History {
		read(&f.s.Checkpoints.History[i])
	}
	if len(took) == 0 && f.s.Checkpoints.Detailed != nil {
		read(f.s.Checkpoints.Detailed)
	}
	usual := make(map[int]time.Duration, len(took))
	for v, all := range took {
		usual[v] = median(all)
	}
	return usual
}

// allOver looks for TaskManagers on which the snapshots themselves take several times as long as this job's own in health, in operators that have nothing
// to do with one another, and that answer late beside it, while the JobManager is quick. One that gets no CPU at all does not even tell its load any
// more; one that tells of CPU to spare is not short of it.
func (f *features) allOver() sign {
	slow, of, vertices := f.slowAllOver("")
	if vertices < 2 || 2*slow < of || f.answers.slowest < slowAnswer || restSlow(f) || f.spares("") {
		return no
	}
	return yes(fmt.Sprintf("%d of %d snapshots, of %d vertices, took %d times as long as in health or more; a dump took %s", slow, of, vertices, slowerHere,
		span(f.answers.slowest)), "as long as in health")
}
