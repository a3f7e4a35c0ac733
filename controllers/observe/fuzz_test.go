package observe

import (
	"strings"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// Whatever a log holds, it is read to its end, and what is kept of it is bounded and printable.
func FuzzScanLog(f *testing.F) {
	f.Add(jobManagerLog)
	f.Add("{\"log\":\"2026-03-01 20:00:00,000 INFO x [] - Checkpoint 5 of job " + job32 + " expired before completing.\\n\"}\n")
	f.Add("\x1f\x8b\x08")
	f.Add("\x1b[32m2026-03-01T20:00:00.000+08:00 x\x00\xff\u202e Task 'a (1/1)#0' did not react to it; it is stuck for 30 seconds\n\tat a.b(C.java)\n")
	f.Fuzz(func(t *testing.T, text string) {
		report, err := ScanLog(strings.NewReader(text), "p")
		if err != nil {
			return
		}
		s := FromLogs([]*LogReport{report}, nil, time.UnixMilli(1), Selector{})
		for _, signal := range s.Logs {
			checkText(t, signal.Sample, maxSample)
			checkText(t, signal.Detail, maxName)
		}
		if len(s.Checkpoints.History) > maxHistory || len(s.Stacks) > maxStacks {
			t.Errorf("%d checkpoints and %d stacks are kept", len(s.Checkpoints.History), len(s.Stacks))
		}
	})
}

func checkText(t *testing.T, text string, limit int) {
	t.Helper()
	if len(text) > limit+4 || strings.ContainsAny(text, "\x00\x1b\n\u202e") {
		t.Errorf("%q is kept: %d bytes, or not printable", text, len(text))
	}
}

// Whatever stands in the annotation, it is receipts or a problem in words, never both.
func FuzzDecodeReceipts(f *testing.F) {
	f.Add(`[{"id":"a","appliedAt":"2026-03-01T10:00:00Z","outcome":"Pending"}]`)
	f.Add(`[{"id":"a"`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, text string) {
		receipts, problem := decodeReceipts(text)
		if problem != "" && receipts != nil {
			t.Errorf("%d receipts and the problem %q", len(receipts), problem)
		}
	})
}

// Durations and sizes come from configurations that anybody writes.
func FuzzConfigurationValues(f *testing.F) {
	for _, text := range []string{"10 min", "PT1H", "1 h 30 min", "2Gi", "-1", "9223372036854775807 d"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := model.ParseDuration(text); err == nil && d < 0 {
			t.Errorf("ParseDuration(%q) = %s", text, d)
		}
		if n, err := model.ParseMemory(text); err == nil && n < 0 {
			t.Errorf("ParseMemory(%q) = %d", text, n)
		}
	})
}
