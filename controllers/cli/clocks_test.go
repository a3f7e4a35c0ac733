package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/recording"
	"checkpointhealth.dev/operator/controllers/report"
)

// shifted is a recording as somebody whose clock is off would have made it: the same answers at other times.
func shifted(t *testing.T, name string, by time.Duration) *recording.Recording {
	t.Helper()
	archive := load(t, name)
	var out bytes.Buffer
	w := recording.NewWriter(&out, recording.Base(archive.Base()))
	for _, entry := range archive.Entries() {
		entry.Start = entry.Start.Add(by)
		if err := w.Write(entry); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	moved, err := recording.Read(&out)
	if err != nil {
		t.Fatal(err)
	}
	return moved
}

// A recording gives the same verdict whatever the clock of whoever made it, and says that the clocks disagree.
func TestRecordingsOfAClockThatIsOff(t *testing.T) {
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		t.Fatal(err)
	}
	policy := model.ResolvePolicy("", nil)
	for _, name := range []string{"1.20.5/healthy", "1.20.5/slow-cleanup", "1.20.5/network-latency", "2.2.1/slow-storage", "1.17.2/backpressure"} {
		t.Run(name, func(t *testing.T) {
			want := ""
			for _, by := range []time.Duration{0, time.Minute, -time.Minute, 25 * time.Hour} {
				pass, err := replayed(context.Background(), doctor, &policy, shifted(t, name, by), "")
				if err != nil {
					t.Fatal(err)
				}
				got := judgementOf(pass)
				if by == 0 {
					want = got
				}
				if got != want {
					t.Errorf("recorded %s late:\n%s\nwant\n%s", by, got, want)
				}
				text := report.Text(pass, report.TextOptions{})
				if disagree := strings.Contains(text, "Clocks disagree: clock of the JobManager"); disagree != (by != 0) {
					t.Errorf("recorded %s late: that the clocks disagree is said: %t\n%s", by, disagree, text)
				}
			}
		})
	}
}

// judgementOf is what is meant to be the same: health, how long one is pending, the causes in their order with their scores, and the remedy.
func judgementOf(pass *model.Pass) string {
	d := &pass.Diagnosis
	out := []string{string(d.Health) + ": " + d.Message, "pending for " + d.Counts.PendingFor.Round(time.Second).String()}
	for i := range d.Findings {
		f := &d.Findings[i]
		out = append(out, fullName(f)+" "+string(f.Verdict)+" "+string(rune('0'+f.Score/10)))
	}
	return strings.Join(append(out, pass.Patch), "\n")
}
