package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/recording"
)

// Judge says what a pass meant, so that the next pass of the same memory knows the past. Nil means that nobody judges.
type Judge func(*model.Snapshot) model.Diagnosis

// Replay looks at a recorded job as often as the recording did, with one memory, and returns what each pass saw, oldest first. Every
// pass reads all there is. What the recording lacks is a gap of the snapshot.
func Replay(ctx context.Context, archive *recording.Recording, selector observe.Selector, judge Judge) ([]model.Snapshot, error) {
	player := archive.Player()
	return replayThrough(ctx, archive, player, player, selector, judge)
}

// Passes walks a recorded job through the rooms as often as the recording looked at it, with one memory, oldest first: what the manager would
// have said at each look, with no cluster asked. Of several jobs the one named by job is meant, by name or id; "" is the only one.
func Passes(ctx context.Context, archive *recording.Recording, doctor Doctor, policy *model.Policy, job string) ([]*model.Pass, error) {
	if asked := archive.Jobs(); job == "" && len(asked) == 1 {
		job = asked[0] // another job of which nothing but its name was recorded is not meant
	}
	var passes []*model.Pass
	_, err := Replay(ctx, archive, selector(job), func(s *model.Snapshot) model.Diagnosis {
		pass := walk(doctor, s, policy, s.At)
		passes = append(passes, pass)
		return pass.Diagnosis
	})
	if err != nil {
		return nil, err
	}
	if len(passes) == 0 {
		return nil, errors.New("no answer of a Flink REST API is in it")
	}
	return passes, nil
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
	selector, err = recordedJob(archive, selector)
	if err != nil {
		return nil, err
	}
	options := observe.Options{Selector: selector, Deep: true, Replayed: true, Now: player.Now}
	if err := checkJobs(archive, selector); err != nil {
		return nil, err
	}
	var memory observe.Memory
	var snapshots []model.Snapshot
	var versions versionsSeen
	passes := archive.Passes()
	for i, at := range passes {
		player.Seek(at)
		snapshot, err := observe.Flink(ctx, connection, options, &memory)
		if err != nil {
			return snapshots, err
		}
		versions.see(&snapshot)
		snapshot.Gaps = slices.Concat(snapshot.Gaps, holesBetween(passes[:i+1]), versions.gaps, brokenOff(archive))
		if judge != nil {
			d := judge(&snapshot)
			memory.Judged(snapshot.At, &snapshot, &d)
		}
		snapshots = append(snapshots, snapshot)
	}
	return snapshots, nil
}
