package diagnose

import (
	"regexp"
	"slices"
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

// signatureNames and settingNames are the names that an expression may use; a test holds them to what there is.
var (
	signatureNames = namesOfSignatures()
	settingNames   = []string{"timeoutSeconds", "intervalSeconds", "minPauseSeconds", "alignedTimeoutSeconds", "maxConcurrent", "numRetained",
		"exactlyOnce", "unaligned", "incremental", "cleanerParallel", "backend", "highAvailability"}
	usedName = regexp.MustCompile(`\b(settings|signature)\s*\.\s*(\w+)`)
)

// unknownNames is the first field of settings or signature that an expression uses and that does not exist; empty if all do. Such an
// expression compiles, and would never match.
func unknownNames(expression string) string {
	for _, use := range usedName.FindAllStringSubmatch(quoted.ReplaceAllString(expression, `""`), -1) {
		known := settingNames
		if use[1] == "signature" {
			known = signatureNames
		}
		if !slices.Contains(known, use[2]) {
			return use[1] + "." + use[2] + "; the names are " + strings.Join(known, ", ")
		}
	}
	return ""
}

// quoted finds strings in an expression.
var quoted = regexp.MustCompile(`"(\\.|[^"\\])*"|'(\\.|[^'\\])*'`)

// jobManagerDied tells whether the JobManager's container ended while the job was unhealthy.
func jobManagerDied(f *features) bool {
	for i := range f.s.Pods {
		p := &f.s.Pods[i]
		if p.Component == model.ComponentJobManager && p.LastTermination != "" && p.Restarts > 0 &&
			!f.s.JobManagerTime(p.LastTerminationAt).Before(f.now.Add(-max(2*f.w.timeout, lately))) {
			return true
		}
	}
	return false
}

// lately is how old the end of a JobManager may be to have to do with its checkpoints: the restart and as many failures as a window needs.
const lately = time.Hour

// taskManagerHeap tells whether a TaskManager collects garbage or ran out of memory.
func taskManagerHeap(f *features) bool {
	if tm := f.worstManager(func(tm *model.TaskManager) model.Measure { return tm.GCShare }); tm != nil && tm.GCShare.Value >= f.p.Thresholds.GC {
		return true
	}
	return killedManager(f).state == present
}

func storageFails(f *features) bool {
	n, _ := f.failuresOf(model.FailureAsync, model.FailureIO, model.FailureFinalize)
	return n > 0 && !f.memoryAsIO() || f.words.storage != nil || f.words.log(model.LogStorageError) > 0
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

// committer tells a sink of the newer kind that commits what it wrote.
func committer(s *model.Snapshot) bool {
	return slices.ContainsFunc(s.Vertices, func(v model.Vertex) bool { return strings.Contains(v.Name, ": Committer") })
}
