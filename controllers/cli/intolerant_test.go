package cli

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Real Flink whose job tolerates no failed checkpoint, as is its default: the cause is found although nothing comes late, and the longer timeout of
// slow storage is not refused for that.
func TestRecordingsOfJobsThatRestartAtEachExpiry(t *testing.T) {
	dir := filepath.Join("testdata", "intolerant")
	labels := filepath.Join(dir, "labels.yaml")
	s := newShell(t, time.Unix(1795651200, 0))
	if code := s.run(t, "backtest", dir, "--labels", labels); code != 0 || !strings.Contains(s.out.String(), "top-1 4 of 4 (100 %)") {
		t.Errorf("status %d\n%s%s", code, s.out.String(), s.err.String())
	}
	s = newShell(t, time.Unix(1795651200, 0))
	s.run(t, "diagnose", "--recording", filepath.Join(dir, "slow-storage.har.gz"))
	for _, want := range []string{string(api.CauseSlowStateBackend), "execution.checkpointing.timeout 10s -> 2m", "each expiry restarts the job"} {
		if !strings.Contains(strings.Join(strings.Fields(s.out.String()), " "), want) {
			t.Errorf("%q is not said:\n%s", want, s.out.String())
		}
	}
}
