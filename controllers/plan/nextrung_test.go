package plan

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// undoneTimeout is a job whose timeout of 30 s was undone a minute ago, for uploads took longer, and whose uploads are slow again. The policy bounds it.
func undoneTimeout(late ...time.Duration) Input {
	in := uploading(time.Hour, 1, 4<<20)
	permit(&in, api.LeverTransferThreads)
	bound(&in, api.LeverCheckpointTimeout, 30)
	in.Policy.Guards.Cooldown = 0
	in.Snapshot.Settings.StateBackend = set("EmbeddedRocksDBStateBackend")
	in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = late, len(late) > 0
	r := failedReceipt(api.CauseSlowStateBackend, api.LeverCheckpointTimeout, time.Minute)
	r.Changes[0].From, r.Changes[0].To = "10s", "30s"
	in.Snapshot.Target.Receipts = []model.Receipt{r}
	return in
}

// Where a timeout was undone and rests, and the same cause is likely again, the next rung is written in the next decision, and says why.
func TestTheNextRungAfterAnUndoneTimeout(t *testing.T) {
	s := time.Second
	rests := "a longer timeout: did not help against SlowStateBackend 1 time; it rests for another 5h59m"
	for _, c := range []struct {
		name, threads, timeout, says string
		in                           Input
		change                       func(*Input)
	}{
		{"18s, and 9s at best: that is in time", "8", "", "each operator uploads with 4 threads: 4 x 2 = 8", undoneTimeout(18 * s), nil},
		{"37s, and 18.5s at best, which 30s may do", "8", "30s", "an upload takes 37s and at best 19s with 2 times the threads, of a timeout of 10s, so a longer timeout goes along in the same restart: 30s", undoneTimeout(37*s, 31*s), nil},
		{"70s, and 35s at best", "", "", "at best 35s with 2 times the threads, of a timeout of 10s: that alone would still expire", undoneTimeout(70 * s), nil},
		{"the policy only recommends timeouts", "", "", "allows no timeout that is longer", undoneTimeout(37 * s), func(in *Input) {
			in.Policy.Levers[api.LeverCheckpointTimeout] = model.LeverLimit{Action: api.LeverRecommend, Max: 30, Growth: 1.5}
		}},
		{"the job's code sets it", "", "", "allows no timeout that is longer", undoneTimeout(37 * s), func(in *Input) { in.Snapshot.Settings.Timeout.Origin = api.OriginJobCode }},
		{"what is coming yet is waited for", "", "", "acknowledgements of an expired checkpoint are waited for", undoneTimeout(), func(in *Input) {
			in.Snapshot.Checkpoints.History[0].Failure.At = now.Add(-20 * s)
			in.Snapshot.Checkpoints.History[0].Trigger = now.Add(-30 * s)
		}},
		{"nothing tells how long it takes, as each expiry restarts the job", "8", "", "4 x 2 = 8", undoneTimeout(), func(in *Input) { in.Diagnosis.Facts.CutShort = true }},
		{"threads are off", "", "", rests + "; more transfer threads: the policy has remedies.transferThreads Off", undoneTimeout(18 * s), func(in *Input) {
			in.Policy.Levers[api.LeverTransferThreads] = model.LeverLimit{Action: api.LeverOff}
			in.Snapshot.Settings.Incremental = set(true)
		}},
	} {
		if c.change != nil {
			c.change(&c.in)
		}
		in := with(c.in, func(in *Input) {
			in.Policy.Levers[api.LeverIncrementalCheckpoints] = model.LeverLimit{Action: api.LeverOff}
		})
		d := Decide(in)
		threads, _ := field(d, keyTransfer)
		timeout, _ := field(d, keyTimeout)
		said := d.WhyNot.Message
		if d.Remedy != nil {
			said = d.Remedy.Reason
		}
		if threads.To != c.threads || timeout.To != c.timeout || !strings.Contains(said, c.says) {
			t.Errorf("%s: threads %q, timeout %q, %q; want %q, %q, %q", c.name, threads.To, timeout.To, said, c.threads, c.timeout, c.says)
		}
		if written := d.Action == model.ActionApply && d.Remedy.Lever == api.LeverTransferThreads; written != (c.threads != "") {
			t.Errorf("%s: %s %+v", c.name, d.Action, d.WhyNot)
		}
	}
}

// The first incremental checkpoint writes what a full one does: where that is known not to be in time, a longer timeout goes along.
func TestIncrementalCheckpointsBeginWithAFullOne(t *testing.T) {
	for _, c := range []struct {
		name, timeout, says string
		late                time.Duration
		change              func(*Input)
	}{
		{"11s of 10s", "25s", "an upload takes 11s and at best 11s in the first incremental checkpoint, which writes the whole state as well, of a timeout of 10s", 11 * time.Second, nil},
		{"8s of 10s, but for the queue", "", "write what changed since the last", 8 * time.Second, nil},
		{"that is more than the policy allows", "none", "that alone would still expire", 31 * time.Second, nil},
		{"none expires", "", "write what changed since the last", 11 * time.Second, func(in *Input) { in.Diagnosis.Counts.Expired = 0 }},
	} {
		in := undoneTimeout(c.late)
		permit(&in, api.LeverIncrementalCheckpoints)
		in.Policy.Levers[api.LeverTransferThreads] = model.LeverLimit{Action: api.LeverOff}
		if c.change != nil {
			c.change(&in)
		}
		d := Decide(in)
		said := d.WhyNot.Message
		if d.Remedy != nil {
			said = d.Remedy.Reason
		}
		timeout, _ := field(d, keyTimeout)
		if _, ok := field(d, keyIncremental); ok != (c.timeout != "none") || ok && timeout.To != c.timeout || !strings.Contains(said, c.says) {
			t.Errorf("%s: %+v, %q; want %q, %q", c.name, d.Remedy, said, c.timeout, c.says)
		}
	}
}

// A rung that waits for what is on its way holds those after it: they are for where it does not help.
func TestARungThatWaitsHoldsThoseAfterIt(t *testing.T) {
	for ago, want := range map[time.Duration]api.Lever{20 * time.Second: "", time.Hour: api.LeverCheckpointTimeout} {
		in := uploading(ago, 1, 4<<20)
		permit(&in, api.LeverTransferThreads, api.LeverIncrementalCheckpoints)
		in.Snapshot.Settings.StateBackend = set("EmbeddedRocksDBStateBackend")
		d := Decide(in)
		if lever := leverOf(d); lever != want {
			t.Errorf("%s after the expiry: %q %+v, want %q", ago, lever, d.WhyNot, want)
		}
		if want == "" && (d.WhyNot.Reason != api.ReasonSnapshotIncomplete || d.WhyNot.Retry != 40*time.Second || d.NextLook > d.WhyNot.Retry) {
			t.Errorf("%s after the expiry: %+v, next look %s", ago, d.WhyNot, d.NextLook)
		}
	}
}

func leverOf(d model.Decision) api.Lever {
	if d.Remedy == nil {
		return ""
	}
	return d.Remedy.Lever
}
