package cli

import (
	"strings"
	"testing"
	"time"
)

// Addresses that cannot be used are shown in errors; what people put into them besides is not.
func TestNoErrorShowsCredentials(t *testing.T) {
	for _, args := range [][]string{
		{"diagnose", "admin:hunter2@jobmanager:8081"},
		{"diagnose", "http://admin:hunter2@job manager:8081"},
		{"diagnose", "http://admin:hunter2@jobmanager:80:81"},
		{"diagnose", "jobmanager:8081/x?token=hunter2"},
		{"record", "admin:hunter2@jobmanager:8081", "-o", t.TempDir() + "/a.har"},
		{"record", "http://admin:hunter2@job manager:8081", "-o", t.TempDir() + "/a.har"},
		{"record", "http://admin:hunter2@jobmanager:80%zz81", "-o", t.TempDir() + "/a.har"},
	} {
		s := newShell(t, time.Unix(1_700_000_000, 0))
		status := s.run(t, args...)
		if said := s.err.String() + s.out.String(); status != StatusUnknown || strings.Contains(said, "hunter2") || !strings.Contains(said, "http://") {
			t.Errorf("%q: status %d, %q; want 2, what is right, and no password", args, status, said)
		}
	}
}
