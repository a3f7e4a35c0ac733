package model

import (
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	good := map[string]time.Duration{
		"10 min": 10 * time.Minute, "15m": 15 * time.Minute, "600000": 10 * time.Minute, "PT10M": 10 * time.Minute,
		"1 h 30 min": 90 * time.Minute, "1h30min": 90 * time.Minute, "3 s": 3 * time.Second, "500ms": 500 * time.Millisecond,
		"1 d": 24 * time.Hour, " 10 MIN ": 10 * time.Minute, "PT1H30M": 90 * time.Minute, "P1DT0.5S": 24*time.Hour + 500*time.Millisecond, "0": 0,
	}
	for text, want := range good {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "soon", "10 parsecs", "-5 min", "P", "PT", "PTM", "99999999999 d", "min", "10 20", "1.5 h"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", text, got)
		}
	}
}

func TestParseMemory(t *testing.T) {
	good := map[string]int64{
		"1024m": 1 << 30, "2g": 2 << 30, "2Gi": 2 << 30, "1 gb": 1 << 30, "1.5Gi": 3 << 29, "500000": 500000,
		"10485760b": 10485760, "64 mebibytes": 64 << 20,
	}
	for text, want := range good {
		if got, err := ParseMemory(text); err != nil || got != want {
			t.Errorf("ParseMemory(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "much", "2 potatoes", "-1m", "99999999999t"} {
		if got, err := ParseMemory(text); err == nil {
			t.Errorf("ParseMemory(%q) = %v, want an error", text, got)
		}
	}
}
