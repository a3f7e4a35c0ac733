package report

import (
	"strings"
	"testing"

	"checkpointhealth.dev/operator/controllers/model"
)

// Flink keeps ten checkpoints: where all of them are sick and others were dropped before them, the first of them is not where the illness began.
func TestAnIllnessOlderThanTheHistory(t *testing.T) {
	const told = " at least, as far back as Flink's history goes: the last"
	for name, c := range map[string]struct {
		change func(*model.CheckpointLedger)
		want   bool
	}{
		"others were dropped":         {func(_ *model.CheckpointLedger) {}, true},
		"nothing ever completed":      {func(k *model.CheckpointLedger) { k.LatestCompleted = nil }, true},
		"the one before it completed": {func(k *model.CheckpointLedger) { k.LatestCompleted.ID = k.History[len(k.History)-1].ID - 1 }, false},
		"restored from that before it": {func(k *model.CheckpointLedger) {
			k.LatestRestored = &model.Restored{ID: k.History[len(k.History)-1].ID - 1}
		}, false},
		"one of the history completed":  {func(k *model.CheckpointLedger) { k.History = append(k.History, *k.LatestCompleted) }, false},
		"logs tell where they begin":    {func(k *model.CheckpointLedger) { k.BeginsAt = 8119 }, false},
		"the first checkpoint of a run": {func(k *model.CheckpointLedger) { k.LatestCompleted, k.History[len(k.History)-1].ID = nil, 1 }, false},
	} {
		pass := slowStorage()
		known := &pass.Snapshot.Checkpoints
		last := completed(8100, minutesAgo(300), 0)
		known.LatestCompleted, known.History = &last, known.History[:7]
		c.change(known)
		text := strings.Join(strings.Fields(Text(pass, TextOptions{})), " ")
		if !strings.Contains(text, "Unhealthy since ") || strings.Contains(text, told) != c.want {
			t.Errorf("%s: want that it may be older %t, said: %s", name, c.want, text)
		}
	}
	pass := slowStorage()
	pass.Snapshot.Checkpoints.History = pass.Snapshot.Checkpoints.History[:7]
	pass.Snapshot.Checkpoints.LatestCompleted = nil
	pass.Snapshot.Past.UnhealthySince = minutesAgo(200)
	if text := strings.Join(strings.Fields(Text(pass, TextOptions{})), " "); strings.Contains(text, told) {
		t.Errorf("an earlier look saw the beginning, said: %s", text)
	}
}
