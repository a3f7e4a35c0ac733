package plan

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// span writes a duration as people say it: 350ms, 4.5s, 42s, 9m52s, 14m, 2h05m, 3d.
func span(d time.Duration) string {
	switch {
	case d < 0:
		return "an unknown time"
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < 10*time.Second:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + "s"
	case d < time.Hour:
		return twoUnits(int(d.Round(time.Second)/time.Minute), "m", int(d.Round(time.Second)%time.Minute/time.Second), "s")
	case d < 48*time.Hour:
		return twoUnits(int(d.Round(time.Minute)/time.Hour), "h", int(d.Round(time.Minute)%time.Hour/time.Minute), "m")
	}
	return fmt.Sprintf("%dd", int(math.Round(d.Hours()/24)))
}

func twoUnits(large int, largeUnit string, small int, smallUnit string) string {
	switch {
	case large == 0:
		return fmt.Sprintf("%d%s", small, smallUnit)
	case small == 0:
		return fmt.Sprintf("%d%s", large, largeUnit)
	}
	return fmt.Sprintf("%d%s%02d%s", large, largeUnit, small, smallUnit)
}

// bytesText writes a size: 350 KiB, 512 MiB, 1.4 GiB.
func bytesText(bytes float64) string {
	if bytes < mib {
		return fmt.Sprintf("%.0f KiB", bytes/1024)
	}
	if bytes < 1024*mib {
		return fmt.Sprintf("%.0f MiB", bytes/mib)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", bytes/(1024*mib)), ".0") + " GiB"
}

// numberText writes a number with at most two decimals.
func numberText(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", f), "0"), ".")
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", share*100) }

// join puts sentences together.
func join(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "; ")
}
