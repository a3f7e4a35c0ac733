package diagnose

import (
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// advisoryVars are the variables of the expressions; their names are documented in advisories.yaml.
func advisoryVars(f *features) map[string]any {
	config := make(map[string]string, len(f.s.Settings.Cluster)+len(f.s.Target.Config))
	for k, v := range f.s.Settings.Cluster {
		config[k] = v
	}
	for k, v := range f.s.Target.Config {
		config[k] = v
	}
	return map[string]any{
		"settings":  settingVars(&f.s.Settings),
		"config":    config,
		"signature": signatureVars(f),
		"library":   f.facts.LibraryNamed,
	}
}

// settingVars holds only what is known.
func settingVars(s *model.Settings) map[string]any {
	vars := map[string]any{}
	put(vars, "timeoutSeconds", s.Timeout, wholeSeconds)
	put(vars, "intervalSeconds", s.Interval, wholeSeconds)
	put(vars, "minPauseSeconds", s.MinPause, wholeSeconds)
	put(vars, "alignedTimeoutSeconds", s.AlignedTimeout, wholeSeconds)
	put(vars, "maxConcurrent", s.MaxConcurrent, whole)
	put(vars, "numRetained", s.NumRetained, whole)
	put(vars, "exactlyOnce", s.ExactlyOnce, plain[bool])
	put(vars, "unaligned", s.Unaligned, plain[bool])
	put(vars, "incremental", s.Incremental, plain[bool])
	put(vars, "cleanerParallel", s.CleanerParallel, plain[bool])
	put(vars, "backend", s.StateBackend, strings.ToLower)
	put(vars, "highAvailability", s.HighAvailability, plain[string])
	return vars
}

func put[T, V any](vars map[string]any, name string, s model.Setting[T], as func(T) V) {
	if s.Known {
		vars[name] = as(s.Value)
	}
}

func wholeSeconds(d time.Duration) int64 { return int64(d / time.Second) }
func whole(n int) int64                  { return int64(n) }
func plain[T any](v T) T                 { return v }

// signatureVars are what this diagnosis saw.
func signatureVars(f *features) map[string]any {
	aborting, _, _ := f.threads.find(func(t *taskThread) bool { return t.place == inAbort })
	most := &f.ledger.all.most
	oversized := silentSubtasks(f).state == present && f.threads.idle > 0 && f.threads.held == 0 && f.threads.uploads == 0 || f.words.log(model.LogOversizedPayload) > 0
	return map[string]any{
		"oversizedAck":      oversized,
		"asyncDominates":    f.uploading(),
		"asyncQueue":        f.upload.queued,
		"syncDominates":     f.ledger.all.mostly(inSync) && most[inSync] >= most[inAsync],
		"residual":          f.residualBroad(),
		"barriersWait":      barriersWait(f).state == present,
		"backpressure":      f.press.upstream >= 0 && f.press.busy >= 0,
		"equalStart":        f.ledger.equalStart > 0,
		"deletes":           f.threads.deletesHold(),
		"gaps":              f.gap.suspicious(f.w.interval),
		"noAcks":            f.ledger.noAcks,
		"neverLate":         f.missing.neverLate(),
		"idleStacks":        f.threads.idle > 0 && f.threads.held == 0 && f.threads.uploads == 0,
		"aborting":          aborting > 0,
		"uploadStuck":       f.threads.uploadStuck,
		"jobManagerHeap":    collects(&f.s.JobManager, f.p),
		"jobManagerCPU":     cpuHigh(f).state == present,
		"restSlow":          restSlow(f),
		"sinkV2":            sinkV2(f.s),
		"fullyAcknowledged": f.ledger.allAcked > 0,
		"restored":          f.s.Checkpoints.LatestRestored != nil,
		"expired":           int64(f.w.counts.Expired),
		"failed":            int64(f.w.counts.Failed),
		"subtasks":          int64(f.missing.subtasks),
	}
}

// sinkV2 tells whether the job has a sink of the newer kind: its vertices are called "...: Writer" and "...: Committer" by Flink itself
// (SinkTransformationTranslator, 1.15 to 2.x).
func sinkV2(s *model.Snapshot) bool {
	for i := range s.Vertices {
		name := s.Vertices[i].Name
		if strings.Contains(name, ": Writer") || strings.Contains(name, ": Committer") {
			return true
		}
	}
	return false
}
