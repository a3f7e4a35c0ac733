package diagnose

import (
	"fmt"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// slowStateBackend: the asynchronous part takes long because the storage is slow, not because there is much to write.
var slowStateBackend = rule{
	cause: api.CauseSlowStateBackend, effect: storageSlow,
	rows: []row{
		{"asynchronous part", 30, false, needDetails, func(f *features) sign {
			s := asyncDominates(f)
			if t := &f.threads; s.state == absent && t.uploads > 0 && t.held > 0 && t.idle > 0 && f.ledger.all.never > 0 {
				return weighing(20, "still running when the checkpoint expires, of others than those that are held", "")
			}
			return s
		}},
		{"upload rate", 30, false, needDetails, given(asyncDominates, func(f *features) sign {
			slow := slowRate(f)
			if r, _ := f.upload.measured(); slow.state == absent && !r.Known && !f.upload.atLeast.Known {
				return noRate
			}
			return slow
		})},
		// What the missing subtasks are doing.
		{"stacks of missing subtasks", 25, true, needStacks, uploadStacks},
		{"throttling", 25, true, needLogs, given(asyncDominates, func(f *features) sign {
			n := f.words.log(model.LogStorageThrottled)
			return when(n > 0, fmt.Sprintf("%d times in the logs", n)+f.last(model.LogStorageThrottled), "none")
		})},
		{"storage errors", 10, true, needLogs, given(asyncDominates, func(f *features) sign {
			n := f.words.log(model.LogStorageError)
			return when(n > 0, fmt.Sprintf("%d in the logs", n)+f.last(model.LogStorageError), "none")
		})},
		// All who write are slow, not only those who write much.
		{"subtasks that write", 10, false, needDetails, func(f *features) sign {
			slow, writers := f.writers()
			return when(2*slow > writers, of(slow, writers, "are slow or unfinished"), "few")
		}},
		// Everything acknowledged, and the JobManager's own write of the metadata takes long.
		{"metadata", 50, true, needJobManagerStacks, func(f *features) sign {
			return when(f.slowMetadata(), fmt.Sprintf("%d io threads of the JobManager in a metadata write", f.threads.ioMetadata), "done at once")
		}},
		{"upload rate", -45, false, needDetails, given(asyncDominates, normalRate)},
		{"growth of the state", -10, false, needDetails, given(asyncDominates, stateGrew)},
		{"sizes", -30, false, needDetails, given(asyncDominates, bytesUneven)},
		// A process without CPU uploads late as it does everything.
		{"TaskManagers", -45, false, needDetails | needPlacement, given(asyncDominates, uploadsWithoutCPU)},
	},
	summary: func(f *features) string {
		if f.slowMetadata() {
			return "all subtasks acknowledged, and the JobManager's write of the checkpoint's metadata takes long"
		}
		who := "the slow subtasks"
		if n, t := f.uploaders(); n > 0 {
			who = of(n, t, "missing subtasks")
		}
		switch r, when := f.upload.measured(); {
		case r.Known:
			return who + " are uploading" + storageName(f) + " at " + rate(r.Value) + when + comparedText(f)
		case f.upload.ceiling.Known:
			return who + " are uploading" + storageName(f) + " at less than " + rate(f.upload.ceiling.Value) + comparedText(f)
		}
		return who + " are uploading" + storageName(f) + " when the checkpoint expires"
	},
	next: "the storage's own latency and throttling per request (for S3: 503 SlowDown and request latency by prefix), and bytes per second of one upload",
	advice: func(f *features) []string {
		if f.threads.uploading.library == "S3" {
			return []string{"On S3 spread the keys: put the entropy marker (s3.entropy.key) at the front of state.checkpoints.dir, and ask for prefix throttling in the request metrics."}
		}
		return []string{"Ask the storage team for write latency and throttling of the checkpoint directory at the time of the expiries."}
	},
}

// checkpointPressure: there is much to write for the interval and the timeout, and the storage writes it as fast as ever.
var checkpointPressure = rule{
	cause: api.CauseCheckpointPressure,
	rows: []row{
		{"asynchronous part", 20, false, needDetails, asyncDominates},
		{"upload rate", 35, false, needDetails, given(asyncDominates, func(f *features) sign {
			normal := normalRate(f)
			if r, _ := f.upload.measured(); normal.state == absent && !r.Known {
				return noRate
			}
			return normal
		})},
		// By itself each upload fits: they are late because they wait for one another.
		{"uploads by themselves", 30, false, needDetails, given(asyncDominates, func(f *features) sign {
			return when(f.onlyQueued(), "at most "+span(f.upload.alone)+", the rest is the wait behind the checkpoint before", "more than half the timeout")
		})},
		// Checkpoints take most of the interval: there is hardly a moment without one.
		{"time spent in checkpoints", 10, false, needInterval, given(asyncDominates, func(f *features) sign {
			if f.w.interval <= 0 {
				return no
			}
			took := f.facts.P50
			if f.w.measured == 0 {
				took = f.w.timeout
			}
			duty := float64(took) / float64(f.w.interval)
			return when(duty >= f.p.Thresholds.DutyCycle, fmt.Sprintf("%s of an interval of %s", span(took), span(f.w.interval)),
				"below "+percent(f.p.Thresholds.DutyCycle)+" of it")
		})},
		{"size of a checkpoint", 20, false, needDetails, given(asyncDominates, func(f *features) sign {
			t := f.upload.total
			return when(t.AtLeast(float64(f.p.Thresholds.LargeState)), size(t.Value), "below "+size(float64(f.p.Thresholds.LargeState)))
		})},
		{"growth of the state", 15, false, needDetails, given(asyncDominates, stateGrew)},
		// Full checkpoints write everything every time.
		{"share of the state that is written", 5, false, needDetails, given(asyncDominates, func(f *features) sign {
			incremental := f.s.Settings.Incremental.Known && f.s.Settings.Incremental.Value
			return when(f.upload.full.AtLeast(0.9) && !incremental, percent(f.upload.full.Value)+", checkpoints are full", "less, with incremental checkpoints")
		})},
		{"upload rate", -45, false, needDetails, given(asyncDominates, func(f *features) sign {
			s := slowRate(f)
			if s.state == present && f.mayBeBytes() {
				s.weight = -20
			}
			return s
		})},
		{"sizes", -35, false, needDetails, given(asyncDominates, func(f *features) sign {
			if f.allFit() {
				return settled // the heaviest fits as well
			}
			return bytesUneven(f)
		})},
	},
	summary: func(f *features) string {
		if !f.upload.total.AtLeast(1) { // cancelled uploads are not counted, so that ten expiries leave no size
			return "what a checkpoint uploads does not fit the timeout of " + span(f.w.timeout)
		}
		text := "checkpoints write " + size(f.upload.total.Value)
		if f.upload.now.Known && normalRate(f).state == present {
			text += " at a normal " + rate(f.upload.now.Value) + " a subtask"
		}
		if f.w.interval > 0 {
			text += ", every " + span(f.w.interval)
		}
		return text + ": more than fits the interval and the timeout of " + span(f.w.timeout)
	},
	next:   "bytes per checkpoint against bytes per second over a day: whether the state grows on",
	advice: nil,
}

// onlyQueued tells whether each upload that waited fits half of the timeout by itself: it is late for those before it.
func (f *features) onlyQueued() bool { return f.upload.alone > 0 && 2*f.upload.alone <= f.w.timeout }

// allFit tells that of those that waited for nobody as well, the heaviest one among them.
func (f *features) allFit() bool { return f.onlyQueued() && 2*f.upload.longest <= f.w.timeout }

// slowMetadata tells whether the JobManager's own write is what takes long, without being stuck beyond the timeout. In a JobManager that is slow at all
// it does it is no wonder.
func (f *features) slowMetadata() bool {
	return !f.slowAtAll() && f.threads.ioMetadata > 0 && f.threads.pool.deleted == 0 && f.w.counts.PendingFor <= f.w.timeout &&
		(f.ledger.allAcked > 0 || f.gap.suspicious(&f.w))
}

// noRate is where no upload ended whose time is its own: cancelled, still running, or behind a queue of unknown length.
var noRate = sign{state: unknownSign, missing: "bytes per second of an upload that ended"}

// uploading tells whether the asynchronous part is what takes long.
func (f *features) uploading() bool { return asyncDominates(f).state == present }

// asyncDominates: the asynchronous part is large, or never ended, on the slow subtasks; or, where none of them reported, its threads are at work
// for subtasks that have nothing else to do.
func asyncDominates(f *features) sign {
	for v := range f.ledger.vertices {
		sum := &f.ledger.vertices[v]
		if sum.unfinished[inAsync] > 0 {
			return yes(fmt.Sprintf("%s unfinished at the expiry on %d subtasks", f.vertexName(v), sum.unfinished[inAsync]), f.limitText())
		}
		if sum.uploading > 0 && 2*sum.uploading >= sum.big[inAsync] {
			return yes(fmt.Sprintf("%s up to %s, %s of the time of the slow subtasks", f.vertexName(v), span(sum.most[inAsync]),
				percent(f.upload.asyncShare.Value)), f.limitText())
		}
	}
	if f.threads.uploads > 0 && f.threads.held == 0 && f.ledger.all.never > 0 {
		return weighing(20, "still running when the checkpoint expires", "")
	}
	if f.ledger.all.never > 0 && !f.threads.known {
		return missing(model.GapThreadDumps) // those that did not report may be uploading
	}
	return detailsOr(f, no)
}

// Slow is below the policy's floor, or a quarter of what this job itself had while it was healthy. Normal is half of that and not below the
// floor. Between the two a rate says nothing.
const (
	slowShare   = 0.25
	normalShare = 0.5
)

func slowRate(f *features) sign {
	u, floor := &f.upload, f.p.Thresholds.SlowUpload
	switch r, when := u.measured(); {
	case f.asMuchInAll(r):
		return settled
	case f.outgrown():
		return yes(fmt.Sprintf("checkpoints take %.1f times as long as at the beginning of their rise, and write no more", float64(f.w.rise.to)/float64(f.w.rise.from)), "as long for as many bytes")
	case r.Known && u.healthy.Known && r.Value < slowShare*u.healthy.Value:
		return yes(rate(r.Value)+" a subtask"+when, rate(u.healthy.Value)+", "+u.healthyWhen)
	case r.Known && r.Value < floor:
		return yes(rate(r.Value)+" a subtask"+when, rate(floor)+" or more")
	case f.rateFell(r):
		return weighing(25, rate(r.Value)+" a subtask"+when+", which is more of the longer time than the "+f.grewText()+" bytes are", rate(u.healthy.Value)+", "+u.healthyWhen)
	case r.Known || !u.ceiling.Known:
		return no
	}
	return slowCeiling(u, floor)
}

// evenBytes is by how much the bytes of checkpoints that write the same differ.
const evenBytes = 1.05

// outgrown tells whether checkpoints take longer and longer and write no more: what was remembered as the healthy rate came down with it.
func (f *features) outgrown() bool {
	r := &f.w.rise
	if r.to <= 0 || float64(r.to) < growsFast*float64(r.from) {
		return false
	}
	n, least, most := 0, int64(0), int64(0)
	for i := range f.s.Checkpoints.History {
		if c := &f.s.Checkpoints.History[i]; completes(c) && c.CheckpointedSize > 0 {
			n++
			if n == 1 || c.CheckpointedSize < least {
				least = c.CheckpointedSize
			}
			most = max(most, c.CheckpointedSize)
		}
	}
	return n >= riseEnds && float64(most) <= evenBytes*float64(least)
}

// rateFell tells whether a rate that is not slow by itself came down from the job's own by more than the bytes grew: a checkpoint takes the bytes by the
// rate, and it is the storage that made it longer. Where each expiry restarts the job its state is read back beside the uploads, which makes them slower. Where
// each upload fits by itself, it is late for those before it.
func (f *features) rateFell(r model.Measure) bool {
	u := &f.upload
	if !r.Known || r.Value <= 0 || !u.healthy.Known || !u.stateGrew.Known || f.cut || f.allFit() {
		return false
	}
	fell := u.healthy.Value / r.Value
	return fell >= growsFast && fell > u.stateGrew.Value
}

func (f *features) grewText() string { return fmt.Sprintf("%.1f times", f.upload.stateGrew.Value) }

// slowCeiling is for a rate of which only is known what it is below.
func slowCeiling(u *upload, floor float64) sign {
	text := "less than " + rate(u.ceiling.Value) + " a subtask"
	switch {
	case u.ceiling.Value < floor:
		return weighing(25, text, rate(floor)+" or more")
	case u.healthy.Known && u.ceiling.Value < normalShare*u.healthy.Value:
		return weighing(25, text, rate(u.healthy.Value)+", "+u.healthyWhen)
	}
	return no
}

// writers counts the subtasks that write, and those of them whose upload is slow or unfinished. Where each expiry restarts the job none of the slow
// ones reports: there they are those that wait for uploads while the checkpoint is pending.
func (f *features) writers() (slow, all int) {
	if f.upload.stateful > 0 || !f.cut || f.threads.uploads == 0 || f.threads.held > 0 {
		return f.upload.slow, f.upload.stateful
	}
	for v, n := range f.missing.nowByVertex {
		if n > 0 {
			slow += n
			all += f.s.Vertices[v].Parallelism
		}
	}
	return slow, all
}

// storageSlow tells whether anything says that it is the storage and not the bytes: a slow rate, its own words, a metadata write. Where no rate is
// known at all nothing says the opposite, either, nor does one that is known only to be above what is slow anyway. A rate that is known and not slow does
// not do.
func storageSlow(f *features) sign {
	u := &f.upload
	r, _ := u.measured()
	said := f.words.log(model.LogStorageThrottled) + f.words.log(model.LogStorageError)
	if starvedOnly(f) {
		return settled
	}
	if slowRate(f).state == present || said > 0 || f.slowMetadata() || !r.Known && !u.atLeast.AtLeast(f.slowBelow()) {
		return yes("", "")
	}
	if u.healthy.Known {
		return settled
	}
	return sign{state: unknownSign, missing: rateInHealth}
}

// slowBelow is the rate below which an upload is slow: the policy's floor, or a quarter of the job's own healthy rate where that is more.
func (f *features) slowBelow() float64 {
	return max(f.p.Thresholds.SlowUpload, slowShare*measured(f.upload.healthy.Known, f.upload.healthy.Value))
}

// rateInHealth is what a rate above the floor needs to be called slow or normal.
const rateInHealth = "the upload rate of this job while it was healthy"

// stateGrew: there is half as much again to write as there was while checkpoints completed.
func stateGrew(f *features) sign {
	g := f.upload.stateGrew
	return when(g.AtLeast(1.5), fmt.Sprintf("%.1f times what it was while checkpoints completed", g.Value), "below 1.5 times")
}

// normalRate: the rate is what this job had while it was healthy. Without that nothing is normal: a rate above the floor may be a tenth of what it was.
func normalRate(f *features) sign {
	u, floor := &f.upload, f.p.Thresholds.SlowUpload
	reached, when := u.measured()
	if !reached.Known {
		reached = u.atLeast
	}
	switch {
	case slowRate(f).state == present:
		return settled
	case f.asMuchInAll(u.now):
		return yes(u.lineNow.text(), u.lineHealthy.text()+", in health")
	case !reached.Known:
		return no
	case !u.healthy.Known && reached.AtLeast(floor):
		return sign{state: unknownSign, missing: rateInHealth}
	case !u.healthy.Known || !reached.AtLeast(max(floor, normalShare*u.healthy.Value)):
		return no
	}
	text := rate(reached.Value) + " a subtask" + when
	if !u.now.Known && !u.before.Known {
		text += " or more"
	}
	return yes(text, rate(u.healthy.Value)+", "+u.healthyWhen)
}

// uploaders counts the missing subtasks that wait for their upload: idle themselves, with asynchronous parts at work beside them.
func (f *features) uploaders() (n, total int) {
	if f.threads.uploads == 0 || len(f.missing.now) == 0 {
		return 0, 0
	}
	return len(f.threads.tasks) - f.threads.held - f.threads.buffers, len(f.threads.tasks)
}

func uploadStacks(f *features) sign {
	t := &f.threads
	if !t.known {
		return missing(model.GapThreadDumps)
	}
	if t.uploads == 0 || t.uploading.kind != filesystemKind && t.uploading.kind != backendKind {
		return no
	}
	text := fmt.Sprintf("%d asynchronous parts at work", t.uploads)
	if n, total := f.uploaders(); n > 0 {
		text = fmt.Sprintf("%d of %d wait for their upload", n, total)
	}
	if t.uploading.kind == filesystemKind {
		text += ", in a file system write" + storageName(f)
	} else {
		text += ", in " + t.uploading.library
	}
	if t.uploadStuck {
		text += ", at the same spot in two dumps"
	}
	return yes(text, "done within the timeout")
}

func storageName(f *features) string {
	name := f.threads.uploading.library
	if name == "" || name == "the file system" || f.threads.uploading.kind != filesystemKind {
		return ""
	}
	return " to " + name
}

// comparedText is what the rate was found slow against, the floor or the job's own; nothing where it was not: a rate that is no slower than the
// job's own would read as evidence against itself.
func comparedText(f *features) string {
	slow := slowRate(f)
	switch {
	case slow.state != present:
		return ""
	case strings.HasSuffix(slow.expected, f.upload.healthyWhen):
		return "; " + f.upload.healthyWhen + " is " + rate(f.upload.healthy.Value)
	}
	return "; normal: " + slow.expected
}
