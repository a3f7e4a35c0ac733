package observe

import "slices"

// SettingKeys are the names of all settings that a diagnosis reads, as Flink 1.15 to 2.3 spell them.
func SettingKeys() []string {
	return slices.Concat(
		keysTimeout, keysInterval, keysMinPause, keysMaxConcurrent, keysTolerable, keysMode, keysUnaligned, keysAlignedTimeout, keysIncremental,
		keysNumRetained, keysCleaner, keysRetention, keysBackend, keysStorage, keysDir, keysHA, keysHistory, keysIOPool, keysClusterPool,
		keysTransfer, keysFrameSize, keysInline, keysAskTimeout, keysCleanup, keysJobManagerCPU, keysCPULimitFactor, keysProcessMemory, keysOldHeap,
		keysMetricsInterval,
	)
}
