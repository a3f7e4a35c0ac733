package plan

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// What RocksDB holds beside the state itself grows while checkpoints take long, until four files of a write buffer each have come.
func TestTimeoutHasRoomForWhatRocksDBPilesUp(t *testing.T) {
	const rocks = "EmbeddedRocksDBStateBackend"
	mib := int64(1 << 20)
	for _, c := range []struct {
		name, backend, to, says string
		cause                   api.Cause
		bytes                   int64
		change                  func(*Input)
	}{
		{"8 MiB, and four times that: 18s x 5", rocks, "90s", "came after 18s, of up to 8 MiB, of which the state backend writes up to 5 times as much where checkpoints take long: 18s x 5 = 1m30s", api.CauseSlowStateBackend, 8 * mib, nil},
		{"128 MiB, and 4 x 64: 18s x 3", rocks, "55s", "up to 3 times as much", api.CauseSlowStateBackend, 128 * mib, nil},
		{"4 GiB, of which that is little: 18s x 2.2", rocks, "40s", "came after 18s: 18s x 2.2 = 40s", api.CauseSlowStateBackend, 4096 * mib, nil},
		{"a state on the heap is written as it is", "HashMapStateBackend", "40s", "18s x 2.2", api.CauseSlowStateBackend, 8 * mib, nil},
		{"it is the network that takes the time", rocks, "40s", "18s x 2.2", api.CauseNetworkLatency, 8 * mib, nil},
		{"a full checkpoint uploads all of it as well", rocks, "90s", "18s x 5", api.CauseSlowStateBackend, 8 * mib, func(in *Input) { in.Snapshot.Settings.Incremental = set(false) }},
		{"whether it is one is not known", rocks, "90s", "18s x 5", api.CauseSlowStateBackend, 8 * mib, func(in *Input) { in.Snapshot.Settings.Incremental.Known = false }},
		{"4 x 4 MiB and 8: 18s x 3", rocks, "55s", "up to 3 times as much", api.CauseSlowStateBackend, 8 * mib, func(in *Input) { in.Snapshot.Target.Config[keyWriteBuffer] = "4mb" }},
		{"as the JobManager runs with it", rocks, "55s", "up to 3 times as much", api.CauseSlowStateBackend, 8 * mib, func(in *Input) {
			in.Snapshot.Settings.Cluster = map[string]string{keyWriteBuffer: "4mb"}
		}},
		{"of which nothing can be read", rocks, "90s", "18s x 5", api.CauseSlowStateBackend, 8 * mib, func(in *Input) { in.Snapshot.Target.Config[keyWriteBuffer] = "x" }},
	} {
		in := uploading(time.Hour, 1, c.bytes)
		in.Snapshot.Settings.Incremental = set(true)
		if c.change != nil {
			c.change(&in)
		}
		in.Snapshot.Settings.StateBackend, in.Diagnosis.Findings[0].Cause = set(c.backend), c.cause
		in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = []time.Duration{18 * time.Second}, true
		d := Decide(in)
		if change, _ := field(d, keyTimeout); change.To != c.to || !strings.Contains(d.Remedy.Reason, c.says) {
			t.Errorf("%s: %+v %+v, want %s, %q", c.name, change, d.Remedy, c.to, c.says)
		}
	}
}
