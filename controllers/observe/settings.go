package observe

import (
	"cmp"
	"maps"
	"strconv"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// clusterFacts are what one run of a JobManager does not change: read at first sight, and again after a restart: see facts.go.
type clusterFacts struct {
	version    string
	inForce    flink.CheckpointConfig
	hasInForce bool
	// config is /jobmanager/config, allow-listed keys only; nil where it could not be read.
	config map[string]string
	// How the last attempts at each went, and when the last attempt at any was.
	versionTried, inForceTried, configTried factTry
	triedAt                                 time.Time
	// libraries are the jars of the JobManager's class path; nil where it was not read.
	libraries []model.Library
	// noClassPath is why the JobManager has none to tell; it is not asked again in the same run.
	noClassPath string
}

// The names under which Flink 1.15 to 2.3 knows a setting, the newest first. Older versions know only the later ones: see firstRead.
var (
	keysTimeout        = []string{"execution.checkpointing.timeout"}
	keysInterval       = []string{"execution.checkpointing.interval"}
	keysMinPause       = []string{"execution.checkpointing.min-pause"}
	keysMaxConcurrent  = []string{"execution.checkpointing.max-concurrent-checkpoints"}
	keysTolerable      = []string{"execution.checkpointing.tolerable-failed-checkpoints"}
	keysMode           = []string{"execution.checkpointing.mode"}
	keysUnaligned      = []string{"execution.checkpointing.unaligned.enabled", "execution.checkpointing.unaligned"}
	keysAlignedTimeout = []string{"execution.checkpointing.aligned-checkpoint-timeout", "execution.checkpointing.alignment-timeout"}
	keysIncremental    = []string{"execution.checkpointing.incremental", "state.backend.incremental"}
	keysNumRetained    = []string{"execution.checkpointing.num-retained", "state.checkpoints.num-retained"}
	keysCleaner        = []string{"execution.checkpointing.cleaner.parallel-mode", "state.checkpoint.cleaner.parallel-mode"}
	keysRetention      = []string{"execution.checkpointing.externalized-checkpoint-retention"}
	keysBackend        = []string{"state.backend.type", "state.backend"}
	keysStorage        = []string{"execution.checkpointing.storage", "state.checkpoint-storage"}
	keysDir            = []string{"execution.checkpointing.dir", "state.checkpoints.dir"}
	keysHA             = []string{"high-availability.type", "high-availability"}
	keysHistory        = []string{"web.checkpoints.history"}
	keysIOPool         = []string{"jobmanager.io-pool.size"}
	keysClusterPool    = []string{"cluster.io-pool.size"}
	keysTransfer       = []string{"state.backend.rocksdb.checkpoint.transfer.thread.num"}
	keysFrameSize      = []string{"pekko.framesize", "akka.framesize"}
	keysInline         = []string{"execution.checkpointing.data-inline-threshold", "state.storage.fs.memory-threshold"}
	keysAskTimeout     = []string{"pekko.ask.timeout", "akka.ask.timeout"}
	keysCleanup        = []string{"execution.savepoint.cleanup-in-background"}
	keysJobManagerCPU  = []string{"kubernetes.jobmanager.cpu.amount", "kubernetes.jobmanager.cpu"}
	keysCPULimitFactor = []string{"kubernetes.jobmanager.cpu.limit-factor"}
	keysProcessMemory  = []string{"jobmanager.memory.process.size"}
	keysHeapMemory     = []string{"jobmanager.memory.heap.size"}
	// keysOldHeap stood for the heap or for the whole process, depending on who started the JobManager; it turned them into keysHeapMemory.
	keysOldHeap         = []string{"jobmanager.memory.heap.size", "jobmanager.heap.size", "jobmanager.heap.mb"}
	keysMetricsInterval = []string{"metrics.fetcher.update-interval"}
)

// Flink's defaults where the version does not matter (1.15 to 2.3).
const (
	defaultTimeout   = 10 * time.Minute
	defaultTransfer  = 4
	defaultHistory   = 10
	defaultFrameSize = 10485760
	defaultInline    = 20 << 10
	defaultAsk       = 10 * time.Second
	defaultMetrics   = 10 * time.Second
)

// lookups finds settings in the configuration the JobManager runs with, and tells who set them.
type lookups struct {
	// version is Flink's: a key that is younger says nothing of it. Empty where it is not known.
	version string
	cluster map[string]string // nil where it could not be read
	target  map[string]string
	places  map[string][]model.SettingPlace // of a standalone JobManager
	// targetBy is whose configuration target is; empty means the target's.
	targetBy api.SettingOrigin
	// job is what a job on a session cluster was submitted with, which wins over the cluster's configuration, and jobBy whose that is.
	job   map[string]string
	jobBy api.SettingOrigin
}

// lookupsOf orders the configurations of a target and what lies beside it. What belongs to the JobManager is not the job's to set.
func lookupsOf(facts *clusterFacts, target *model.Target) lookups {
	l := lookups{version: facts.version, cluster: facts.config}
	if target == nil {
		return l
	}
	l.target = target.Config
	if target.Standalone != nil {
		l.places = target.Standalone.Places
	}
	for i := range target.Others {
		switch other := &target.Others[i]; {
		case target.Kind == kindFlinkSessionJob && other.Kind == kindFlinkDeployment:
			l.target, l.targetBy = other.Config, api.OriginSessionCluster
			l.job, l.jobBy = target.Config, api.OriginTarget
		case other.Kind == kindFlinkSessionJob:
			l.job, l.jobBy = other.Config, api.OriginSessionJob
		}
	}
	if l.job != nil {
		l.job = maps.Clone(l.job)
		maps.DeleteFunc(l.job, func(key, _ string) bool { return model.ClusterScoped(key) })
	}
	return l
}

// known are those of the names of a setting that the running version reads, the newest first.
func (l lookups) known(keys []string) []string {
	for i, key := range keys {
		if l.reads(key) {
			return keys[i:] // what is older, it reads as well
		}
	}
	return nil
}

// find returns a configured value; ok is false where neither the job, the cluster nor the target sets it under a key that Flink reads.
func (l lookups) find(keys []string) (key, value string, ok bool) {
	newest := keys[0]
	if keys = l.known(keys); len(keys) > 0 {
		newest = keys[0]
	}
	for _, config := range []map[string]string{l.job, l.cluster, l.target} {
		for _, key := range keys {
			if value, ok := config[key]; ok {
				return key, value, true
			}
		}
	}
	return newest, "", false
}

// setBy tells who set what is configured.
func (l lookups) setBy(keys []string) api.SettingOrigin {
	keys = l.known(keys)
	for _, key := range keys {
		if places := l.places[key]; len(places) > 0 {
			return places[0].Origin
		}
		if _, ok := l.job[key]; ok {
			return l.jobBy
		}
	}
	for _, key := range keys {
		if _, ok := l.target[key]; ok {
			return cmp.Or(l.targetBy, api.OriginTarget)
		}
	}
	for _, key := range keys {
		if _, ok := l.cluster[key]; ok {
			return api.OriginOperatorDefault
		}
	}
	return api.OriginDefault
}

// configured is a setting that only the configuration tells: what Flink would use.
func configured[T any](l lookups, keys []string, parse func(string) (T, error), standard T, hasStandard bool) model.Setting[T] {
	key, text, ok := l.find(keys)
	setting := model.Setting[T]{Key: key, Ignored: l.ignored(keys, text)}
	if ok {
		if value, err := parse(text); err == nil {
			setting.Value, setting.Known, setting.Origin = value, true, l.setBy(keys)
			return setting
		}
		setting.Origin = api.OriginUnknown
		return setting
	}
	setting.Value, setting.Known, setting.Origin = standard, hasStandard, api.OriginDefault
	if l.cluster == nil || !hasStandard {
		setting.Origin = api.OriginUnknown
		setting.Known = setting.Known && l.cluster != nil
	}
	return setting
}

// inForce is a setting that the running job tells: where the configuration says otherwise, the job's code set it.
func inForce[T comparable](l lookups, keys []string, value T, parse func(string) (T, error), standard T) model.Setting[T] {
	key, text, ok := l.find(keys)
	setting := model.Setting[T]{Value: value, Known: true, Key: key, Origin: api.OriginJobCode, Ignored: l.ignored(keys, text)}
	wanted, err := standard, error(nil)
	if ok {
		wanted, err = parse(text)
	}
	switch {
	case err == nil && wanted == value:
		setting.Origin = l.setBy(keys)
	case l.cluster == nil && !ok:
		setting.Origin = api.OriginUnknown
	}
	return setting
}

func parseText(s string) (string, error)   { return s, nil }
func parseInt(s string) (int, error)       { return strconv.Atoi(strings.TrimSpace(s)) }
func parseFloat(s string) (float64, error) { return strconv.ParseFloat(strings.TrimSpace(s), 64) }
func parseBool(s string) (bool, error) {
	return strconv.ParseBool(strings.ToLower(strings.TrimSpace(s)))
}

// parseExactlyOnce reads execution.checkpointing.mode.
func parseExactlyOnce(s string) (bool, error) {
	return strings.EqualFold(strings.ReplaceAll(strings.TrimSpace(s), "-", "_"), "exactly_once"), nil
}

// settingsOf puts together the values in force and where each comes from.
func settingsOf(facts *clusterFacts, target *model.Target) model.Settings {
	l := lookupsOf(facts, target)
	s := model.Settings{Cluster: facts.config}
	if facts.hasInForce {
		jobSettings(&s, l, &facts.inForce)
	} else {
		configuredJobSettings(&s, l)
	}
	clusterSettings(&s, l, facts.version)
	jobManagerSettings(&s, l, target)
	if target != nil && target.Standalone != nil {
		explainPlaces(&s, target)
	}
	return s
}

// jobSettings come from /jobs/:id/checkpoints/config, which job code can override.
func jobSettings(s *model.Settings, l lookups, c *flink.CheckpointConfig) {
	s.Timeout = inForce(l, keysTimeout, millis(c.Timeout), model.ParseDuration, defaultTimeout)
	s.MinPause = inForce(l, keysMinPause, max(millis(c.MinPause), 0), model.ParseDuration, 0)
	s.AlignedTimeout = inForce(l, keysAlignedTimeout, max(millis(c.AlignedCheckpointTimeout), 0), model.ParseDuration, 0)
	s.MaxConcurrent = inForce(l, keysMaxConcurrent, c.MaxConcurrent, parseInt, 1)
	s.TolerableFailed = inForce(l, keysTolerable, c.TolerableFailedCheckpoints, parseInt, 0)
	s.ExactlyOnce = inForce(l, keysMode, strings.EqualFold(c.Mode, "exactly_once"), parseExactlyOnce, true)
	s.Unaligned = inForce(l, keysUnaligned, c.Unaligned, parseBool, false)
	if c.Periodic() {
		s.Interval = inForce(l, keysInterval, millis(c.Interval), model.ParseDuration, 0)
	}
	s.StateBackend = model.Setting[string]{Value: c.StateBackend, Known: c.StateBackend != "", Origin: l.setBy(keysBackend), Key: keysBackend[0]}
	s.CheckpointStorage = model.Setting[string]{Value: c.CheckpointStorage, Known: c.CheckpointStorage != "", Origin: l.setBy(keysStorage), Key: keysStorage[0]}
	s.ExternalizedRetained = model.Setting[bool]{Value: c.Externalization.Enabled && !c.Externalization.DeleteOnCancellation, Known: true,
		Origin: l.setBy(keysRetention), Key: keysRetention[0]}
}

// configuredJobSettings are the next best: what the configuration says, where the job could not be asked.
func configuredJobSettings(s *model.Settings, l lookups) {
	s.Timeout = configured(l, keysTimeout, model.ParseDuration, defaultTimeout, true)
	s.Interval = configured(l, keysInterval, model.ParseDuration, 0, false)
	s.MinPause = configured(l, keysMinPause, model.ParseDuration, 0, true)
	s.AlignedTimeout = configured(l, keysAlignedTimeout, model.ParseDuration, 0, true)
	s.MaxConcurrent = configured(l, keysMaxConcurrent, parseInt, 1, true)
	s.TolerableFailed = configured(l, keysTolerable, parseInt, 0, true)
	s.ExactlyOnce = configured(l, keysMode, parseExactlyOnce, true, true)
	s.Unaligned = configured(l, keysUnaligned, parseBool, false, true)
	s.StateBackend = configured(l, keysBackend, parseText, "", false)
	s.CheckpointStorage = configured(l, keysStorage, parseText, "", false)
}

// clusterSettings are what only the configuration tells.
func clusterSettings(s *model.Settings, l lookups, version string) {
	s.Incremental = configured(l, keysIncremental, parseBool, false, true)
	s.NumRetained = configured(l, keysNumRetained, parseInt, 1, true)
	s.HistorySize = configured(l, keysHistory, parseInt, defaultHistory, true)
	s.IOPoolSize = configured(l, keysIOPool, parseInt, 0, false)
	s.ClusterPoolSize = configured(l, keysClusterPool, parseInt, 0, false)
	s.TransferThreads = configured(l, keysTransfer, parseInt, defaultTransfer, true)
	parallel, known := cleansInParallel(version)
	s.CleanerParallel = configured(l, keysCleaner, parseBool, parallel, known)
	s.BackgroundCleanup = configured(l, keysCleanup, parseBool, false, false)
	s.CheckpointDir = configured(l, keysDir, parseText, "", false)
	s.HighAvailability = configured(l, keysHA, parseText, "NONE", true)
	s.FrameSize = configured(l, keysFrameSize, model.ParseMemory, defaultFrameSize, true)
	s.InlineThreshold = configured(l, keysInline, model.ParseMemory, defaultInline, true)
	s.AskTimeout = configured(l, keysAskTimeout, model.ParseDuration, defaultAsk, true)
}

// cleansInParallel tells what a JobManager does without the cleaner's key: one file after the other before 1.19 (which has no such key), in
// parallel since (FLINK-33090).
func cleansInParallel(version string) (parallel, known bool) {
	running, known := releaseOf(version)
	return known && !running.before(release{1, 19}), known
}

// jobManagerSettings are the JobManager's size: the target's resource fields win over its configuration (FlinkConfigBuilder of the
// Flink operator), and the cluster's configuration shows what came of them.
func jobManagerSettings(s *model.Settings, l lookups, target *model.Target) {
	s.JobManagerCPU = configured(l, keysJobManagerCPU, parseFloat, 0, false)
	if factor := configured(l, keysCPULimitFactor, parseFloat, 1, true); s.JobManagerCPU.Known && factor.Value > 1 {
		s.JobManagerCPU.Value *= factor.Value
	}
	s.JobManagerProcess = configured(l, keysProcessMemory, model.ParseMemory, 0, false)
	s.JobManagerHeap = configured(l, keysHeapMemory, model.ParseMemory, 0, false)
	s.JobManagerHeap.Ignored = l.ignored(keysOldHeap, "")
	if target == nil || target.Kind == "" {
		return
	}
	if target.JobManagerCPU.Known {
		if !s.JobManagerCPU.Known {
			s.JobManagerCPU.Value, s.JobManagerCPU.Known = target.JobManagerCPU.Value, true
		}
		s.JobManagerCPU.Origin = cmp.Or(l.targetBy, api.OriginTarget)
		s.JobManagerCPU.Source = l.sizeSource(target, "cpu")
	}
	if size, err := model.ParseMemory(target.JobManagerMemory); err == nil && target.JobManagerMemory != "" {
		if !s.JobManagerProcess.Known {
			s.JobManagerProcess.Value, s.JobManagerProcess.Known = size, true
		}
		s.JobManagerProcess.Origin = cmp.Or(l.targetBy, api.OriginTarget)
		s.JobManagerProcess.Source = l.sizeSource(target, "memory")
	}
}
