package observe

import (
	"cmp"
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// maxWorked bounds the subtasks whose records are read in one pass and kept: at 700 bytes each 3.5 MB of JSON, at 300 bytes 1.5 MB of memory.
	maxWorked = 5000
	// leastSpan is how far two readings must lie apart to be compared: Flink brings the figures of a task up to date every 5 s
	// (ViewUpdater), and hands the same ones out for metrics.fetcher.update-interval.
	leastSpan = 4 * time.Second
)

// workReading is one answer about a subtask, or about all subtasks of a vertex.
type workReading struct {
	attempt int
	at      int64 // epoch ms on the JobManager's clock
	work    flink.Work
}

// vertexWork is what was read of one vertex.
type vertexWork struct {
	subtasks []subtaskWork
	all      subtaskWork
}

// subtaskWork is the newest reading and the two spans it ends.
type subtaskWork struct {
	last workReading
	work model.SubtaskWork
	// sick tells that Lately was measured while a checkpoint was pending for long.
	sick bool
	// stoodAt is when the span of Stood ended, epoch ms on the JobManager's clock.
	stoodAt int64
	// latelyAt is when the span of Lately ended.
	latelyAt int64
}

// noteJobWork takes the sums of each vertex, which came with the answer that the clock or the graph was read from.
func (p *pass) noteJobWork() {
	if p.opts.Replayed { // of a recording the clock is not asked again
		if job, err := p.client.Job(p.ctx, p.overview.ID); err == nil {
			p.job = &job
		}
	}
	if p.job == nil {
		return
	}
	sick := p.pendingLong(p.opts.Now()) != nil
	for i := range p.job.Vertices {
		if vertex, known := p.memory.topology.index[p.job.Vertices[i].ID]; known {
			p.workOf(vertex).all.add(workReading{at: p.job.Now, work: p.job.Vertices[i].Work}, sick)
		}
	}
}

// workOf is what is remembered of a vertex.
func (p *pass) workOf(vertex int) *vertexWork {
	if len(p.memory.work) != len(p.memory.topology.vertices) {
		p.memory.work = make([]vertexWork, len(p.memory.topology.vertices))
	}
	return &p.memory.work[vertex]
}

// readWork reads how many records each subtask took and gave, and how long it was busy, those with missing subtasks first.
func (p *pass) readWork() {
	if !p.memory.topology.known {
		return
	}
	p.noteJobWork()
	p.memory.workAt = p.now
	chosen := p.chosenForWork()
	all := len(chosen) == len(p.snapshot.Vertices)
	for _, i := range chosen {
		vertex := &p.snapshot.Vertices[i]
		if p.outOfTime() {
			all = false
			break
		}
		if p.justPlaced(i) {
			continue
		}
		answer, err := p.client.Vertex(p.ctx, p.overview.ID, vertex.ID)
		if err != nil {
			p.gap(model.GapWork, "records of the subtasks of vertex "+p.vertexName(i, vertex.ID), err)
			continue
		}
		p.noteWork(i, &answer)
	}
	if !all {
		p.gapText(model.GapWork, "records of the subtasks of some vertices", "not asked: too many of them, or the JobManager answers slowly")
	}
	p.useWork()
}

// justPlaced tells that the answer that told where the subtasks of a vertex run is too young for another to be compared with it.
func (p *pass) justPlaced(vertex int) bool {
	i := slices.IndexFunc(p.placed, func(v placedVertex) bool { return v.index == vertex })
	return i >= 0 && !p.opts.Replayed && p.opts.Now().Sub(p.placed[i].at) < leastSpan
}

// chosenForWork are the vertices whose subtasks are asked, those with missing ones first, and forgets the work of the others.
func (p *pass) chosenForWork() []int {
	order, left := p.byMissing(), maxWorked
	for n, i := range order {
		if left -= p.snapshot.Vertices[i].Parallelism; n == maxPressed || left < 0 {
			for _, other := range order[n:] {
				p.workOf(other).subtasks = nil
			}
			return order[:n]
		}
	}
	return order
}

// noteWork takes what an answer says of the subtasks that a vertex has, as long as no more are kept than maxWorked.
func (p *pass) noteWork(vertex int, answer *flink.Vertex) {
	known, sick := p.workOf(vertex), p.pendingLong(p.opts.Now()) != nil
	count := p.snapshot.Vertices[vertex].Parallelism
	kept := count - len(known.subtasks)
	for v := range p.memory.work {
		kept += len(p.memory.work[v].subtasks)
	}
	if kept > maxWorked {
		return
	}
	for i := range answer.Subtasks {
		s := &answer.Subtasks[i]
		if s.Index < 0 || s.Index >= count || s.Status != "RUNNING" {
			continue
		}
		for len(known.subtasks) <= s.Index {
			known.subtasks = append(known.subtasks, subtaskWork{})
		}
		known.subtasks[s.Index].add(workReading{attempt: s.Attempt, at: answer.Now, work: s.Work}, sick)
	}
}

// useWork puts what is remembered into the snapshot.
func (p *pass) useWork() {
	if len(p.memory.work) != len(p.snapshot.Vertices) {
		return
	}
	for v := range p.memory.work {
		known := &p.memory.work[v]
		p.snapshot.Vertices[v].AllWork = known.all.work
		if len(known.subtasks) == 0 {
			continue
		}
		work := make([]model.SubtaskWork, len(known.subtasks))
		for i := range known.subtasks {
			work[i] = known.subtasks[i].stood(p.timeout())
		}
		p.snapshot.Vertices[v].Work = work
	}
}

// byMissing orders the vertices by how many of their subtasks are missing from checkpoints that failed or are pending.
func (p *pass) byMissing() []int {
	missing := make([]int, len(p.snapshot.Vertices))
	for subtask := range p.missingSubtasks() {
		if subtask[0] >= 0 && subtask[0] < len(missing) {
			missing[subtask[0]]++
		}
	}
	order := make([]int, len(missing))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(missing[b], missing[a]) })
	return order
}

// add takes a reading. What a subtask did while a checkpoint was pending for long tells why it is late: in this spell a later span without one does
// not replace it. A reading too close to the one before is left out, for the next span would be too short as well. With a new attempt, of which
// counters that fell tell as well, the work begins anew, and what the old one did says nothing of it.
func (w *subtaskWork) add(now workReading, sick bool) {
	if !now.work.ReadComplete || !now.work.WriteComplete {
		return
	}
	if w.last.at > 0 {
		span, ok := spanBetween(&w.last, &now)
		switch {
		case now.attempt != w.last.attempt || !ok:
			w.begin(&now, sick)
		case span.Span < leastSpan:
			return
		case now.at-w.last.at <= counterAge.Milliseconds():
			if sick || !w.sick {
				w.work.Lately, w.latelyAt, w.sick = span, now.at, sick
			}
			w.stand(span, now.at)
		}
	}
	w.work.Since, _ = spanBetween(&workReading{}, &now)
	w.last = now
}

// begin forgets what the attempt before did, but for what it did lately: where each expiry restarts the job a whole spell may have no two readings of one
// attempt. What the new one did since it began it did lately, for that was after the last reading; as long as that is too short the old one's stands, where it
// is not too long ago: a job whose attempts all are short would hand it on for ever.
func (w *subtaskWork) begin(now *workReading, sick bool) {
	lately, apart := w.work.Lately, millis(now.at-w.last.at)
	w.work, w.sick = model.SubtaskWork{}, false
	if now.attempt == w.last.attempt || apart > counterAge {
		return
	}
	if millis(now.at-w.latelyAt) <= counterAge {
		w.work.Lately = lately
	}
	if since, _ := spanBetween(&workReading{}, now); since.Span >= leastSpan && since.Span <= apart {
		w.work.Lately, w.latelyAt, w.sick = since, now.at, sick
		w.stand(since, now.at)
	}
}

// stand keeps the longest work in which nothing passed. Between two calls of a minute hundreds of records pass in a moment, and a span with both in it reads
// as a flow of slow ones; of a flow there is no span without a record.
func (w *subtaskWork) stand(span model.Work, at int64) {
	if span.In == 0 && span.Out == 0 && span.Busy > w.work.Stood.Busy {
		w.work.Stood, w.stoodAt = span, at
	}
}

// stood is what is remembered of a subtask's work, without what is too long ago: that it stood then says nothing of now.
func (w *subtaskWork) stood(timeout time.Duration) model.SubtaskWork {
	work := w.work
	if millis(w.last.at-w.stoodAt) > max(counterAge, 2*timeout) {
		work.Stood = model.Work{}
	}
	return work
}

// spanBetween is what was done between two readings; not ok where counters fell: a new attempt began.
func spanBetween(before, now *workReading) (work model.Work, ok bool) {
	work.In, work.Out = now.work.ReadRecords-before.work.ReadRecords, now.work.WriteRecords-before.work.WriteRecords
	work.Backpressured = millis(now.work.BackPressured - before.work.BackPressured)
	idle := millis(now.work.Idle - before.work.Idle)
	if work.In < 0 || work.Out < 0 || work.Backpressured < 0 || idle < 0 {
		return model.Work{}, false
	}
	if !countsTime(&now.work) {
		work.Busy = model.Unknown
		if before.at > 0 {
			work.Span = millis(now.at - before.at)
		}
		return work, work.Span >= 0
	}
	busy, _ := now.work.Busy.Value()
	earlier, _ := before.work.Busy.Value()
	work.Busy = millis(int64(busy - earlier))
	work.Span = max(work.Busy, 0) + work.Backpressured + idle
	return work, work.Busy >= 0
}

// countsTime tells whether a subtask knows how long it was busy: neither a source of the old kind does, nor a version before 1.16.
func countsTime(w *flink.Work) bool {
	busy, known := w.Busy.Value()
	return known && (busy > 0 || w.Idle > 0 || w.BackPressured > 0)
}

// maxRested is of how many subtasks the readings are kept while a job is well: 100 at 250 bytes.
const maxRested = 100

// restWork forgets what subtasks did in a spell that is over. Of a small job the newest readings stay for some minutes, and while it is well what was done
// between them: what comes and goes, or grows, is measured from the first pass of the next spell on, of which the first answer is one poll old.
func (m *Memory) restWork(at time.Time) {
	kept, over := 0, m.Sick()
	for v := range m.work {
		w := &m.work[v]
		w.all.rest(over)
		kept += len(w.subtasks)
		for i := range w.subtasks {
			w.subtasks[i].rest(over)
		}
	}
	if kept > maxRested || m.workAt.IsZero() || at.Sub(m.workAt) > counterAge {
		m.work = nil
	}
}

// rest keeps what was done last as what was before the next spell; nothing of a spell that is over.
func (w *subtaskWork) rest(over bool) {
	before := w.work.Lately
	switch {
	case over:
		before = model.Work{}
	case !before.Known():
		before = w.work.Before
	}
	w.work, w.sick = model.SubtaskWork{Before: before}, false
}
