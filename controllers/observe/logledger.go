package observe

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// eventKind is what a line says of a checkpoint.
type eventKind int

const (
	eventTriggered eventKind = iota
	eventCompleted
	eventExpired
	eventFailed
	eventDeclined
	eventLate
)

// checkpointEvent is one line about one checkpoint.
type checkpointEvent struct {
	kind eventKind
	id   int64
	job  string
	at   time.Time
	// trigger is the epoch time that Triggering prints, on the JobManager's clock; zero otherwise.
	trigger time.Time
	// bytes and took are of a completed one; of an expired one took is the timeout, where a platform prints it.
	bytes int64
	took  time.Duration
	// vertex and subtask are of a late acknowledgement; subtask is -1 where the line has no such form.
	vertex  string
	subtask int
	// message is of a failed one; savepoint of a triggered one.
	message   string
	savepoint bool
}

// taskName is what a vertex id stands for.
type taskName struct {
	name        string
	parallelism int
}

// anyID is a job's id as logs have it: whole, or as people and web pages cut it, with or without dots behind it.
const anyID = `([0-9a-f]{6,32})(?:…|\.\.+)?`

var (
	triggeredLine = regexp.MustCompile(`Triggering checkpoint (\d+) (?:\((type=.{0,200}?)\) )?@ (\d{10,16}) for job ` + anyID)
	completedLine = regexp.MustCompile(`Completed (?:checkpoint|savepoint) (\d+) for job ` + anyID + ` \((\d+) bytes(?:, checkpointDuration=| in )(\d+) ms`)
	expiredLine   = regexp.MustCompile(`Checkpoint (\d+) of job ` + anyID + ` expired before completing\.`)
	failedLine    = regexp.MustCompile(`Failed to trigger or complete checkpoint (\d+) for job ` + anyID)
	declinedLine  = regexp.MustCompile(`Decline checkpoint (\d+) by task (\S+) of job ` + anyID)
	// A platform's own words for an expiry, with the timeout it prints; no Flink version prints them.
	platformLine = regexp.MustCompile(`Checkpoint \[?(\d+)\]? (?:duration exceeded checkpoint timeout of \[?(\d{1,12})\]?\s*ms|failed: Checkpoint is too late)`)
	lateLine     = regexp.MustCompile(`Received late message for now expired checkpoint attempt (\d+) from task (\S+) of job ` + anyID)
	// executionID is what 1.16 and later print for a task: execution graph, vertex, subtask, attempt.
	executionID = regexp.MustCompile(`^[0-9a-f]{32}_([0-9a-f]{32})_(\d+)_\d+$`)
	// namedTask is what follows a task's name in its state changes: " (1/2) (fcfb…_0dcc…_0_0)".
	namedTask = regexp.MustCompile(` \((\d+)/(\d+)\)(?:#\d+)? \([0-9a-f]{32}_([0-9a-f]{32})_\d+_\d+\)`)
	messageOf = regexp.MustCompile(`CheckpointException: ([^\n]{1,200})`)
)

// checkpointLine reads what a record says of a checkpoint.
func (r *LogReport) checkpointLine(at time.Time, text string) {
	first, _, _ := strings.Cut(text, "\n")
	if !strings.Contains(first, "heckpoint") && !strings.Contains(first, "avepoint") {
		return
	}
	if event, job, ok := readEvent(first, text); ok {
		event.at, event.job = at, job
		if len(r.events) >= 2*r.most {
			r.events = newestEvents(r.events, r.most)
		}
		r.events = append(r.events, event)
		r.Component = model.ComponentJobManager
		if r.job.ID == "" {
			r.job.ID = job
		}
	}
}

// newestEvents keeps the last events, in place: what a long log tells of today is at its end.
func newestEvents(events []checkpointEvent, most int) []checkpointEvent {
	if len(events) <= most {
		return events
	}
	return append(events[:0], events[len(events)-most:]...)
}

func readEvent(first, record string) (event checkpointEvent, job string, ok bool) {
	event.subtask = -1
	if m := triggeredLine.FindStringSubmatch(first); m != nil {
		event.kind, event.id, event.trigger = eventTriggered, atoi(m[1]), moment(atoi(m[3]))
		event.savepoint = strings.Contains(strings.ToUpper(m[2]), "SAVEPOINT")
		return event, m[4], true
	}
	if m := completedLine.FindStringSubmatch(first); m != nil {
		event.kind, event.id, event.bytes, event.took = eventCompleted, atoi(m[1]), atoi(m[3]), millis(atoi(m[4]))
		return event, m[2], true
	}
	if m := expiredLine.FindStringSubmatch(first); m != nil {
		event.kind, event.id, event.message = eventExpired, atoi(m[1]), expiredMessage
		return event, m[2], true
	}
	if m := platformLine.FindStringSubmatch(first); m != nil {
		event.kind, event.id, event.message = eventExpired, atoi(m[1]), expiredMessage
		event.took = millis(atoi(m[2]))
		return event, "", true
	}
	if m := failedLine.FindStringSubmatch(first); m != nil {
		event.kind, event.id = eventFailed, atoi(m[1])
		if why := messageOf.FindStringSubmatch(record); why != nil {
			event.message = quotedText(why[1], maxMessage)
		}
		return event, m[2], true
	}
	if m := declinedLine.FindStringSubmatch(first); m != nil {
		event.kind, event.id, event.message = eventDeclined, atoi(m[1]), "Checkpoint was declined."
		// The exception says why: a task also declines where its upload fails.
		if why := messageOf.FindStringSubmatch(record); why != nil {
			event.message = quotedText(why[1], maxMessage)
		}
		return event, m[3], true
	}
	if m := lateLine.FindStringSubmatch(first); m != nil {
		event.kind, event.id = eventLate, atoi(m[1])
		if task := executionID.FindStringSubmatch(m[2]); task != nil {
			event.vertex, event.subtask = task[1], int(atoi(task[2]))
		}
		return event, m[3], true
	}
	return event, "", false
}

// zone is how far the log's clock is from UTC: "Triggering checkpoint 5 @ <epoch>" prints both. Zones are quarters of an hour; what is
// left is how long the trigger took.
func (r *LogReport) zone() (ahead time.Duration, known bool) {
	for i := range r.events {
		if e := &r.events[i]; e.kind == eventTriggered && !e.at.IsZero() && !e.trigger.IsZero() {
			return e.at.Sub(e.trigger).Round(15 * time.Minute), true
		}
	}
	return 0, false
}

// shareZone gives the reports that do not tell the zone of their clock that of the one that does: the processes of a cluster mostly have the
// same. Where that would take a log further away from the other in time, it was in UTC already.
func shareZone(reports []*LogReport) {
	i := slices.IndexFunc(reports, func(r *LogReport) bool { return r.zoned && r.bare })
	if i < 0 {
		return
	}
	known := reports[i]
	for _, r := range reports {
		if r.zoned || !r.bare || r.Last.IsZero() {
			continue
		}
		if r.Last.Add(-known.ahead).Sub(known.Last).Abs() < r.Last.Sub(known.Last).Abs() {
			r.shift(known.ahead)
		}
		r.ahead, r.zoned = known.ahead, true
	}
}

// zoneUnknown tells of a log with times of which nothing says how far they are from UTC.
func (r *LogReport) zoneUnknown() bool { return r.bare && !r.zoned }

// shift moves all times to UTC.
func (r *LogReport) shift(zone time.Duration) {
	if zone == 0 {
		return
	}
	move := func(at *time.Time) {
		if !at.IsZero() {
			*at = at.Add(-zone)
		}
	}
	move(&r.First)
	move(&r.Last)
	for i := range r.Signals {
		move(&r.Signals[i].First)
		move(&r.Signals[i].Last)
	}
	for i := range r.events {
		move(&r.events[i].at)
	}
	for i := range r.taskEvents {
		move(&r.taskEvents[i].at)
	}
	for i := range r.stacks {
		move(&r.stacks[i].at)
	}
	for i := range r.Exceptions {
		move(&r.Exceptions[i].At)
	}
	for id, at := range r.begun {
		r.begun[id] = at.Add(-zone)
	}
}

// historyOf builds the checkpoint history from the lines of all logs, newest first.
func historyOf(events []checkpointEvent) []model.Checkpoint {
	byID := map[int64]*model.Checkpoint{}
	var order []int64
	for i := range events {
		e := &events[i]
		c := byID[e.id]
		if c == nil {
			c = &model.Checkpoint{ID: e.id, Status: model.CheckpointInProgress, Duration: model.Unknown}
			byID[e.id] = c
			order = append(order, e.id)
		}
		applyEvent(c, e)
	}
	slices.SortFunc(order, func(a, b int64) int { return int(b - a) })
	history := make([]model.Checkpoint, 0, min(len(order), maxHistory))
	for _, id := range order {
		if len(history) == maxHistory {
			break
		}
		history = append(history, *byID[id])
	}
	return history
}

func applyEvent(c *model.Checkpoint, e *checkpointEvent) {
	switch e.kind {
	case eventTriggered:
		c.Trigger, c.Savepoint = e.trigger, e.savepoint
		if !e.at.IsZero() && e.at.After(e.trigger) {
			c.TriggerLag = e.at.Sub(e.trigger)
		}
	case eventCompleted:
		c.Status, c.Duration, c.CheckpointedSize, c.StateSize = model.CheckpointCompleted, e.took, e.bytes, e.bytes
		c.LatestAck = e.at
	case eventLate:
		lateAck(c, e)
	default:
		failCheckpoint(c, e)
	}
}

// failCheckpoint keeps the first word about a failure: the coordinator's own line comes before the exception.
func failCheckpoint(c *model.Checkpoint, e *checkpointEvent) {
	if c.Failure != nil {
		return
	}
	c.Status = model.CheckpointFailed
	c.Failure = &model.CheckpointFailure{At: e.at, Kind: failureKind(e.message), Message: e.message}
	switch {
	case !c.Trigger.IsZero() && e.at.After(c.Trigger):
		c.Duration = e.at.Sub(c.Trigger)
	case e.took > 0:
		c.Duration = e.took // it lasted the timeout
	}
}

// lateAck keeps a late acknowledgement: when it came, and of which subtask; the phases are in no log line.
func lateAck(c *model.Checkpoint, e *checkpointEvent) {
	if len(c.LateAcks) == maxSubtasks {
		return
	}
	ack := model.LateAck{VertexID: e.vertex, Subtask: e.subtask, EndToEnd: model.Unknown}
	if !c.Trigger.IsZero() && !e.at.IsZero() {
		ack.EndToEnd = e.at.Sub(c.Trigger)
	}
	c.LateAcks = append(c.LateAcks, ack)
}
