package engine

import "time"

// Physics is what a checkpoint meets at a moment: the storage, the network, the load and the behavior of the user's
// code and connectors. None of it is a setting, so none of it is on the wire.
type Physics struct {
	// Storage.
	Bandwidth      float64       // bytes a second of one upload
	Burst          float64       // bytes a second while a stream has credit left; 0: no burst, always Bandwidth
	Credit         float64       // bytes that a rested stream may send at Burst
	RequestLatency time.Duration // opening and closing of one file
	WriteFails     bool          // creating a file fails: the asynchronous part fails
	DeleteTime     time.Duration // deleting one file or directory
	MetadataTime   time.Duration // writing the metadata of a completed checkpoint

	// State.
	StateBytes int64   // of the whole job
	Growth     float64 // bytes a second that the state grows by
	Churn      float64 // bytes a second that change: what an incremental checkpoint uploads
	Skew       float64 // share of the state on subtask 0; 0: even
	Files      int     // files that one checkpoint leaves behind

	// Network between TaskManagers and JobManager, and between TaskManagers.
	AckLatency   time.Duration // one way, TaskManager to JobManager
	AckBytes     int64         // size of a stateful subtask's acknowledgement
	LossShare    float64       // share of acknowledgements that vanish, any subtask
	QueueTime    time.Duration // how long a barrier waits in the buffers before the busy vertex
	NoOvertaking bool          // barriers do not overtake the buffers even where checkpoints are unaligned (FLINK-37870)

	// JobManager.
	Load            float64       // cores that its other work takes
	LiveSet         int64         // bytes alive on its heap after a full collection
	TriggerWork     time.Duration // CPU time of triggering
	AckWork         time.Duration // CPU time of one acknowledgement in the io pool
	RequestWork     time.Duration // CPU time of answering one REST request
	CoordinatorTime time.Duration // the source's enumerator writes its state

	// Tasks.
	SyncTime    time.Duration // synchronous part of stateful subtasks
	FlushTime   time.Duration // sinks flush before the barrier
	CommitTime  time.Duration // sinks commit when notified of a completed checkpoint
	SourceHeld  bool          // subtask 0 of the source does not get to its mailbox
	UserHeld    bool          // subtask 0 of the stateful vertex is in one call of user code
	SlowTasks   float64       // factor on everything the last TaskManager does; 0 or 1: as fast as the others
	Throws      bool          // the last stateful subtask throws while it takes its snapshot
	Unscheduled bool          // a TaskManager never registers: the tasks wait for slots

	// Busy is the share of time that vertices of each Kind work; Backpressured the share they wait for buffers downstream.
	Busy, Backpressured [4]float64
}

// Healthy is a job without any trouble, small and quick; the numbers are those of the recordings of healthy jobs
// (checkpoints of 0.04 to 0.4 s, sources 4 % busy, JobManager at 3 to 5 % of a core).
func Healthy() Physics {
	return Physics{
		Bandwidth:      120e6,
		RequestLatency: 4 * time.Millisecond,
		DeleteTime:     3 * time.Millisecond,
		MetadataTime:   6 * time.Millisecond,
		StateBytes:     4_100_000,
		Churn:          200e3,
		Files:          3,
		AckLatency:     4 * time.Millisecond,
		AckBytes:       6_000,
		Load:           0.04,
		LiveSet:        60 << 20,
		TriggerWork:    4 * time.Millisecond,
		AckWork:        300 * time.Microsecond,
		RequestWork:    2 * time.Millisecond,
		SyncTime:       3 * time.Millisecond,
		Busy:           [4]float64{0.035, 0.06, 0.02, 0.03},
	}
}

// Conditions are the physics of a job over its life. A redeployment does not change them: only settings do.
type Conditions struct {
	Before Physics       // until the onset
	After  Physics       // from the onset on
	Onset  time.Duration // after the job's very first start

	Worse   *Physics      // from WorseAt on; nil where nothing changes again
	WorseAt time.Duration // after the job's very first start
}

// Steady are conditions that never change.
func Steady(p Physics) Conditions { return Conditions{Before: p, After: p} }

// Turns starts as p and from the onset on also has what the change does to it.
func Turns(p Physics, onset time.Duration, change func(*Physics)) Conditions {
	after := p
	change(&after)
	return Conditions{Before: p, After: after, Onset: onset}
}

// Worsens adds a second change, some time after the first start: what a remedy was sized by is then no longer true.
func (c Conditions) Worsens(at time.Duration, change func(*Physics)) Conditions {
	worse := c.After
	change(&worse)
	c.Worse, c.WorseAt = &worse, at
	return c
}

// at returns the physics some milliseconds after the first start.
func (c *Conditions) at(age float64) *Physics {
	switch {
	case age < millis(c.Onset):
		return &c.Before
	case c.Worse != nil && age >= millis(c.WorseAt):
		return c.Worse
	}
	return &c.After
}
