package diagnose

import (
	"strings"
	"testing"

	"checkpointhealth.dev/operator/controllers/model"
)

// What the log says is not asked for again, and the advice fits the version, the state backend and the size that was sent.
func TestAdviceForALargeAcknowledgement(t *testing.T) {
	const detail = "max allowed size 500000 bytes, actual size of encoded class org.example.Rpc was 725414 bytes"
	for name, c := range map[string]struct {
		version, backend, detail string
		has, hasNot              []string
	}{
		"all known":     {"1.20.5", "hashmap", detail, []string{"Set pekko.framesize to 1450828b, on JobManager and TaskManagers: 725414 bytes were sent, and 500000 are allowed"}, []string{"akka", "SST"}},
		"RocksDB":       {"1.20.5", "rocksdb", detail, []string{"SST files"}, []string{"akka"}},
		"before 1.18":   {"1.17.2", "rocksdb", detail, []string{"Set akka.framesize to 1450828b"}, []string{"pekko", "SST"}},
		"nothing known": {"", "", "", []string{"Raise pekko.framesize (akka.framesize up to Flink 1.17) above the size in the log", "SST files"}, nil},
	} {
		s := lostAcknowledgements(all(quick), 1, 1, 1)
		s.Job.FlinkVersion = c.version
		s.Settings.StateBackend = model.Setting[string]{Value: c.backend, Known: c.backend != ""}
		s.Logs = []model.LogSignal{{Kind: model.LogOversizedPayload, Process: "tm-1", Count: 8, First: testNow, Last: testNow, Detail: c.detail}}
		a := oversizedAck.assess(featuresOf(t, s))
		a.complete(featuresOf(t, s))
		said := strings.Join(a.finding.Advice, " ")
		for _, text := range c.has {
			if !strings.Contains(said, text) {
				t.Errorf("%s: %q is not in %q", name, text, said)
			}
		}
		for _, text := range c.hasNot {
			if strings.Contains(said, text) {
				t.Errorf("%s: %q is in %q", name, text, said)
			}
		}
		if strings.Contains(a.finding.NextMeasurement, "OversizedPayloadException") {
			t.Errorf("%s: it asks for the line that it has: %q", name, a.finding.NextMeasurement)
		}
	}
	s := lostAcknowledgements(all(quick), 1, 1, 1)
	a := oversizedAck.assess(featuresOf(t, s))
	a.complete(featuresOf(t, s))
	if !strings.Contains(a.finding.NextMeasurement, "OversizedPayloadException") {
		t.Errorf("it does not ask for the line that it has not: %q", a.finding.NextMeasurement)
	}
}
