package observe

import (
	"cmp"
	"net"
	"net/url"
	"slices"
	"strings"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// maxListed bounds the TaskManagers of a snapshot.
const maxListed = 2000

// readTaskManagers lists the TaskManagers and reads the figures of those that run the missing and slow subtasks first.
func (p *pass) readTaskManagers() {
	list, err := p.client.TaskManagers(p.ctx)
	if err != nil {
		p.gap(model.GapTaskManagers, "TaskManagers", err)
		return
	}
	taskManagers := make([]model.TaskManager, 0, min(len(list), maxListed))
	for i := range list {
		if i == maxListed {
			p.gapText(model.GapTaskManagers, "some TaskManagers", "the cluster has too many")
			break
		}
		taskManagers = append(taskManagers, taskManagerOf(&list[i]))
	}
	suspects := p.suspects()
	slices.SortFunc(taskManagers, func(a, b model.TaskManager) int {
		return cmp.Or(cmp.Compare(suspects[b.ID], suspects[a.ID]), cmp.Compare(a.ID, b.ID))
	})
	p.snapshot.TaskManagers = taskManagers
	p.readTaskManagerFigures()
}

func taskManagerOf(t *flink.TaskManager) model.TaskManager {
	return model.TaskManager{
		ID: cleanText(t.ID, maxName), Host: hostOf(t.Path), Slots: t.SlotsNumber, FreeSlots: t.FreeSlots, LastHeartbeat: moment(t.LastHeartbeat),
	}
}

// hostOf takes the host out of pekko.tcp://flink@10.0.0.7:6122/user/rpc/taskmanager_0.
func hostOf(path string) string {
	parsed, err := url.Parse(path)
	if err != nil || parsed.Host == "" {
		return ""
	}
	host := parsed.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return cleanText(strings.TrimSpace(host), maxName)
}

// suspects counts, by TaskManager, the subtasks that did not acknowledge the pending and the failed checkpoints, and the exceptions of its tasks.
func (p *pass) suspects() map[string]int {
	counts := map[string]int{}
	for i := range p.snapshot.Exceptions {
		if id := p.snapshot.Exceptions[i].TaskManager; id != "" {
			counts[id]++
		}
	}
	for i := range p.snapshot.Checkpoints.History {
		c := &p.snapshot.Checkpoints.History[i]
		if c.Status == model.CheckpointCompleted {
			continue
		}
		for j := range c.Tasks {
			p.countMissing(&c.Tasks[j], counts)
		}
	}
	return counts
}

// countMissing adds the subtasks of a vertex that did not acknowledge in time.
func (p *pass) countMissing(task *model.TaskLedger, counts map[string]int) {
	if task.Vertex < 0 || task.Vertex >= len(p.snapshot.Vertices) {
		return
	}
	placement := p.snapshot.Vertices[task.Vertex].Placement
	for k := range task.Entries {
		e := &task.Entries[k]
		if (!e.Reported || e.Aborted) && k < len(placement) && placement[k] != "" {
			counts[placement[k]]++
		}
	}
}

// readTaskManagerFigures asks the metrics of the first TaskManagers, one small GET each.
func (p *pass) readTaskManagerFigures() {
	if p.memory.taskManagers == nil {
		p.memory.taskManagers = map[string]*processMemory{}
	}
	present := map[string]bool{}
	for i := range p.snapshot.TaskManagers {
		t := &p.snapshot.TaskManagers[i]
		if i == maxTaskManagers || p.outOfTime() {
			p.gapText(model.GapTaskManagerMetrics, "metrics of some TaskManagers", "not asked: too many TaskManagers, or the JobManager answers slowly")
			break
		}
		present[t.ID] = true
		memory := p.memory.taskManagers[t.ID]
		if memory == nil {
			memory = &processMemory{}
			p.memory.taskManagers[t.ID] = memory
		}
		answer, err := p.client.TaskManagerMetrics(p.ctx, t.ID, memory.ask()...)
		if err != nil {
			p.gap(model.GapTaskManagerMetrics, "metrics of TaskManager "+t.ID, err)
			continue
		}
		figures := memory.figures(&answer, p.takenAt(&answer))
		if !figures.answered {
			p.gapText(model.GapTaskManagerMetrics, "metrics of TaskManager "+t.ID, "the answer is empty; Flink fetches them once somebody asks")
		}
		t.CPULoad, t.CPUUsage, t.GCShare = figures.load, figures.cpuUsage, figures.gcShare
		t.HeapUsed, t.HeapMax = figures.heapUsed, figures.heapMax
	}
	for id := range p.memory.taskManagers {
		if !present[id] {
			delete(p.memory.taskManagers, id)
		}
	}
}
