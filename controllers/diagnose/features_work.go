package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// pace is how a subtask works off its elements: one in one call, or many, each in a moment. A barrier waits behind both, and only the first of them is
// a call that blocks.
type pace struct {
	// one tells that a single element takes a large share of the timeout, or that none passed in a span of work; many that elements pass all the time.
	// Where neither is set nothing tells, or it lies between.
	one, many bool
	// each is the busy time of an element, span the time that was looked at and records what passed in it.
	each, span time.Duration
	records    int64
	// gave is how many records it handed on meanwhile, where something reads from it: timers that fire for one key after another give without taking.
	gave int64
}

const (
	// longCall is from when on a span without a record is one call, whatever the timeout: half a minute of work on one element is no flow.
	longCall = 30 * time.Second
	// flow is as many elements as make a flow, and flowShare the part of the timeout below which one of them is a moment: behind ten of them a
	// barrier waits for half the timeout.
	flow      = 10
	flowShare = 0.05
	// always is the part of a span from which on a subtask had work all the time. One that was idle for a part of it may have come to a long call only
	// then, and what passed before says nothing.
	always = 0.95
)

// paceOf is how a subtask worked lately. Where it was not read by itself the sums of its vertex stand in, if most of the vertex is at work: they are
// all alike then. Of what a subtask did since it began only one slow element tells: that many passed once says nothing of now.
func (f *features) paceOf(v, i int) pace {
	if v < 0 || v >= len(f.s.Vertices) {
		return pace{}
	}
	if p, ok := f.ownPace(v, i); ok {
		return p
	}
	if !f.press.busyMost(v) {
		return pace{}
	}
	sum := f.s.Vertices[v].AllWork.Lately
	if n := time.Duration(f.s.Vertices[v].Parallelism); n > 1 && sum.Busy > 0 {
		sum.Span, sum.Busy, sum.In, sum.Out = sum.Span/n, sum.Busy/n, perSubtask(sum.In, int64(n)), perSubtask(sum.Out, int64(n))
	}
	return f.judgePace(v, &sum)
}

// ownPace is the pace by what a subtask itself counted, if that tells anything.
func (f *features) ownPace(v, i int) (pace, bool) {
	if i < 0 || i >= len(f.s.Vertices[v].Work) {
		return pace{}, false
	}
	w := &f.s.Vertices[v].Work[i]
	if w.Lately.Known() {
		p := f.unlessStood(v, w, f.judgeOwn(v, w, &w.Lately))
		p.many = p.many && !f.dearAlone(v, i)
		return p, true
	}
	p := f.judgePace(v, &w.Since)
	return p, p.one && p.records > 0
}

// judgeOwn is judgePace of a span of a subtask. What a source with operators chained behind it gave counts where by its rate since it began as many as make a
// flow should have come in that span, whatever share of its records they are.
func (f *features) judgeOwn(v int, w *model.SubtaskWork, span *model.Work) pace {
	since := &w.Since
	usual := float64(since.Out) * float64(span.Span) / float64(max(since.Span, 1))
	records, counted := f.passed(v, span)
	return f.judge(v, span, records, counted || f.role(v) == model.RoleSource && !f.leaf(v) && since.Known() && usual >= flow)
}

// unlessStood takes a span of this spell in which a subtask was at one element for one in which many passed: these are what had gathered behind that one.
func (f *features) unlessStood(v int, w *model.SubtaskWork, lately pace) pace {
	if !lately.many || !w.Stood.Known() {
		return lately
	}
	if stood := f.judgeOwn(v, w, &w.Stood); stood.one {
		return stood
	}
	return lately
}

// dearAlone tells whether a subtask spent ten times as long on a record as its siblings and took no more of them: their records are as quick as its own, and
// a few took the time, if not one.
func (f *features) dearAlone(v, i int) bool {
	work := f.s.Vertices[v].Work
	own, _ := f.passed(v, &work[i].Lately)
	var costs []time.Duration
	var taken []int64
	for j := range work {
		w := &work[j].Lately
		if n, _ := f.passed(v, w); j != i && w.Known() && w.Busy >= 0 && n >= flow {
			costs, taken = append(costs, w.Busy/time.Duration(n)), append(taken, n)
		}
	}
	if own == 0 || len(costs) == 0 || f.shortThere(v, i) {
		return false
	}
	slices.Sort(taken)
	return own < 2*taken[len(taken)/2] && work[i].Lately.Busy/time.Duration(own) >= flow*median(costs)
}

// shortThere tells whether a subtask runs where everything costs more, or the CPU or the heap is used up.
func (f *features) shortThere(v, i int) bool {
	id := f.managerOf(v, i)
	return f.dear.found() && f.dear.id == id || slices.ContainsFunc(f.s.TaskManagers, func(tm model.TaskManager) bool {
		return tm.ID == id && (f.starved(&tm) || tm.GCShare.AtLeast(mostlyGC))
	})
}

// perSubtask is an even share, but not none of some.
func perSubtask(records, n int64) int64 {
	if records > 0 {
		return max(records/n, 1)
	}
	return records
}

// timeSpent is how a subtask spends its time, back-pressured and busy: by Flink's mean of the last minute, or by its own account between the two newest
// readings where that says more. Half a minute after a fault began the mean still remembers the time before it.
func (f *features) timeSpent(v, i int) (pressed, busy model.Measure) {
	vertex := &f.s.Vertices[v]
	pressed, busy = vertex.Pressure[i].Backpressured, vertex.Pressure[i].Busy
	own, of := model.Work{}, 1.0
	if i < len(vertex.Work) {
		own = latelyOrBefore(&vertex.Work[i])
	}
	if !own.Known() {
		own, of = latelyOrBefore(&vertex.AllWork), float64(max(vertex.Parallelism, 1))
	}
	return atLeast(pressed, own.Backpressured, own.Span, of), atLeast(busy, own.Busy, own.Span, of)
}

// latelyOrBefore is what was done between the two newest readings, in the first pass of a spell between those before it: the first answer is one poll old.
// It tells how the time was spent, and not of what a call does that began since.
func latelyOrBefore(w *model.SubtaskWork) model.Work {
	if w.Lately.Known() {
		return w.Lately
	}
	return w.Before
}

// atLeast is the larger one of a ratio and a part of a span, where the span is of n subtasks together. None of them can have more than all of its own
// time, so that each has what is left if all others had that: of four with 98 % together each has 92 % or more.
func atLeast(ratio model.Measure, part, span time.Duration, n float64) model.Measure {
	if span <= 0 || part < 0 {
		return ratio
	}
	if least := 1 - n*(1-float64(part)/float64(span)); least > measured(ratio.Known, ratio.Value) {
		return model.Measured(min(least, 1))
	}
	return ratio
}

// judgePace tells one from many.
func (f *features) judgePace(v int, w *model.Work) pace {
	records, counted := f.passed(v, w)
	return f.judge(v, w, records, counted)
}

// judge tells one from many by how many records passed, where they count.
func (f *features) judge(v int, w *model.Work, records int64, counted bool) pace {
	if !counted || !w.Known() || w.Busy <= 0 {
		return pace{}
	}
	p, slow := pace{span: w.Span, records: records, each: w.Busy}, share(f.w.timeout, large)
	p.gave = f.gaveOn(v, w)
	if records > 0 {
		p.each = w.Busy / time.Duration(records)
	}
	switch {
	case records == 0:
		p.one = 5*w.Busy >= 4*w.Span && w.Busy >= min(slow, longCall)
	case p.each >= slow:
		p.one = true
	default:
		p.many = records >= flow && p.each <= share(f.w.timeout, flowShare) && float64(w.Busy) >= always*float64(w.Span)
	}
	return p
}

// gaveOn is how many records a subtask handed on; what nothing reads from gives none.
func (f *features) gaveOn(v int, w *model.Work) int64 {
	if f.leaf(v) {
		return 0
	}
	return w.Out
}

// passed is how many records passed a subtask. A source takes nothing over an edge, so that what it gives is counted. Where it is the whole job it gives
// nothing, either, and what is chained behind it (a filter, a window) may let few of many out.
func (f *features) passed(v int, w *model.Work) (records int64, counted bool) {
	if f.role(v) != model.RoleSource {
		return w.In, true
	}
	return w.Out, !f.leaf(v) && (w.Out >= flow || !strings.Contains(f.s.Vertices[v].Name, "->"))
}

func (p *pace) text() string {
	switch {
	case p.records == 0:
		return "no record in " + span(p.span) + " of work"
	case p.one:
		return "one record takes " + span(p.each)
	}
	return fmt.Sprintf("%d records in %s, %s each", p.records, span(p.span), span(p.each))
}

// workKnown tells whether records were read of any vertex.
func workKnown(f *features) bool {
	return slices.ContainsFunc(f.s.Vertices, func(v model.Vertex) bool {
		return v.AllWork.Lately.Known() || slices.ContainsFunc(v.Work, func(w model.SubtaskWork) bool { return w.Lately.Known() })
	})
}

// hotspot is a subtask at its limit while its siblings have time.
type hotspot struct {
	found           bool
	vertex, subtask int
	pace            pace
	// hot of n subtasks are at their limit; others is the median of how much of its time the rest was busy or waiting for those behind it.
	hot, n int
	busy   float64
	others float64
	// more is how many times the records of the median of the others it took; 0 where that is not known. none is true where that median took none, and dry
	// where nothing is sent to them either: they wait for input that is not there.
	more      float64
	none, dry bool
}

// findHotspot looks for the busiest vertex of which a half at most is at its limit, and there for a subtask that a sick checkpoint waited for.
func findHotspot(f *features) hotspot {
	v := f.press.busiest
	if v < 0 || f.press.busyMost(v) || f.press.vertices[v].n < 2 {
		return hotspot{}
	}
	h := hotspot{vertex: v, subtask: -1, hot: f.press.vertices[v].busy, n: f.press.vertices[v].n}
	var rest []float64
	for i := range f.s.Vertices[v].Pressure {
		pressed, busy := f.timeSpent(v, i)
		if busy.AtLeast(busyRatio) {
			h.take(f, i, busy.Value)
		} else if busy.Known {
			rest = append(rest, busy.Value+measured(pressed.Known, pressed.Value))
		}
	}
	if h.subtask < 0 || len(rest) == 0 {
		return hotspot{}
	}
	slices.Sort(rest)
	h.found, h.others, h.pace = true, rest[len(rest)/2], f.paceOf(v, h.subtask)
	h.more, h.none = f.moreThanOthers(v, h.subtask, h.others < idleRatio)
	h.dry = h.none && f.dryBefore(v, h.subtask)
	return h
}

// take takes a subtask at its limit, the busiest one that a checkpoint waited for.
func (h *hotspot) take(f *features, i int, busy float64) {
	if (h.subtask < 0 || busy > h.busy) && f.waitedFor(h.vertex, i) {
		h.subtask, h.busy = i, busy
	}
}

// waitedFor tells whether a checkpoint that shows the illness waited for a subtask: it is missing, or came to its barrier late.
func (f *features) waitedFor(v, i int) bool {
	for j := range f.profile {
		e := entryOf(f.profile[j].c, v, i)
		if e == nil || e.Finished {
			continue
		}
		if isLate(e, &f.profile[j]) {
			return true
		}
	}
	return false
}

// moreThanOthers is how many times the records of the median of its siblings a subtask took: lately where they were free to take theirs, else since it
// began. Siblings that wait for those behind them take none, whoever they wait for. 0 where that is not known; none where that median took none.
func (f *features) moreThanOthers(v, i int, free bool) (more float64, none bool) {
	work := f.s.Vertices[v].Work
	taken := func(w *model.SubtaskWork) *model.Work {
		if free {
			return &w.Lately
		}
		return &w.Since
	}
	var others []int64
	for j := range work {
		if w := taken(&work[j]); j != i && w.Known() {
			records, _ := f.passed(v, w)
			others = append(others, records)
		}
	}
	if i >= len(work) || !taken(&work[i]).Known() || len(others) == 0 {
		return 0, false
	}
	slices.Sort(others)
	records, _ := f.passed(v, taken(&work[i]))
	return float64(records) / float64(max(others[len(others)/2], 1)), others[len(others)/2] == 0
}

// dryBefore tells whether the siblings of a subtask get nothing because nobody sends them anything: they are sources, or as many subtasks before them, one
// for each, gave none either. A topic with fewer partitions than a source has subtasks does that; a key that takes all is another thing.
func (f *features) dryBefore(v, i int) bool {
	vertex := &f.s.Vertices[v]
	if f.role(v) == model.RoleSource {
		return true
	}
	for _, input := range vertex.Inputs {
		if input < 0 || input >= len(f.s.Vertices) || f.s.Vertices[input].Parallelism != vertex.Parallelism || i >= len(f.s.Vertices[input].Work) {
			return false
		}
		gave := 0
		for j := range f.s.Vertices[input].Work {
			w := &f.s.Vertices[input].Work[j].Lately
			gave += count(j != i && (!w.Known() || w.Out != 0))
		}
		if 2*gave > vertex.Parallelism {
			return false
		}
	}
	return len(vertex.Inputs) > 0
}
