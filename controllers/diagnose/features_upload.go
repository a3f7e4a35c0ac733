package diagnose

import (
	"sort"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// upload says how fast the asynchronous parts write, now and while the job was healthy, and how evenly the bytes lie.
type upload struct {
	// now and healthy are bytes per second of one subtask; healthyWhen says in words when it had the latter.
	now, healthy model.Measure
	healthyWhen  string
	// completed is what checkpoints of less state told while they completed, where nothing else tells what is healthy.
	completed model.Measure
	// ceiling is what the rate is below where no upload of the missing subtasks ended yet, or is ever let end (up to 1.17 they are cancelled).
	ceiling model.Measure
	// atLeast is what the rate is above, from uploads that were reported with the queue before them.
	atLeast model.Measure
	// before is what it was when it was measured last in this spell, where nothing tells now and uploads are all that the missing subtasks wait for.
	before    model.Measure
	beforeAgo time.Duration
	// queued is true where asynchronous parts waited behind those of the checkpoint before; alone is the longest that one of those took by itself, 0
	// where that is not known. longest is the longest of all, of those that waited for nobody as well.
	queued         bool
	alone, longest time.Duration
	// asyncShare is the mean share of the asynchronous part in the end-to-end time of the slow subtasks that reported.
	asyncShare model.Measure
	// stateGrew is the largest state of the history against the smallest that completed, or that of healthy times.
	stateGrew model.Measure
	// full is the share of the state that a checkpoint writes; total what it writes, in bytes.
	full, total model.Measure
	// stateful counts the subtasks of the slow vertices that write, slow those of them whose upload is slow or unfinished.
	stateful, slow int
	skew           skew
	// lineNow and lineHealthy are all uploads together.
	lineNow, lineHealthy line
}

// skew says how the bytes of one vertex lie.
type skew struct {
	known bool
	// unknown is true where a vertex might be one and what its missing subtasks write is not known.
	unknown bool
	vertex  int
	// heavy of total subtasks are the slow ones; largest is what the heaviest, subtask, writes, others the median of the rest, mean over all.
	heavy, total, subtask int
	largest, others, mean float64
	slowRate, othersRate  model.Measure
	// atLeast is true where what the slow ones write is only known to be more than the others would have written in their time.
	atLeast bool
	// silent is true where none of the slow ones reported: that their uploads are what takes long no measurement says.
	silent bool
}

// minimum sizes below which a rate is noise: what a checkpoint writes in the first milliseconds, and buffers.
const (
	minRateBytes = 64 << 10
	minRateTime  = 5 * time.Millisecond
)

// measureUpload reads the rates from the asynchronous parts. The time in the queue behind an earlier upload is taken off: the parts of one
// subtask run one after the other (FLINK-34670), so that async of a later expired checkpoint counts the same seconds twice.
func measureUpload(f *features) upload {
	u := upload{}
	var own, queued bytesAndTime
	var shareSum float64
	var slow int
	for i := range f.profile {
		p := &f.profile[i]
		forEntries(p.c, func(vertex int, e *model.SubtaskLedger) {
			if e.Async < 0 || e.EndToEnd <= 0 || e.Async < share(p.ref, large) {
				return
			}
			slow++
			shareSum += float64(e.Async) / float64(e.EndToEnd)
			took, clean := ownAsync(f, p, vertex, e)
			u.queued = u.queued || !clean || took < e.Async
			if clean && took < e.Async {
				u.alone = max(u.alone, took)
			}
			if clean {
				u.longest = max(u.longest, took)
			}
			own.add(e.CheckpointedSize, took, clean)
			queued.add(e.CheckpointedSize, e.Async, true)
		})
		u.countSlow(p)
	}
	if slow > 0 {
		u.asyncShare = model.Measured(shareSum / float64(slow))
	}
	u.now, u.atLeast = own.rate(), queued.rate()
	u.healthy, u.healthyWhen = healthyRate(f)
	u.completed = rateOfSmaller(f)
	u.ceiling = ceilingRate(f)
	u.measureSizes(f)
	u.skew = findSkew(f)
	u.measureLine(f)
	return u
}

// bytesAndTime add up to a rate.
type bytesAndTime struct{ bytes, seconds float64 }

// add adds an upload whose time is its own; what took no time at all says nothing.
func (b *bytesAndTime) add(bytes int64, took time.Duration, clean bool) {
	if clean && took >= minRateTime && bytes > 0 {
		b.bytes += float64(bytes)
		b.seconds += took.Seconds()
	}
}

func (b *bytesAndTime) rate() model.Measure {
	if b.seconds <= 0 {
		return model.Measure{}
	}
	return model.Measured(b.bytes / b.seconds)
}

// countSlow counts the uploads of the vertices whose asynchronous part is large or unfinished, for the newest checkpoint that tells.
func (u *upload) countSlow(p *profiled) {
	if u.stateful > 0 {
		return
	}
	for i := range p.tasks {
		t := &p.tasks[i]
		if t.sometimes(inAsync) {
			u.stateful += t.total
			u.slow += t.big[inAsync] + t.unfinished[inAsync]
		}
	}
}

func forEntries(c *model.Checkpoint, yield func(vertex int, e *model.SubtaskLedger)) {
	for j := range c.Tasks {
		for k := range c.Tasks[j].Entries {
			if e := &c.Tasks[j].Entries[k]; e.Reported && !e.Finished {
				yield(c.Tasks[j].Vertex, e)
			}
		}
	}
}

// ownAsync is the asynchronous part without the queue behind the checkpoint before. clean is false where that checkpoint expired and what
// became of it is not known.
func ownAsync(f *features, p *profiled, vertex int, e *model.SubtaskLedger) (own time.Duration, clean bool) {
	queued, clean := queueBehind(f, p, vertex, e)
	return max(e.Async-min(queued, e.Async), 0), clean
}

// queueBehind is how long after this checkpoint's trigger the same subtask was still busy with the one before: its late acknowledgement
// less this trigger. It cannot be more than the subtask's own waiting (start delay and async): where acknowledgements only travel slowly
// nothing queues.
func queueBehind(f *features, p *profiled, vertex int, e *model.SubtaskLedger) (time.Duration, bool) {
	waiting := max(e.StartDelay, 0) + max(e.Async, 0)
	before := p.before
	switch {
	case 10*waiting < f.w.timeout:
		return 0, true // nothing waited
	case before == nil || before.ID != p.c.ID-1:
		return 0, firstOfASpell(f.s, p.c.ID)
	case !before.Expired() && before.Status != model.CheckpointInProgress && !before.End().After(p.c.Trigger):
		return 0, true // it was over by then
	}
	busy, known := busyWith(before, vertex, e.Index, p.c.Trigger)
	return min(busy, waiting), known
}

// busyWith is how long after a moment a subtask still was busy with a checkpoint, by its acknowledgement; known is false where that is not there.
func busyWith(c *model.Checkpoint, vertex, index int, at time.Time) (busy time.Duration, known bool) {
	e := entryOf(c, vertex, index)
	if e == nil {
		return 0, completes(c)
	}
	if !e.Reported || e.Ack.IsZero() {
		return 0, false
	}
	return max(e.Ack.Sub(at), 0), true
}

// entryOf finds a subtask's entry in a checkpoint; nil where its details were not read.
func entryOf(c *model.Checkpoint, vertex, index int) *model.SubtaskLedger {
	for j := range c.Tasks {
		t := &c.Tasks[j]
		if vertex >= 0 && t.Vertex == vertex && index >= 0 && index < len(t.Entries) {
			return &t.Entries[index]
		}
	}
	return nil
}

// firstOfASpell tells whether a checkpoint whose predecessor is not in the history had none that expired: it is the first of the job, or follows
// the newest completed one or the one that the job was restored from.
func firstOfASpell(s *model.Snapshot, id int64) bool {
	completed, restored := s.Checkpoints.LatestCompleted, s.Checkpoints.LatestRestored
	return id <= 1 || completed != nil && completed.ID == id-1 || restored != nil && restored.ID == id-1
}

// predecessor is the checkpoint triggered before c, nil if the history does not hold it.
func predecessor(s *model.Snapshot, c *model.Checkpoint) *model.Checkpoint {
	var best *model.Checkpoint
	for i := range s.Checkpoints.History {
		o := &s.Checkpoints.History[i]
		if o.ID < c.ID && (best == nil || o.ID > best.ID) {
			best = o
		}
	}
	return best
}

// measureSizes reads what a checkpoint writes from the one with the largest state, and how the state grew since it was small.
func (u *upload) measureSizes(f *features) {
	var largest *model.Checkpoint
	small := f.s.Past.HealthyStateSize
	if small <= 0 {
		small = smallestCompleted(f.s)
	}
	for i := range f.s.Checkpoints.History {
		c := &f.s.Checkpoints.History[i]
		if !c.Savepoint && c.StateSize > 0 && (largest == nil || c.StateSize > largest.StateSize) {
			largest = c
		}
	}
	if largest == nil {
		return
	}
	u.total = model.Measured(float64(largest.CheckpointedSize))
	u.full = model.Measured(float64(largest.CheckpointedSize) / float64(largest.StateSize))
	if small > 0 {
		u.stateGrew = model.Measured(float64(largest.StateSize) / float64(small))
	}
}

// smallestCompleted is the smallest state of the history that was checkpointed, 0 if none.
func smallestCompleted(s *model.Snapshot) int64 {
	small := int64(0)
	for i := range s.Checkpoints.History {
		c := &s.Checkpoints.History[i]
		if c.Status == model.CheckpointCompleted && !c.Savepoint && c.StateSize > 0 && (small == 0 || c.StateSize < small) {
			small = c.StateSize
		}
	}
	return small
}

// findSkew looks for a vertex of which a few subtasks are slow and write far more than the others, in the checkpoint that
// reported most sizes.
func findSkew(f *features) skew {
	best, unknown := skew{}, false
	for i := range f.profile {
		p := &f.profile[i]
		for j := range p.c.Tasks {
			t := &p.c.Tasks[j]
			if j >= len(p.tasks) || len(t.Entries) < 2 || !p.tasks[j].sometimes(inAsync) && p.tasks[j].never == 0 {
				continue
			}
			found := skewOf(f, p, t)
			unknown = unknown || found.unknown
			if found.known && (!best.known || found.largest > best.largest) {
				best = found
			}
		}
	}
	best.unknown = unknown
	return best
}

func skewOf(f *features, p *profiled, t *model.TaskLedger) skew {
	k := skew{vertex: t.Vertex, subtask: -1}
	var heavy, others bytesAndTime
	var sizes []float64
	var silent []int
	if slow := slowOnes(p, t); 2*slow > len(t.Entries) {
		return skew{} // most of them: not a few that hold the bytes
	}
	for i := range t.Entries {
		e := &t.Entries[i]
		switch bytes := float64(e.CheckpointedSize); {
		case e.Finished:
		case !e.Reported || e.Async < 0:
			silent = append(silent, i)
		case e.Async >= share(p.ref, large):
			own, clean := ownAsync(f, p, t.Vertex, e)
			k.weigh(e.Index, bytes)
			heavy.add(e.CheckpointedSize, own, clean)
		default:
			k.total++
			k.mean += bytes
			sizes = append(sizes, bytes)
			others.add(e.CheckpointedSize, e.Async, true)
		}
	}
	k.slowRate, k.othersRate, k.silent = heavy.rate(), others.rate(), k.heavy == 0
	if !k.weighSilent(f, p, t.Vertex, silent) {
		return skew{unknown: true}
	}
	if k.heavy == 0 || len(sizes) == 0 {
		return skew{}
	}
	sort.Float64s(sizes)
	k.known, k.others, k.mean = true, sizes[len(sizes)/2], k.mean/float64(k.total)
	return k
}

// weighSilent adds the subtasks that did not report; false where nothing tells what they write.
func (k *skew) weighSilent(f *features, p *profiled, vertex int, silent []int) bool {
	before := completedEntries(f.s, vertex)
	for _, i := range silent {
		bytes, known := k.silentBytes(f, p, before, i)
		if !known {
			return false
		}
		k.weigh(i, bytes)
	}
	return true
}

// silentBytes is what a subtask writes that never reports: what it wrote in the newest completed checkpoint. Where each expiry restarts the job, and
// so from that checkpoint, but the state of the others changes fast, it is more than they would have written until now.
func (k *skew) silentBytes(f *features, p *profiled, before []model.SubtaskLedger, i int) (bytes float64, known bool) {
	if f.cut && grownSince(f) >= growsFast && k.othersRate.Known {
		k.atLeast = true
		return k.othersRate.Value * p.ref.Seconds(), true
	}
	if i >= len(before) || !before[i].Reported {
		return 0, false
	}
	return float64(before[i].CheckpointedSize), true
}

// slowOnes counts the subtasks whose upload is large or whose report never came.
func slowOnes(p *profiled, t *model.TaskLedger) int {
	n := 0
	for i := range t.Entries {
		e := &t.Entries[i]
		n += count(!e.Finished && (!e.Reported || e.Async < 0 || e.Async >= share(p.ref, large)))
	}
	return n
}

// weigh adds a slow subtask.
func (k *skew) weigh(subtask int, bytes float64) {
	k.heavy++
	k.total++
	k.mean += bytes
	if bytes > k.largest {
		k.largest, k.subtask = bytes, subtask
	}
}

// completedEntries are the subtasks of a vertex in the newest completed checkpoint whose details were read, in the history or before; nil if none
// were.
func completedEntries(s *model.Snapshot, vertex int) []model.SubtaskLedger {
	for i := range s.Checkpoints.History {
		if c := &s.Checkpoints.History[i]; completes(c) {
			if entries := entriesOf(c, vertex); entries != nil {
				return entries
			}
		}
	}
	if c := s.Checkpoints.Detailed; c != nil {
		return entriesOf(c, vertex)
	}
	return nil
}

// entriesOf are the subtasks of a vertex in a checkpoint; nil for a vertex that is not known: all of those look alike.
func entriesOf(c *model.Checkpoint, vertex int) []model.SubtaskLedger {
	if vertex < 0 {
		return nil
	}
	for j := range c.Tasks {
		if c.Tasks[j].Vertex == vertex && c.Tasks[j].Entries != nil {
			return c.Tasks[j].Entries
		}
	}
	return nil
}
