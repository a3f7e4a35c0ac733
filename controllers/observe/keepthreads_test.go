package observe

import (
	"fmt"
	"testing"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// A TaskManager with many slots has more threads than are kept: those of the missing subtasks and whoever holds them up come first.
func TestThreadsThatTellMostAreKept(t *testing.T) {
	const slots = 200
	snapshot := model.Snapshot{Vertices: []model.Vertex{{ID: "v", Name: "state", Parallelism: slots}}}
	entries := make([]model.SubtaskLedger, slots)
	var dump flink.ThreadDump
	for i := range slots {
		entries[i] = model.SubtaskLedger{Index: i, Reported: i != slots-2}
		dump.Threads = append(dump.Threads, flink.Thread{Name: fmt.Sprintf("state (%d/%d)#0", i+1, slots), State: "RUNNABLE"})
	}
	dump.Threads[slots-2].Owner = "the owner"
	dump.Threads = append(dump.Threads, flink.Thread{Name: "the owner"}, flink.Thread{Name: "somebody else"})
	snapshot.Checkpoints.History = []model.Checkpoint{{ID: 1, Status: model.CheckpointInProgress, Tasks: []model.TaskLedger{{VertexID: "v", Entries: entries}}}}
	p := &pass{snapshot: &snapshot}
	kept := p.keepThreads("tm-1", &dump)
	if len(kept) != maxThreads || kept[0].Subtask != slots-2 || kept[1].Name != "the owner" {
		t.Errorf("%d threads, %q and %q first; want %d, the missing subtask's and its owner's first", len(kept), kept[0].Name, kept[1].Name, maxThreads)
	}
	if !snapshot.Missing(model.GapThreadDumps) {
		t.Error("nothing says that threads were left out")
	}
	p.keepThreads("tm-1", &flink.ThreadDump{Threads: dump.Threads[:3]})
	if len(snapshot.Gaps) != 1 {
		t.Errorf("gaps %+v, want one", snapshot.Gaps)
	}
}
