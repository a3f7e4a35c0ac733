package plan

import (
	"slices"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// keySlotTimeout is after how long a TaskManager frees a slot that no job has taken; 10 s by default (TaskManagerOptions.SLOT_TIMEOUT, 1.15 to 2.3),
	// and where it is not set, what the RPC's ask timeout is set to (its fallback key).
	keySlotTimeout     = "taskmanager.slot.timeout"
	defaultSlotTimeout = 10 * time.Second
	keyAskTimeout      = "pekko.ask.timeout"
	keyAskTimeoutOld   = "akka.ask.timeout" // before 1.18
	// A slot is wanted, and the TaskManager looks the job's master up (connectTrips), registers there, where the master looks the TaskManager up as
	// well before it answers, and offers the slot (offerTrips). Measured in the logs of 1.20.5, with 9 s each: 17.8 s, 34.5 s and 9 s, more than the
	// 60 s after which the slot was freed, and the job restarted over and over.
	connectTrips = 2
	offerTrips   = 1
	// jitter is what is added to what was measured: that is the median, or the quickest of several ways, and one slow trip of six suffices. Trips of 8 to
	// 10 s, evenly spread, were measured as 8.4; the longest of six is 8 + 2 x 6/7 = 9.7 on the average, 1.16 times that, and half as much again is
	// added. By 8.4 a slot would have taken 50 s of its 60, and the job did not come back. It rests on that one recording, of a spread of a fifth. With the
	// default slot timeout of 10 s it refuses from trips of 1.35 s on. Tried without it, a job came back over trips of 1.4 to 1.6 s (8.5 to 9.6 s by slotTime),
	// and one over 2.5 s did not: between 1.35 and 1.67 s it is caution, where trips spread little.
	jitter = 1.25
	// The attempts to register: each waits twice as long as the one before, from firstAttempt to longestAttempt, and an answer that comes later is
	// not heard (cluster.registration.initial-timeout and max-timeout, 1.15 to 2.3).
	firstAttempt   = 100 * time.Millisecond
	longestAttempt = 30 * time.Second
	// keyHeartbeatTimeout is after how long without an answer the JobManager and a TaskManager give each other up; 50 s by default
	// (HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, 1.15 to 2.3). No two that are registered with each other are further apart.
	keyHeartbeatTimeout     = "heartbeat.timeout"
	defaultHeartbeatTimeout = 50 * time.Second
)

// networkTooSlow refuses a restart after which no task would get a slot: the job that runs, with checkpoints that expire, would be down.
func networkTooSlow(v *view, r *model.Remedy) model.Refusal {
	if r.Cost == api.CostNoRestart {
		return model.Refusal{}
	}
	trip, measured := v.roundTrip()
	timeout, whence := v.slotTimeout()
	needs, ever := slotTime(times(trip, v.slowTrips()))
	switch {
	case !ever:
		return saying("a restart would take the job down, and it could not come back: %s took %s there and back, and no attempt of a TaskManager to register waits that long for its answer (%s); "+
			"mend the network first", measured, span(trip), span(longestAttempt))
	case needs < timeout:
		return model.Refusal{}
	}
	return saying("a restart would take the job down, and it could not come back: %s took %s there and back, over which a TaskManager needs %s to offer a slot to the job, and it frees the slot after %s (%s); "+
		"mend the network first, or set %s above %s, in the same change as the remedy at the latest",
		measured, span(trip), span(needs), span(timeout), whence, keySlotTimeout, span(needs))
}

// slowTrips is how much longer a trip may be than what was measured. Where the restart with the remedy in flight came back over this network, none was
// so much longer that it mattered: an undo is held by what was measured alone.
func (v *view) slowTrips() float64 {
	if v.in.Verification.Receipt != nil && v.in.Verification.Downtime > 0 {
		return 1
	}
	return jitter
}

// slotTime is from the moment a slot is wanted until the job has it, over round trips of that length; ever is false where no attempt to register is
// answered in its time. The first attempt makes the job's master look the TaskManager up, so that none is answered before a trip and as much as
// that takes; a later one is answered after a trip.
func slotTime(trip time.Duration) (needs time.Duration, ever bool) {
	const known = 1 + connectTrips
	began, patience := time.Duration(0), firstAttempt
	for began < known*trip+longestAttempt {
		answered := max(began+trip, known*trip)
		if answered-began <= patience {
			return connectTrips*trip + answered + offerTrips*trip, true
		}
		began, patience = began+patience, min(2*patience, longestAttempt)
	}
	return 0, false
}

// roundTrip is the way between JobManager and TaskManagers, there and back, and by what it was measured: the longest that was. An answer counts whatever
// is named as the cause, for a slot is offered over the same way. Acknowledgements are late by a busy process as well: they count where the network is the
// likely cause. An acknowledgement can also be late alone, as
// one message of many that is lost and sent again: its time is no round trip where every TaskManager answered something else sooner, nor where a heartbeat
// as late would have ended the connection.
func (v *view) roundTrip() (trip time.Duration, measured string) {
	if v.s.Network.Measured() {
		for i := range v.s.Network.RoundTrips {
			if r := &v.s.Network.RoundTrips[i]; r.Name == model.RoundTripsRPC && r.Answered() > 0 && r.P50 > trip {
				trip, measured = r.P50, "half of the network probe's connects to the JobManager"
			}
		}
	}
	answer, all := v.slowestAnswer()
	if answer > trip {
		trip, measured = answer, "an answer of a TaskManager to the JobManager"
	}
	if !slices.ContainsFunc(v.d.Findings, networkLikely) {
		return trip, measured
	}
	if ways := v.triggerAndAcknowledgement(); !all && ways > trip && ways < v.heartbeatTimeout() {
		trip, measured = ways, "a trigger with its acknowledgement"
	}
	return trip, measured
}

func networkLikely(f model.Finding) bool {
	return f.Cause == api.CauseNetworkLatency && (f.Verdict == api.VerdictLikely || f.Verdict == api.VerdictConfirmed)
}

// slowestAnswer is the median time in which the dump of the slowest TaskManager came, less the JobManager's own, which takes no such way, and whether
// every TaskManager gave one.
func (v *view) slowestAnswer() (slowest time.Duration, all bool) {
	took := map[string][]time.Duration{}
	for i := range v.s.Stacks {
		sample := &v.s.Stacks[i]
		for process, each := range sample.Took {
			if process != model.JobManagerProcess {
				took[process] = append(took[process], each-sample.Took[model.JobManagerProcess])
			}
		}
	}
	for _, each := range took {
		slowest = max(slowest, middle(each))
	}
	return slowest, len(took) > 0 && len(took) >= len(v.s.TaskManagers)
}

// heartbeatTimeout is after how long without an answer a TaskManager would be given up.
func (v *view) heartbeatTimeout() time.Duration {
	if d, ok := durationOf(v.inConfiguration(keyHeartbeatTimeout)); ok && d > 0 {
		return d
	}
	return defaultHeartbeatTimeout
}

// triggerAndAcknowledgement is what the quickest source of a checkpoint took beside its own work: the trigger's way there and the acknowledgement's
// back, both on the JobManager's clock. It is the median of the expired checkpoints whose subtasks were read, else of the newest three: older ones may
// be of a time when the way was short.
func (v *view) triggerAndAcknowledgement() time.Duration {
	const newest = 3
	var ways, expired []time.Duration
	for i := range v.s.Checkpoints.History { // newest first
		c := &v.s.Checkpoints.History[i]
		quickest := v.quickestSource(c)
		if quickest > 0 && len(ways) < newest {
			ways = append(ways, quickest)
		}
		if quickest > 0 && c.Expired() {
			expired = append(expired, quickest)
		}
	}
	if len(expired) > 0 {
		return middle(expired)
	}
	return middle(ways)
}

func (v *view) quickestSource(c *model.Checkpoint) time.Duration {
	quickest := time.Duration(0)
	for i := range c.Tasks {
		task := &c.Tasks[i]
		if task.Vertex < 0 || task.Vertex >= len(v.s.Vertices) || v.s.Vertices[task.Vertex].Role != model.RoleSource {
			continue
		}
		for k := range task.Entries {
			if way := wayOf(&task.Entries[k]); way > 0 && (quickest == 0 || way < quickest) {
				quickest = way
			}
		}
	}
	return quickest
}

// wayOf is what a subtask's checkpoint took beside its own work; 0 where that is not known.
func wayOf(e *model.SubtaskLedger) time.Duration {
	if !e.Reported || e.Finished || e.Aborted && !e.Late || min(e.EndToEnd, e.Alignment, e.Sync, e.Async) < 0 {
		return 0
	}
	return max(e.EndToEnd-e.Alignment-e.Sync-e.Async, 0)
}

// middle is the median, of two the smaller; 0 of none.
func middle(durations []time.Duration) time.Duration {
	if len(durations) == 0 {
		return 0
	}
	sorted := slices.Clone(durations)
	slices.Sort(sorted)
	return sorted[(len(sorted)-1)/2]
}

// slotTimeout is after how long a TaskManager frees a slot, and where that comes from.
func (v *view) slotTimeout() (timeout time.Duration, whence string) {
	keys := []string{keySlotTimeout, keyAskTimeout, keyAskTimeoutOld}
	switch {
	case v.version.before(1, 18, 0):
		keys = []string{keySlotTimeout, keyAskTimeoutOld}
	case v.version.known:
		keys = keys[:2]
	}
	for _, key := range keys {
		if d, ok := durationOf(v.inConfiguration(key)); ok && d > 0 {
			return d, key
		}
	}
	return defaultSlotTimeout, keySlotTimeout + ", Flink's default"
}

// inConfiguration is a key of the configuration that the JobManager runs with, else of the objects; empty where none has it.
func (v *view) inConfiguration(key string) string {
	if text, ok := v.s.Settings.Cluster[key]; ok {
		return text
	}
	for i := range v.target().Others {
		if text, ok := v.target().Others[i].Config[key]; ok {
			return text
		}
	}
	return v.target().Config[key]
}
