package engine

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Settings are what a running Flink has taken from its configuration.
type Settings struct {
	Major, Minor int // Flink version
	Interval     time.Duration
	Timeout      time.Duration
	MinPause     time.Duration
	Concurrent   int
	Tolerable    int
	Unaligned    bool
	Incremental  bool
	RocksDB      bool
	IOPool       int
	ClusterPool  int  // threads of cluster-io
	HA           bool // high availability: replaced checkpoints are deleted in cluster-io
	ParallelMode bool
	Threads      int     // parallel transfers of RocksDB
	FrameSize    int64   // bytes of the largest RPC message
	CPU          float64 // cores of the JobManager's container
	Heap         int64   // bytes
	Process      int64   // bytes of the JobManager's process
}

// ReadSettings reads a flat Flink configuration as Flink of that version would, with Flink's defaults. Keys that a version
// does not know are ignored, as Flink ignores them. cpu is in cores; memory is the process size in bytes.
func ReadSettings(version string, config map[string]string, cpu float64, memory int64) (Settings, error) {
	r := reader{config: config}
	s := Settings{CPU: cpu, Process: memory}
	var err error
	if s.Major, s.Minor, err = parseVersion(version); err != nil {
		return s, err
	}
	s.Interval = r.duration(0, "execution.checkpointing.interval")
	s.Timeout = r.duration(10*time.Minute, "execution.checkpointing.timeout")
	s.MinPause = r.duration(0, "execution.checkpointing.min-pause")
	s.Concurrent = r.number(1, "execution.checkpointing.max-concurrent-checkpoints")
	s.Tolerable = r.number(0, "execution.checkpointing.tolerable-failed-checkpoints")
	s.Unaligned = r.flag(false, "execution.checkpointing.unaligned.enabled", "execution.checkpointing.unaligned")
	s.Incremental = r.flag(false, s.incrementalKeys()...)
	s.RocksDB = strings.Contains(strings.ToLower(r.text("hashmap", "state.backend.type", "state.backend")), "rocksdb")
	s.ParallelMode = s.AtLeast(1, 19) && r.flag(true, "execution.checkpointing.cleaner.parallel-mode", "state.checkpoint.cleaner.parallel-mode")
	s.Threads = r.number(4, "state.backend.rocksdb.checkpoint.transfer.thread.num")
	s.FrameSize = r.size(10485760, "pekko.framesize", "akka.framesize")
	s.IOPool = r.number(max(1, int(math.Ceil(cpu))), "jobmanager.io-pool.size")
	s.ClusterPool = r.number(4*max(1, int(math.Ceil(cpu))), "cluster.io-pool.size")
	s.HA = !strings.EqualFold(r.text("NONE", "high-availability.type", "high-availability"), "NONE")
	s.Heap = HeapOf(memory)
	if r.err == nil && s.Unaligned && s.Concurrent > 1 {
		r.err = fmt.Errorf("maxConcurrentCheckpoints can't be > 1 if UnalignedCheckpoints enabled")
	}
	if r.err == nil && s.Heap < 64<<20 {
		r.err = fmt.Errorf("jobManager.resource.memory of %d bytes leaves a heap of %d bytes; at least 640m is needed", memory, s.Heap)
	}
	return s, r.err
}

// AtLeast tells whether this Flink is that version or a later one.
func (s Settings) AtLeast(major, minor int) bool {
	return s.Major > major || s.Major == major && s.Minor >= minor
}

func (s Settings) incrementalKeys() []string {
	if s.AtLeast(1, 20) {
		return []string{"execution.checkpointing.incremental", "state.backend.incremental"}
	}
	return []string{"state.backend.incremental"}
}

// HeapOf derives the heap from the process size with Flink's defaults (ProcessMemoryUtils, 1.15 to 2.3):
// process − 256 MiB metaspace − overhead (a tenth, within 192 MiB and 1 GiB) − 128 MiB off-heap.
func HeapOf(process int64) int64 {
	overhead := min(max(process/10, 192<<20), 1<<30)
	return process - 256<<20 - overhead - 128<<20
}

func parseVersion(version string) (major, minor int, err error) {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) >= 2 {
		major, err = strconv.Atoi(parts[0])
		if err == nil {
			minor, err = strconv.Atoi(parts[1])
		}
	}
	if len(parts) < 2 || err != nil {
		return 0, 0, fmt.Errorf("flink version %q is not major.minor.patch", version)
	}
	return major, minor, nil
}

// reader takes values from a flat configuration and keeps the first error.
type reader struct {
	config map[string]string
	err    error
}

// text returns the value of the first of the keys that is set.
func (r *reader) text(otherwise string, keys ...string) string {
	for _, key := range keys {
		if value, set := r.config[key]; set {
			return strings.TrimSpace(value)
		}
	}
	return otherwise
}

func (r *reader) keep(keys []string, err error) {
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %w", keys[0], err)
	}
}

func (r *reader) duration(otherwise time.Duration, keys ...string) time.Duration {
	text := r.text("", keys...)
	if text == "" {
		return otherwise
	}
	d, err := ParseDuration(text)
	r.keep(keys, err)
	return d
}

func (r *reader) size(otherwise int64, keys ...string) int64 {
	text := r.text("", keys...)
	if text == "" {
		return otherwise
	}
	n, err := ParseMemory(text)
	r.keep(keys, err)
	return n
}

func (r *reader) number(otherwise int, keys ...string) int {
	text := r.text("", keys...)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err == nil && n < 1 && otherwise > 0 {
		err = fmt.Errorf("%d is less than 1", n)
	}
	r.keep(keys, err)
	return n
}

func (r *reader) flag(otherwise bool, keys ...string) bool {
	text := r.text("", keys...)
	if text == "" {
		return otherwise
	}
	b, err := strconv.ParseBool(strings.ToLower(text))
	r.keep(keys, err)
	return b
}
