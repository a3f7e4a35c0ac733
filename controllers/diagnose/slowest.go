package diagnose

import "checkpointhealth.dev/operator/controllers/model"

// slowestSubtask says where the time of the slowest recent checkpoint went: of the newest one that shows the illness and of which a slow subtask
// reported; else a subtask that is missing from the newest one; else the newest whose details were read.
func slowestSubtask(f *features) model.SlowestSubtask {
	for i := range f.profile {
		if found := slowestOf(f.s, f.profile[i].c); found.Known && found.Entry.Reported && 2*found.Entry.EndToEnd >= f.profile[i].ref {
			return found
		}
	}
	for i := range f.profile {
		if found := firstMissing(f.s, f.profile[i].c); found.Known {
			return found
		}
	}
	return newestDetails(f.s)
}

// firstMissing is a subtask that never reported, of the first vertex that lacks any.
func firstMissing(s *model.Snapshot, c *model.Checkpoint) model.SlowestSubtask {
	out := model.SlowestSubtask{CheckpointID: c.ID}
	for j := range c.Tasks {
		t := &c.Tasks[j]
		for k := range t.Entries {
			e := &t.Entries[k]
			if e.Finished || e.Reported {
				continue
			}
			out.Missing++
			if !out.Known {
				out.Known, out.Vertex, out.Subtask, out.Entry = true, plainName(s, t), e.Index, *e
			}
		}
	}
	return out
}

// newestDetails is for a job without a checkpoint that shows an illness.
func newestDetails(s *model.Snapshot) model.SlowestSubtask {
	for i := range s.Checkpoints.History {
		c := &s.Checkpoints.History[i]
		if c.Status == model.CheckpointCompleted && !c.Savepoint && hasEntries(c) {
			return slowestOf(s, c)
		}
	}
	return model.SlowestSubtask{}
}

// slowestOf is the reported subtask with the longest end-to-end time.
func slowestOf(s *model.Snapshot, c *model.Checkpoint) model.SlowestSubtask {
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
				continue
			}
			if !out.Known || e.EndToEnd > out.Entry.EndToEnd {
				out.Known, out.Vertex, out.Subtask, out.Entry = true, plainName(s, t), e.Index, *e
			}
		}
	}
	return out
}

// plainName is what a vertex is called; a log may tell no more of it than its id.
func plainName(s *model.Snapshot, t *model.TaskLedger) string {
	if t.Vertex < 0 || t.Vertex >= len(s.Vertices) {
		if t.VertexID == "" {
			return ""
		}
		return "vertex " + bounded(t.VertexID, 64)
	}
	return bounded(s.Vertices[t.Vertex].Name, 4*maxName)
}
