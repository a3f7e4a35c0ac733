package engine

type eventKind uint8

const (
	evTick      eventKind = iota // the periodic timer asks for a checkpoint
	evCreated                    // id counter and directory are done: the checkpoint exists and its timeout runs
	evTrigger                    // the operator coordinators have answered: the tasks are triggered
	evAck                        // an acknowledgement arrives at the JobManager
	evAckQueued                  // the JobMaster's main thread hands it to the io pool
	evAckDone                    // an io thread has processed it
	evDecline                    // a task reports that its asynchronous part failed
	evThrow                      // a task fails while it takes its snapshot
	evExpire                     // the timeout fires
	evFailed                     // the timer thread has got through with it
	evFinalized                  // the metadata is written
	evCleaned                    // a discarded checkpoint is deleted
	evRestarted                  // the tasks run again after a failover
)

type event struct {
	at         float64
	order      uint64 // keeps events of the same time in the order they were made
	kind       eventKind
	checkpoint *Checkpoint
	subtask    int
	attempt    int
}

// eventQueue is a binary heap by time. It is written out because container/heap would allocate on every push.
type eventQueue struct {
	items []event
	made  uint64
}

func (q *eventQueue) push(e event) {
	q.made++
	e.order = q.made
	q.items = append(q.items, e)
	i := len(q.items) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !q.before(i, parent) {
			return
		}
		q.items[i], q.items[parent] = q.items[parent], q.items[i]
		i = parent
	}
}

func (q *eventQueue) next() (at float64, waiting bool) {
	if len(q.items) == 0 {
		return 0, false
	}
	return q.items[0].at, true
}

func (q *eventQueue) pop() event {
	top := q.items[0]
	last := len(q.items) - 1
	q.items[0] = q.items[last]
	q.items[last] = event{}
	q.items = q.items[:last]
	for i := 0; ; {
		smallest := i
		for _, child := range [2]int{2*i + 1, 2*i + 2} {
			if child < last && q.before(child, smallest) {
				smallest = child
			}
		}
		if smallest == i {
			return top
		}
		q.items[i], q.items[smallest] = q.items[smallest], q.items[i]
		i = smallest
	}
}

func (q *eventQueue) before(i, j int) bool {
	a, b := &q.items[i], &q.items[j]
	if a.at != b.at {
		return a.at < b.at
	}
	return a.order < b.order
}
