package diagnose

import (
	"fmt"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// taskManagerPressure: a TaskManager is short of heap, CPU or memory, and everything on it is slow.
var taskManagerPressure = rule{
	cause: api.CauseTaskManagerPressure,
	rows: []row{
		{"garbage collection of a TaskManager", 60, true, needTaskManagerGC, func(f *features) sign {
			tm := f.worstManager(managerGC)
			if tm == nil || !tm.GCShare.AtLeast(f.p.Thresholds.GC) {
				return no
			}
			text, expected := named(tm.ID)+": "+percent(tm.GCShare.Value)+" of the time", "below "+percent(f.p.Thresholds.GC)
			switch {
			case !tm.GCShare.AtLeast(model.MuchGC):
				return weighing(20, text, expected)
			case !tm.GCShare.AtLeast(mostlyGC):
				return weighing(45, text, expected)
			}
			return yes(text, expected) // whatever it does takes twice as long at least
		}},
		{"heap of a TaskManager", 10, true, needTaskManagerHeap, func(f *features) sign {
			tm := f.worstManager(heapShare)
			if tm == nil {
				return no
			}
			used := heapShare(tm).Value
			return when(used >= f.p.Thresholds.Heap, named(tm.ID)+": "+percent(used), "below "+percent(f.p.Thresholds.Heap))
		}},
		{"CPU of a TaskManager", 30, true, needTaskManagerCPU, func(f *features) sign {
			tm := f.starvedManager()
			if tm == nil {
				return throttledManager(f)
			}
			return yes(named(tm.ID)+": "+percent(usedUp(tm).Value)+" of what it may use", "below "+percent(f.p.Thresholds.JobManagerCPU))
		}},
		{"CPU of the others", 10, true, needTaskManagerCPU, func(f *features) sign {
			tm, others := f.starvedManager(), model.Measure{}
			for i := range f.s.TaskManagers {
				if used := usedUp(&f.s.TaskManagers[i]); tm != nil && f.s.TaskManagers[i].ID != tm.ID && used.Known {
					others = model.Measured(max(others.Value, used.Value))
				}
			}
			return when(others.Known && 2*others.Value < f.p.Thresholds.JobManagerCPU, percent(others.Value)+" at most", "alike")
		}},
		// A dump is asked of a TaskManager by the JobManager and takes no part in the work: who has no CPU answers late.
		{"answers of that TaskManager", 20, true, needStacks, func(f *features) sign {
			tm, a := f.shortManager(), &f.answers
			return when(tm != nil && a.known && a.worst == tm.ID && a.slowest >= quickAnswer, "its dump took "+span(a.slowest)+" longer than the JobManager's own", "below "+span(quickAnswer))
		}},
		{"whatever subtasks do", 60, false, needDetails | needStacks, (*features).allOver},
		{"time of a record", 30, true, needWork | needPlacement, func(f *features) sign {
			tm := f.shortManager()
			return when(f.dear.found() && (tm == nil || tm.ID == f.dear.id), f.dear.text(f), "alike everywhere")
		}},
		{"TaskManagers that die", 35, true, needPods | needLogs | needExceptions, killedManager},
		{"nodes of TaskManagers", 5, false, needPods | needNodes, func(f *features) sign { return nodeShort(f, model.ComponentTaskManager) }},
		{"collections in a TaskManager's log", 5, true, 0, longCollections(false)},
		{"slow subtasks", 20, false, needDetails | needPlacement, func(f *features) sign {
			tm, p := f.shortManager(), &f.spread
			switch {
			case p.clustered() && (tm == nil || tm.ID == p.worst):
				return yes(fmt.Sprintf("%d of %d slow on %s, %d of %d elsewhere", p.slowThere, p.allThere, named(p.worst), p.slowElsewhere, p.allElsewhere), "alike everywhere")
			case f.host.found() && (tm == nil || tm.ID == f.host.id):
				return yes(f.host.text(f), "alike everywhere")
			}
			return no
		}},
		{"TaskManagers", -30, true, needTaskManagerGC, func(f *features) sign {
			gc := f.worstManager(managerGC)
			if gc == nil || f.starvedManager() != nil || f.allOver().state == present {
				return no
			}
			return when(gc.GCShare.Value < f.p.Thresholds.GC/2 && killedManager(f).state != present,
				"garbage collection "+percent(gc.GCShare.Value)+" at most", "")
		}},
	},
	summary: func(f *features) string {
		if tm := f.worstManager(managerGC); tm != nil && tm.GCShare.Value >= f.p.Thresholds.GC {
			text := "TaskManager " + named(tm.ID) + " spends " + percent(tm.GCShare.Value) + " of its time collecting garbage"
			if f.spread.clustered() && f.spread.worst == tm.ID {
				text += fmt.Sprintf(", and %d of %d subtasks on it are slow", f.spread.slowThere, f.spread.allThere)
			}
			return text
		}
		if s := killedManager(f); s.state == present {
			return "a TaskManager does not stay up: " + s.observed
		}
		if tm := f.starvedManager(); tm != nil {
			text := "TaskManager " + named(tm.ID) + " uses " + percent(usedUp(tm).Value) + " of the CPU it may have"
			if f.host.found() && f.host.id == tm.ID {
				text += ", and what takes " + span(f.host.elsewhere) + " elsewhere takes " + span(f.host.here) + " on it"
			}
			return text
		}
		if f.allOver().state == present {
			return "TaskManagers are slow in whatever they do, " + named(f.answers.worst) + " first: they get no CPU"
		}
		return "a TaskManager is short of CPU or memory"
	},
	next: "what fills the TaskManager's heap (a class histogram), and its CPU throttling",
	advice: func(f *features) []string {
		if f.starvedManager() != nil {
			return []string{"Give the TaskManagers more CPU, or fewer slots; look whether something beside the tasks uses theirs (a thread dump names busy threads)."}
		}
		return []string{"Give the TaskManagers more memory, or less to hold: state in RocksDB instead of on the heap, smaller buffers of sinks, fewer slots per TaskManager."}
	},
}

// mostlyGC is half of all time.
const mostlyGC = 0.5

// shortManager is the TaskManager that is short of CPU or collects garbage; nil if none is.
func (f *features) shortManager() *model.TaskManager {
	if tm := f.starvedManager(); tm != nil {
		return tm
	}
	if tm := f.worstManager(managerGC); tm != nil && tm.GCShare.AtLeast(f.p.Thresholds.GC) {
		return tm
	}
	return nil
}

// worstManager is the TaskManager with the largest known value; nil where none is known.
func (f *features) worstManager(of func(*model.TaskManager) model.Measure) *model.TaskManager {
	var worst *model.TaskManager
	for i := range f.s.TaskManagers {
		tm := &f.s.TaskManagers[i]
		if m := of(tm); m.Known && (worst == nil || m.Value > of(worst).Value) {
			worst = tm
		}
	}
	return worst
}

func managerGC(tm *model.TaskManager) model.Measure { return tm.GCShare }

func heapShare(tm *model.TaskManager) model.Measure {
	if !tm.HeapUsed.Known || !tm.HeapMax.AtLeast(1) {
		return model.Measure{}
	}
	return model.Measured(tm.HeapUsed.Value / tm.HeapMax.Value)
}

func managerCPU(tm *model.TaskManager) model.Measure {
	if tm.CPUUsage.Known && tm.CPULimit.Known && tm.CPULimit.Value > 0 {
		return model.Measured(tm.CPUUsage.Value / tm.CPULimit.Value)
	}
	return model.Measure{}
}

// killedManager looks for TaskManagers that were killed or restarted while the job was unhealthy, or ran out of memory.
func killedManager(f *features) sign {
	for i := range f.s.Pods {
		if p := &f.s.Pods[i]; p.Component == model.ComponentTaskManager {
			if s := diedLately(f, p); s.state == present {
				return s
			}
		}
	}
	return outOfMemory(f)
}

// outOfMemory looks for the words of a TaskManager that ran out of memory, in exceptions and logs.
func outOfMemory(f *features) sign {
	if e := f.words.memory; e != nil {
		return yes(f.says(e), "never")
	}
	if s := f.words.logs[model.LogOutOfMemory]; s != nil && s.Process != model.JobManagerProcess {
		return yes(fmt.Sprintf("%d lines of no memory in the log of %s", s.Count, named(s.Process))+f.ago(s.Last), "none")
	}
	return no
}

// diedLately looks at a pod's last termination, where it may have to do with the present spell.
func diedLately(f *features, p *model.Pod) sign {
	switch {
	case !f.ofThisSpell(p.LastTerminationAt):
		return no
	case p.OOMKilled:
		return yes(named(p.Name)+" was OOMKilled"+f.ago(p.LastTerminationAt), "never")
	case p.Evicted:
		return weighing(20, named(p.Name)+" was evicted from its node"+f.ago(p.LastTerminationAt), "never")
	case p.Restarts > 1 && p.LastTermination != "":
		return weighing(20, fmt.Sprintf("%s restarted %d times (%s)", named(p.Name), p.Restarts, named(p.LastTermination)), "none")
	}
	return no
}
