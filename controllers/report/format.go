package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// formatDuration writes a duration as people say it: 35ms, 0.2s, 43s, 9m52s, 2h05m, 3d. A negative one was not measured.
func formatDuration(d time.Duration) string {
	switch {
	case d < 0:
		return "unknown"
	case d == 0:
		return "0s"
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%dms", max(d.Milliseconds(), 1))
	case d < 10*time.Second:
		return trimZero(fmt.Sprintf("%.1f", math.Floor(d.Seconds()*10)/10)) + "s"
	}
	d = d.Truncate(time.Second)
	day := 24 * time.Hour
	switch {
	case d < time.Hour:
		return twoUnits(int(d/time.Minute), "m", int(d%time.Minute/time.Second), "s")
	case d < 2*day:
		return twoUnits(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "m")
	}
	return twoUnits(int(d/day), "d", 0, "")
}

func trimZero(s string) string { return strings.TrimSuffix(s, ".0") }

// twoUnits leaves out a unit that is zero.
func twoUnits(large int, largeUnit string, small int, smallUnit string) string {
	switch {
	case large == 0:
		return strconv.Itoa(small) + smallUnit
	case small == 0:
		return strconv.Itoa(large) + largeUnit
	}
	return fmt.Sprintf("%d%s%02d%s", large, largeUnit, small, smallUnit)
}

// formatBytes writes a size in binary units: 512 B, 1.1 MiB, 14 GiB.
func formatBytes(n float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	i := 0
	for n >= 1024 && i < len(units)-1 {
		n, i = n/1024, i+1
	}
	if i == 0 || n >= 10 {
		return fmt.Sprintf("%.0f %s", n, units[i])
	}
	return trimZero(fmt.Sprintf("%.1f", n)) + " " + units[i]
}

// formatTime writes a moment in UTC: 02:14 UTC on the day of now, 27 Jul 02:14 UTC on another.
func formatTime(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04 UTC")
	}
	if t.Year() == now.Year() {
		return t.Format("2 Jan 15:04 UTC")
	}
	return t.Format("2 Jan 2006 15:04 UTC")
}

// compact writes the value of a configuration field that is a duration as formatDuration does, and any other as it is.
func compact(field, value string) string {
	if !strings.HasSuffix(field, "timeout") && !strings.HasSuffix(field, "interval") && !strings.HasSuffix(field, "pause") {
		return value
	}
	d, err := model.ParseDuration(value)
	// What the short form would round off stays as it is.
	if err != nil || d < time.Second || d%time.Second != 0 || d >= 48*time.Hour || (d >= time.Hour && d%time.Minute != 0) {
		return value
	}
	return formatDuration(d)
}

// fromTo writes a field before and after: 10m -> 22m.
func fromTo(field, from, to, arrow string) string {
	return orElse(compact(field, clean(from, 60)), "(not set)") + arrow + orElse(compact(field, clean(to, 60)), "(not set)")
}

// formatCores writes a number of CPU cores: 1, 0.5, 2.25.
func formatCores(v float64) string { return strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64) }
