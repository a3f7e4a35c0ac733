package diagnose

import "checkpointhealth.dev/operator/controllers/model"

// slowestSubtask says where the time of the slowest recent checkpoint went: the newest one that shows the illness and of which a slow subtask
// reported; else the newest whose details were read.
func slowestSubtask(f *features) model.SlowestSubtask {
	for i := range f.profile {
		if found := slowestOf(f, f.profile[i].c); found.Known && found.Entry.Reported && 2*found.Entry.EndToEnd >= f.profile[i].ref {
			return found
		}
	}
	if len(f.profile) > 0 {
		return slowestOf(f, f.profile[0].c)
	}
	return newestDetails(f.s)
}

// newestDetails is for a job without a checkpoint that shows an illness.
func newestDetails(s *model.Snapshot) model.SlowestSubtask {
	for i := range s.Checkpoints.History {
		c := &s.Checkpoints.History[i]
		if c.Status == model.CheckpointCompleted && !c.Savepoint && hasEntries(c) {
			return slowestOf(&features{s: s}, c)
		}
	}
	return model.SlowestSubtask{}
}

// slowestOf is the reported subtask with the longest end-to-end time; where none reported, the first that is missing. A subtask whose phase never
// ended is slower than any that did.
func slowestOf(f *features, c *model.Checkpoint) model.SlowestSubtask {
	out := model.SlowestSubtask{CheckpointID: c.ID}
	for j := range c.Tasks {
		t := &c.Tasks[j]
		for k := range t.Entries {
			e := &t.Entries[k]
			if e.Finished {
				continue
			}
			if !e.Reported {
				out.Missing++
			}
			if !out.Known || slower(e, &out.Entry) {
				out.Known, out.Vertex, out.Subtask, out.Entry = true, plainName(f.s, t.Vertex), e.Index, *e
			}
		}
	}
	return out
}

func slower(a, b *model.SubtaskLedger) bool {
	if a.Reported != b.Reported {
		return a.Reported
	}
	return a.EndToEnd > b.EndToEnd
}

func plainName(s *model.Snapshot, v int) string {
	if v < 0 || v >= len(s.Vertices) {
		return ""
	}
	return bounded(s.Vertices[v].Name, 4*maxName)
}
