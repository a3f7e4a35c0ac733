package diagnose

import "checkpointhealth.dev/operator/controllers/model"

// lateAlone tells whether a subtask alone of its vertex is missing or comes to its barrier late, in two checkpoints that show the illness and in each in which any
// of them does.
func (f *features) lateAlone(v, i int) bool {
	alone := 0
	for j := range f.profile {
		p := &f.profile[j]
		own, others := false, 0
		for _, e := range entriesOf(p.c, v) {
			switch late := isLate(&e, p); {
			case late && e.Index == i:
				own = true
			case late:
				others++
			}
		}
		if others > 0 {
			return false
		}
		alone += count(own)
	}
	return alone > 1
}

// isLate tells whether a subtask did not acknowledge, or came to its barrier late.
func isLate(e *model.SubtaskLedger, p *profiled) bool {
	return !e.Finished && (unacknowledged(e) || e.StartDelay+max(e.Alignment, 0) >= share(p.ref, large))
}
