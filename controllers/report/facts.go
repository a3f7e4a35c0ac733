package report

import (
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// moment is a time as the API server keeps it, in whole seconds; nil for the zero time.
func moment(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	m := metav1.NewTime(t.UTC().Truncate(time.Second))
	return &m
}

func number[T int | int64](v T) *int32 {
	n := int32(min(max(int64(v), -1<<31), 1<<31-1))
	return &n
}

// count is a number that is never negative.
func count[T int | int64](v T) *int32 { return number(max(v, 0)) }

// large is a number that is never negative and that every reader of JSON keeps exact.
func large(v int64) *int64 {
	n := min(max(v, 0), api.MaxInteger)
	return &n
}

// milliseconds is nil for a duration that was not measured.
func milliseconds(d time.Duration) *int64 {
	if d < 0 {
		return nil
	}
	ms := d.Milliseconds()
	return &ms
}

// jobStatus is the job that was looked at; empty where none was found.
func jobStatus(j *model.Job) api.JobStatus {
	if j.ID == "" && j.Name == "" && j.State == "" {
		return api.JobStatus{}
	}
	return api.JobStatus{
		ID: clean(j.ID, 64), Name: clean(j.Name, 512), State: clean(j.State, 64), FlinkVersion: clean(j.FlinkVersion, 64), StartTime: moment(j.StartTime),
	}
}

// checkpointsStatus sums up the history. While the job is healthy the figures that move with every checkpoint (the last completed one,
// those in progress) are left out: a figure that is not kept fresh would be read as a stall.
func checkpointsStatus(pass *model.Pass) api.CheckpointsStatus {
	c := pass.Diagnosis.Counts
	out := api.CheckpointsStatus{
		Completed: count(c.Completed), Failed: count(c.Failed), Expired: count(c.Expired),
		ConsecutiveExpired: count(c.ConsecutiveExpired), Window: count(c.Window),
	}
	if pass.Diagnosis.Health == api.HealthHealthy {
		return out
	}
	out.InProgress = count(c.InProgress)
	if pass.Snapshot == nil || pass.Snapshot.Checkpoints.LatestCompleted == nil {
		return out
	}
	last := pass.Snapshot.Checkpoints.LatestCompleted
	out.LastCompletedTime = moment(last.End())
	out.LastCompletedDurationMilliseconds = milliseconds(last.Duration)
	out.LastCompletedSizeBytes = large(last.CheckpointedSize)
	return out
}

// phasesStatus is where the time of the slowest recent checkpoint went; empty where no details were read.
func phasesStatus(slow *model.SlowestSubtask) api.SlowestSubtaskStatus {
	if !slow.Known {
		return api.SlowestSubtaskStatus{}
	}
	e := &slow.Entry
	out := api.SlowestSubtaskStatus{CheckpointID: large(slow.CheckpointID), Vertex: clean(slow.Vertex, 256), Subtask: count(slow.Subtask), Unfinished: clean(string(e.Unfinished), 32)}
	if e.Reported {
		out.StartDelayMilliseconds, out.AlignmentMilliseconds = milliseconds(e.StartDelay), milliseconds(e.Alignment)
		out.SyncMilliseconds, out.AsyncMilliseconds = milliseconds(e.Sync), milliseconds(e.Async)
		out.ResidualMilliseconds = milliseconds(e.Residual)
	}
	return out
}

// settingsStatus are the values in force and where each comes from; one that is not known is left out.
func settingsStatus(s *model.Settings) api.SettingsStatus {
	return api.SettingsStatus{
		Timeout:           setting(s.Timeout, formatDuration),
		Interval:          setting(s.Interval, formatDuration),
		MinPause:          setting(s.MinPause, formatDuration),
		MaxConcurrent:     setting(s.MaxConcurrent, strconv.Itoa),
		Unaligned:         setting(s.Unaligned, strconv.FormatBool),
		Incremental:       setting(s.Incremental, strconv.FormatBool),
		CheckpointStorage: setting(storageSetting(s), plainText),
		JobManagerCPU:     setting(s.JobManagerCPU, formatCores),
		JobManagerMemory:  setting(s.JobManagerProcess, sizeText),
		JobManagerHeap:    setting(s.JobManagerHeap, sizeText),
	}
}

// storageSetting is the place of the checkpoint directory: the directory itself says more than everybody should read.
func storageSetting(s *model.Settings) model.Setting[string] {
	place := s.CheckpointDir
	place.Value = s.StoragePlace()
	place.Known = place.Value != ""
	return place
}

func plainText(s string) string { return s }

func sizeText(n int64) string { return formatBytes(float64(n)) }

func setting[T any](s model.Setting[T], text func(T) string) api.SettingStatus {
	if !s.Known && s.Ignored == "" {
		return api.SettingStatus{}
	}
	origin, value, source := api.OriginUnknown, "unknown", s.Source
	if s.Known {
		value = orElse(clean(text(s.Value), 128), value)
		origin = api.SettingOrigin(orElse(string(s.Origin), string(origin)))
	}
	if s.Ignored != "" {
		source = strings.TrimPrefix(source+"; "+s.Ignored, "; ")
	}
	return api.SettingStatus{Value: value, Origin: origin, Source: clean(source, 256), OverriddenBy: clean(s.Overrides, 256)}
}

// diagnoses are the findings as status keeps them: the first in full, other likely or possible ones in full, what was ruled out or not
// assessed in one sentence each.
func diagnoses(all []model.Finding) []api.Diagnosis {
	var out []api.Diagnosis
	for i := range all {
		f := &all[i]
		if len(out) == api.MaxDiagnoses {
			break
		}
		d := api.Diagnosis{Cause: f.Cause, SubCause: f.SubCause, Verdict: f.Verdict, Summary: clean(f.Summary, 512)}
		if i == 0 || f.Verdict == api.VerdictConfirmed || f.Verdict == api.VerdictLikely || f.Verdict == api.VerdictPossible {
			d.Score = number(min(max(f.Score, 0), 100))
			d.Evidence, d.Missing = evidence(f.Evidence), texts(f.Missing, api.MaxMissing, 256)
			d.NextMeasurement = clean(f.NextMeasurement, 512)
			d.Since = moment(f.Since)
		}
		out = append(out, d)
	}
	return out
}

func evidence(all []model.Evidence) []api.Evidence {
	var out []api.Evidence
	for _, e := range all {
		signal := clean(e.Signal, 128)
		if len(out) == api.MaxEvidence {
			break
		}
		if signal == "" {
			continue
		}
		out = append(out, api.Evidence{
			Signal: signal, Observed: clean(e.Observed, 256), Expected: clean(e.Expected, 256), Weight: number(min(max(e.Weight, -100), 100)),
		})
	}
	return out
}

func texts(all []string, most, length int) []string {
	var out []string
	for _, t := range all {
		if t = clean(t, length); t != "" && len(out) < most {
			out = append(out, t)
		}
	}
	return out
}
