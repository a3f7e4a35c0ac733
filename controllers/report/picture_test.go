package report

import (
	"strings"
	"testing"
	"time"
)

func TestScaleShowsTheTimeout(t *testing.T) {
	for _, c := range []struct{ whole, timeout time.Duration }{
		{10 * time.Minute, 10 * time.Minute}, {time.Second, time.Second}, {16 * time.Second, 10 * time.Second},
		{26 * time.Hour, 24 * time.Hour}, {time.Minute, 0}, {time.Hour, time.Second},
	} {
		got := scale(c.whole, c.timeout)
		narrow(t, got, idColumns+barColumns+1)
		if c.timeout > 0 && !strings.Contains(got, formatDuration(c.timeout)+"│") {
			t.Errorf("scale(%v, %v) = %q does not show the timeout", c.whole, c.timeout, got)
		}
	}
}

func TestBarsHaveOneWidth(t *testing.T) {
	p := slowStorage()
	for _, c := range periodic(p.Snapshot) {
		if n := len([]rune(bar(c, 10*time.Minute, p.Now))); n != barColumns {
			t.Errorf("bar of checkpoint %d has %d columns, want %d", c.ID, n, barColumns)
		}
	}
}
