package cli

import (
	"slices"
	"strings"

	"checkpointhealth.dev/operator/controllers/model"
)

// rename gives everything that the job's author names another name.
func rename(s *model.Snapshot) {
	s.Job.Name = "another"
	s.Vertices = slices.Clone(s.Vertices)
	for v := range s.Vertices {
		s.Vertices[v].Name = "Vertex " + strings.Repeat("z", v+1)
		s.Vertices[v].Placement = slices.Clone(s.Vertices[v].Placement)
		for i, id := range s.Vertices[v].Placement {
			s.Vertices[v].Placement[i] = renamedProcess(id)
		}
	}
	s.TaskManagers = slices.Clone(s.TaskManagers)
	for i := range s.TaskManagers {
		s.TaskManagers[i].ID = renamedProcess(s.TaskManagers[i].ID)
	}
	s.Stacks = slices.Clone(s.Stacks)
	for i := range s.Stacks {
		s.Stacks[i].Threads = slices.Clone(s.Stacks[i].Threads)
		for j := range s.Stacks[i].Threads {
			thread := &s.Stacks[i].Threads[j]
			thread.Process = renamedProcess(thread.Process)
			thread.Frames = slices.Clone(thread.Frames)
			for k, frame := range thread.Frames {
				thread.Frames[k] = renamedFrame(frame)
			}
		}
	}
}

func renamedProcess(id string) string {
	if id == "jobmanager" || id == "" {
		return id
	}
	return "worker-" + strings.Repeat("x", len(id)) + id
}

// renamedFrame renames the recorded job's own classes and the file system plugin's.
func renamedFrame(frame string) string {
	if !strings.HasPrefix(frame, "lab.") {
		return frame
	}
	return strings.Replace(strings.Replace(frame, "lab.", "io.somebody.", 1), "Fault", "Their", 1)
}
