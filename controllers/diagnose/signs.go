package diagnose

import (
	"fmt"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// The signs that several causes look for, for or against them.

// residualBroad tells whether the time between the end of the snapshot and the acknowledgement is large on most subtasks of several vertices,
// not only sinks: a flush before the barrier looks the same, on sinks. Where source and sink are one vertex only the stacks tell the two apart:
// its missing subtasks are idle, their work is done.
func (f *features) residualBroad() bool {
	k := f.where(inResidual)
	if k.sources+k.inner > 0 {
		return k.all() > 1
	}
	return k.chained > 0 && k.sinks == 0 && f.threads.quiet()
}

// residualOpen tells whether it is large on vertices that are source and sink at once and nothing tells yet whether they flush or their
// acknowledgements are on the way.
func (f *features) residualOpen() bool {
	k := f.where(inResidual)
	if k.chained == 0 || k.sources+k.inner+k.sinks > 0 || f.threads.quiet() {
		return false
	}
	flushing, _, _ := f.threads.find(f.flushes)
	return flushing == 0
}

// quiet tells whether the missing subtasks were looked at and none of them does anything: nothing holds them, no upload of theirs runs.
func (t *threads) quiet() bool {
	return t.known && t.idle > 0 && t.held == 0 && t.buffers == 0 && t.uploads == 0
}

// residualText says how much, on how many.
func (f *features) residualText() string {
	n, of := 0, 0
	for v := range f.ledger.vertices {
		sum := &f.ledger.vertices[v]
		n += sum.big[inResidual]
		of += sum.reported()
	}
	return fmt.Sprintf("%s at most; large on %d of %d reports", span(f.ledger.all.most[inResidual]), n, of)
}

func (f *features) limitText() string {
	return "below " + span(share(f.w.timeout, large)) + " (30% of the timeout)"
}

// lagging tells whether the JobManager itself was late: expiries that came a tenth of the timeout or more after they were due, or
// checkpoints that completed a hundredth beyond their timeout: its timer began later by as much, and by a moment any does.
func (f *features) lagging() bool {
	return f.w.excess >= f.w.timeout/10 || f.completedLate()
}

func (f *features) completedLate() bool { return f.w.beyond > 0 && f.w.beyond >= f.w.timeout/100 }

func lateTimer(f *features) sign {
	switch {
	case f.completedLate():
		return yes("a checkpoint completed "+span(f.w.beyond)+" beyond its timeout", "never: the timer starts with the checkpoint")
	case f.w.excess >= f.w.timeout/10:
		return yes("expired up to "+span(f.w.excess)+" late", "within "+span(f.w.timeout/10))
	}
	return no
}

// cpuHigh is the JobManager's CPU: use against the limit, else the JVM's own load where our requests are slow too or nothing better is known
// (Status.JVM.CPU.Load was 1.0 under a quota and 0.1 under heavy garbage collection). It tells of one moment, and of a JobManager that got less and less
// it read 0.52 between 0.8 and 0.99: from half on, twice, it says that the JobManager is at work (see atWork).
func cpuHigh(f *features) sign {
	jm, limit := &f.s.JobManager, f.p.Thresholds.JobManagerCPU
	used := cpuShare(jm)
	switch {
	case used.AtLeast(limit):
		return yes(fmt.Sprintf("%s of %s cores, %s", cores(jm.CPUUsage.Value), cores(jm.CPULimit.Value), percent(used.Value)), "below "+percent(limit))
	case f.w.strain > 0, jm.CPULoad.AtLeast(limit), jm.CPULoad.AtLeast(limit-gaugeMoves) && f.lateNowAndThen():
		return loadHigh(f, used.Known)
	case !used.Known && !jm.CPULoad.Known:
		return missing(model.GapJobManagerMetrics)
	case !used.Known && f.workedBefore():
		return atWork(f, 35)
	}
	return no
}

// lateNowAndThen tells whether the JobManager's answers say as much as a load just below the limit lacks: they are slow, or late now and then as all is that it
// does for checkpoints.
func (f *features) lateNowAndThen() bool {
	return restSlow(f) || restLate(f).state == present && !f.steadyAnswers() && overallSlow(f).state == present
}

// workedBefore tells whether the look before, of this spell, read a load of half or more as well, and no way to the JobManager explains late answers.
func (f *features) workedBefore() bool {
	return f.s.Past.JobManagerLoad.AtLeast(idleRatio) && f.wasSick() && !f.steadyAnswers() && answersSlow(f).state != present
}

// atWork is a load of half or more beside late answers and late acknowledgements of all kinds: the JobManager is at work, and late with whatever it does. A long
// way gives the latter two as well, and a gauge of one moment our own requests; so it says little but in two looks of the spell, beside answers that are now
// quick and now late, and where TaskManagers answer no later than it does.
func atWork(f *features, weight int) sign {
	load := f.s.JobManager.CPULoad
	if !load.AtLeast(idleRatio) || restLate(f).state != present || overallSlow(f).state != present {
		return no
	}
	return weighing(weight, "JVM load "+ratio(load.Value)+", and all it does for us and for checkpoints is late", "below "+ratio(idleRatio))
}

// cpuMaybe is cpuHigh, or what weighs little and speaks against no other cause.
func cpuMaybe(f *features) sign {
	s := cpuHigh(f)
	switch {
	case s.state == present || cpuShare(&f.s.JobManager).Known:
		return s
	case f.lateWithAll():
		return weighing(15, "not known, and it is late with all it does for us and for checkpoints, its own timer too", "below "+percent(f.p.Thresholds.JobManagerCPU))
	}
	if weak := atWork(f, 15); weak.state == present {
		return weak
	}
	return s
}

// steadyAnswers tells whether all answers take about as long, a dump too, as over a long way.
func (f *features) steadyAnswers() bool {
	return max(f.s.Requests.Max, f.answers.own) <= steadyAnswers*f.s.Requests.Median
}

// lateWithAll tells whether the JVM's load says nothing (it reads 0 now and then beside a fifth of a core that its CPU time counts) and a JobManager that does not
// collect garbage answers late, acknowledges late on all kinds of vertices and is late with its own timer: no way to it and no pool of it explains all three.
func (f *features) lateWithAll() bool {
	jm := &f.s.JobManager
	return !jm.CPULoad.AtLeast(leastLoad) && jm.GCShare.Known && !jm.GCShare.AtLeast(f.p.Thresholds.GC) && restSlow(f) && f.lagging() && overallSlow(f).state == present
}

// leastLoad is the least load that is one: of 96 processors a thread that does nothing else makes 0.01.
const leastLoad = 0.0001

// gaugeMoves is by how much the JVM's load, which tells of a moment, may lie below the limit where late answers say the same: of a JobManager whose quota was
// used up all the time it read 0.83 to 0.99 (measured).
const gaugeMoves = 0.1

// loadHigh weighs the JVM's own load by what goes with it. Where the use against the limit is known and low it needs late answers.
func loadHigh(f *features, known bool) sign {
	text, limit := "JVM load "+ratio(loadOf(f.s).Value), "below "+ratio(f.p.Thresholds.JobManagerCPU)
	switch {
	case f.w.strain > 0 && !loadOf(f.s).AtLeast(f.p.Thresholds.JobManagerCPU-gaugeMoves): // its gauge tells of a moment
		return weighing(40, text+", REST answers take "+f.w.answers(f.s)+", checkpoints "+span(f.w.strainedFor()), limit)
	case restSlow(f):
		return weighing(45, text+", and its REST API answers late", limit)
	case known:
		return no
	case f.w.strain > 0:
		return weighing(45, text+", REST answers take "+f.w.answers(f.s)+", checkpoints "+span(f.w.strainedFor()), limit)
	case f.ledger.equalStart > 0: // every trigger waited, for all subtasks alike
		return weighing(45, text+", and all subtasks begin equally late", limit)
	}
	return weighing(30, text, limit)
}

// cpuLow tells whether the JobManager's CPU was measured and is at less than half of the limit.
func cpuLow(f *features) sign {
	used, load := cpuShare(&f.s.JobManager), f.s.JobManager.CPULoad
	switch {
	case !used.Known && !load.AtLeast(leastLoad):
		return missing(model.GapJobManagerMetrics)
	case used.AtLeast(0.5) || load.AtLeast(0.5):
		return no
	case !used.Known && (f.s.Past.JobManagerLoad.AtLeast(0.5) || restSlow(f) && !f.steadyAnswers()):
		return no // the load tells of a moment: it was at work before, and it answers now and then late
	case used.Known:
		return yes(percent(used.Value)+" of its CPU limit", "")
	}
	return yes("JVM load "+ratio(load.Value), "")
}

// restSlow tells whether our own requests are answered late: half a second in the middle or 5 s at worst. 0.04 s is what a healthy
// JobManager takes, 0.7 to 5 s a starved one, up to 40 s at worst.
func restSlow(f *features) bool {
	r := &f.s.Requests
	return r.Count > 0 && (r.Median >= 500*time.Millisecond || r.Max >= 5*time.Second)
}

// slowAtAll tells whether the JobManager is slow at whatever it does: its answers are late in the middle, one of them says nothing, or its CPU is used
// up. What one of its threads is seen in says little then.
func (f *features) slowAtAll() bool {
	return f.s.Requests.Count > 0 && f.s.Requests.Median >= lateAnswer || cpuShare(&f.s.JobManager).AtLeast(f.p.Thresholds.JobManagerCPU)
}

// lateAnswer is from when on the answers of the REST API are late, in the middle.
const lateAnswer = 250 * time.Millisecond

// restLate is a weak sign from a quarter of a second on: 60 times what an idle JobManager takes (4 ms), and what one with a busy thread beside it does not
// reach (0.12 s); measured under a quota that lets every checkpoint complete late.
func restLate(f *features) sign {
	r := &f.s.Requests
	text := "median " + span(r.Median) + ", at worst " + span(r.Max)
	if !restSlow(f) && r.Count > 0 && (r.Median >= lateAnswer || f.w.strain > 0 && r.Max >= lateOnce) {
		return weighing(5, text, "below 0.25s")
	}
	return when(restSlow(f), text, "below 0.5s")
}

// jobManagerFree tells whether the JobManager was measured and has CPU and heap to spare.
func jobManagerFree(f *features) sign {
	if s := hasTime(f); s.state != present || !restSlow(f) {
		return s
	}
	return no
}

// hasTime tells whether its CPU and heap were measured and are low, whatever its answers say.
func hasTime(f *features) sign {
	jm := &f.s.JobManager
	low := cpuLow(f)
	if low.state == unknownSign || !jm.GCShare.Known && !jm.HeapUsed.Known {
		return missing(model.GapJobManagerMetrics)
	}
	if low.state != present || jm.GCShare.AtLeast(f.p.Thresholds.GC) {
		return no
	}
	return yes(low.observed+", garbage collection "+percent(jm.GCShare.Value), "")
}

// farFromUs tells whether the JobManager's answers come late for the way they have: it was measured to have time, and all of them take about as long, its own
// thread dump too. One that is kept from its CPU answers now at once and now after many times as long (0.7 s in the middle, 5 to 40 s at worst); a new
// connection over a long way takes two or three times as long as an answer. Where it is its node that has no CPU to give the JVM's load is low all the same,
// and answers may be steady: then what takes work takes longer than what takes none (dumps of 1 to 2 s beside answers of 0.2 to 0.7 s, measured). What was
// read in the first pass of a spell was fetched before it (a load of 0.29 beside answers of 0.7 s, and of 0.95 in the next pass): it proves no time to spare.
func farFromUs(f *features) bool {
	return restSlow(f) && f.steadyAnswers() && f.s.JobManager.GCShare.Known && hasTime(f).state == present && f.wasSick()
}

// steadyAnswers is by how much the worst answer over a long way may be above the median.
const steadyAnswers = 4

// jobManagerShort is the opposite, for what a busy JobManager would explain.
func jobManagerShort(f *features) sign {
	if collects(&f.s.JobManager, f.p) {
		return yes("garbage collection "+percent(f.s.JobManager.GCShare.Value), "below "+percent(f.p.Thresholds.GC))
	}
	s := cpuHigh(f)
	s.weight = 0
	return s
}

// deletes looks for the JobManager's io threads in deletes of checkpoint files. One delete in one dump is everyday work: it counts where it
// is in most dumps or keeps every thread of the pool.
func deletes(f *features) sign {
	t := &f.threads
	if t.pool.samples == 0 {
		return missing(model.GapThreadDumps)
	}
	return when(t.pool.hold(), strings.Replace(t.pool.text(&t.deleting), " in a delete", " io threads in a delete", 1), "none for long")
}

// busyAnywhere looks for an operator that is at its limit.
func busyAnywhere(f *features) sign {
	if !f.press.known {
		return missing(model.GapBackpressure)
	}
	if f.press.busiest < 0 {
		return no
	}
	return yes(f.vertexName(f.press.busiest)+" is busy "+ratio(f.press.anyBusy), "nobody above "+ratio(idleRatio))
}

// workingStacks looks for missing subtasks that are in the middle of something.
func workingStacks(f *features) sign {
	if !f.threads.known {
		return missing(model.GapThreadDumps)
	}
	n, _, first := f.threads.find((*taskThread).held)
	if n == 0 {
		return no
	}
	s := yes(fmt.Sprintf("%d of %d missing subtasks are at work: %s", n, len(f.threads.tasks), describe(f, first)), "idle")
	passing := f.commitsInPassing()
	if sure, _, _ := f.threads.find(func(t *taskThread) bool { return t.held() && t.sure() && (!passing || !commits(t)) }); sure == 0 {
		return s.once()
	}
	return s
}

// describe says what a thread is doing, in a few words.
func describe(f *features, t *taskThread) string {
	what := map[place]string{
		beforeBarrier: "flushing before the barrier", inSnapshot: "in the synchronous part of its snapshot", inCommit: "committing the checkpoint before",
		inAbort: "aborting the checkpoint before", inSource: "reading in the source", inElement: "processing one element",
		inTimer: "in a timer", inUpload: "uploading", inRestore: "restoring state", inBuffers: "waiting for network buffers",
	}[t.place]
	if what == "" && t.blockedOn != "" {
		what = "blocked on a monitor"
	}
	if what == "" {
		what = "at work"
	}
	if t.method != "" {
		what += " in " + t.method
	}
	if name := t.names(); name != "" {
		what += ", " + name
	}
	if t.cut {
		what += " (so deep that its callers are not shown)"
	}
	if t.blockedOn != "" && t.holder != "" {
		what += ", waiting for " + named(t.holder)
	}
	return fmt.Sprintf("subtask %d of %s %s", t.subtask, f.vertexName(t.vertex), what)
}

// triggersFail looks for checkpoints that were never begun because an answer did not come in time: the history says "Trigger checkpoint failure.",
// the log names the exception. Fewer than the policy's threshold are accidents.
func triggersFail(f *features) sign {
	n, first := f.failuresOf(model.FailureTrigger)
	logged := f.words.logs[model.LogTriggerFailed]
	timedOut := logged != nil && timesOut(logged)
	switch {
	case n < max(f.p.Detection.ExpiredThreshold, 1) && !timedOut:
		return no
	case n == 0:
		return yes(fmt.Sprintf("%d in the log%s: %s", logged.Count, f.ago(logged.Last), bounded(logged.Sample, 160)), "none")
	}
	text := of(n, f.w.counts.Window, `"`+bounded(first.Failure.Message, 100)+`"`)
	if !timedOut && f.words.rpc == nil {
		return weighing(10, text, "none") // whatever kept them from being triggered
	}
	return yes(text+", an answer that did not come in time", "none")
}

// timesOut tells whether a failed trigger is an answer that did not come in time.
func timesOut(s *model.LogSignal) bool {
	for _, text := range []string{"TimeoutException", "timed out", "triggerCheckpoint"} {
		if strings.Contains(s.Sample, text) || strings.Contains(s.Detail, text) {
			return true
		}
	}
	return false
}

// oneSickManager looks for a TaskManager that collects garbage, or has no CPU to spare, and that all slowness comes from.
func oneSickManager(f *features) sign {
	if f.spread.known && !f.spread.clustered() {
		return settled
	}
	for i := range f.s.TaskManagers {
		if tm := &f.s.TaskManagers[i]; tm.ID == f.spread.worst && tm.GCShare.AtLeast(max(model.MuchGC, f.p.Thresholds.GC)) {
			return yes("all that is slow runs on "+named(tm.ID)+", which collects garbage "+percent(tm.GCShare.Value)+" of the time", "")
		}
	}
	if f.spread.clustered() && f.withoutTime()[f.spread.worst] {
		return yes("all that is slow runs on "+named(f.spread.worst)+", which has no CPU to spare", "")
	}
	return no
}

// detailsOr returns a sign, or that the details are missing where no checkpoint that shows the illness was read.
func detailsOr(f *features, s sign) sign {
	if !f.ledger.known {
		return missing(model.GapCheckpointDetails)
	}
	return s
}

// stacksOr returns a sign, or that the thread dumps are missing.
func stacksOr(f *features, s sign) sign {
	if !f.threads.known {
		return missing(model.GapThreadDumps)
	}
	return s
}
