package diagnose

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Bounds of the texts, as the schema of status has them (api: Diagnosis, Evidence, missing), in bytes.
const (
	maxSignal   = 128
	maxObserved = 256
	maxSummary  = 512
	maxName     = 60
)

// span writes a duration for people: 38ms, 0.2s, 11.9s, 9m52s, 2h5m.
func span(d time.Duration) string {
	switch {
	case d < 0:
		return "unknown"
	case d > 0 && d < 50*time.Millisecond:
		return strconv.FormatInt(max(d.Milliseconds(), 1), 10) + "ms"
	case d < time.Minute-50*time.Millisecond:
		s := strconv.FormatFloat(d.Seconds(), 'f', 1, 64)
		return strings.TrimSuffix(s, ".0") + "s"
	case d < time.Hour-500*time.Millisecond:
		d = d.Round(time.Second)
		return join2(int64(d/time.Minute), "m", int64(d%time.Minute/time.Second), "s")
	}
	d = d.Round(time.Minute)
	return join2(int64(d/time.Hour), "h", int64(d%time.Hour/time.Minute), "m")
}

func join2(a int64, unitA string, b int64, unitB string) string {
	s := strconv.FormatInt(a, 10) + unitA
	if b != 0 {
		s += strconv.FormatInt(b, 10) + unitB
	}
	return s
}

// size writes bytes for people: 512 B, 1.1 MiB, 3 GiB.
func size(bytes float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for bytes >= 1024 && i < len(units)-1 {
		bytes /= 1024
		i++
	}
	digits := 0
	if i > 0 && bytes < 100 {
		digits = 1
	}
	return strings.TrimSuffix(strconv.FormatFloat(bytes, 'f', digits, 64), ".0") + " " + units[i]
}

// rate writes bytes per second for people.
func rate(perSecond float64) string { return size(perSecond) + "/s" }

// percent writes a share from 0 to 1.
func percent(share float64) string { return strconv.Itoa(int(share*100+0.5)) + "%" }

// ratio writes a share with two digits, as Flink shows busy and back pressure ratios.
func ratio(share float64) string { return strconv.FormatFloat(share, 'f', 2, 64) }

// cores writes CPU cores.
func cores(c float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(c, 'f', 2, 64), "0"), ".")
}

// of writes "3 of 4 subtasks".
func of(n, total int, what string) string { return fmt.Sprintf("%d of %d %s", n, total, what) }

// named bounds a name that comes from Flink, and takes control characters out of it.
func named(name string) string { return bounded(name, maxName) }

// bounded cuts a text at a number of bytes, never inside a character, and takes control characters out of it.
func bounded(text string, limit int) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if len(clean) <= limit {
		return clean
	}
	const dots = "..."
	cut := limit - len(dots)
	for cut > 0 && clean[cut]&0xc0 == 0x80 {
		cut--
	}
	return clean[:cut] + dots
}

// causeName names a cause with its sub-cause, such as JobManagerOverload (CPU).
func causeName(cause api.Cause, sub api.SubCause) string {
	if sub == "" {
		return string(cause)
	}
	return string(cause) + " (" + string(sub) + ")"
}
