package diagnose

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/Masterminds/semver/v3"

	"checkpointhealth.dev/operator/controllers/model"
)

var (
	// pekkoSince is the first Flink with Pekko in the place of Akka (FLINK-32468), and compactionSince the first that merges small SST files by a setting
	// (FLINK-26050).
	pekkoSince      = semver.MustParse("1.18.0")
	compactionSince = semver.MustParse("1.20.0")
	// discarded are the sizes in what Flink logs of a message that is too large, in bytes: what is allowed, and what was sent.
	discarded = regexp.MustCompile(`allowed size (\d{1,18}) bytes.* (\d{1,18}) bytes`)
)

// frameRoom is how much larger than the message the frame is to be: state grows on, and a frame is only an upper bound.
const frameRoom = 2

// largerFrame says which key holds the size of a frame, and what to set where the log names what was sent.
func largerFrame(f *features) string {
	key := "pekko.framesize (akka.framesize up to Flink 1.17)"
	if own := flinkVersion(f.s.Job.FlinkVersion); own != nil {
		key = "pekko.framesize"
		if own.LessThan(pekkoSince) {
			key = "akka.framesize"
		}
	}
	const where = ", on JobManager and TaskManagers"
	if s := f.words.logs[model.LogOversizedPayload]; s != nil {
		if m := discarded.FindStringSubmatch(s.Detail); m != nil {
			if sent, err := strconv.ParseInt(m[2], 10, 64); err == nil && sent < 1<<60 {
				return fmt.Sprintf("Set %s to %db%s: %d bytes were sent, and %s are allowed; twice what was sent leaves room.", key, frameRoom*sent, where, sent, m[1])
			}
		}
	}
	return "Raise " + key + " above the size in the log" + where + "."
}

// smallerAck says what makes an acknowledgement smaller; it has handles of SST files only with RocksDB.
func smallerAck(f *features) string {
	text := "Or make the acknowledgement smaller: a lower execution.checkpointing.data-inline-threshold"
	backend, own := f.s.Settings.StateBackend, flinkVersion(f.s.Job.FlinkVersion)
	withoutFiles := backend.Known && !strings.Contains(strings.ToLower(backend.Value), "rocksdb")
	if withoutFiles || own != nil && own.LessThan(compactionSince) {
		return text + "."
	}
	return text + ", fewer and larger SST files (state.backend.rocksdb.manual-compaction.min-interval, 1.20+)."
}
