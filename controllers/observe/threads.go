package observe

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// Bounds of a look at the stacks. A thread dump stops its process for some milliseconds.
const (
	maxDumped      = 4  // TaskManagers
	maxThreads     = 64 // kept of one process
	maxStackFrames = 60
)

// readStacks looks at what threads do while a checkpoint is pending beyond half its timeout, as long as those of a job at risk, or for the last look before
// it expires as the one before did, and at most once in a while. While none is pending though one is due, the JobManager alone is looked at: the trigger
// waits for threads of its.
func (p *pass) readStacks() {
	pending := p.worthADump(p.opts.Now())
	if !p.opts.Replayed && !p.lookIsDue(pending) {
		return
	}
	if pending {
		p.dumped = p.dumpTargets()
	}
	p.lookAtStacks()
}

// lookIsDue tells that there is something to look at and that the last look was long enough ago; if not, it says why stacks are missing.
func (p *pass) lookIsDue(pending bool) bool {
	waits := p.gapsBetween() && p.overdue(p.opts.Now())
	if !pending && len(p.memory.stacks) == 0 && !p.retellFailedLook() {
		p.noStacks(waits)
	}
	if p.lookedLately() {
		p.retellFailedLook()
		return false
	}
	return pending || waits
}

// worthADump tells that a checkpoint is pending for long enough to look at what its missing subtasks do; of a recording all is looked at.
func (p *pass) worthADump(ours time.Time) bool {
	return p.opts.Replayed || p.pendingLong(ours) != nil || p.pendingAsLong(ours) || p.pendingInVain(ours) || p.endedBy(ours) != nil
}

// pendingAsLong tells that a checkpoint of a job at risk has been pending for half as long as the newest ones took, or for several times as long as those of
// the healthy job, and for a tenth of the timeout at least: where they grow slowly none is pending for half its timeout until shortly before one expires.
func (p *pass) pendingAsLong(ours time.Time) bool {
	if p.memory.health != api.HealthAtRisk {
		return false
	}
	var took []time.Duration
	pending := time.Duration(0)
	for i := range p.snapshot.Checkpoints.History {
		switch c := &p.snapshot.Checkpoints.History[i]; {
		case c.Status == model.CheckpointInProgress:
			pending = max(pending, p.jobManagerTime(ours).Sub(c.Trigger))
		case c.Status == model.CheckpointCompleted && !c.Savepoint && len(took) < 3:
			took = append(took, c.Duration)
		}
	}
	if len(took) < 3 {
		return false
	}
	slices.Sort(took)
	past := p.memory.healthyDuration
	return youngest*pending >= p.timeout() && (2*pending >= took[1] || past > 0 && pending >= severalTimes*past)
}

// noStacks says why the missing subtasks were not looked at. Where the next checkpoint is overdue there are none.
func (p *pass) noStacks(overdue bool) {
	why := "no checkpoint was pending beyond half its timeout when we looked"
	if overdue {
		why = "none is missing: the next checkpoint is overdue, so that only the JobManager was looked at"
	}
	p.gapText(model.GapThreadDumps, "stacks of the missing subtasks", why)
}

// dumpTargets are the TaskManagers with the most missing subtasks; of a recording all that it knows.
func (p *pass) dumpTargets() []string {
	suspects := p.suspects()
	if len(suspects) == 0 || p.opts.Replayed {
		for i := range p.snapshot.Vertices {
			for _, id := range p.snapshot.Vertices[i].Placement {
				if id != "" {
					suspects[id] += 0
				}
			}
		}
	}
	ids := make([]string, 0, len(suspects))
	for id := range suspects {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(suspects[b], suspects[a]), cmp.Compare(a, b)) })
	return ids[:min(len(ids), maxDumped)]
}

// threadFor takes a thread's name apart: "state (1/2)#0", "Legacy Source Thread - Source: x (1/2)#0" and whatever a task appends to its
// name. The number in brackets counts from 1.
var threadFor = regexp.MustCompile(`^(?:Legacy Source Thread - )?(.*) \((\d+)/\d+\)(?:#\d+)?(.*)$`)

// taskThread finds the vertex and subtask that a thread works for; -1, -1 where its name tells none.
func (p *pass) taskThread(name string) (vertex, subtask int, suffix string) {
	match := threadFor.FindStringSubmatch(name)
	if match == nil {
		return -1, -1, ""
	}
	number, err := strconv.Atoi(match[2])
	if err != nil {
		return -1, -1, ""
	}
	for i := range p.snapshot.Vertices {
		if p.snapshot.Vertices[i].Name == match[1] {
			return i, number - 1, match[3]
		}
	}
	return -1, -1, ""
}

// The order in which threads of a dump are kept: a process may have more than is kept.
const (
	rankMissing = iota // of subtasks that are missing in a checkpoint
	rankOwner          // that hold what one of the others waits for
	rankPool           // of the JobManager, through which every checkpoint goes
	rankOther
)

// rankedThread is a thread and how much it tells.
type rankedThread struct {
	thread *flink.Thread
	rank   int
}

// keepThreads keeps the threads that can hold up a checkpoint, and whoever holds the monitors that those wait for: those that tell most first.
func (p *pass) keepThreads(process string, dump *flink.ThreadDump) []model.ThreadStack {
	missing := p.missingSubtasks()
	owners := map[string]bool{}
	for i := range dump.Threads {
		if thread := &dump.Threads[i]; thread.Owner != "" && p.relevant(process, thread) {
			owners[thread.Owner] = true
		}
	}
	var ranked []rankedThread
	for i := range dump.Threads {
		if thread := &dump.Threads[i]; owners[thread.Name] || p.relevant(process, thread) {
			ranked = append(ranked, rankedThread{thread, p.rank(process, thread.Name, missing, owners)})
		}
	}
	slices.SortStableFunc(ranked, func(a, b rankedThread) int { return cmp.Compare(a.rank, b.rank) })
	if len(ranked) > maxThreads {
		p.gapText(model.GapThreadDumps, "some threads of "+process,
			"of "+strconv.Itoa(len(ranked))+" that can hold up a checkpoint "+strconv.Itoa(maxThreads)+" are kept, those of missing subtasks first")
		ranked = ranked[:maxThreads]
	}
	kept := make([]model.ThreadStack, len(ranked))
	for i := range ranked {
		kept[i] = p.stackOf(process, ranked[i].thread)
	}
	return kept
}

// rank says how much a thread of this name tells.
func (p *pass) rank(process, name string, missing map[[2]int]bool, owners map[string]bool) int {
	vertex, subtask, _ := p.taskThread(name)
	switch {
	case missing[[2]int{vertex, subtask}]:
		return rankMissing
	case owners[name]:
		return rankOwner
	case process == model.JobManagerProcess && isPoolThread(name):
		return rankPool
	}
	return rankOther
}

// missingSubtasks are the subtasks, by vertex and index, that did not acknowledge a pending or failed checkpoint.
func (p *pass) missingSubtasks() map[[2]int]bool {
	missing := map[[2]int]bool{}
	for i := range p.snapshot.Checkpoints.History {
		c := &p.snapshot.Checkpoints.History[i]
		if c.Status == model.CheckpointCompleted {
			continue
		}
		for j := range c.Tasks {
			for k := range c.Tasks[j].Entries {
				if e := &c.Tasks[j].Entries[k]; !e.Reported || e.Aborted {
					missing[[2]int{c.Tasks[j].Vertex, k}] = true
				}
			}
		}
	}
	delete(missing, [2]int{-1, -1})
	return missing
}

func isPoolThread(name string) bool {
	return slices.ContainsFunc(jobManagerThreads, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// jobManagerThreads are the prefixes of the JobManager's threads through which every checkpoint goes; with high availability cluster-io deletes
// the ones that are replaced.
var jobManagerThreads = []string{"jobmanager-io-thread-", "cluster-io-thread-", "Checkpoint Timer", "SourceCoordinator-", "jobmanager-future-thread-"}

// checkpointFrames are the packages that make any other thread relevant.
var checkpointFrames = []string{
	"org.apache.flink.runtime.checkpoint.", "org.apache.flink.runtime.jobmaster.JobMaster.", "org.apache.flink.runtime.operators.coordination.",
	"org.apache.flink.streaming.runtime.tasks.AsyncCheckpointRunnable.", "org.apache.flink.runtime.state.",
}

// relevant tells whether a thread can hold up a checkpoint. Pool threads that wait for work cannot.
func (p *pass) relevant(process string, thread *flink.Thread) bool {
	if process == model.JobManagerProcess {
		return isPoolThread(thread.Name) || touches(thread, checkpointFrames)
	}
	if vertex, _, suffix := p.taskThread(thread.Name); vertex >= 0 {
		return suffix == "" || touches(thread, checkpointFrames) || strings.Contains(suffix, "async")
	}
	return touches(thread, checkpointFrames)
}

// touches tells whether any frame belongs to one of the packages.
func touches(thread *flink.Thread, packages []string) bool {
	for _, frame := range thread.Frames {
		for _, prefix := range packages {
			if strings.HasPrefix(frame, prefix) {
				return true
			}
		}
	}
	return false
}

func (p *pass) stackOf(process string, thread *flink.Thread) model.ThreadStack {
	stack := model.ThreadStack{Process: process, Name: cleanText(thread.Name, maxName), State: thread.State,
		Holder: cleanText(thread.Owner, maxName)}
	for _, frame := range thread.Frames[:min(len(thread.Frames), maxStackFrames)] {
		stack.Frames = append(stack.Frames, strings.Clone(frame)) // a frame is a part of the whole dump of its thread
	}
	stack.Vertex, stack.Subtask, _ = p.taskThread(thread.Name)
	if thread.State == "BLOCKED" || thread.Owner != "" {
		stack.BlockedOn, _, _ = strings.Cut(thread.WaitsFor, "@")
	}
	return stack
}
