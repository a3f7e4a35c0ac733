package observe

import (
	"regexp"

	"checkpointhealth.dev/operator/controllers/model"
)

// restoreLine is what the coordinator logs before the first checkpoint of a run: what it was restored from, or that there was nothing.
var restoreLine = regexp.MustCompile(`No checkpoint found during restore|Restoring job [0-9a-f]{32} from `)

// beginLine notes that a log has the beginning of a run: nothing of a checkpoint came before it.
func (r *LogReport) beginLine(first string) {
	if len(r.events) == 0 && restoreLine.MatchString(first) {
		r.whole = true
	}
}

// beginsAt is the first checkpoint of a history, newest first, where no log tells what was before it: a rotated file, or the tail of one. It is 0 where
// Flink counts from it, and where the logs have the beginning of the run.
func beginsAt(history []model.Checkpoint, whole bool) int64 {
	if len(history) == 0 {
		return 0
	}
	first := history[len(history)-1].ID
	if first <= 1 || whole && len(history) < maxHistory {
		return 0
	}
	return first
}
