package report

import (
	"fmt"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// describeColumns is what kubectl describe leaves of 80 columns: it indents status.assessment by four.
const describeColumns = api.MaxAssessmentColumns - 4

// Assessment tells the whole story of a pass in plain words: at most MaxAssessmentLines lines of at most columns characters. since is when
// the present spell of illness began; zero where it is not known.
func Assessment(pass *model.Pass, since time.Time, columns int) []string {
	return assessment(pass, began{at: since}, columns)
}

// began is when the present spell of illness began; atLeast tells that it may have begun before.
type began struct {
	at      time.Time
	atLeast bool
}

func assessment(pass *model.Pass, since began, columns int) []string {
	// As much evidence as the lines hold: each round leaves out the lightest of it.
	for room := maxShownEvidence; ; room-- {
		s := story{page: page{width: columns}, pass: pass, since: since, evidence: room}
		s.tell()
		if len(s.lines) <= api.MaxAssessmentLines {
			return s.lines
		}
		if room == 1 {
			return append(s.lines[:api.MaxAssessmentLines-1:api.MaxAssessmentLines-1], "More of it is in status.diagnoses and status.recommendation.")
		}
	}
}

// maxShownEvidence is how many pieces of evidence for a cause the assessment shows where the lines suffice; status keeps more.
const maxShownEvidence = 6

// story is one assessment in the making.
type story struct {
	page
	pass     *model.Pass
	since    began
	evidence int
}

func (s *story) snapshot() *model.Snapshot {
	if s.pass.Snapshot == nil {
		return &model.Snapshot{}
	}
	return s.pass.Snapshot
}

func (s *story) tell() {
	switch s.pass.Diagnosis.Health {
	case api.HealthHealthy:
		s.healthy()
	case api.HealthUnhealthy, api.HealthAtRisk:
		s.sick()
	default:
		s.unknown()
	}
	s.withoutPolicy()
	s.onlyWatching()
	s.notKnown()
	s.notRead()
	s.gaps(model.GapClocks, prefixClocks)
	s.gaps(model.GapRecording, prefixNotRecorded)
}

// withoutPolicy says that the policy cannot be used that the job is to have.
func (s *story) withoutPolicy() {
	if why := s.pass.Policy.Problem; why.Refused() {
		s.add("Policy: ", 2, sentence(clean(why.Message, 600)))
	}
}

// onlyWatching says who else is in charge.
func (s *story) onlyWatching() {
	if who := s.pass.Controls.LookedAfter; who != "" {
		s.add("Watches: ", 2, sentence(clean(who, 400)))
	}
}

// gaps names those of a kind, such as clocks that disagree and what a recording does not hold, three at most.
func (s *story) gaps(kind model.GapKind, prefix string) {
	shown := 0
	for _, gap := range s.snapshot().Gaps {
		if gap.Kind == kind && shown < 3 {
			s.add(prefix, 2, sentence(clean(gap.Signal, 120)+" ("+clean(gap.Why, 240)+")"))
			shown++
		}
	}
}

// notKnown says that it is not known what was written before.
func (s *story) notKnown() {
	if unreadable(s.pass) {
		s.add("Not known: ", 2, sentence("what was written before, and nothing is written until it is: "+clean(s.snapshot().Target.ReceiptsError, 400)))
	}
}

// flinkNow is the pass's time on the JobManager's clock.
func (s *story) flinkNow() time.Time { return s.snapshot().JobManagerTime(s.pass.Now) }

// ours is a time of Flink's on our clock: in one text all times are of one clock.
func (s *story) ours(flink time.Time) time.Time { return flink.Add(-s.snapshot().ClockOffset()) }

// time writes a moment on our clock; where nothing tells the zone of the logs it is theirs, and is not called UTC.
func (s *story) time(at time.Time) string {
	text := formatTime(at, s.pass.Now)
	if s.snapshot().ZoneUnknown {
		return strings.TrimSuffix(text, " UTC") + " in the log's own time"
	}
	return text
}

// healthy is three lines: how the checkpoints do, of which job, and what was or would be done.
func (s *story) healthy() {
	set, counts := &s.snapshot().Settings, s.pass.Diagnosis.Counts
	borne := borneRemedy(s.pass)
	line := "Healthy: recent checkpoints complete"
	switch {
	case borne != nil && set.Timeout.Known:
		line = borneHead + " of " + formatDuration(set.Timeout.Value)
	case set.Timeout.Known:
		line += " well within their timeout of " + formatDuration(set.Timeout.Value)
	default:
		line += "; the timeout in force is not known, so that nothing is said of their durations against it"
	}
	if counts.Expired > 0 {
		line += fmt.Sprintf("; the few that expired stay under the policy's threshold of %d", s.pass.Policy.Detection.ExpiredThreshold)
	}
	s.add("", 2, sentence(line))
	if borne != nil {
		s.borne(borne)
	}
	s.add("", 2, sentence(s.jobLine()))
	switch {
	case s.inFlight():
		s.remedyInFlight()
	case borne != nil:
		s.add("", 2, s.lastRemedy())
		s.add("Advice: ", 2, borneAdvice[borne.Cause])
	default:
		s.add("", 2, "Nothing to do. "+s.lastRemedy())
	}
	s.unseen()
	s.watch()
	if s.pass.Decision.Debt != "" {
		s.add("Debt: ", 2, sentence(clean(s.pass.Decision.Debt, 300)))
	}
	s.reverted()
}

// unseen says of a healthy job that its JobManager was not looked at: it may be short of CPU or heap before a checkpoint suffers.
func (s *story) unseen() {
	for _, gap := range s.snapshot().Gaps {
		if gap.Kind == model.GapJobManagerMetrics {
			s.add(prefixUnseen, 2, sentence(clean(gap.Signal, 120)+" ("+clean(gap.Why, 160)+")"))
			return
		}
	}
}

// jobLine names the job and what it checkpoints by.
func (s *story) jobLine() string {
	snap := s.snapshot()
	name := "The job"
	if n := clean(orElse(snap.Job.Name, snap.Job.ID), 60); n != "" {
		name = fmt.Sprintf("Job %q", n)
	}
	line := name + " is " + orElse(clean(snap.Job.State, 20), "in an unknown state")
	if v := clean(snap.Job.FlinkVersion, 20); v != "" {
		line += " on Flink " + v
	}
	if snap.Settings.Interval.Known {
		line += ", checkpoints every " + formatDuration(snap.Settings.Interval.Value)
	}
	return line
}

// sick is the full story.
func (s *story) sick() {
	s.headline()
	s.progress()
	s.phases()
	s.lateByLog()
	s.cause()
	s.ruledOut()
	s.treatment()
	s.settle()
}

// headline says since when the job is sick and what its checkpoints do.
func (s *story) headline() {
	d := &s.pass.Diagnosis
	head := healthWord[d.Health]
	if at := s.since.at; !at.IsZero() {
		head += fmt.Sprintf(" since %s (%s)", s.time(at), formatDuration(max(s.pass.Now.Sub(at), 0)))
	}
	if s.since.atLeast {
		head += " at least, as far back as Flink's history goes"
	}
	s.add("", 2, sentence(head+": "+s.symptom()))
}

var healthWord = map[api.Health]string{api.HealthUnhealthy: "Unhealthy", api.HealthAtRisk: "At risk", api.HealthHealthy: "Healthy", api.HealthUnknown: "Unknown"}

// symptom is what is wrong in one clause.
func (s *story) symptom() string {
	d := &s.pass.Diagnosis
	c := d.Counts
	at := ""
	if t := s.snapshot().Settings.Timeout; t.Known {
		at = " at " + formatDuration(t.Value)
	}
	switch {
	case d.Health == api.HealthAtRisk && d.Message != "":
		return withoutHealth(clean(d.Message, 300))
	case c.Expired > 0 && c.ConsecutiveExpired == c.Expired:
		return fmt.Sprintf("the last %d of %d checkpoints expired%s", c.Expired, c.Window, at)
	case c.Expired > 0:
		return fmt.Sprintf("%d of the last %d checkpoints expired%s", c.Expired, c.Window, at)
	case d.Message != "":
		return withoutHealth(clean(d.Message, 300))
	case c.Failed > 0:
		return fmt.Sprintf("%d of the last %d checkpoints failed, none by its timeout", c.Failed, c.Window)
	}
	return "checkpoints do not complete"
}

// withoutHealth drops a leading "Unhealthy: " of a condition's message: the headline says it already.
func withoutHealth(message string) string {
	for _, word := range healthWord {
		if rest, ok := strings.CutPrefix(message, word+": "); ok {
			return rest
		}
	}
	return strings.TrimSuffix(message, ".")
}

// progress says what completed last, and what is pending.
func (s *story) progress() {
	snap, d := s.snapshot(), &s.pass.Diagnosis
	last := snap.Checkpoints.LatestCompleted
	switch {
	case d.Health == api.HealthAtRisk:
	case last != nil && !last.Trigger.IsZero():
		s.add("", 2, fmt.Sprintf("Nothing completed since %s; a restart now would replay %s.",
			s.time(s.ours(last.End())), formatDuration(max(s.flinkNow().Sub(last.Trigger), 0))))
	case d.Counts.Completed == 0 && snap.Checkpoints.LatestRestored != nil:
		r := snap.Checkpoints.LatestRestored
		s.add("", 2, fmt.Sprintf("Nothing completed since the job was restored from checkpoint %d (%s).", r.ID, s.time(s.ours(r.At))))
	case d.Counts.Completed == 0:
		s.add("", 2, nothingCompleted(snap.Checkpoints.BeginsAt))
	}
	if p := d.Counts.PendingFor; p > 0 && snap.Settings.Timeout.Known && p > snap.Settings.Timeout.Value {
		s.add("", 2, fmt.Sprintf("One checkpoint has been pending for %s.", formatDuration(p)))
	}
}

// nothingCompleted says what is known where no checkpoint is known to have completed: of logs without the beginning of the run, not that none did.
func nothingCompleted(beginsAt int64) string {
	if beginsAt > 0 {
		return fmt.Sprintf("The logs begin at checkpoint %d: whether an earlier one completed, and so how much a restart would replay, is not in them.", beginsAt)
	}
	return "Nothing ever completed in this run; a restart would begin from where the job was last restored, if anywhere."
}

// phases says where the time of the slowest recent checkpoint went.
func (s *story) phases() {
	slow := &s.pass.Diagnosis.Slowest
	if !slow.Known {
		return
	}
	where := ""
	if name := clean(slow.Vertex, 100); name != "" {
		where = fmt.Sprintf(" of %q", name)
	}
	s.add("", 2, fmt.Sprintf("Where the time goes (checkpoint %d, subtask %d%s):", slow.CheckpointID, slow.Subtask, where))
	if !slow.Entry.Reported {
		text := "this subtask never reported"
		if total, ok := s.total(slow.CheckpointID); ok {
			text = fmt.Sprintf("nothing was reported in %s", formatDuration(total))
		}
		if slow.Missing > 1 {
			text += fmt.Sprintf("; %d subtasks never reported", slow.Missing)
		}
		s.add("  ", 4, text)
		return
	}
	total, _ := s.total(slow.CheckpointID)
	phases := phaseTexts(&slow.Entry, total)
	if len(phases) == 0 {
		phases = []string{fmt.Sprintf("acknowledged after %s; its phases are not known", formatDuration(slow.Entry.EndToEnd))}
	}
	s.add("  ", 4, strings.Join(phases, " | "))
	if slow.Missing > 0 && slow.Entry.Unfinished == model.PhaseNone {
		s.add("  ", 4, fmt.Sprintf("subtasks of which nothing came at all: %d", slow.Missing))
	}
}

// total is how long a checkpoint took or has been pending so far.
func (s *story) total(id int64) (time.Duration, bool) {
	for i := range s.snapshot().Checkpoints.History {
		if c := &s.snapshot().Checkpoints.History[i]; c.ID == id {
			return elapsed(c, s.flinkNow()), true
		}
	}
	return 0, false
}

// elapsed is how long a checkpoint took, or has been pending at now, which is on the JobManager's clock.
func elapsed(c *model.Checkpoint, now time.Time) time.Duration {
	switch {
	case c.Status == model.CheckpointInProgress && !c.Trigger.IsZero():
		return max(now.Sub(c.Trigger), 0)
	case c.Duration > 0:
		return c.Duration
	case c.Failure != nil && !c.Trigger.IsZero():
		return max(c.Failure.At.Sub(c.Trigger), 0)
	}
	return 0
}

// span is one phase of a subtask's share.
type span struct {
	phase model.Phase
	took  time.Duration
	// open is true for the phase that never ended.
	open bool
}

// spans are the phases of an entry in order; the one that never ended takes what is left of total and ends the list.
func spans(e *model.SubtaskLedger, total time.Duration) []span {
	all := []span{
		{phase: model.PhaseStartDelay, took: e.StartDelay}, {phase: model.PhaseAlignment, took: e.Alignment},
		{phase: model.PhaseSync, took: e.Sync}, {phase: model.PhaseAsync, took: e.Async}, {phase: model.PhaseResidual, took: e.Residual},
	}
	var out []span
	var sum time.Duration
	for _, p := range all {
		if e.Unfinished != model.PhaseNone && (p.phase == e.Unfinished || p.took < 0) {
			return append(out, span{phase: e.Unfinished, took: max(total-sum, 0), open: true})
		}
		if p.took < 0 {
			continue
		}
		sum += p.took
		out = append(out, p)
	}
	return out
}

func phaseTexts(e *model.SubtaskLedger, total time.Duration) []string {
	var out []string
	for _, p := range spans(e, total) {
		text := string(p.phase) + " " + formatDuration(p.took)
		switch {
		case p.open && p.took == 0:
			text = string(p.phase) + " unfinished"
		case p.open:
			text += " and unfinished"
		}
		out = append(out, text)
	}
	return out
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
