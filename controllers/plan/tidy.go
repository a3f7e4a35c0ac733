package plan

import (
	"math"
	"strconv"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// step is how finely a duration of that size is written: about 5 to 20 percent of it, in numbers that people use.
func step(d time.Duration) time.Duration {
	switch {
	case d < time.Second:
		return 100 * time.Millisecond
	case d < 10*time.Second:
		return time.Second
	case d < time.Minute:
		return 5 * time.Second
	case d < 5*time.Minute:
		return 30 * time.Second
	case d < 30*time.Minute:
		return time.Minute
	case d < 2*time.Hour:
		return 5 * time.Minute
	case d < 12*time.Hour:
		return 15 * time.Minute
	}
	return time.Hour
}

// tidyUp rounds up to a tidy duration: 4m10s becomes 4m30s, 16s becomes 20s.
func tidyUp(d time.Duration) time.Duration {
	s := step(d)
	if rest := d % s; rest > 0 {
		d += s - rest
	}
	return d
}

// tidyNear rounds to the nearest tidy duration: 22m06s becomes 22m.
func tidyNear(d time.Duration) time.Duration { return max(d.Round(step(d)), step(d)) }

// times multiplies a duration without overflowing.
func times(d time.Duration, factor float64) time.Duration {
	product := float64(d) * factor
	if product >= math.MaxInt64/4 {
		return math.MaxInt64 / 4
	}
	return time.Duration(product)
}

// flinkDuration writes a duration as every Flink version reads it: one number with one unit, the largest that needs no fraction.
func flinkDuration(d time.Duration) string {
	switch {
	case d%time.Hour == 0 && d >= time.Hour:
		return strconv.FormatInt(int64(d/time.Hour), 10) + "h"
	case d%time.Minute == 0 && d >= time.Minute:
		return strconv.FormatInt(int64(d/time.Minute), 10) + "m"
	case d%time.Second == 0:
		return strconv.FormatInt(int64(d/time.Second), 10) + "s"
	}
	return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
}

// tidyCores rounds up to what people write: tenths below one core, quarters below two, halves above.
func tidyCores(cores float64) float64 {
	per := 2.0
	switch {
	case cores <= 1:
		per = 10
	case cores <= 2:
		per = 4
	}
	// The small number keeps 0.6 x 1.5 = 0.9000000000000001 at 0.9.
	return math.Ceil(cores*per-1e-6) / per
}

const mib = 1 << 20

// tidyMemory rounds up to 128 MiB below 2 GiB, 256 MiB below 8 GiB and 512 MiB above: at most 12 percent of what was asked for.
func tidyMemory(bytes float64) int64 {
	per := 512.0 * mib
	switch {
	case bytes <= 2048*mib:
		per = 128 * mib
	case bytes <= 8192*mib:
		per = 256 * mib
	}
	return int64(math.Ceil(bytes/per) * per)
}

// memoryText writes a size in the style of the value it replaces: Kubernetes' Mi and Gi, or Flink's m and g, which are binary as well.
func memoryText(bytes int64, kubernetes bool) string {
	suffix := ""
	if kubernetes {
		suffix = "i"
	}
	if bytes%(1024*mib) == 0 {
		return strconv.FormatInt(bytes/(1024*mib), 10) + pick(kubernetes, "G", "g") + suffix
	}
	return strconv.FormatInt(bytes/mib, 10) + pick(kubernetes, "M", "m") + suffix
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

func coresText(cores float64) string { return strconv.FormatFloat(cores, 'f', -1, 64) }

// durationOf reads a Flink duration; ok is false where it cannot be read.
func durationOf(text string) (time.Duration, bool) {
	d, err := model.ParseDuration(text)
	return d, err == nil
}
