package plan

import (
	"strings"

	"checkpointhealth.dev/operator/controllers/model"
)

// Flink keys that remedies write, by the versions that read them (1.15 to 2.3).
const (
	keyTimeout          = model.KeyTimeout
	keyInterval         = model.KeyInterval
	keyIntervalBacklog  = "execution.checkpointing.interval-during-backlog" // 1.19+: 0 or at least the interval, or the job is rejected
	keyMaxConcurrent    = "execution.checkpointing.max-concurrent-checkpoints"
	keyTolerable        = "execution.checkpointing.tolerable-failed-checkpoints" // only told of: nothing writes it
	keyIOPool           = "jobmanager.io-pool.size"
	keyClusterPool      = "cluster.io-pool.size"
	keyTransfer         = "state.backend.rocksdb.checkpoint.transfer.thread.num"
	keyWriteBuffer      = "state.backend.rocksdb.writebuffer.size" // only read, as ForSt's
	keyAlignedTimeout   = "execution.checkpointing.aligned-checkpoint-timeout"
	keyHeapSize         = "jobmanager.memory.heap.size"
	keyProcessSize      = "jobmanager.memory.process.size"
	keyWriteBufferForSt = "state.backend.forst.writebuffer.size"
	// keyRunbookFlag is read by no Flink version: see DIAGNOSIS, "cleanup flag".
	keyRunbookFlag = "execution.savepoint.cleanup-in-background"
	// keyOperatorCleanup is read by the Flink operator, live and without a restart.
	keyOperatorCleanup = "kubernetes.operator.savepoint.cleanup.enabled"

	keyIncremental, keyIncrementalOld = "execution.checkpointing.incremental", "state.backend.incremental"                        // 1.20+, deprecated alias
	keyCleaner, keyCleanerOld         = "execution.checkpointing.cleaner.parallel-mode", "state.checkpoint.cleaner.parallel-mode" // 1.20+, 1.19
	keyUnaligned, keyUnalignedOld     = "execution.checkpointing.unaligned.enabled", "execution.checkpointing.unaligned"          // 1.17+, before
	fieldCPU, fieldMemory             = "jobManager.resource.cpu", "jobManager.resource.memory"
	fieldUpgradeMode                  = model.FieldUpgradeMode
)

// incrementalKey is the key for incremental checkpoints: the one the user wrote, else the version's. The old one is still read everywhere.
func (v *view) incrementalKey() string {
	return v.keyOf(keyIncremental, keyIncrementalOld, v.version.atLeast(1, 20))
}

// unalignedKey is the key for unaligned checkpoints. In Flink 2 the two must not stand side by side: one is a prefix of the other.
func (v *view) unalignedKey() string {
	return v.keyOf(keyUnaligned, keyUnalignedOld, v.version.atLeast(1, 17))
}

// cleanerKey is the key of the cleaner's parallel mode; empty where the version has none or is not known.
func (v *view) cleanerKey() string {
	if !v.version.atLeast(1, 19) {
		return ""
	}
	return v.keyOf(keyCleaner, keyCleanerOld, v.version.atLeast(1, 20))
}

// keyOf prefers the form that is there already, so that the target never holds both; a form that is younger than the running version does nothing
// there, and the old one is written beside it.
func (v *view) keyOf(current, old string, useCurrent bool) string {
	_, hasCurrent := v.written(current)
	_, hasOld := v.written(old)
	switch {
	case v.version.known && !useCurrent:
		return old
	case hasCurrent && (useCurrent || !hasOld):
		return current
	case hasOld, !useCurrent:
		return old
	}
	return current
}

// restartFree tells whether the Flink operator takes a change of the field without redeploying: it compares configurations key by key
// and ignores these prefixes (spec.diff annotations of AbstractFlinkSpec, operator 1.7 to 1.15).
func restartFree(field string) bool {
	return strings.HasPrefix(field, "kubernetes.operator.") || strings.HasPrefix(field, "job.autoscaler.")
}
