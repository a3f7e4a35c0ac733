package plan

import (
	"fmt"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

const (
	// pileFiles and pileBytes are how much RocksDB may hold on top of what it held when an upload was measured: it compacts once so many files of a write
	// buffer each have come (level0_file_num_compaction_trigger 4, write_buffer_size 64 MiB), and none of them holds more than the whole state. While
	// checkpoints are quick a few small files come together; while one takes minutes they fill. Measured: 8 MiB a subtask became
	// 23 in one checkpoint, and a state of 12 MiB that takes 61 s took 2 minutes.
	pileFiles = 4
	pileBytes = 64 * mib
)

// room is the headroom over what an upload was seen to take, and why it is more than the usual one.
func (v *view) room() (factor float64, why string) {
	bytes := v.lateBytes()
	if v.topOrNone().Cause != api.CauseSlowStateBackend || !v.incrementalBackend() || bytes <= 0 {
		return headroom, ""
	}
	factor = 1 + pileFiles*min(bytes, pileBytes)/bytes
	if factor <= headroom {
		return headroom, ""
	}
	return factor, fmt.Sprintf(", of up to %s, of which the state backend writes up to %s times as much where checkpoints take long", bytesText(bytes), numberText(factor))
}
