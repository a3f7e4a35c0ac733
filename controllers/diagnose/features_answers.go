package diagnose

import (
	"fmt"
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// answers say how long TaskManagers take to answer the JobManager: a thread dump goes there and back over the RPC that triggers and
// acknowledgements take, and it is asked for while a checkpoint is pending. The JobManager's own dump, which takes no such way, is taken off.
type answers struct {
	known bool
	// own is the median of the JobManager's own, 0 where none was taken.
	own time.Duration
	// slowest is the median of the slowest of managers TaskManagers, worst its id.
	slowest  time.Duration
	worst    string
	managers int
	// before is the slowest answer of an earlier look of this spell, beforeOf who gave it.
	before   time.Duration
	beforeOf string
}

// slowAnswer is an answer that takes long whatever the timeout is: a dump of some hundred threads takes 0.02 to 0.2 s in the recordings, and a
// second is the first repetition of a lost packet.
const slowAnswer = repeatedRoundTrip

// quickAnswer is one that tells a way without trouble: over a delay of seconds none was quicker than 8 s.
const quickAnswer = 500 * time.Millisecond

func readAnswers(f *features) answers {
	byProcess := map[string][]time.Duration{}
	for _, sample := range newestSamples(f.s.Stacks, func(*model.StackSample) bool { return true }) {
		for process, took := range sample.Took {
			if took > 0 {
				byProcess[process] = append(byProcess[process], took)
			}
		}
	}
	own := median(byProcess[model.JobManagerProcess])
	a := answers{own: own}
	for process, took := range byProcess {
		if process == model.JobManagerProcess {
			continue
		}
		a.known = true
		a.managers++
		away := max(median(took)-own, 0)
		if away > a.slowest || away == a.slowest && (a.worst == "" || process < a.worst) {
			a.slowest, a.worst = away, process
		}
	}
	a.lookBack(f)
	return a
}

// lookBack looks for the slowest answer of the spell in whatever dump: where messages are lost one comes at once and the next does not. Through a JobManager
// that is slow itself each dump takes what it takes.
func (a *answers) lookBack(f *features) {
	if restSlow(f) {
		return
	}
	for i := range f.s.Stacks {
		sample := &f.s.Stacks[i]
		own, taken := sample.Took[model.JobManagerProcess]
		if !taken || own >= quickAnswer || f.s.JobManagerTime(sample.At).Before(f.spell) {
			continue
		}
		for process, took := range sample.Took {
			if away := took - own; process != model.JobManagerProcess && (away > a.before || away == a.before && process < a.beforeOf) {
				a.before, a.beforeOf = away, process
			}
		}
	}
}

// answersSlow looks for TaskManagers whose answers take long on their way: a trigger and its acknowledgement go there and back once as well. One that
// collects garbage or has no CPU left answers late by itself, and a JobManager that has no time to spare passes their answers on late.
func answersSlow(f *features) sign {
	a := &f.answers
	if restSlow(f) && !farFromUs(f) || a.ofShort(f) || f.allOver().state == present || hasTime(f).state == absent {
		return no
	}
	if a.slowest < slowAnswer {
		return a.slowBefore(f)
	}
	text := fmt.Sprintf("%s of %d TaskManagers took %s to come, and a trigger with its acknowledgement goes the same way", named(a.worst), a.managers, span(a.slowest))
	if a.slowest < share(f.w.timeout, large) { // a bad way, and no reason for an expiry by itself
		if f.words.rpc != nil { // but where messages were lost as well it is the same way
			return weighing(15, text, "below "+span(slowAnswer))
		}
		return weighing(5, text, "below "+span(slowAnswer))
	}
	return yes(text, "below "+span(slowAnswer))
}

// ofShort tells whether the TaskManager that answered late, now or earlier, has no CPU or heap.
func (a *answers) ofShort(f *features) bool {
	return slices.ContainsFunc(f.s.TaskManagers, func(tm model.TaskManager) bool {
		return (tm.ID == a.worst || tm.ID == a.beforeOf && a.slowest < slowAnswer) && (tm.GCShare.AtLeast(f.p.Thresholds.GC) || f.starved(&tm))
	})
}

// slowBefore is the sign of an earlier look of this spell, whatever the newest says.
func (a *answers) slowBefore(f *features) sign {
	if a.before < max(slowAnswer, share(f.w.timeout, large)) {
		return no
	}
	return weighing(25, fmt.Sprintf("%s took %s to come earlier in this spell, and a trigger with its acknowledgement goes the same way", named(a.beforeOf), span(a.before)), "below "+span(slowAnswer))
}

// answersQuick looks for the opposite where acknowledgements are said to be on their way.
func answersQuick(f *features) sign {
	a := &f.answers
	// Where messages are lost one dump comes at once and the next does not. And what was seen to be late between tasks took another way.
	if !f.answersAtOnce() || a.before >= slowAnswer || rpcTimeouts(f).state == present || !f.residualBroad() && barriersOnTheWay(f).state == present {
		return no
	}
	if !f.residualBroad() && !f.outside() && triggerUnderway(f).state != present {
		return no
	}
	return yes(fmt.Sprintf("within %s, over the same RPC as acknowledgements", span(max(a.slowest, time.Millisecond))), "")
}

// answersAtOnce tells whether all TaskManagers that were asked answered the JobManager at once while a checkpoint was pending.
func (f *features) answersAtOnce() bool { return f.answers.known && f.answers.slowest < quickAnswer }
