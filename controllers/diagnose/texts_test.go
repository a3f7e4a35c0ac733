package diagnose

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestTexts(t *testing.T) {
	for want, got := range map[string]string{
		"0s": span(0), "38ms": span(38 * time.Millisecond), "0.2s": span(180 * time.Millisecond), "11.9s": span(11930 * time.Millisecond),
		"1m": span(59990 * time.Millisecond), "9m52s": span(592 * time.Second), "10m": span(10 * time.Minute), "1h": span(time.Hour - time.Millisecond),
		"2h5m": span(125 * time.Minute), "unknown": span(-1),
		"512 B": size(512), "1.1 MiB": size(1.1 * mib), "3 GiB": size(3 << 30), "1.1 MiB/s": rate(1.1 * mib), "149 KiB": size(149 << 10),
		"85%": percent(0.85), "0.99": ratio(0.99), "0.12": cores(0.12), "1": cores(1), "1.5": cores(1.5),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTextFromFlinkIsBounded(t *testing.T) {
	got := bounded("a\x00b\x1b[31m"+strings.Repeat("ü", 100)+string([]byte{0xff}), 30)
	if len(got) > 30 || !utf8.ValidString(got) || strings.ContainsAny(got, "\x00\x1b") {
		t.Errorf("got %q", got)
	}
}

// Whatever the names in the job, the texts fit the bounds of the status (see the schema), and none is empty.
func TestTextsFitTheStatus(t *testing.T) {
	for _, c := range causeCases {
		s := c.make(4)
		for v := range s.Vertices {
			s.Vertices[v].Name = strings.Repeat("übername\x07", 200)
		}
		for i := range s.TaskManagers {
			s.TaskManagers[i].ID = strings.Repeat("t", 500) + s.TaskManagers[i].ID
		}
		d := diagnosed(t, s)
		if len(d.Findings) > api.MaxDiagnoses {
			t.Errorf("%s: %d findings", c.name, len(d.Findings))
		}
		for i := range d.Findings {
			checkTexts(t, c.name, &d.Findings[i])
		}
	}
}

func checkTexts(t *testing.T, name string, f *model.Finding) {
	t.Helper()
	fits := func(what, text string, limit int) {
		if len(text) > limit || !utf8.ValidString(text) || strings.ContainsRune(text, 7) {
			t.Errorf("%s: %s: %s has %d bytes, at most %d: %q", name, f.Cause, what, len(text), limit, text)
		}
	}
	if f.Summary == "" || len(f.Evidence) > api.MaxEvidence || len(f.Missing) > api.MaxMissing {
		t.Errorf("%s: %s: summary %q, %d pieces of evidence, %d missing", name, f.Cause, f.Summary, len(f.Evidence), len(f.Missing))
	}
	fits("summary", f.Summary, 512)
	fits("next measurement", f.NextMeasurement, 512)
	for _, e := range f.Evidence {
		fits("signal", e.Signal, 128)
		fits("observed", e.Observed, 256)
		fits("expected", e.Expected, 256)
	}
	for _, m := range f.Missing {
		fits("missing", m, 256)
	}
}
