package diagnose

import "checkpointhealth.dev/operator/controllers/model"

// needs are the data that a row looks at. Where one of them was not there a sign that was not found was not looked for, either: the mechanism
// makes it unknown. A sign that was found stands, whatever else is missing.
type needs uint32

// The data. A row that needs none of them looks at the list of checkpoints, which every diagnosis has.
const (
	needDetails needs = 1 << iota
	needStacks
	needJobManagerStacks
	needPressure
	needCPU
	needGC
	needHeap
	needPause
	needThrottling
	needTaskManagers
	needTaskManagerGC
	needTaskManagerHeap
	needTaskManagerCPU
	needLogs
	needExceptions
	needPods
	needNodes
	needVertices
	needPlacement
	needNeighbours
	needInterval
	needConfiguration
	needRestarts
	needRequests
	needVersions
	needTimeout
	needWork

	needHistory needs = 0
)

// needed says of each kind of data whether it is there, and what to call it where it is not.
var needed = []struct {
	needs needs
	what  string
	there func(*features) bool
}{
	{needTimeout, "the checkpoint timeout in force", func(f *features) bool { return !f.w.guessed }},
	{needDetails, string(model.GapCheckpointDetails), func(f *features) bool { return f.ledger.known }},
	{needStacks, string(model.GapThreadDumps), func(f *features) bool { return f.threads.known }},
	{needJobManagerStacks, string(model.GapThreadDumps), func(f *features) bool { return f.threads.pool.samples > 0 }},
	{needPressure, string(model.GapBackpressure), func(f *features) bool { return f.press.known }},
	{needWork, string(model.GapWork), workKnown},
	{needCPU, string(model.GapJobManagerMetrics), func(f *features) bool { return cpuShare(&f.s.JobManager).Known || f.s.JobManager.CPULoad.Known }},
	{needGC, string(model.GapJobManagerMetrics), func(f *features) bool { return f.s.JobManager.GCShare.Known }},
	{needHeap, string(model.GapJobManagerMetrics), func(f *features) bool { return f.s.JobManager.HeapUsed.Known && f.s.JobManager.HeapMax.AtLeast(1) }},
	{needPause, string(model.GapCounters), func(f *features) bool { return f.s.JobManager.GCPause > 0 }},
	{needThrottling, string(model.GapThrottling), func(f *features) bool { return f.s.JobManager.ThrottledShare.Known }},
	{needTaskManagers, string(model.GapTaskManagers), func(f *features) bool { return f.s.Deep && !f.s.Missing(model.GapTaskManagers) }},
	{needTaskManagerGC, string(model.GapTaskManagerMetrics), func(f *features) bool { return f.worstManager(managerGC) != nil }},
	{needTaskManagerHeap, string(model.GapTaskManagerMetrics), func(f *features) bool { return f.worstManager(heapShare) != nil }},
	{needTaskManagerCPU, string(model.GapTaskManagerMetrics), func(f *features) bool { return f.worstManager(usedUp) != nil }},
	{needLogs, string(model.GapLogs), func(f *features) bool { return f.read(len(f.s.Logs), model.GapLogs) }},
	{needExceptions, string(model.GapExceptions), func(f *features) bool { return f.read(len(f.s.Exceptions), model.GapExceptions) }},
	{needPods, string(model.GapPods), func(f *features) bool { return len(f.s.Pods) > 0 }},
	{needNodes, string(model.GapNodes), func(f *features) bool { return len(f.s.Pods) > 0 && !f.s.Missing(model.GapNodes) }},
	{needVertices, string(model.GapVertices), func(f *features) bool { return len(f.s.Vertices) > 0 }},
	{needPlacement, "which TaskManager runs which subtask", func(f *features) bool { return f.spread.known }},
	{needNeighbours, "two checkpoints that follow one another", func(f *features) bool { return f.gap.count > 0 }},
	{needInterval, "the checkpoint interval", func(f *features) bool { return f.w.interval > 0 }},
	{needConfiguration, string(model.GapConfiguration), func(f *features) bool { return !f.s.Missing(model.GapConfiguration) }},
	{needRestarts, "the number of restarts", func(f *features) bool { return f.s.Job.Restarts.Known || f.s.Job.RestartsDelta.Known }},
	{needRequests, "times of our own requests", func(f *features) bool { return f.s.Requests.Count > 0 }},
	{needVersions, "versions of the TaskManagers", versionsKnown},
}

// read tells whether a kind of signal that comes as a list was looked for: there are some, or the pass was deep and names no gap.
func (f *features) read(n int, kind model.GapKind) bool {
	return n > 0 || f.s.Deep && !f.s.Missing(kind)
}

// versionsKnown tells whether the JobManager's version and those of TaskManagers can be compared.
func versionsKnown(f *features) bool {
	if f.s.Job.FlinkVersion == "" {
		return false
	}
	for i := range f.s.TaskManagers {
		if f.s.TaskManagers[i].Version != "" {
			return true
		}
	}
	return false
}

// lacking is what the first of the data that are not there is called; empty where all are.
func (n needs) lacking(f *features) string {
	for i := range needed {
		if n&needed[i].needs != 0 && !needed[i].there(f) {
			return needed[i].what
		}
	}
	return ""
}

// given looks for a sign only where another one is there: its absence is then known, and what cannot be told of the other one cannot be
// told of this one.
func given(gate, test func(*features) sign) func(*features) sign {
	return func(f *features) sign {
		switch s := gate(f); s.state {
		case absent:
			return settled
		case unknownSign:
			return s
		}
		return test(f)
	}
}
