package report

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// textColumns is how wide the command line's text is.
const textColumns = api.MaxAssessmentColumns

// TextOptions say how the text of a pass is shown.
type TextOptions struct {
	// Color is for terminals only.
	Color bool
	// Seen says from when to when the job was looked at, where that is not now: in a recording or in logs. Empty otherwise.
	Seen string
}

// ANSI colors: select graphic rendition, ECMA-48.
const (
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	red    = "\x1b[31m"
	bold   = "\x1b[1m"
	plain  = "\x1b[0m"
)

type terminal struct{ color bool }

func (t *terminal) paint(color, s string) string {
	if !t.color || color == "" {
		return s
	}
	return color + s + plain
}

// Text is a pass as the command line prints it: job and history, a picture of the newest checkpoints, the assessment, the patch. No line is
// wider than 80 columns.
func Text(pass *model.Pass, o TextOptions) string {
	t := &terminal{color: o.Color}
	snap := pass.Snapshot
	if snap == nil {
		snap = &model.Snapshot{}
	}
	all, timeout := periodic(snap), time.Duration(0)
	if snap.Settings.Timeout.Known {
		timeout = snap.Settings.Timeout.Value
	}
	now := snap.JobManagerTime(pass.Now)
	var out []string
	if snap.Job.ID != "" || snap.Job.Name != "" {
		out = append(out, jobHeader(snap, now)...)
	}
	if o.Seen != "" {
		out = append(out, clip("seen     "+clean(o.Seen, 120)))
	}
	out = append(out, t.history(all, timeout, now)...)
	if picture := t.picture(all, timeout, now); len(picture) > 0 {
		out = append(append(out, ""), picture...)
	}
	if len(out) > 0 {
		out = append(out, "")
	}
	for i, line := range assessment(pass, spellOf(pass), textColumns) {
		if i == 0 {
			line = t.paint(healthColor[pass.Diagnosis.Health], line)
		}
		out = append(out, line)
	}
	if pass.Patch != "" {
		out = append(out, "")
		out = append(out, strings.Split(strings.TrimRight(cleanLines(pass.Patch, 4096), "\n"), "\n")...)
	}
	return strings.Join(out, "\n") + "\n"
}

var healthColor = map[api.Health]string{
	api.HealthHealthy: bold + green, api.HealthAtRisk: bold + yellow, api.HealthUnhealthy: bold + red, api.HealthUnknown: bold,
}

// jobHeader is the job on the left and its checkpointing on the right; two lines where one is too short.
func jobHeader(s *model.Snapshot, now time.Time) []string {
	about := clean(s.Job.State, 20)
	if from := s.Job.RunningSince; s.Job.State == "RUNNING" && !from.IsZero() && now.After(from) {
		about += " " + formatDuration(now.Sub(from))
	} else if from := s.Job.StartTime; s.Job.State == "RUNNING" && !from.IsZero() && now.After(from) {
		about += " " + formatDuration(now.Sub(from))
	}
	if v := clean(s.Job.FlinkVersion, 20); v != "" {
		about += ", Flink " + v
	}
	left := fmt.Sprintf("job      %s (%s)", clean(orElse(s.Job.Name, s.Job.ID), 60), strings.TrimPrefix(about, ", "))
	var facts []string
	if i := s.Settings.Interval; i.Known {
		facts = append(facts, "checkpoints every "+formatDuration(i.Value))
	}
	if t := s.Settings.Timeout; t.Known {
		facts = append(facts, "timeout "+formatDuration(t.Value))
	}
	return besides(left, strings.Join(facts, ", "))
}

// besides puts two texts into one line, the second at the right margin, or into two where they do not fit.
func besides(left, right string) []string {
	gap := textColumns - utf8.RuneCountInString(left) - utf8.RuneCountInString(right)
	switch {
	case right == "":
		return []string{clip(left)}
	case gap < 2:
		return []string{clip(left), clip(strings.Repeat(" ", 9) + right)}
	}
	return []string{left + strings.Repeat(" ", gap) + right}
}

func clip(s string) string {
	if utf8.RuneCountInString(s) <= textColumns {
		return s
	}
	return cut(s, utf8.RuneCountInString(s), textColumns)
}

// history is one mark for each checkpoint, oldest first, and what the marks mean.
func (t *terminal) history(all []*model.Checkpoint, timeout time.Duration, now time.Time) []string {
	if len(all) == 0 {
		return nil
	}
	const most = textColumns - 9
	all = all[max(len(all)-most, 0):]
	var row strings.Builder
	seen := map[mark]bool{}
	var pending time.Duration
	for _, c := range all {
		m := markOf(c, timeout)
		seen[m] = true
		if m == markPending {
			pending = max(pending, elapsed(c, now))
		}
		row.WriteString(t.paint(m.color, m.sign))
	}
	var legend []string
	for _, m := range []mark{markCompleted, markNear, markExpired, markFailed, markPending} {
		if !seen[m] {
			continue
		}
		text := m.sign + " " + m.meaning
		if m == markPending {
			text += " " + formatDuration(pending)
		}
		legend = append(legend, text)
	}
	head, tail := "history  "+row.String(), strings.Join(legend, "  ")
	gap := textColumns - 9 - len(all) - utf8.RuneCountInString(tail)
	if gap < 2 {
		return []string{head, strings.Repeat(" ", 9) + tail}
	}
	return []string{head + strings.Repeat(" ", gap) + tail}
}

// spell is when the present illness began as far as can be told: the first of the expired checkpoints in a row, or what earlier looks
// remember where that is earlier. It is on our clock.
func spell(pass *model.Pass) time.Time {
	if pass.Snapshot == nil || pass.Diagnosis.Health != api.HealthUnhealthy {
		return time.Time{}
	}
	since := pass.Snapshot.Past.UnhealthySince
	all := periodic(pass.Snapshot)
	for i := len(all) - 1; i >= 0; i-- {
		c := all[i]
		if c.Status == model.CheckpointCompleted {
			break
		}
		if !c.Expired() {
			continue
		}
		if at := c.Failure.At.Add(-pass.Snapshot.ClockOffset()); since.IsZero() || at.Before(since) {
			since = at
		}
	}
	return since
}

// spellOf is spell, and tells whether the illness may be older: where it began with the oldest checkpoint that Flink's history still holds, none in there
// completed, and others were dropped between that and what completed or was restored last.
func spellOf(pass *model.Pass) began {
	since := began{at: spell(pass)}
	if since.at.IsZero() || pass.Snapshot.Checkpoints.BeginsAt > 0 { // of logs another line says where they begin
		return since
	}
	oldest, first := int64(0), time.Time{}
	for i := range pass.Snapshot.Checkpoints.History {
		c := &pass.Snapshot.Checkpoints.History[i]
		if c.Status == model.CheckpointCompleted {
			return since
		}
		if oldest == 0 || c.ID < oldest {
			oldest = c.ID
		}
		if c.Expired() && (first.IsZero() || c.Failure.At.Before(first)) {
			first = c.Failure.At
		}
	}
	since.atLeast = oldest > lastSound(&pass.Snapshot.Checkpoints)+1 && since.at.Equal(first.Add(-pass.Snapshot.ClockOffset()))
	return since
}

// lastSound is the number of the checkpoint that completed or was restored last; 0 where none was.
func lastSound(known *model.CheckpointLedger) int64 {
	var last int64
	if known.LatestCompleted != nil {
		last = known.LatestCompleted.ID
	}
	if known.LatestRestored != nil {
		last = max(last, known.LatestRestored.ID)
	}
	return last
}
