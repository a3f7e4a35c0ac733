package diagnose

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// features are what the rules look at, computed once and only where the job is not healthy. No rule reads the snapshot's subtasks itself.
type features struct {
	s   *model.Snapshot
	p   *model.Policy
	now time.Time // on the JobManager's clock
	w   window
	gap idleGaps
	// sick is false for a job at risk: nothing of the recent history failed.
	sick bool
	// hang is from when on a pending checkpoint hangs, 0 where that is not known: see hangs.
	hang time.Duration
	// tentative is true where no cause may be more than possible, level where none of long uploads may: these are what the job takes.
	tentative, level bool
	// profile are the checkpoints that show the illness, newest first, and what they add up to.
	profile []profiled
	ledger  ledger
	missing missingSet
	upload  upload
	spread  placement
	host    slowHost
	dear    dearHost
	press   pressure
	threads threads
	lost    lostBarriers
	waits   idleWaits
	hot     hotspot
	words   words
	// cut is true where every expired checkpoint that was looked at restarted the job, so that none could be acknowledged late.
	cut bool
	// spell is when the present trouble began; stalled since when no checkpoint begins at all, for tasks do not run: zero where they do.
	spell   time.Time
	stalled time.Time
	// again are the failures of a job that keeps failing, newest first.
	again   []*model.JobException
	net     network
	answers answers
	facts   model.Facts
	// advisories that match, and the id of one of this version of which it cannot be told; filled by the doctor, which holds them compiled.
	advisories []match
	untold     string
}

// phases in the order of a checkpoint; the index of counts and maxima by phase.
const (
	inStart = iota
	inAlignment
	inSync
	inAsync
	inResidual
	phases
)

var phaseNames = [phases]model.Phase{model.PhaseStartDelay, model.PhaseAlignment, model.PhaseSync, model.PhaseAsync, model.PhaseResidual}

func phaseIndex(phase model.Phase) int {
	if phase == model.PhaseNone {
		return -1
	}
	for i, name := range phaseNames {
		if name == phase {
			return i
		}
	}
	return -1
}

// durations returns the phases of an entry in order; Unknown ones are below 0.
func phaseDurations(e *model.SubtaskLedger) [phases]time.Duration {
	return [phases]time.Duration{e.StartDelay, e.Alignment, e.Sync, e.Async, e.Residual}
}

// large is the share of the time that a phase must take to be called large: 30 %. Five phases share the time, so an even share is 20 %, and
// of the recordings every guilty phase has more than 60 % and every innocent one less than 15 %.
const large = 0.3

// share is part of a duration.
func share(d time.Duration, part float64) time.Duration { return time.Duration(float64(d) * part) }

// newFeatures computes everything but the advisories.
func newFeatures(q *patient, sick bool, stacks *classifier) *features {
	f := &features{s: withoutWaits(q.s), p: q.p, now: q.now, w: q.w, gap: q.g, sick: sick}
	f.hang = hangs(q.s, &q.w)
	f.tentative, f.level = tentative(q)
	f.profile = chooseProfile(f)
	f.w.excess, f.w.beyond = lagOf(f)
	f.cut = allCutShort(f)
	f.ledger = addUp(f)
	f.missing = findMissing(f)
	f.upload = measureUpload(f)
	f.press = readPressure(f)
	f.dear = findDearHost(f)
	f.hot = findHotspot(f)
	f.threads = readThreads(f, stacks)
	f.lost = findLostBarriers(f, stacks)
	f.waits = findIdleWaits(f)
	f.dropPassingUploads()
	f.boundUploads()
	f.spread, f.host = placeSlow(f), findSlowHost(f)
	f.stalled, f.again = stalledSince(q), failsAgain(q)
	f.spell = spellStart(f)
	f.words = readWords(f)
	f.net = addUpNetwork(f.s.Network)
	f.answers = readAnswers(f)
	f.facts = computeFacts(f)
	return f
}

// vertexName names a vertex by its index.
func (f *features) vertexName(v int) string {
	if v < 0 || v >= len(f.s.Vertices) {
		return "an unknown vertex"
	}
	return `"` + named(f.s.Vertices[v].Name) + `"`
}

func (f *features) role(v int) model.VertexRole {
	if v < 0 || v >= len(f.s.Vertices) {
		return ""
	}
	return f.s.Vertices[v].Role
}

// leaf tells whether nothing reads from a vertex: a sink, or a source that is chained with one.
func (f *features) leaf(v int) bool {
	for i := range f.s.Vertices {
		for _, input := range f.s.Vertices[i].Inputs {
			if input == v {
				return false
			}
		}
	}
	return true
}

// children calls yield with the vertices that read from v.
func (f *features) children(v int, yield func(child int)) {
	for i := range f.s.Vertices {
		for _, input := range f.s.Vertices[i].Inputs {
			if input == v {
				yield(i)
				break
			}
		}
	}
}
