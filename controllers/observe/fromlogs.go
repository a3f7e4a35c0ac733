package observe

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// FromLogs builds a snapshot from the logs of one cluster's processes, and from its configuration where there is one (nil otherwise). What
// no log tells is a gap. The selector picks the job where several take checkpoints. The snapshot's time is that of the last line, of the
// JobManager's where its log is there; where no line has a time it is that of the last trigger, which prints an epoch, and otherwise without any.
func FromLogs(reports []*LogReport, config map[string]string, otherwise time.Time, selector Selector) model.Snapshot {
	shareZone(reports)
	merged := mergeReports(reports)
	availability := merged.keepJob(selector)
	snapshot := model.Snapshot{At: merged.Last, Availability: availability, Job: merged.job, Logs: merged.Signals, Exceptions: merged.Exceptions, Deep: true}
	if snapshot.At.IsZero() {
		snapshot.At = lastTrigger(merged.events, otherwise)
	}
	snapshot.ZoneUnknown = slices.ContainsFunc(reports, (*LogReport).zoneUnknown)
	snapshot.Job.FlinkVersion = merged.Version
	snapshot.Job.State = or(snapshot.Job.State, "RUNNING")
	if restarts := merged.restarts[merged.job.ID]; restarts > 0 {
		snapshot.Job.Restarts = model.Measured(float64(restarts))
	}
	snapshot.Gaps = append(logGaps(config, merged), taskManagerGap(reports)...)
	events := merged.events
	if len(events) == 0 && availability.Judgeable() {
		events = merged.taskEvents
	}
	history := historyOf(events)
	snapshot.Settings = settingsFromLogs(config, merged, history)
	snapshot.Checkpoints.History = keepTold(&snapshot, merged, history)
	snapshot.Checkpoints.BeginsAt = beginsAt(history, merged.whole)
	if i := slices.IndexFunc(snapshot.Checkpoints.History, hasCompleted); i >= 0 {
		snapshot.Checkpoints.LatestCompleted = &snapshot.Checkpoints.History[i]
	}
	snapshot.Vertices = verticesOf(merged.names)
	snapshot.Stacks = stacksOf(&snapshot, merged.stacks)
	snapshot.Availability = availabilityOf(&snapshot, merged)
	return snapshot
}

func hasCompleted(c model.Checkpoint) bool { return c.Status == model.CheckpointCompleted }

// availabilityOf says why a job cannot be judged by its logs.
func availabilityOf(snapshot *model.Snapshot, merged *LogReport) model.Availability {
	if !snapshot.Availability.Judgeable() {
		return snapshot.Availability
	}
	switch {
	case merged.Records == 0 || len(merged.Signals) == 0 && len(merged.events)+len(merged.taskEvents) == 0 && merged.Version == "":
		return model.Availability{Reason: api.ReasonMalformedAnswer,
			Message: fmt.Sprintf("%d lines read, none of them a line that Flink writes about checkpoints; expected the log of a JobManager or TaskManager", merged.Lines)}
	case len(snapshot.Checkpoints.History) == 0 && len(merged.Signals) > 0 && len(merged.events) == 0:
		return model.Availability{Reason: api.ReasonLogsIncomplete,
			Message: "no line of the checkpoint coordinator is in the logs, so how the checkpoints end is not known; they tell of " + toldBesides(merged.Signals)}
	case !snapshot.Settings.Timeout.Known && soundSoFar(snapshot):
		return model.Availability{Reason: api.ReasonLogsIncomplete,
			Message: "recent checkpoints complete, but the timeout in force is in no log: whether they come near it cannot be told"}
	}
	return model.Availability{}
}

// keepTold are the checkpoints of which the logs tell how they ended, or which are in progress; of the others there is a gap.
func keepTold(snapshot *model.Snapshot, merged *LogReport, history []model.Checkpoint) []model.Checkpoint {
	most := 0
	if s := snapshot.Settings.MaxConcurrent; s.Known {
		most = s.Value
	}
	broken := merged.begun[""]
	if at := merged.begun[merged.job.ID]; at.After(broken) {
		broken = at
	}
	kept, lost := dropLost(history, most, broken)
	if len(lost) > 0 {
		snapshot.Gaps = append(snapshot.Gaps, lostGap(history, lost))
	}
	return kept
}

// soundSoFar tells whether the newest checkpoints, as many as Flink's own history holds, completed: there is one, and none failed; nor did the
// JobManager's memory end after them.
func soundSoFar(snapshot *model.Snapshot) bool {
	history := snapshot.Checkpoints.History
	newest := history[:min(len(history), defaultHistory)]
	failed := func(c model.Checkpoint) bool { return c.Status == model.CheckpointFailed }
	_, ended := snapshot.JobManagerOutOfMemory()
	return !ended && slices.ContainsFunc(newest, hasCompleted) && !slices.ContainsFunc(newest, failed)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// merge puts the reports together. Versions are the JobManager's where one is there.
func mergeReports(reports []*LogReport) *LogReport {
	merged := newLogReport("", maxLogEvents)
	for _, r := range reports {
		merged.add(r)
		if r.Component == model.ComponentJobManager || merged.Version == "" {
			merged.Version = or(r.Version, merged.Version)
		}
		if r.job.ID != "" && (merged.job.ID == "" || r.job.Name != "") {
			merged.job = r.job
		}
		if r.Component == model.ComponentJobManager {
			merged.Component = r.Component
			maps.Copy(merged.Config, r.Config)
		}
	}
	merged.Last = lastLine(reports)
	slices.SortStableFunc(merged.events, func(a, b checkpointEvent) int { return a.at.Compare(b.at) })
	slices.SortStableFunc(merged.Exceptions, func(a, b model.JobException) int { return b.At.Compare(a.At) })
	merged.Exceptions = merged.Exceptions[:min(len(merged.Exceptions), maxExceptions)]
	return merged
}

// add takes over what simply adds up.
func (r *LogReport) add(other *LogReport) {
	r.Lines += other.Lines
	r.Records += other.Records
	r.whole = r.whole || other.whole
	for id, restarts := range other.restarts {
		r.restarts[id] += restarts
	}
	for id, at := range other.begun {
		if at.After(r.begun[id]) {
			r.begun[id] = at
		}
	}
	maps.Copy(r.jobs, other.jobs)
	maps.Copy(r.names, other.names)
	r.Signals = append(r.Signals, other.Signals...)
	r.events = append(r.events, other.events...)
	r.taskEvents = append(r.taskEvents, other.taskEvents...)
	r.stacks = append(r.stacks, other.stacks...)
	r.Exceptions = append(r.Exceptions, other.Exceptions...)
}

// lastLine is the time of the last line of a JobManager's log; of any log where none is a JobManager's.
func lastLine(reports []*LogReport) time.Time {
	var ofAny, ofJobManager time.Time
	for _, r := range reports {
		if r.Last.After(ofAny) {
			ofAny = r.Last
		}
		if r.Component == model.ComponentJobManager && r.Last.After(ofJobManager) {
			ofJobManager = r.Last
		}
	}
	if !ofJobManager.IsZero() {
		return ofJobManager
	}
	return ofAny
}

// lastTrigger is when the last checkpoint was triggered; otherwise where no line tells when one was.
func lastTrigger(events []checkpointEvent, otherwise time.Time) time.Time {
	var last time.Time
	for i := range events {
		if at := events[i].trigger; at.After(last) {
			last = at
		}
	}
	if last.IsZero() {
		return otherwise
	}
	return last
}

// verticesOf names the vertices that the logs name; where they stand in the graph is told by what Flink puts before their names.
func verticesOf(names map[string]taskName) []model.Vertex {
	vertices := make([]model.Vertex, 0, len(names))
	for id, task := range names {
		vertices = append(vertices, model.Vertex{ID: id, Name: task.name, Parallelism: task.parallelism, Role: roleByName(task.name)})
	}
	rank := map[model.VertexRole]int{model.RoleSource: 0, model.RoleInner: 1, model.RoleSink: 2}
	slices.SortFunc(vertices, func(a, b model.Vertex) int {
		return cmp.Or(cmp.Compare(rank[a.Role], rank[b.Role]), cmp.Compare(a.Name, b.Name))
	})
	return vertices
}

func roleByName(name string) model.VertexRole {
	switch {
	case strings.HasPrefix(name, "Source:"):
		return model.RoleSource
	case strings.HasPrefix(name, "Sink:"), strings.Contains(name, "-> Sink:"), strings.HasSuffix(name, ": Writer"), strings.HasSuffix(name, ": Committer"):
		return model.RoleSink
	}
	return model.RoleInner
}

// settingsFromLogs takes the configuration file, else what the JobManager printed of it at its start. The timeout in force can be read off
// an expiry: the shortest time from trigger to expiry.
func settingsFromLogs(config map[string]string, merged *LogReport, history []model.Checkpoint) model.Settings {
	if config == nil && len(merged.Config) > 0 {
		config = merged.Config
	}
	settings := settingsOf(&clusterFacts{config: config, version: merged.Version}, nil)
	if seen := shortestExpiry(history); seen > 0 && (config == nil || settings.Timeout.Origin == api.OriginDefault) {
		settings.Timeout.Value, settings.Timeout.Known, settings.Timeout.Origin = seen, true, api.OriginUnknown
	}
	if config == nil {
		settings.Timeout.Origin = api.OriginUnknown
	}
	return settings
}

// shortestExpiry is the shortest time from trigger to expiry, or the timeout that a platform prints; 0 where none expired. The timer starts a little
// after the trigger.
func shortestExpiry(history []model.Checkpoint) time.Duration {
	var shortest time.Duration
	for i := range history {
		c := &history[i]
		if !c.Expired() || c.Duration <= 0 {
			continue
		}
		if d := c.Duration - c.TriggerLag; shortest == 0 || d < shortest {
			shortest = d
		}
	}
	if shortest > 10*time.Second {
		return shortest.Round(time.Second)
	}
	return shortest.Round(100 * time.Millisecond)
}

// stacksOf turns the stuck tasks into samples, at most as many as a memory keeps.
func stacksOf(snapshot *model.Snapshot, stuck []stuckTask) []model.StackSample {
	p := &pass{snapshot: snapshot}
	var samples []model.StackSample
	for _, task := range stuck[max(0, len(stuck)-maxStacks):] {
		thread := model.ThreadStack{Name: cleanText(task.name, maxName), State: "RUNNABLE", Frames: task.frames}
		thread.Vertex, thread.Subtask, _ = p.taskThread(task.name)
		sample := model.StackSample{At: task.at, Threads: []model.ThreadStack{thread}}
		for i := range snapshot.Checkpoints.History {
			c := &snapshot.Checkpoints.History[i]
			if c.Expired() && !c.Trigger.After(task.at) {
				sample.PendingCheckpoint, sample.PendingFor = c.ID, max(c.Duration, 0)
				break
			}
		}
		samples = append(samples, sample)
	}
	return samples
}

// logGaps are what no log tells.
func logGaps(config map[string]string, merged *LogReport) []model.Gap {
	const why = "only logs were given"
	gaps := []model.Gap{
		{Kind: model.GapCheckpointDetails, Signal: "phases of the checkpoints", Why: why},
		{Kind: model.GapJobManagerMetrics, Signal: "JobManager metrics", Why: why},
		{Kind: model.GapTaskManagerMetrics, Signal: "TaskManager metrics", Why: why},
		{Kind: model.GapTaskManagers, Signal: "TaskManagers", Why: why},
		{Kind: model.GapBackpressure, Signal: "back pressure", Why: why},
		{Kind: model.GapPods, Signal: "pods", Why: why},
	}
	if len(merged.stacks) == 0 {
		gaps = append(gaps, model.Gap{Kind: model.GapThreadDumps, Signal: "stacks of the missing subtasks", Why: why})
	}
	if config == nil && len(merged.Config) == 0 {
		gaps = append(gaps, model.Gap{Kind: model.GapConfiguration, Signal: "Flink configuration", Why: "none was given and no log prints it; see --config"})
	}
	if len(merged.events) == 0 {
		gaps = append(gaps, model.Gap{Kind: model.GapLogs, Signal: "JobManager log", Why: "none of the logs has a line of the checkpoint coordinator"})
	}
	return gaps
}
