package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// watchHead begins the lines about what to watch after a remedy.
	watchHead = "Watch: "
	// maxWatches is how many of them are told; more would push the story itself out.
	maxWatches = 2
)

// watches are what the logs say after the newest remedy in force that may follow from it: at most maxWatches sentences, the newest line first.
func watches(pass *model.Pass) []string {
	since := lastApplied(pass)
	if since.IsZero() || pass.Snapshot == nil {
		return nil
	}
	var seen []*model.LogSignal
	for i := range pass.Snapshot.Logs {
		signal := &pass.Snapshot.Logs[i]
		if signal.Count > 0 && signal.Last.After(since) && slices.Contains(model.WatchKinds, signal.Kind) {
			seen = append(seen, signal)
		}
	}
	slices.SortStableFunc(seen, func(a, b *model.LogSignal) int { return b.Last.Compare(a.Last) })
	var out []string
	for _, signal := range seen[:min(len(seen), maxWatches)] {
		out = append(out, watchText(signal, since, pass.Now))
	}
	return out
}

// watchText says what was seen, where, how often and when, and whether it was there before the remedy.
func watchText(signal *model.LogSignal, since, now time.Time) string {
	text := string(signal.Kind)
	if signal.Detail != "" {
		text += " (" + clean(signal.Detail, 80) + ")"
	}
	times := "once"
	if signal.Count > 1 {
		times = fmt.Sprintf("%d times", signal.Count)
	}
	text += fmt.Sprintf(" in the log of %s, %s, last %s", clean(signal.Process, 80), times, formatTime(signal.Last, now))
	if !signal.First.IsZero() && signal.First.Before(since) {
		return text + "; the first is older than the remedy"
	}
	return text + ", after the remedy"
}

// lastApplied is when the newest remedy was applied whose values are still ours; zero if none.
func lastApplied(pass *model.Pass) time.Time {
	newest := time.Time{}
	all := receipts(pass)
	for i := range all {
		if all[i].InForce() && all[i].AppliedAt.After(newest) {
			newest = all[i].AppliedAt
		}
	}
	return newest
}

// watch tells what to watch.
func (s *story) watch() {
	for _, text := range watches(s.pass) {
		s.add(watchHead, 2, sentence(text))
	}
}

// watched tells whether an assessment tells of something to watch.
func watched(assessment []string) bool {
	return slices.ContainsFunc(assessment, func(line string) bool { return strings.HasPrefix(line, watchHead) })
}

// watch speaks once, when the first such line appears.
func (c *change) watch() []Event {
	if !watched(c.next.Assessment) || watched(c.old.Assessment) {
		return nil
	}
	return []Event{{corev1.EventTypeWarning, api.ReasonWatchFinding, actionVerify, strings.Join(watches(c.pass), "; ")}}
}
