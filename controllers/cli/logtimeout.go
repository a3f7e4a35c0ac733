package cli

import (
	"fmt"
	"maps"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
)

// timeoutKey is Flink's own name of the timeout.
const timeoutKey = "execution.checkpointing.timeout"

// Checkpoints expire at the timeout that is in force, whatever a file says: job code may set another, and the file may be of another job. Before it none
// does (a tenth is left for what the log's clock and the timer differ by); after it some do, where the timer is late. So a later expiry contradicts the
// file only where it comes half as much again too late, and every one as late as the others.
const (
	tooEarly = 0.9
	tooLate  = 1.5
	alike    = 1.1
)

// contradicted tells at what checkpoints of the logs expired where that cannot be under the configured timeout; 0 where it can.
func contradicted(s *model.Snapshot, configured time.Duration) time.Duration {
	var shortest, longest time.Duration
	expired := 0
	for i := range s.Checkpoints.History {
		c := &s.Checkpoints.History[i]
		took := c.Duration - c.TriggerLag
		if !c.Expired() || took <= 0 {
			continue
		}
		expired++
		if expired == 1 || took < shortest {
			shortest = took
		}
		longest = max(longest, took)
	}
	ratio := float64(shortest) / float64(configured)
	switch {
	case expired == 0:
		return 0
	case ratio < tooEarly, expired > 1 && ratio > tooLate && float64(longest) < alike*float64(shortest):
		return shortest
	}
	return 0
}

// withoutTimeout is the configuration without a timeout that the logs contradict, and what is to be said of it; empty where they do not.
func withoutTimeout(s *model.Snapshot, settings map[string]string) (rest map[string]string, remark string) {
	configured, err := model.ParseDuration(settings[timeoutKey])
	if err != nil || configured <= 0 {
		return settings, ""
	}
	seen := contradicted(s, configured)
	if seen == 0 {
		return settings, ""
	}
	rest = maps.Clone(settings)
	delete(rest, timeoutKey)
	return rest, fmt.Sprintf("%s is %s, but in the logs checkpoints expire after %s: that is taken. Is the file of this job, or does its code set another?",
		timeoutKey, settings[timeoutKey], seen.Round(time.Second/10))
}

// readLogs makes a snapshot of what logs and configuration say; where they contradict each other the logs are believed, and that is remarked.
func readLogs(env *Environment, reports []*observe.LogReport, config string, settings map[string]string, job observe.Selector) model.Snapshot {
	s := observe.FromLogs(reports, settings, env.Now(), job)
	rest, remark := withoutTimeout(&s, settings)
	if remark == "" {
		return s
	}
	say(env.Err, "--config %s: %s\n", config, remark)
	return observe.FromLogs(reports, rest, env.Now(), job)
}
