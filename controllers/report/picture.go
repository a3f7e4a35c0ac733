package report

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"checkpointhealth.dev/operator/controllers/model"
)

// The picture's columns: id, bar, mark and note make 80.
const (
	idColumns     = 8
	barColumns    = 50
	shownBars     = 6
	noteColumns   = 80 - idColumns - barColumns - 4
	nearlyExpired = 0.5 // AtRisk begins at half the timeout
)

// mark is how a checkpoint ended in one character.
type mark struct {
	sign, meaning string
	color         string
}

var (
	markCompleted = mark{"✓", "completed", green}
	markNear      = mark{"~", "near the timeout", yellow}
	markExpired   = mark{"✗", "expired", red}
	markFailed    = mark{"!", "failed otherwise", red}
	markPending   = mark{".", "pending", ""}
)

func markOf(c *model.Checkpoint, timeout time.Duration) mark {
	switch {
	case c.Status == model.CheckpointInProgress:
		return markPending
	case c.Expired():
		return markExpired
	case c.Status == model.CheckpointFailed:
		return markFailed
	case timeout > 0 && float64(c.Duration) >= nearlyExpired*float64(timeout):
		return markNear
	}
	return markCompleted
}

// periodic are the checkpoints of the history without savepoints, oldest first.
func periodic(s *model.Snapshot) []*model.Checkpoint {
	var out []*model.Checkpoint
	for i := len(s.Checkpoints.History) - 1; i >= 0; i-- {
		if c := &s.Checkpoints.History[i]; !c.Savepoint {
			out = append(out, c)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// picture is the scale and a bar for each of the newest checkpoints; none where there are no checkpoints.
func (t *terminal) picture(all []*model.Checkpoint, timeout time.Duration, now time.Time) []string {
	if len(all) == 0 {
		return nil
	}
	shown := all[max(len(all)-shownBars, 0):]
	whole := timeout
	for _, c := range shown {
		whole = max(whole, elapsed(c, now))
	}
	if whole <= 0 {
		return nil
	}
	lines := []string{scale(whole, timeout)}
	for _, c := range shown {
		m := markOf(c, timeout)
		id := fmt.Sprintf("%-*d", idColumns, c.ID)
		line := id + bar(c, whole, now) + t.paint(m.color, m.sign) + " " + clean(barNote(c, now), noteColumns)
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// scale writes times over the bars, about six of them, and a stroke where the timeout is.
func scale(whole, timeout time.Duration) string {
	row := []rune(strings.Repeat(" ", idColumns+barColumns+1))
	step := niceStep(whole)
	for at := time.Duration(0); at <= whole; at += step {
		text := []rune(formatDuration(at))
		col := idColumns + position(at, whole)
		if col+len(text) <= len(row) {
			copy(row[col:], text)
		}
	}
	if timeout > 0 {
		end := idColumns + min(position(timeout, whole), barColumns-1)
		text := []rune(formatDuration(timeout))
		// The timeout's own figure stands before its stroke and takes the place of the last step.
		for i := end - len(text) - 1; i < len(row); i++ {
			row[i] = ' '
		}
		copy(row[end-len(text):], text)
		row[end] = '│'
	}
	return strings.TrimRight(string(row), " ")
}

func position(at, whole time.Duration) int {
	return int(float64(at) / float64(whole) * (barColumns - 1))
}

// niceStep is the smallest tidy step that gives at most six.
func niceStep(whole time.Duration) time.Duration {
	steps := []int{10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000}
	for _, milliseconds := range steps {
		if step := time.Duration(milliseconds) * time.Millisecond; whole/step <= 6 {
			return step
		}
	}
	return whole/6 + 1
}

// bar draws one checkpoint: its phases where its details were read, else one block.
func bar(c *model.Checkpoint, whole time.Duration, now time.Time) string {
	total := elapsed(c, now)
	if timeless(c, total) {
		return strings.Repeat(" ", barColumns)
	}
	end := max(position(total, whole), 1)
	var row strings.Builder
	used := 0
	if e := slowest(c); e != nil {
		var sum time.Duration
		for _, p := range spans(e, total) {
			sum = min(sum+p.took, total)
			upTo := max(min(position(sum, whole), end), used)
			row.WriteString(segment(p.phase, upTo-used))
			used = upTo
		}
	}
	row.WriteString(strings.Repeat("█", max(end-used, 0)))
	return row.String() + strings.Repeat(" ", max(barColumns-max(end, used), 0))
}

// fills are the shades of the phases, so that neighbors differ.
var fills = map[model.Phase]string{
	model.PhaseStartDelay: "░", model.PhaseAlignment: "▒", model.PhaseSync: "▓", model.PhaseAsync: "█", model.PhaseResidual: "▒",
}

// segment is one phase of a bar; its name stands in it where there is room.
func segment(p model.Phase, width int) string {
	name := " " + string(p) + " "
	if n := utf8.RuneCountInString(name); width >= n+4 {
		left := (width - n) / 2
		return strings.Repeat(fills[p], left) + name + strings.Repeat(fills[p], width-n-left)
	}
	return strings.Repeat(fills[p], max(width, 0))
}

// slowest is the subtask that took longest, one that never ended before all others; nil where no details were read, or where the
// checkpoint waited for a subtask of which nothing came.
func slowest(c *model.Checkpoint) *model.SubtaskLedger {
	var found *model.SubtaskLedger
	for i := range c.Tasks {
		for j := range c.Tasks[i].Entries {
			e := &c.Tasks[i].Entries[j]
			if e.Finished {
				continue
			}
			if !e.Reported && c.Status != model.CheckpointCompleted {
				return nil
			}
			if found == nil || longer(e, found) {
				found = e
			}
		}
	}
	return found
}

func longer(a, b *model.SubtaskLedger) bool {
	aOpen, bOpen := a.Unfinished != model.PhaseNone, b.Unfinished != model.PhaseNone
	if aOpen != bOpen {
		return aOpen
	}
	return a.EndToEnd > b.EndToEnd
}

// timeless tells of a checkpoint that is over and of which nothing tells how long it took: a log may lack its beginning.
func timeless(c *model.Checkpoint, total time.Duration) bool {
	return total == 0 && c.Duration <= 0 && c.Status != model.CheckpointInProgress
}

// barNote says beside a bar what is not in it: how long, and who is missing.
func barNote(c *model.Checkpoint, now time.Time) string {
	if c.Status == model.CheckpointCompleted || c.Subtasks <= c.Acknowledged {
		total := elapsed(c, now)
		if timeless(c, total) {
			return "duration unknown"
		}
		return formatDuration(total)
	}
	if missing := missingSubtasks(c); len(missing) > 0 {
		text := "missing " + strings.Join(missing, ",")
		if utf8.RuneCountInString(text) <= noteColumns {
			return text
		}
	}
	return fmt.Sprintf("%d of %d missing", c.Subtasks-c.Acknowledged, c.Subtasks)
}

// missingSubtasks are the indexes of the subtasks that did not acknowledge, where they are all of one vertex.
func missingSubtasks(c *model.Checkpoint) []string {
	var out []string
	for i := range c.Tasks {
		var here []string
		for j := range c.Tasks[i].Entries {
			if e := &c.Tasks[i].Entries[j]; !e.Finished && (!e.Reported || e.Aborted) {
				here = append(here, strconv.Itoa(e.Index))
			}
		}
		if len(here) > 0 && len(out) > 0 {
			return nil
		}
		out = append(out, here...)
	}
	return out
}
