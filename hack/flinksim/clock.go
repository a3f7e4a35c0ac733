package flinksim

import "time"

// Clock tells the time that jobs are computed to. The system's clock and test clocks (k8s.io/utils/clock) both satisfy it.
type Clock interface{ Now() time.Time }

// SystemClock is the wall clock, for processes; tests pass their own.
type SystemClock struct{}

// Now is the present time.
func (SystemClock) Now() time.Time { return time.Now() }

// millis is a time in the engine's unit, milliseconds since the Unix epoch.
func millis(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }
