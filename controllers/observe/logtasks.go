package observe

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// taskFails is what a task's exception says of the checkpoint that it failed at (StreamTask, SubtaskCheckpointCoordinator and
// AsyncCheckpointRunnable, Flink 1.11 to 2.3).
var taskFails = regexp.MustCompile(`Could not (perform checkpoint|complete snapshot|materialize checkpoint) (\d+) for operator `)

// taskLine reads which checkpoint a task failed. The coordinator tells it better; this is for logs, and quotations of them, in which it says nothing.
func (r *LogReport) taskLine(at time.Time, record string) {
	m := taskFails.FindStringSubmatch(record)
	if m == nil || len(r.taskEvents) == restEvents || slices.ContainsFunc(consequences, func(word string) bool { return strings.Contains(record, word) }) {
		return
	}
	event := checkpointEvent{kind: eventDeclined, id: atoi(m[2]), at: at, subtask: -1, message: "Checkpoint was declined."}
	if m[1] == "materialize checkpoint" {
		event.message = "Asynchronous task checkpoint failed."
	}
	r.taskEvents = append(r.taskEvents, event)
}

// withoutStamp cuts off a first line that holds nothing but a time: so exceptions stand on Flink's web page, from where they are quoted.
func withoutStamp(text string) string {
	first, rest, ok := strings.Cut(text, "\n")
	if ok && len(first) <= len("2006-01-02 15:04:05.000") && !timeOf(first).IsZero() && !strings.ContainsAny(first, "abcdefghijklmnopqrstuvwxyz") {
		return rest
	}
	return text
}

// toldBesides lists what logs tell that do not tell of a single checkpoint, the most frequent first, four kinds at most.
func toldBesides(signals []model.LogSignal) string {
	counts := map[model.LogKind]int{}
	var kinds []model.LogKind
	for i := range signals {
		if counts[signals[i].Kind] == 0 {
			kinds = append(kinds, signals[i].Kind)
		}
		counts[signals[i].Kind] += signals[i].Count
	}
	slices.SortStableFunc(kinds, func(a, b model.LogKind) int { return counts[b] - counts[a] })
	var texts []string
	for _, kind := range kinds[:min(len(kinds), 4)] {
		texts = append(texts, strconv.Itoa(counts[kind])+" × "+string(kind))
	}
	return strings.Join(texts, ", ")
}
