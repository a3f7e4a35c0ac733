package engine

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// durationUnits are the labels that Flink's TimeUtils accepts (1.15 to 2.3).
var durationUnits = map[string]time.Duration{
	"d": 24 * time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour,
	"h": time.Hour, "hour": time.Hour, "hours": time.Hour,
	"m": time.Minute, "min": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"s": time.Second, "sec": time.Second, "secs": time.Second, "second": time.Second, "seconds": time.Second,
	"": time.Millisecond, "ms": time.Millisecond, "milli": time.Millisecond, "millis": time.Millisecond,
	"millisecond": time.Millisecond, "milliseconds": time.Millisecond,
}

// memoryUnits are the labels of Flink's MemorySize, and the binary suffixes of Kubernetes that the Flink operator also takes.
var memoryUnits = map[string]int64{
	"": 1, "b": 1, "bytes": 1,
	"k": 1 << 10, "kb": 1 << 10, "ki": 1 << 10, "kibibytes": 1 << 10,
	"m": 1 << 20, "mb": 1 << 20, "mi": 1 << 20, "mebibytes": 1 << 20,
	"g": 1 << 30, "gb": 1 << 30, "gi": 1 << 30, "gibibytes": 1 << 30,
	"t": 1 << 40, "tb": 1 << 40, "ti": 1 << 40, "tebibytes": 1 << 40,
}

// ParseDuration reads a duration as Flink writes it: "10 s", "10min", "1500" (milliseconds).
func ParseDuration(text string) (time.Duration, error) {
	number, label := splitUnit(text)
	unit, known := durationUnits[label]
	value, err := strconv.ParseInt(number, 10, 64)
	if !known || err != nil || value > math.MaxInt64/int64(unit) {
		return 0, fmt.Errorf("%q is not a duration; Flink takes a whole number and a unit, such as \"10 s\" or \"3 min\"", text)
	}
	return time.Duration(value) * unit, nil
}

// ParseMemory reads a size in bytes as Flink or Kubernetes writes it: "1600m" (mebibytes), "2 gb", "1280Mi".
func ParseMemory(text string) (int64, error) {
	number, label := splitUnit(text)
	unit, known := memoryUnits[label]
	value, err := strconv.ParseInt(number, 10, 64)
	if !known || err != nil || value > math.MaxInt64/unit {
		return 0, fmt.Errorf("%q is not a memory size; Flink takes a whole number and a unit, such as \"1600m\"", text)
	}
	return value * unit, nil
}

func splitUnit(text string) (number, label string) {
	text = strings.TrimSpace(text)
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	return text[:end], strings.ToLower(strings.TrimSpace(text[end:]))
}

// millis turns a duration into the engine's unit.
func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
