package plan

import (
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// pileFiles and pileBytes are how much RocksDB may hold on top of what it held when an upload was measured: it compacts once so many files of a write
	// buffer each have come (level0_file_num_compaction_trigger 4, write_buffer_size 64 MiB), and none of them holds more than the whole state. While
	// checkpoints are quick a few small files come together; while one takes minutes they fill. Measured: 8 MiB a subtask became
	// 23 in one checkpoint, and a state of 12 MiB that takes 61 s took 2 minutes, both of full checkpoints: those upload all of these files as well, as they are
	// (RocksNativeFullSnapshotStrategy, in Flink 1.17 to 2.2); only a canonical savepoint reads the live keys.
	pileFiles = 4
	pileBytes = 64 * mib
)

// moreTogether is how much longer a checkpoint takes in a longer interval, at most of those that were measured: 1.2 to 2.5 times as long at the median. What
// changed in the interval is more, RocksDB has more that is not compacted, and a state that grows has grown.
const moreTogether = 2.5

// given is the timeout for what takes so long by itself, and its arithmetic. Beside a longer interval more comes together: that part is a guess.
func (v *view) given(took time.Duration, factor float64) (want time.Duration, arithmetic string) {
	want = withFactor(took, factor)
	if v.beside == 0 {
		return want, product(took, factor, want)
	}
	want, arithmetic = v.withinReplay(took, factor*moreTogether, want, "its headroom")
	return want, fmt.Sprintf("more comes together in a longer interval, up to %s times as much was measured: %s", numberText(moreTogether), arithmetic)
}

// room is the headroom over what an upload was seen to take, and why it is more than the usual one.
func (v *view) room() (factor float64, why string) {
	bytes := v.lateBytes()
	if v.topOrNone().Cause != api.CauseSlowStateBackend || !v.incrementalBackend() || bytes <= 0 {
		return headroom, ""
	}
	factor = 1 + pileFiles*min(bytes, v.writeBuffer())/bytes
	if factor <= headroom {
		return headroom, ""
	}
	return factor, fmt.Sprintf(", of up to %s, of which the state backend writes up to %s times as much where checkpoints take long", bytesText(bytes), numberText(factor))
}

// writeBuffer is the size of a write buffer of the state backend in bytes, RocksDB's default where it is not set.
func (v *view) writeBuffer() float64 {
	for _, key := range []string{keyWriteBuffer, keyWriteBufferForSt} {
		text, ok := v.written(key)
		if !ok {
			text = v.s.Settings.Cluster[key]
		}
		if size, err := model.ParseMemory(text); err == nil && size > 0 {
			return float64(size)
		}
	}
	return pileBytes
}
