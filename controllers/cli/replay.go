package cli

import (
	"context"
	"fmt"
	"net/http"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/recording"
)

// Judge says what a pass meant, so that the next pass of the same memory knows the past. Nil means that nobody judges.
type Judge func(*model.Snapshot) (api.Health, api.Cause)

// Replay looks at a recorded job as often as the recording did, with one memory, and returns what each pass saw, oldest first. Every
// pass reads all there is. What the recording lacks is a gap of the snapshot.
func Replay(ctx context.Context, archive *recording.Recording, selector observe.Selector, judge Judge) ([]model.Snapshot, error) {
	player := archive.Player()
	return replayThrough(ctx, archive, player, player, selector, judge)
}

// replayThrough is Replay with requests that go through transport, which may keep some from the player.
func replayThrough(
	ctx context.Context, archive *recording.Recording, player *recording.Player, transport http.RoundTripper, selector observe.Selector, judge Judge,
) ([]model.Snapshot, error) {
	connection, err := observe.Connect(player.Base(), flink.WithTransport(transport), flink.WithTimes(recording.Times), flink.WithClock(player.Now))
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	if jobs := archive.Jobs(); selector == (observe.Selector{}) && len(jobs) == 1 {
		selector.ID = jobs[0] // whoever recorded it picked a job already
	}
	options := observe.Options{Selector: selector, Deep: true, Replayed: true, Now: player.Now}
	var memory observe.Memory
	var snapshots []model.Snapshot
	for _, at := range archive.Passes() {
		player.Seek(at)
		snapshot, err := observe.Flink(ctx, connection, options, &memory)
		if err != nil {
			return snapshots, err
		}
		if judge != nil {
			health, cause := judge(&snapshot)
			memory.Judged(snapshot.At, health, cause)
		}
		snapshots = append(snapshots, snapshot)
	}
	return snapshots, nil
}
