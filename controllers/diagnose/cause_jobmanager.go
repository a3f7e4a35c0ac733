package diagnose

import (
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// jobManagerCPU: everything the JobManager does for a checkpoint waits for CPU.
var jobManagerCPU = rule{
	cause: api.CauseJobManagerOverload, sub: api.SubCauseCPU, effect: jobManagerEffect,
	rows: []row{
		{"JobManager's CPU", 50, true, needCPU, cpuMaybe},
		// A starved JobManager answers us late, too.
		{"answers of its REST API", 15, true, needRequests, restLate},
		// Triggering and acknowledging take long on every vertex alike.
		{"trigger and acknowledgements", 15, false, needDetails, overallSlow},
		{"timer", 10, false, needTimeout, lateTimer},
		{"triggers that fail", 15, true, needHistory, triggersFail},
		{"throttling", 10, true, needThrottling, func(f *features) sign {
			t := f.s.JobManager.ThrottledShare
			return when(t.AtLeast(0.1), "throttled "+percent(t.Value)+" of the time", "below 10%")
		}},
		// Acknowledgements trickle in as the CPU lets them; a blocked pool lets them through in one burst.
		{"acknowledgements", 5, false, needDetails, func(f *features) sign {
			return when(overallSlow(f).state == present && f.ledger.bursts == 0, "spread over time", "")
		}},
		{"CPU", -45, true, needCPU, cpuLow},
		{"JobManager io threads in deletes", -30, true, needJobManagerStacks, func(f *features) sign {
			if cpuHigh(f).state == present && restSlow(f) {
				return settled // without CPU a delete takes long as everything does
			}
			return deletes(f)
		}},
		{"garbage collection", -30, true, needGC, func(f *features) sign {
			return when(collects(&f.s.JobManager, f.p), percent(f.s.JobManager.GCShare.Value)+" of the time: the heap feeds it", "")
		}},
		{"effect on checkpoints", -35, false, needDetails, noEffect},
	},
	summary: func(f *features) string {
		if used := cpuShare(&f.s.JobManager); used.Known {
			return fmt.Sprintf("the JobManager uses %s of its %s cores", percent(used.Value), cores(f.s.JobManager.CPULimit.Value)) + lagText(f)
		}
		if load := loadOf(f.s); load.Known {
			if !load.AtLeast(f.p.Thresholds.JobManagerCPU - gaugeMoves) {
				return "the JobManager is late with whatever it does, and it is at work (JVM load " + ratio(load.Value) + ")" + lagText(f)
			}
			return "the JobManager's CPU is used up (JVM load " + ratio(load.Value) + ")" + lagText(f)
		}
		return "the JobManager answers and triggers late" + lagText(f)
	},
	next:   "the JobManager's CPU use and throttling against its limit (container_cpu_cfs_throttled_periods_total)",
	advice: nil,
}

// jobManagerHeap: the JobManager collects garbage instead. Measured: a heap that is 90 % full and a collector that runs 90 % of the time may
// still complete every checkpoint within seconds; as the cause of expiries it needs an effect.
var jobManagerHeap = rule{
	cause: api.CauseJobManagerOverload, sub: api.SubCauseHeap, effect: jobManagerEffect,
	rows: []row{
		{"garbage collection", 55, true, needGC, func(f *features) sign {
			gc := f.s.JobManager.GCShare
			s := when(gc.AtLeast(f.p.Thresholds.GC), percent(gc.Value)+" of the time", "below "+percent(f.p.Thresholds.GC))
			switch {
			case s.state == present && f.s.JobManager.RoomyHeap():
				s.weight = 20
				s.observed += ", with less than half of the heap in use"
			case s.state == present && !gc.AtLeast(model.MuchGC):
				s.weight = 35
			}
			return s
		}},
		{"heap after collections", 20, true, needHeap, func(f *features) sign {
			jm := &f.s.JobManager
			if !jm.HeapUsed.Known || !jm.HeapMax.AtLeast(1) {
				return no
			}
			if jm.HeapSamples < model.HeapSamplesAfterCollection {
				return sign{state: unknownSign, missing: "three samples of the JobManager's heap"}
			}
			used := jm.HeapUsed.Value / jm.HeapMax.Value
			return when(used >= f.p.Thresholds.Heap, size(jm.HeapUsed.Value)+" of "+size(jm.HeapMax.Value)+", "+percent(used), "below "+percent(f.p.Thresholds.Heap))
		}},
		{"out of memory", 25, true, needPods | needLogs, jobManagerOutOfMemory},
		{"node of the JobManager", 5, false, needPods | needNodes, func(f *features) sign { return nodeShort(f, model.ComponentJobManager) }},
		{"length of a collection", 10, true, needPause, func(f *features) sign {
			pause := f.s.JobManager.GCPause
			return when(pause >= f.w.timeout/20 && pause >= 500*time.Millisecond, span(pause)+" on the average", "below "+span(f.w.timeout/20))
		}},
		{"collections in its log", 5, true, 0, longCollections(true)},
		{"answers of its REST API", 10, true, needRequests, restLate},
		{"trigger and acknowledgements", 15, false, needDetails, overallSlow},
		{"timer", 10, false, needTimeout, lateTimer},
		{"garbage collection", -40, true, needGC, func(f *features) sign {
			gc := f.s.JobManager.GCShare
			return when(gc.Known && gc.Value < f.p.Thresholds.GC/2, percent(gc.Value)+" of the time", "")
		}},
		{"effect on checkpoints", -35, false, needDetails, noEffect},
	},
	summary: func(f *features) string {
		jm := &f.s.JobManager
		text := "the JobManager is short of heap"
		if jm.GCShare.Known {
			text = "the JobManager spends " + percent(jm.GCShare.Value) + " of its time collecting garbage"
		} else if s := jobManagerOutOfMemory(f); s.state == present {
			text += ": " + s.observed
		}
		if jm.HeapUsed.Known && jm.HeapMax.AtLeast(1) {
			text += ", " + size(jm.HeapUsed.Value) + " of a heap of " + size(jm.HeapMax.Value) + " in use"
		}
		return text + lagText(f)
	},
	next: "the live set: heap used right after a full collection, and what fills it (jcmd GC.class_histogram)",
	advice: func(f *features) []string {
		if f.threads.coordinator != nil {
			return []string{"Look at the source's enumerator first: its state lives on the JobManager's heap (larger splits make fewer of them)."}
		}
		return nil
	},
}

// overallSlow: residual or start delay is large on several vertices, non-sinks among them.
func overallSlow(f *features) sign {
	if f.residualBroad() {
		return yes("acknowledged up to "+span(f.ledger.all.most[inResidual])+" after the snapshot's end, on all kinds of vertices", f.limitText())
	}
	if f.ledger.equalStart > 0 {
		return yes("all subtasks began "+span(f.ledger.startDelay)+" late, sources too", f.limitText())
	}
	return detailsOr(f, no)
}

// noEffect speaks against: checkpoints expire, and neither the JobManager's timer nor its part of the work was late; or they do not expire at all.
func noEffect(f *features) sign {
	switch e := jobManagerEffect(f); {
	case e.state == present:
		return settled
	case e.state == unknownSign:
		return e
	case f.w.counts.Expired == 0:
		return when(f.w.failures > 0, "checkpoints fail, none expires", "expiries")
	}
	return yes("expiries are on time and acknowledgements are processed at once", "late ones")
}

// jobManagerEffect is what a JobManager without CPU or heap does to checkpoints: it triggers, acknowledges or expires them late. For a job at
// risk nothing failed yet, and the resource that is used up is the risk.
func jobManagerEffect(f *features) sign {
	if !f.sick || f.lagging() || f.timerStuck() || triggersFail(f).state == present || overallSlow(f).state == present || f.ledger.noAcks {
		return yes("", "")
	}
	switch {
	case f.w.counts.Expired == 0:
		return settled
	case !f.ledger.known:
		return missing(model.GapCheckpointDetails)
	case f.residualOpen():
		return missing(model.GapThreadDumps)
	}
	return effectCutShort(f)
}

// effectCutShort is the effect where each expiry restarts the job, so that no late acknowledgement shows it: tasks that are done and not acknowledged.
func effectCutShort(f *features) sign {
	if f.cut && !f.threads.known {
		return missing(model.GapThreadDumps)
	}
	return when(f.cut && f.outside(), "", "")
}

// timerStuck tells whether one is pending for twice its timeout: the timer that would expire it does not get through.
func (f *features) timerStuck() bool {
	return !f.w.guessed && f.w.pending != nil && f.w.counts.PendingFor >= 2*f.w.timeout
}

func jobManagerOutOfMemory(f *features) sign {
	for i := range f.s.Pods {
		p := &f.s.Pods[i]
		if p.Component == model.ComponentJobManager && p.OOMKilled && f.ofThisSpell(p.LastTerminationAt) {
			return yes(named(p.Name)+" was OOMKilled"+f.ago(p.LastTerminationAt), "never")
		}
	}
	if s := f.words.logs[model.LogOutOfMemory]; s != nil && s.Process == model.JobManagerProcess {
		return yes(fmt.Sprintf("%d lines in its log", s.Count)+f.ago(s.Last), "none")
	}
	return no
}

// lagText adds what a slow JobManager did to checkpoints, where it did.
func lagText(f *features) string {
	switch {
	case f.w.beyond > 0:
		return "; checkpoints complete up to " + span(f.w.beyond) + " beyond their timeout"
	case f.w.excess >= f.w.timeout/10:
		return "; checkpoints expire up to " + span(f.w.excess) + " late"
	}
	return ""
}
