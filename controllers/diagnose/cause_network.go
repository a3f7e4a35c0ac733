package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// networkLatency: acknowledgements, triggers or the data between TaskManagers take seconds on the way.
var networkLatency = rule{
	cause: api.CauseNetworkLatency,
	rows: []row{
		// Between TaskManager and JobManager: everything is done, and the acknowledgement is processed seconds later, everywhere.
		{"time between the end of the snapshot and its acknowledgement", 40, false, needDetails, func(f *features) sign {
			if f.residualOpen() {
				return weighing(25, f.residualText()+"; source and sink are one vertex, and a flush looks the same", f.limitText())
			}
			return detailsOr(f, when(f.residualBroad(), f.residualText(), f.limitText()))
		}},
		// TaskManagers answer the JobManager late, over the same RPC.
		{"answers of TaskManagers to the JobManager", 45, true, needStacks, answersSlow},
		// Where each expiry restarts the job no acknowledgement comes late: what is missing is done, or was never told.
		{"missing subtasks", 20, false, needStacks | needDetails, func(f *features) sign {
			return when(f.cut && f.outside(), of(f.threads.idle, len(f.threads.tasks), "are idle, of several vertices and sources too; each expiry restarts the job"), "at work")
		}},
		// The phases themselves are quick.
		{"phases of the tasks", 15, false, needDetails, phasesQuick},
		// The acknowledgements come, a little too late.
		{"late acknowledgements", 10, false, needDetails, lateSoon},
		// The JobManager has time: it is not what they wait for.
		{"JobManager", 15, false, needDetails | needPressure | needStacks, idleWhileResidual},
		// Its timer fires on time, so its own threads are not late.
		{"expiry", 5, false, needDetails | needPressure, expiredOnTime},
		// The pool that processes acknowledgements is free.
		{"JobManager io threads", 5, true, needDetails | needJobManagerStacks, func(f *features) sign {
			return stacksOr(f, when(f.residualBroad() && f.threads.pool.samples > 0 && f.threads.pool.deleted == 0, "none in a delete", ""))
		}},
		// RPC or heartbeats time out.
		{"RPC and heartbeats", 35, true, needLogs | needExceptions, rpcTimeouts},
		// It is not heard of one TaskManager while it is of others.
		{"heartbeats of TaskManagers", 15, true, needTaskManagers, heartbeatsLate},
		// Under Flink's defaults an answer is waited for 10 s and a checkpoint for 10 minutes, so that a slow network shows as triggers that fail.
		{"triggers that fail", 35, true, needHistory, triggersFail},
		// A probe pod on a TaskManager's node measures round trips to the JobManager that are slow,
		{"network probe: round trips to the JobManager", 30, true, needHistory, roundTripsFar},
		// or lost.
		{"network probe: losses", 25, true, needHistory, roundTripsLost},
		// Between TaskManagers: buffers are full although nobody works.
		{"back pressure with nobody busy", 45, true, needPressure | needDetails, pressureWithoutWork},
		// Barriers are on their way: between the tasks, not in them.
		{"barriers", 20, false, needPressure | needDetails, barriersUnderway},
		// They left those before and do not come to those behind, who wait for them.
		{"barriers that do not arrive", 50, true, needStacks | needDetails | needPlacement, barriersLost},
		// They come late to tasks that are at nothing meanwhile, by those tasks' own account of their time.
		{"barriers that idle tasks wait for", 45, true, needPressure | needDetails | needPlacement, barriersOnTheWay},
		// Sources were told late, or never: the trigger is on its way.
		{"trigger of the sources", 40, false, needStacks | needDetails, triggerUnderway},
		// Slowness follows a TaskManager.
		{"TaskManagers", 10, false, needDetails | needPlacement, func(f *features) sign {
			return when(f.spread.clustered() && f.residualBroad(), fmt.Sprintf("%d of %d slow on %s, %d of %d elsewhere", f.spread.slowThere,
				f.spread.allThere, named(f.spread.worst), f.spread.slowElsewhere, f.spread.allElsewhere), "")
		}},
		// The probe found the way to the JobManager as it should be: what is late is late elsewhere.
		{"network probe", -40, true, needHistory, roundTripsClean},
		// So did a request over the way that acknowledgements take.
		{"answers of TaskManagers to the JobManager", -30, true, needStacks, answersQuick},
		// A busy JobManager, or its clogged pool, explains the same.
		{"JobManager's CPU and heap", -40, true, needCPU | needGC, jobManagerShort},
		{"JobManager io threads in deletes", -40, true, needJobManagerStacks, deletes},
		// So does one that answers ourselves late: no TaskManager is on that way. A network that delays its node delays our requests as well.
		{"answers of its REST API", -30, true, needRequests, func(f *features) sign {
			if farFromUs(f) {
				return settled
			}
			return restLate(f)
		}},
		// A timer of the JobManager that is late waits inside it, not on the wire; and so may all that is acknowledged late.
		{"timer", -35, false, needTimeout, func(f *features) sign {
			if f.betweenTasks() || answersSlow(f).state == present {
				return settled
			}
			return lateTimer(f)
		}},
		// So does the one TaskManager that all of it comes from.
		{"TaskManagers", -30, true, needDetails | needPlacement | needTaskManagerGC, oneSickManager},
		// A flush before the barrier shows on sinks only.
		{"vertices", -30, false, needDetails, func(f *features) sign {
			if f.lost.checkpoints > 0 || barriersOnTheWay(f).state == present || answersSlow(f).state == present {
				return settled // what else is late does not wait for a flush
			}
			k := f.where(inResidual)
			return detailsOr(f, when(k.sinks > 0 && k.sources+k.inner == 0, "only sinks are late", "others too"))
		}},
		// Somebody works: then barriers wait for them, not for the network.
		{"busy operators", -30, true, needPressure, busyAnywhere},
		// Whoever is in a flush, a snapshot or a commit is late by itself.
		{"stacks of missing subtasks", -45, true, needStacks, func(f *features) sign {
			s := workingStacks(f)
			held, _, _ := f.threads.find((*taskThread).held)
			if caught, _, _ := f.threads.find(f.snapshots); held > 0 && held == caught && f.caughtInPassing(f.snapshots) {
				return no // anybody may be caught in it, and it took a moment each time
			}
			if n, _, _ := f.threads.find((*taskThread).inCheckpoint); n == 0 && s.state == present {
				s.weight = -30
			}
			return s
		}},
	},
	summary: func(f *features) string {
		if f.residualBroad() {
			return fmt.Sprintf("acknowledgements are processed up to %s after the work is done, on all kinds of vertices, and the JobManager is not busy",
				span(f.ledger.all.most[inResidual]))
		}
		if s := answersSlow(f); s.state == present && !f.betweenTasks() {
			return "messages between the JobManager and its TaskManagers take seconds: the dump of " + s.observed
		}
		if f.betweenTasks() {
			return fmt.Sprintf("buffers between the tasks are full (back pressure %s) although no operator is busy above %s: the network between TaskManagers",
				ratio(f.press.anyPressure), ratio(f.press.anyBusy))
		}
		if s := barriersLost(f); s.state == present {
			return "barriers do not get from TaskManager to TaskManager: " + s.observed
		}
		if s := barriersOnTheWay(f); s.state == present {
			return "barriers take long from TaskManager to TaskManager: " + s.observed
		}
		if f.silence() {
			return "messages between JobManager and TaskManagers are lost: " + rpcTimeouts(f).observed
		}
		return "messages between JobManager and TaskManagers are late or lost"
	},
	next: "round-trip time, loss and retransmits between the nodes of JobManager and TaskManagers while a checkpoint is pending (networkProbe in the policy, or checkpoint-health probe)",
	advice: func(f *features) []string {
		if f.net.known && (f.net.losing() || f.net.p95 >= farRoundTrip) {
			return []string{"Look at the path between the two nodes: the probe measured it as slow or lossy; its hops are in status.networkProbe."}
		}
		return []string{"Measure the path: checkpoint-health probe or ping from the TaskManagers' nodes to the JobManager's, and retransmits (ss -ti) on both ends."}
	},
}

func phasesQuick(f *features) sign {
	if !f.residualBroad() {
		return detailsOr(f, no)
	}
	for _, phase := range []int{inStart, inAlignment, inSync, inAsync} {
		for v := range f.ledger.vertices {
			if f.ledger.vertices[v].mostly(phase) {
				return no
			}
		}
	}
	most := &f.ledger.all.most
	return yes(fmt.Sprintf("at most: start %s, align %s, sync %s, upload %s", span(most[inStart]), span(most[inAlignment]), span(most[inSync]),
		span(most[inAsync])), f.limitText())
}

func lateSoon(f *features) sign {
	if !f.facts.LateComplete || !f.residualBroad() {
		return detailsOr(f, no)
	}
	latest := f.facts.LateAcks[0]
	return when(latest <= 2*f.w.timeout, "all missing ones came, the last after "+span(latest), "")
}

func idleWhileResidual(f *features) sign {
	if !f.underway() && triggerUnderway(f).state != present {
		return no
	}
	if farFromUs(f) {
		return hasTime(f)
	}
	return jobManagerFree(f)
}

// underway tells whether anything says that messages, or the data between tasks, are what takes long.
func (f *features) underway() bool {
	return f.residualBroad() || f.betweenTasks() || f.cut && f.outside() || answersSlow(f).state == present || f.silence() || barriersLost(f).state == present ||
		barriersOnTheWay(f).state == present
}

func expiredOnTime(f *features) sign {
	if f.w.counts.Expired == 0 || !f.underway() {
		return no
	}
	return when(!f.lagging(), "at most "+span(max(f.w.excess, 0))+" after it was due", "")
}

// manyTimeouts is how many calls that nobody answers are no accident.
const manyTimeouts = 3

// heardAgain tells whether the TaskManager whose heartbeats stopped is registered: it lives. One that is not went with its node, maybe, which nobody
// hears either.
func (f *features) heardAgain() bool {
	return f.words.silent != nil && slices.ContainsFunc(f.s.TaskManagers, func(tm model.TaskManager) bool {
		return tm.ID != "" && (tm.ID == f.words.silent.TaskManager || strings.Contains(f.words.silent.Message, "TaskManager with id "+tm.ID+" timed out"))
	})
}

// silence tells whether a TaskManager that lives is not heard: its heartbeats stopped, once or of several in a row, or call after call is not answered.
func (f *features) silence() bool {
	return (f.heardAgain() || f.words.silences > 1 || f.words.timeouts >= manyTimeouts) && killedManager(f).state != present
}

func rpcTimeouts(f *features) sign {
	logged := f.words.log(model.LogRPCTimeout) + f.words.log(model.LogHeartbeatTimeout)
	switch e := f.words.rpc; {
	case f.silence() && (f.heardAgain() || f.words.silences > 1):
		return yes(f.says(f.words.silent), "none")
	case f.silence():
		return yes(fmt.Sprintf("%d calls that nobody answered, ", f.words.timeouts)+f.says(e), "none")
	case e != nil:
		return weighing(20, f.says(e), "none")
	case logged > 0:
		return weighing(20, fmt.Sprintf("%d time-outs in the logs", logged)+f.last(model.LogRPCTimeout, model.LogHeartbeatTimeout), "none")
	}
	return no
}

// keyHeartbeat is how often TaskManagers are heard; 10 s by default.
const (
	keyHeartbeat     = "heartbeat.interval"
	defaultHeartbeat = 10 * time.Second
)

// heartbeatAges are from when on a heartbeat is late, two and a half intervals, and until when another TaskManager's is not: one and a half.
func heartbeatAges(s *model.Snapshot) (late, fresh time.Duration) {
	interval := defaultHeartbeat
	if d, err := model.ParseDuration(s.Settings.Cluster[keyHeartbeat]); err == nil && d > 0 {
		interval = d
	}
	return 5 * interval / 2, 3 * interval / 2
}

func heartbeatsLate(f *features) sign {
	lateAge, freshAge := heartbeatAges(f.s)
	late, fresh := "", false
	longest := time.Duration(0)
	for i := range f.s.TaskManagers {
		tm := &f.s.TaskManagers[i]
		age := f.now.Sub(tm.LastHeartbeat)
		switch {
		case tm.LastHeartbeat.IsZero():
		case age >= lateAge && age > longest:
			late, longest = tm.ID, age
		case age <= freshAge:
			fresh = true
		}
	}
	return when(late != "" && fresh, named(late)+" was heard "+span(longest)+" ago last, others within "+span(freshAge), "all within "+span(freshAge))
}

func pressureWithoutWork(f *features) sign {
	if !f.betweenTasks() || f.ledger.all.missing() == 0 && !barriersSlow(f) || f.commitsOften() {
		return no
	}
	text := fmt.Sprintf("back pressure %s, busiest operator %s", ratio(f.press.anyPressure), ratio(f.press.anyBusy))
	if f.onTheWay() == mayAlternate {
		return inferred(weighing(20, text+"; several of them in turns might be why", "whoever holds up the others is busy above "+ratio(busyRatio)))
	}
	return yes(text+", and those behind wait meanwhile", "whoever holds up the others is busy above "+ratio(busyRatio))
}

// barriersSlow tells whether start delay or alignment is large on vertices that have inputs.
func barriersSlow(f *features) bool {
	for v := range f.ledger.vertices {
		sum := &f.ledger.vertices[v]
		if f.role(v) != model.RoleSource && (sum.sometimes(inStart) || sum.sometimes(inAlignment)) {
			return true
		}
	}
	return false
}

func barriersUnderway(f *features) sign {
	if !f.betweenTasks() || f.commitsOften() {
		return no
	}
	if barriersSlow(f) && !f.ledger.all.mostly(inResidual) {
		most := &f.ledger.all.most
		return yes(fmt.Sprintf("start delay up to %s, alignment up to %s", span(most[inStart]), span(most[inAlignment])), f.limitText())
	}
	idle, _, _ := f.threads.find(func(t *taskThread) bool { return !t.held() })
	return when(idle > 0 && f.threads.held == 0 && f.threads.uploads == 0, fmt.Sprintf("%d missing subtasks wait for them", idle), "")
}

// triggerUnderway: sources begin late or not at all, and nothing on either side keeps them: the JobManager's timer is on time, no coordinator
// works, and the sources are idle.
func triggerUnderway(f *features) sign {
	if f.lagging() || f.residualBroad() || f.threads.coordinator != nil || !f.sourcesIdle() {
		return no
	}
	late, total := f.lateSources()
	switch {
	case f.allSourcesLate(late == total) && restLate(f).state == present && !farFromUs(f): // it may be the JobManager that is slow to tell them
		return weighing(15, "all sources begin up to "+span(f.ledger.all.most[inStart])+" late, and so does the JobManager answer", f.limitText())
	case f.allSourcesLate(late == total):
		return yes("all sources begin up to "+span(f.ledger.all.most[inStart])+" late, idle until then", f.limitText())
	case late == 0 || late == total:
		return no
	}
	return weighing(15, of(late, total, "sources late or missing, and idle"), "")
}

// allSourcesLate tells whether all sources were told late and acknowledged then.
func (f *features) allSourcesLate(all bool) bool {
	started := f.where(inStart)
	return started.sources+started.chained > 0 && f.ledger.all.inTime+f.ledger.all.late > 0 && (f.ledger.equalStart > 0 || all)
}

// sourcesIdle tells whether the missing sources that were looked at are idle, all of them.
func (f *features) sourcesIdle() bool {
	idle, _, _ := f.threads.find(func(t *taskThread) bool { return t.idle() && f.role(t.vertex) == model.RoleSource })
	held, _, _ := f.threads.find(f.inTheSource)
	return idle > 0 && held == 0
}
