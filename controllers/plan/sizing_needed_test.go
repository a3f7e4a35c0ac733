package plan

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// uploading is a job whose checkpoint 41 expired so long ago: the first of four subtasks acknowledged it, the others have not. Each had written
// its bytes in checkpoint 40, the last two none.
func uploading(ago time.Duration, first, second int64) Input {
	in := patient(api.CauseSlowStateBackend, "")
	in.Snapshot.Settings.Timeout = set(10 * time.Second)
	in.Snapshot.Target.Config[keyTimeout] = "10s"
	entry := func(i int, bytes int64) model.SubtaskLedger {
		return model.SubtaskLedger{Index: i, Reported: true, EndToEnd: time.Second, Async: time.Second, CheckpointedSize: bytes}
	}
	failedAt := now.Add(-ago)
	in.Snapshot.Checkpoints.LatestCompleted.ID = 40
	in.Snapshot.Checkpoints.Detailed = &model.Checkpoint{ID: 40, Status: model.CheckpointCompleted,
		Tasks: []model.TaskLedger{{VertexID: "v", Entries: []model.SubtaskLedger{entry(0, first), entry(1, second)}}}}
	in.Snapshot.Checkpoints.History = []model.Checkpoint{{ID: 41, Status: model.CheckpointFailed, Trigger: failedAt.Add(-10 * time.Second), Duration: 10 * time.Second,
		Failure: &model.CheckpointFailure{At: failedAt, Kind: model.FailureExpired},
		Tasks:   []model.TaskLedger{{VertexID: "v", Entries: []model.SubtaskLedger{entry(0, first), {Index: 1}, {Index: 2}, {Index: 3}}}}}}
	in.Diagnosis.Facts.UploadMoves = true
	in.Snapshot.Settings.StateBackend = set("HashMapStateBackend")
	return in
}

// Where late acknowledgements do not tell all of it, the timeout is sized by what else is known of the time that is needed.
func TestTimeoutByWhatIsKnownOfTheUpload(t *testing.T) {
	kib := int64(1024)
	for _, c := range []struct {
		name, to, says string
		in             Input
		change         func(*Input)
	}{
		{"late ones came after 18 s, and the others have not after 70", "12m", "have not come 1m10s", uploading(time.Hour, 100*kib, 4096*kib), func(in *Input) {
			in.Diagnosis.Facts.LateAcks = []time.Duration{18 * time.Second}
		}},
		{"acknowledgements are waited for as long as a minute after the expiry, and then ten times that is one in ten too short", "12m", "have not come 1m10s", uploading(time.Hour, 100*kib, 4096*kib), nil},
		{"all came after 18 s: no guessing", "40s", "late acknowledgements came after 18s", uploading(35*time.Second, 100*kib, 4096*kib), func(in *Input) {
			in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = []time.Duration{18 * time.Second}, true
		}},
		{"a restart ended the upload", "2m", "10s x 10", uploading(35*time.Second, 100*kib, 4096*kib), func(in *Input) {
			in.Snapshot.Checkpoints.LatestRestored = &model.Restored{ID: 40, At: now.Add(-30 * time.Second)}
		}},
		{"an expiry cancels it in 1.17", "2m", "10s x 10", uploading(35*time.Second, 100*kib, 4096*kib), func(in *Input) {
			in.Snapshot.Job.FlinkVersion = "1.17.2"
		}},
		{"4 MiB at the 200 KiB/s of those that came: 20.5 s", "45s", "4 MiB to upload take 20s at the 200 KiB/s of those that came", uploading(time.Second, 100*kib, 4096*kib), func(in *Input) {
			in.Diagnosis.Facts.CutShort, in.Diagnosis.Facts.UploadRate = true, model.Measured(200*1024)
		}},
		{"a later one wrote 3 MiB and queued: by itself that is 15.4 s", "35s", "3 MiB to upload take 15s at the 200 KiB/s of those that came", uploading(time.Second, 100*kib, 0), func(in *Input) {
			in.Diagnosis.Facts.UploadRate = model.Measured(200 * 1024)
			first := &in.Snapshot.Checkpoints.History[0]
			first.ID, first.Tasks[0].Entries[1] = 44, model.SubtaskLedger{Index: 1, Reported: true, Aborted: true, Late: true, EndToEnd: 29 * time.Second, Async: 29 * time.Second, CheckpointedSize: 3072 * kib}
		}},
		{"by its rate it would have been in time: something else holds it", "15s", "grows by the policy's factor: 10s x 1.5", uploading(time.Second, 100*kib, 400*kib), func(in *Input) {
			in.Diagnosis.Facts.CutShort, in.Diagnosis.Facts.UploadRate = true, model.Measured(200*1024)
		}},
		{"nor has it come after 70", "2m", "have not come 1m10s after their checkpoint began, and their uploads move: 1m10s x 1.5", uploading(time.Hour, 100*kib, 400*kib), func(in *Input) {
			in.Diagnosis.Facts.UploadRate = model.Measured(200 * 1024)
		}},
	} {
		if c.change != nil {
			c.change(&c.in)
		}
		d := Decide(c.in)
		if change, ok := field(d, keyTimeout); !ok || change.To != c.to || !strings.Contains(d.Remedy.Reason, c.says) {
			t.Errorf("%s: %+v %+v, want %s, %q", c.name, change, d.Remedy, c.to, c.says)
		}
	}
}

// A guess has no second margin for what RocksDB piles up, and the first expiry, which Flink has dropped from its history, tells the same as before.
func TestAGuessHasOneMargin(t *testing.T) {
	for _, backend := range []string{"EmbeddedRocksDBStateBackend", "HashMapStateBackend"} {
		for name, c := range map[string]struct {
			change func(*Input)
			to     string
		}{
			"nothing will come late":    {func(in *Input) { in.Diagnosis.Facts.CutShort = true }, "2m"}, // 10s x 10
			"they have not come by 70s": {func(*Input) {}, "12m"},                                       // 70s x 10
			"Flink dropped the first": {func(in *Input) { // it is kept behind the history: ten others queued behind it
				first := in.Snapshot.Checkpoints.History[0]
				in.Snapshot.Checkpoints.History = nil
				for id := int64(60); id > 50; id-- {
					c := model.Checkpoint{ID: id, Status: model.CheckpointFailed, Trigger: first.Trigger.Add(time.Duration(id-41) * 11 * time.Second), Duration: 10 * time.Second, Tasks: first.Tasks}
					c.Failure = &model.CheckpointFailure{At: c.Trigger.Add(c.Duration), Kind: model.FailureExpired}
					in.Snapshot.Checkpoints.History = append(in.Snapshot.Checkpoints.History, c)
				}
				in.Snapshot.Checkpoints.History = append(in.Snapshot.Checkpoints.History, first)
			}, "12m"},
		} {
			in := uploading(time.Hour, 1, 8<<20)
			in.Snapshot.Settings.StateBackend, in.Snapshot.Settings.Incremental = set(backend), set(true)
			c.change(&in)
			d := Decide(in)
			if change, _ := field(d, keyTimeout); change.To != c.to || strings.Contains(d.Remedy.Reason, "times as much") {
				t.Errorf("%s, %s: %+v %+v, want %s", name, backend, change, d.Remedy, c.to)
			}
		}
	}
}

// One of two whose sibling was quick may be the one that writes more: its late acknowledgement is waited for.
func TestNoTimeoutForAFewThatMayWriteMore(t *testing.T) {
	few := func() Input {
		in := uploading(time.Hour, 100*1024, 4096*1024)
		task := &in.Snapshot.Checkpoints.History[0].Tasks[0]
		task.Entries = task.Entries[:2]
		return in
	}
	if d := Decide(few()); d.Remedy != nil && d.Remedy.Lever == api.LeverCheckpointTimeout {
		t.Errorf("%+v", d.Remedy)
	}
	for name, change := range map[string]func(*Input){
		"its rate is known":        func(in *Input) { in.Diagnosis.Facts.UploadRate = model.Measured(200 * 1024) },
		"it came late":             func(in *Input) { in.Diagnosis.Facts.LateAcks = []time.Duration{18 * time.Second} },
		"the cause is another one": func(in *Input) { in.Diagnosis.Findings[0].Cause = api.CauseNetworkLatency },
	} {
		in := few()
		change(&in)
		if _, ok := field(Decide(in), keyTimeout); !ok {
			t.Errorf("%s: no timeout", name)
		}
	}
}

// While acknowledgements are waited for that would tell what suffices, nothing is written, and nothing that is another value at each look.
func TestWhatIsComingYetIsWaitedFor(t *testing.T) {
	in := uploading(20*time.Second, 100*1024, 4096*1024)
	in.Snapshot.Settings.StateBackend, in.Snapshot.Settings.MinPause = set("HashMapStateBackend"), set(time.Second) // no other rung
	d := Decide(in)
	if d.Remedy != nil || d.WhyNot.Retry != 40*time.Second || !strings.Contains(d.WhyNot.Message, "waited for, whose uploads move, for another 40s") {
		t.Errorf("%+v %+v", d.Remedy, d.WhyNot)
	}
	in.Diagnosis.Facts.UploadRate = model.Measured(2000 * 1024) // by which 4 MiB would have been in time
	if d := Decide(in); d.Remedy != nil || d.WhyNot.Retry != 40*time.Second {
		t.Errorf("%+v %+v", d.Remedy, d.WhyNot)
	}
	in.Diagnosis.Facts.UploadRate = model.Measured(200 * 1024) // 4 MiB take 20.5 s
	if change, _ := field(Decide(in), keyTimeout); change.To != "45s" {
		t.Errorf("%+v, want 45s by the rate", change)
	}
}

// What the policy's bound cannot cover is not tried.
func TestNoTimeoutThatIsKnownNotToSuffice(t *testing.T) {
	in := uploading(time.Hour, 1024, 4096*1024)
	bound(&in, api.LeverCheckpointTimeout, 40)
	in.Snapshot.Settings.StateBackend = set("HashMapStateBackend")
	in.Snapshot.Settings.MinPause = set(time.Second) // no other rung
	if d := Decide(in); d.Remedy != nil || !strings.Contains(d.WhyNot.Message, "have not come 1m10s after their checkpoint began, and their uploads move, and the policy's bound remedies.checkpointTimeout.maxSeconds is 40s") {
		t.Errorf("%+v %+v", d.Remedy, d.WhyNot)
	}
	in = uploading(time.Hour, 1024, 4096*1024)
	bound(&in, api.LeverCheckpointTimeout, 80)
	if change, _ := field(Decide(in), keyTimeout); change.To != "80s" || change.Uncapped != "12m" {
		t.Errorf("%+v, want 80s of 12m", change)
	}
}

// Where each expiry restarts the job an answer of a TaskManager tells how far away it is.
func TestTimeoutByAnswers(t *testing.T) {
	in := patient(api.CauseNetworkLatency, "")
	in.Snapshot.Settings.Timeout = set(5 * time.Second)
	in.Snapshot.Target.Config[keyTimeout] = "5s"
	in.Diagnosis.Facts.CutShort = true
	slots("1.20.5", keyAskTimeout, "60 s")(&in)
	answered(6*time.Second, 6*time.Second)(&in)
	if change, _ := field(Decide(in), keyTimeout); change.To != "15s" { // 6s x 2.2 = 13.2s
		t.Errorf("%+v, want 15s", change)
	}
}

// A longer timeout for slow storage is no cure where user code blocks as well.
func TestNothingIsTriedBesideWhatNoSettingCures(t *testing.T) {
	for _, c := range []struct {
		name    string
		second  api.Cause
		verdict api.Verdict
		tried   bool
	}{
		{"user code blocks as well", api.CauseUserCodeBlocking, api.VerdictLikely, false},
		{"and so for certain", api.CauseCommitBlocksTask, api.VerdictConfirmed, false},
		{"that is only possible", api.CauseUserCodeBlocking, api.VerdictPossible, true},
		{"barriers wait behind a backlog as well", api.CauseBackpressure, api.VerdictLikely, false},
		{"or may do so", api.CauseBackpressure, api.VerdictPossible, true},
		{"one that has a remedy", api.CauseCheckpointPressure, api.VerdictLikely, true},
		{"skew makes the upload slow, and does not hold it up", api.CauseDataSkew, api.VerdictLikely, true},
	} {
		in := patient(api.CauseSlowStateBackend, "")
		in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = []time.Duration{11 * time.Minute}, true
		in.Diagnosis.Findings = append(in.Diagnosis.Findings, model.Finding{Cause: c.second, Verdict: c.verdict, Score: 70, Summary: "a call of the job"})
		d := Decide(in)
		if tried := d.Action == model.ActionApply; tried != c.tried || !tried && (d.WhyNot.Reason != api.ReasonAdviceOnly || d.Remedy != nil || !strings.Contains(d.WhyNot.Message, "mend that first (a call of the job)")) {
			t.Errorf("%s: %s %+v", c.name, d.Action, d.WhyNot)
		}
	}
}

// What is only likely beside a JobManager that is starved for certain may be its shadow.
func TestAStarvedJobManagerIsTreatedBesideWhatItMakesLate(t *testing.T) {
	for verdict, want := range map[api.Verdict]bool{api.VerdictConfirmed: true, api.VerdictLikely: false} {
		in := patient(api.CauseJobManagerOverload, api.SubCauseCPU)
		in.Diagnosis.Findings[0].Verdict = verdict
		in.Diagnosis.Findings = append(in.Diagnosis.Findings, model.Finding{Cause: api.CauseCommitBlocksTask, Verdict: api.VerdictLikely, Score: 60})
		if d := Decide(in); (d.Action == model.ActionApply) != want {
			t.Errorf("%s: %s %+v", verdict, d.Action, d.WhyNot)
		}
	}
}

// A call that comes now and then is not seen in between: what was the first cause a moment ago is not forgotten at once.
func TestNothingIsTriedRightAfterWhatNoSettingCures(t *testing.T) {
	at := now.Add(-time.Minute)
	named := func(cause api.Cause, ago time.Duration) model.Past {
		return model.Past{Named: []model.NamedCause{{Cause: cause, Last: now.Add(-ago)}}}
	}
	for _, c := range []struct {
		name  string
		past  model.Past
		tried bool
	}{
		{"20 minutes ago, and three checkpoints may take 33", named(api.CauseUserCodeBlocking, 20*time.Minute), false},
		{"34 minutes ago", named(api.CauseUserCodeBlocking, 34*time.Minute), true},
		{"20 minutes ago, with others since", model.Past{Health: api.HealthUnknown, Named: append(named(api.CauseUserCodeBlocking, 20*time.Minute).Named,
			model.NamedCause{Cause: api.CauseDataSkew, Last: at}, model.NamedCause{Cause: api.CauseSlowStateBackend, Last: at})}, false},
		{"one that would be seen if it were there yet", named(api.CauseOversizedAck, time.Minute), true},
		{"one that has remedies of its own", named(api.CauseNetworkLatency, time.Minute), true},
		{"itself", named(api.CauseSlowStateBackend, time.Minute), true},
		{"nothing before", model.Past{}, true},
	} {
		in := patient(api.CauseSlowStateBackend, "")
		in.Snapshot.Past = c.past
		d := Decide(in)
		if tried := d.Action == model.ActionApply; tried != c.tried || !tried && (d.WhyNot.Reason != api.ReasonUndetermined || d.WhyNot.Retry <= 0 || d.Remedy != nil) {
			t.Errorf("%s: %s %+v", c.name, d.Action, d.WhyNot)
		}
	}
}

// Uploads that all came late, and in time but for the wait behind those before: how long they take by themselves is known, so nothing is guessed.
func TestTimeoutByUploadsThatQueued(t *testing.T) {
	m := time.Minute
	for _, c := range []struct {
		name, backend, to, says string
		cause                   api.Cause
		own                     time.Duration
	}{
		{"8m of 10m", "HashMapStateBackend", "18m", "late acknowledgements took 8m of 10m without the wait behind the checkpoint before: 8m x 2.2 = 17m36s, tidied to 18m", api.CauseSlowStateBackend, 8 * m},
		{"with room for what piles up", "EmbeddedRocksDBStateBackend", "40m", "8m x 5 = 40m", api.CauseSlowStateBackend, 8 * m},
		{"and no less than what takes longer", "EmbeddedRocksDBStateBackend", "55m", "11m x 5 = 55m", api.CauseSlowStateBackend, 11 * m},
		{"4m of 10m: it is the queue", "HashMapStateBackend", "", "a longer timeout: by itself an upload takes 4m of 10m at most: it is the wait behind the checkpoint before", api.CauseSlowStateBackend, 4 * m},
		{"a network makes no queue", "HashMapStateBackend", "15m", "10m x 1.5", api.CauseNetworkLatency, 4 * m},
	} {
		in := uploading(24*time.Hour, 1, 4<<20)
		in.Diagnosis.Findings[0].Cause = c.cause
		in.Snapshot.Settings.Timeout, in.Snapshot.Settings.StateBackend, in.Snapshot.Settings.Incremental = set(10*m), set(c.backend), set(true)
		in.Snapshot.Target.Config[keyTimeout] = "10m"
		entries := in.Snapshot.Checkpoints.History[0].Tasks[0].Entries
		for i := 1; i < len(entries); i++ {
			entries[i] = model.SubtaskLedger{Index: i, Reported: true, Aborted: true, Late: true, EndToEnd: 12 * m, Async: 12 * m, CheckpointedSize: 4 << 20}
		}
		in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = []time.Duration{c.own}, true
		d := Decide(in)
		said := d.WhyNot.Message
		change, ok := field(d, keyTimeout)
		if ok {
			said = d.Remedy.Reason
		}
		if change.To != c.to || !strings.Contains(said, c.says) {
			t.Errorf("%s: %+v, %q, want %q, %q", c.name, change, said, c.to, c.says)
		}
	}
}

// Where checkpoints complete and expire in turn, each expiry begins a wait that the next one outruns: one that was over is enough.
func TestExpiriesInTurnAreNotWaitedForForEver(t *testing.T) {
	for _, c := range []struct {
		timeout, period time.Duration // period is from one expired checkpoint to the next
		earlier         int           // how many expired before the newest
		restored        bool          // a restart stands between them
		held            bool
	}{
		{10 * time.Second, 15 * time.Second, 5, false, false},
		{10 * time.Second, 15 * time.Second, 1, false, true}, // none was waited for in full yet
		{10 * time.Second, 15 * time.Second, 5, true, true},
		{10 * time.Minute, 11 * time.Minute, 5, false, false},
		{10 * time.Minute, 2 * time.Minute, 5, false, false}, // several at a time
		{10 * time.Minute, time.Minute, 4, false, false},     // the oldest leaves the history before it was waited for
		{10 * time.Minute, time.Minute, 3, false, true},
	} {
		in := inTurn(c.timeout, c.period, c.earlier+1)
		if c.restored {
			in.Snapshot.Checkpoints.LatestRestored = &model.Restored{ID: 99, At: in.Snapshot.Checkpoints.History[1].Trigger}
		}
		d := Decide(in)
		if held := d.WhyNot.Reason == api.ReasonSnapshotIncomplete; held != c.held || !held && d.Action != model.ActionApply {
			t.Errorf("%+v: %s, %s %q", c, d.Action, d.WhyNot.Reason, d.WhyNot.Message)
		}
	}
}

// inTurn is a job of which so many checkpoints expired, a period apart, each behind one that completed.
func inTurn(timeout, period time.Duration, expiries int) Input {
	in := uploading(time.Second, 1, 4<<20)
	permit(&in, api.LeverTransferThreads, api.LeverIncrementalCheckpoints)
	in.Snapshot.Settings.Timeout.Value = timeout
	expired := in.Snapshot.Checkpoints.History[0]
	in.Snapshot.Checkpoints.History = nil
	for k := range expiries {
		e, failure := expired, *expired.Failure
		failure.At = failure.At.Add(-time.Duration(k) * period)
		e.ID, e.Failure, e.Trigger = int64(100-2*k), &failure, failure.At.Add(-timeout)
		done := model.Checkpoint{ID: e.ID - 1, Status: model.CheckpointCompleted, Trigger: e.Trigger.Add(-time.Second), Duration: time.Second}
		in.Snapshot.Checkpoints.History = append(in.Snapshot.Checkpoints.History, e, done)
	}
	return in
}

// A history that Flink keeps for longer than 10 checkpoints will tell of one that was waited for.
func TestWithALongHistoryOneWaitIsOverYet(t *testing.T) {
	in := inTurn(10*time.Minute, time.Minute, firstExpiredKept)
	history := &in.Snapshot.Checkpoints.History
	for range 10 {
		oldest := (*history)[len(*history)-1]
		*history = append(*history, model.Checkpoint{ID: oldest.ID - 1, Status: model.CheckpointCompleted, Trigger: oldest.Trigger.Add(-time.Minute), Duration: time.Second})
	}
	if d := Decide(in); d.WhyNot.Reason != api.ReasonSnapshotIncomplete {
		t.Errorf("%s, %s %q; want to wait", d.Action, d.WhyNot.Reason, d.WhyNot.Message)
	}
}

// goingAlong is a job whose uploads take more than 20m of a timeout of 10m, and for which 15m did not help; only one lever is left. late is how late all
// that was missing came, 0 where it never did.
func goingAlong(lever api.Lever, late time.Duration) Input {
	in := uploading(3*time.Hour, 1, 4<<20)
	limit := in.Policy.Levers[lever]
	limit.Action = api.LeverApply
	for _, l := range []api.Lever{api.LeverTransferThreads, api.LeverIncrementalCheckpoints} {
		in.Policy.Levers[l] = model.LeverLimit{Action: api.LeverOff}
	}
	in.Policy.Levers[lever], in.Policy.Guards.Cooldown = limit, 0
	in.Snapshot.Settings.StateBackend = set("EmbeddedRocksDBStateBackend")
	in.Snapshot.Settings.Timeout.Value = 10 * time.Minute
	in.Snapshot.Target.Config[keyTimeout] = "10min"
	h := &in.Snapshot.Checkpoints.History[0]
	h.Trigger = h.Failure.At.Add(-10 * time.Minute)
	if late > 0 {
		in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = []time.Duration{late}, true
	}
	r := failedReceipt(api.CauseSlowStateBackend, api.LeverCheckpointTimeout, time.Minute)
	r.Changes[0].From, r.Changes[0].To = "10min", "15min"
	in.Snapshot.Target.Receipts = []model.Receipt{r}
	return in
}

// A timeout that goes along with threads or incremental checkpoints is a guess where not all came late: no longer than it can be undone, which is 18m.
func TestATimeoutThatGoesAlongCanBeUndone(t *testing.T) {
	for _, c := range []struct {
		lever       api.Lever
		late        time.Duration
		least, most time.Duration // 0: none is written
	}{
		{api.LeverTransferThreads, 0, 15 * time.Minute, 18 * time.Minute},
		{api.LeverTransferThreads, 25 * time.Minute, 50 * time.Minute, time.Hour}, // measured
		{api.LeverIncrementalCheckpoints, 0, 0, 0},                                // the first one writes all state as well: 20m at least
		{api.LeverIncrementalCheckpoints, 25 * time.Minute, 50 * time.Minute, time.Hour},
	} {
		d := Decide(goingAlong(c.lever, c.late))
		change, _ := field(d, keyTimeout)
		to, err := model.ParseDuration(change.To)
		if err != nil {
			to = 0
		}
		if to < c.least || to > c.most || (d.Action == model.ActionApply) != (c.most > 0) {
			t.Errorf("%s, late %s: %s with a timeout of %q, want %s to %s; %s", c.lever, c.late, d.Action, change.To, c.least, c.most, d.WhyNot.Message)
		}
	}
}
