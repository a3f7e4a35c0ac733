package model

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxDuration bounds a parsed duration: what fits into time.Duration, about 292 years.
const maxDuration = time.Duration(math.MaxInt64)

// durationUnits are the labels of Flink's TimeUtils (1.15 to 2.3); a number without a label is milliseconds.
var durationUnits = map[string]time.Duration{
	"":  time.Millisecond,
	"d": 24 * time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour,
	"h": time.Hour, "hour": time.Hour, "hours": time.Hour,
	"m": time.Minute, "min": time.Minute, "mins": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"s": time.Second, "sec": time.Second, "secs": time.Second, "second": time.Second, "seconds": time.Second,
	"ms": time.Millisecond, "milli": time.Millisecond, "millis": time.Millisecond, "millisecond": time.Millisecond, "milliseconds": time.Millisecond,
	"µs": time.Microsecond, "us": time.Microsecond, "micro": time.Microsecond, "micros": time.Microsecond, "microsecond": time.Microsecond, "microseconds": time.Microsecond,
	"ns": time.Nanosecond, "nano": time.Nanosecond, "nanos": time.Nanosecond, "nanosecond": time.Nanosecond, "nanoseconds": time.Nanosecond,
}

// ParseDuration reads a duration as Flink's configuration writes it: "10 min", "15m", "600000" (milliseconds), "1 h 30 min", and the
// ISO 8601 form "PT10M".
func ParseDuration(text string) (time.Duration, error) {
	s := strings.ToLower(strings.TrimSpace(text))
	if s == "" {
		return 0, fmt.Errorf("duration is empty, expected one such as 10 min")
	}
	if rest, ok := strings.CutPrefix(s, "p"); ok {
		return parseISODuration(text, rest)
	}
	var total time.Duration
	for s != "" {
		number, label, rest := splitAmount(s)
		unit, known := durationUnits[label]
		amount, err := strconv.ParseInt(number, 10, 64)
		if err != nil || !known || label == "" && rest != "" {
			return 0, fmt.Errorf("duration %q cannot be read, expected one such as 10 min, 15m or 600000 (milliseconds)", bounded(text))
		}
		if amount > int64((maxDuration-total)/unit) {
			return 0, fmt.Errorf("duration %q is too long", bounded(text))
		}
		total += time.Duration(amount) * unit
		s = rest
	}
	return total, nil
}

// splitAmount takes "1 h 30 min" apart: its first number, that number's label, and the rest.
func splitAmount(s string) (number, label, rest string) {
	end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		return s, "", ""
	}
	number, s = s[:end], strings.TrimLeft(s[end:], " \t")
	end = strings.IndexFunc(s, func(r rune) bool { return r >= '0' && r <= '9' || r == ' ' || r == '\t' })
	if end < 0 {
		end = len(s)
	}
	return number, s[:end], strings.TrimSpace(s[end:])
}

// parseISODuration reads what follows the P of PnDTnHnMn.nS.
func parseISODuration(text, s string) (time.Duration, error) {
	days, clock, _ := strings.Cut(s, "t")
	total := 0.0 // seconds
	for _, part := range []struct {
		text  string
		units map[byte]float64
	}{{days, map[byte]float64{'d': 86400}}, {clock, map[byte]float64{'h': 3600, 'm': 60, 's': 1}}} {
		rest := part.text
		for rest != "" {
			end := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
			if end <= 0 || part.units[rest[end]] == 0 {
				return 0, fmt.Errorf("duration %q cannot be read, expected ISO 8601 such as PT10M", bounded(text))
			}
			amount, err := strconv.ParseFloat(rest[:end], 64)
			if err != nil {
				return 0, fmt.Errorf("duration %q cannot be read, expected ISO 8601 such as PT10M", bounded(text))
			}
			total += amount * part.units[rest[end]]
			rest = rest[end+1:]
		}
	}
	if s == "" || s == "t" || total > maxDuration.Seconds()/2 {
		return 0, fmt.Errorf("duration %q cannot be read, expected ISO 8601 such as PT10M", bounded(text))
	}
	return time.Duration(total * float64(time.Second)), nil
}

// memoryUnits are the labels of Flink's MemorySize, all binary, and Kubernetes' Ki to Ti, which the Flink operator accepts beside them.
var memoryUnits = map[string]int64{
	"": 1, "b": 1, "bytes": 1,
	"k": 1 << 10, "kb": 1 << 10, "ki": 1 << 10, "kib": 1 << 10, "kibibytes": 1 << 10,
	"m": 1 << 20, "mb": 1 << 20, "mi": 1 << 20, "mib": 1 << 20, "mebibytes": 1 << 20,
	"g": 1 << 30, "gb": 1 << 30, "gi": 1 << 30, "gib": 1 << 30, "gibibytes": 1 << 30,
	"t": 1 << 40, "tb": 1 << 40, "ti": 1 << 40, "tib": 1 << 40, "tebibytes": 1 << 40,
}

// ParseMemory reads a memory size as Flink's configuration and the Flink operator write it, in bytes: "1024m", "2g", "2Gi", "1 gb",
// "1.5Gi", and a bare number of bytes. Flink's units are binary, "2g" is 2 GiB.
func ParseMemory(text string) (int64, error) {
	s := strings.ToLower(strings.TrimSpace(text))
	end := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if end < 0 {
		end = len(s)
	}
	amount, err := strconv.ParseFloat(s[:end], 64)
	unit, known := memoryUnits[strings.TrimSpace(s[end:])]
	if err != nil || !known {
		return 0, fmt.Errorf("memory size %q cannot be read, expected one such as 2048m or 2g", bounded(text))
	}
	if amount*float64(unit) >= math.MaxInt64 {
		return 0, fmt.Errorf("memory size %q is too large", bounded(text))
	}
	return int64(amount * float64(unit)), nil
}

// bounded keeps a quoted value short.
func bounded(text string) string {
	if len(text) > 64 {
		return text[:61] + "..."
	}
	return text
}
