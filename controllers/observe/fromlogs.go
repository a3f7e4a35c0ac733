package observe

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// ParseConfig reads a Flink configuration file, flink-conf.yaml (flat, one key: value a line) or config.yaml (YAML, nested or flat), and
// keeps the allow-listed keys.
func ParseConfig(data []byte) (map[string]string, error) {
	const most = 4 << 20
	if len(data) > most {
		return nil, fmt.Errorf("the Flink configuration has %d bytes, expected at most %d", len(data), most)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(data, &tree); err == nil {
		return keepKnown(flatten(tree).values), nil
	}
	values := map[string]string{}
	for line := range strings.SplitSeq(string(data), "\n") {
		line, _, _ = strings.Cut(line, "#")
		key, value, ok := strings.Cut(line, ": ")
		if ok && strings.TrimSpace(key) != "" {
			values[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("the Flink configuration has no line of the form key: value")
	}
	return keepKnown(values), nil
}

// FromLogs builds a snapshot from the logs of one cluster's processes, and from its configuration where there is one (nil otherwise). What
// no log tells is a gap. The selector picks the job where several take checkpoints. The snapshot's time is that of the last line, of the
// JobManager's where its log is there; otherwise where the logs have no times.
func FromLogs(reports []*LogReport, config map[string]string, otherwise time.Time, selector Selector) model.Snapshot {
	shareZone(reports)
	merged := mergeReports(reports)
	availability := merged.keepJob(selector)
	snapshot := model.Snapshot{At: merged.Last, Availability: availability, Job: merged.job, Logs: merged.Signals, Exceptions: merged.Exceptions, Deep: true}
	if snapshot.At.IsZero() {
		snapshot.At = otherwise
	}
	snapshot.Job.FlinkVersion = merged.Version
	snapshot.Job.State = or(snapshot.Job.State, "RUNNING")
	if restarts := merged.restarts[merged.job.ID]; restarts > 0 {
		snapshot.Job.Restarts = model.Measured(float64(restarts))
	}
	history := historyOf(merged.events)
	snapshot.Checkpoints = model.CheckpointLedger{History: history}
	for i := range history {
		if history[i].Status == model.CheckpointCompleted {
			snapshot.Checkpoints.LatestCompleted = &history[i]
			break
		}
	}
	snapshot.Vertices = verticesOf(&snapshot, merged.names)
	snapshot.Settings = settingsFromLogs(config, merged, history)
	snapshot.Stacks = stacksOf(&snapshot, merged.stacks)
	snapshot.Gaps = logGaps(config, merged)
	if merged.Records == 0 || len(merged.Signals) == 0 && len(merged.events) == 0 && merged.Version == "" {
		snapshot.Availability = model.Availability{Reason: api.ReasonMalformedAnswer,
			Message: fmt.Sprintf("%d lines read, none of them a line that Flink writes about checkpoints; expected the log of a JobManager or TaskManager", merged.Lines)}
	}
	return snapshot
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// merge puts the reports together. Versions are the JobManager's where one is there.
func mergeReports(reports []*LogReport) *LogReport {
	merged := &LogReport{Config: map[string]string{}, names: map[string]taskName{}, restarts: map[string]int{}, jobs: map[string]string{}}
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
	for id, restarts := range other.restarts {
		r.restarts[id] += restarts
	}
	maps.Copy(r.jobs, other.jobs)
	maps.Copy(r.names, other.names)
	r.Signals = append(r.Signals, other.Signals...)
	r.events = append(r.events, other.events...)
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

// verticesOf names the vertices that the logs name; where they stand in the graph is told by what Flink puts before their names.
func verticesOf(snapshot *model.Snapshot, names map[string]taskName) []model.Vertex {
	vertices := make([]model.Vertex, 0, len(names))
	for id, task := range names {
		vertices = append(vertices, model.Vertex{ID: id, Name: task.name, Parallelism: task.parallelism, Role: roleByName(task.name)})
	}
	rank := map[model.VertexRole]int{model.RoleSource: 0, model.RoleInner: 1, model.RoleSink: 2}
	slices.SortFunc(vertices, func(a, b model.Vertex) int {
		return cmp.Or(cmp.Compare(rank[a.Role], rank[b.Role]), cmp.Compare(a.Name, b.Name))
	})
	for i := range snapshot.Checkpoints.History {
		tasks := snapshot.Checkpoints.History[i].Tasks
		for j := range tasks {
			tasks[j].Vertex = slices.IndexFunc(vertices, func(v model.Vertex) bool { return v.ID == tasks[j].VertexID })
		}
	}
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
