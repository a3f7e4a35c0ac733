package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A checkpoint takes its bytes by its rate: what grew more of the two made it longer, though the rate is half of what it was in health and no less.
func TestARateThatFellByMoreThanTheBytesGrew(t *testing.T) {
	for name, tt := range map[string]struct {
		before int64
		cause  api.Cause
	}{"a tenth more bytes": {4 * 720 * mib, api.CauseSlowStateBackend}, "three times the bytes": {4 * 270 * mib, api.CauseCheckpointPressure}} {
		var row []model.Checkpoint
		for _, took := range []float64{500, 450, 400, 200, 200, 200} {
			bytes := int64(took * 1.6 * mib)
			c := detailed(completed(seconds(took)), 4, shares{all(quick), all(entry(bytes, 0.1, 0.1, 0.1, took-1, 0.1)), all(quick)})
			c.CheckpointedSize, c.StateSize = 4*bytes, 4*bytes
			row = append(row, c)
		}
		s := add(jobOf(4), row...)
		s.Past.HealthyDuration, s.Past.HealthyStateSize, s.Past.HealthyUploadRate = seconds(180), tt.before, model.Measured(3*mib)
		s.Settings.Incremental = set(false)
		d := diagnosed(t, s)
		if top := d.Top(); top == nil || top.Cause != tt.cause || top.Score < likelyScore {
			t.Errorf("%s: %s (%s) %+v", name, d.Health, d.Message, top)
		}
		f := featuresOf(t, s)
		f.cut = true
		if rate, _ := f.upload.measured(); f.rateFell(rate) {
			t.Errorf("%s: its state is read back beside the uploads, and the rate is called the storage's", name)
		}
	}
}

// The heaviest of a few heavy subtasks is no cause where it fits by itself, and only waits for its own upload of the checkpoint before.
func TestAHeavyUploadThatFitsByItself(t *testing.T) {
	for name, tt := range map[string]struct {
		alone  time.Duration
		weight int
	}{"it fits": {200 * time.Second, -35}, "it does not": {500 * time.Second, 0}, "it waited for none": {0, 0}} {
		f := featuresOf(t, expiredThrice(4, shares{all(quick), all(entry(400*mib, 0.1, 0.1, 0.1, 500, 0.1)), all(quick)}))
		f.upload.skew = skew{known: true, vertex: state, heavy: 1, total: 4, largest: 400 * mib, others: 10 * mib, mean: 107 * mib}
		f.upload.alone, f.upload.longest = tt.alone, tt.alone
		if got := weightOf(dataSkew.assess(f), "uploads by themselves"); got != tt.weight {
			t.Errorf("%s: DataSkew weighs it %d, want %d", name, got, tt.weight)
		}
		if got := weightOf(checkpointPressure.assess(f), "sizes"); (got == 0) != (tt.weight != 0) {
			t.Errorf("%s: CheckpointPressure weighs the sizes %d", name, got)
		}
	}
}

func weightOf(a assessment, signal string) int {
	for _, e := range a.finding.Evidence {
		if e.Signal == signal {
			return e.Weight
		}
	}
	return 0
}

// A dump that comes at once tells nothing of what was seen to be late between tasks; of acknowledgements that are late everywhere it does.
func TestAQuickAnswerAndBarriersThatAreLate(t *testing.T) {
	late := all(entry(mib, 650, 0, 0.1, 0.2, 0.1))
	for name, waits := range map[string]int{"barriers were late": 1, "none was": 0} {
		s := expiredThrice(4, shares{late, late, late})
		dumps(s, append(idleThreads(source, 4), jobManagerThread("jobmanager-io-thread-1", poolFrames...))...)
		for i := range s.Stacks {
			s.Stacks[i].Took = map[string]time.Duration{model.JobManagerProcess: 10 * time.Millisecond, "tm-1": 40 * time.Millisecond, "tm-2": 40 * time.Millisecond}
		}
		f := featuresOf(t, s)
		f.waits = idleWaits{checkpoints: waits, vertex: state, longest: 5 * time.Minute}
		if got := answersQuick(f); (got.state == present) == (waits > 0) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Anybody may be caught in the synchronous part of its snapshot: where that took a moment each time it was reported, it is not what the network's
// messages are mistaken for.
func TestOneCaughtInItsSnapshotIsNotAtWork(t *testing.T) {
	for name, tt := range map[string]struct {
		sync    float64
		against bool
	}{"short each time": {0.1, false}, "long": {400, true}} {
		was := detailed(completed(450*time.Second), 4, shares{all(quick), all(entry(mib, 0.1, 0.1, tt.sync, 449-tt.sync, 0.1)), all(quick)})
		s := add(jobOf(4), detailed(expired(), 4, shares{all(quick), absentAll, absentAll}), detailed(expired(), 4, shares{all(quick), absentAll, absentAll}), was)
		dumps(s, taskThreadOf(state, 0, barrierFrames, "org.apache.flink.streaming.api.operators.StreamOperatorStateHandler.snapshotState"))
		s.Stacks = s.Stacks[1:]
		f := featuresOf(t, s)
		if n, _, _ := f.threads.find(f.snapshots); n != 1 {
			t.Fatalf("%s: %d threads in a snapshot", name, n)
		}
		if got := weightOf(networkLatency.assess(f), "stacks of missing subtasks"); (got < 0) != tt.against {
			t.Errorf("%s: weighs %d", name, got)
		}
	}
}

// What all checkpoints took that a job ever took is what it takes, whatever shows in them: nothing is likely, and nothing recommended. Where it was quicker
// once, where they grow or one failed it is another thing.
func TestALevelThatTheJobAlwaysHad(t *testing.T) {
	row := func(durations ...float64) (all []model.Checkpoint) {
		for _, d := range durations {
			all = append(all, completed(seconds(d)))
		}
		return all
	}
	for name, tt := range map[string]struct {
		checkpoints []model.Checkpoint
		taken       int64
		past        float64
		tentative   bool
	}{
		"two, and there were no others":     {row(310, 305), 2, 0, true},
		"two of many":                       {row(310, 305), 20, 0, false},
		"eight in a row":                    {row(310, 300, 320, 310, 305, 315, 310, 300), 50, 305, true},
		"eight in a row, and quicker":       {row(310, 300, 320, 310, 305, 315, 310, 300), 50, 150, false},
		"longer than the one before":        {row(400, 305), 2, 0, false},
		"close to the timeout":              {row(470, 460), 2, 0, false},
		"and one of them failed":            {history(row(310, 305), times(1, expired()), row(310)), 3, 0, false},
		"eight, and one before them failed": {history(row(310, 300, 320, 310, 305, 315, 310, 300), times(1, expired())), 50, 305, false},
	} {
		s := add(jobOf(4), tt.checkpoints...)
		s.Checkpoints.Counts.Completed, s.Past.HealthyDuration = tt.taken, seconds(tt.past)
		if f := featuresOf(t, s); f.tentative != tt.tentative {
			t.Errorf("%s: tentative %t, want %t", name, f.tentative, tt.tentative)
		}
	}
}

// A job that was restored, or treated, has taken more than these two.
func TestTwoAfterARestartAreNotAllThatAJobTook(t *testing.T) {
	for name, had := range map[string]func(*model.Snapshot){
		"restored":        func(s *model.Snapshot) { s.Checkpoints.LatestRestored = &model.Restored{} },
		"counted as such": func(s *model.Snapshot) { s.Checkpoints.Counts.Restored = 1 },
		"after a remedy":  func(s *model.Snapshot) { s.Target.Receipts = []model.Receipt{{}} },
	} {
		s := add(jobOf(4), completed(seconds(310)), completed(seconds(305)))
		if s.Checkpoints.Counts.Completed = 2; !featuresOf(t, s).tentative {
			t.Fatal("two that are all are no level")
		}
		had(s)
		if featuresOf(t, s).tentative {
			t.Errorf("%s: two are taken for all", name)
		}
	}
}

// Of messages that get lost one comes at once and the next does not: an answer that took seconds earlier in the spell is not undone by one that did not.
func TestAnAnswerThatWasLateEarlierInTheSpell(t *testing.T) {
	for name, tt := range map[string]struct {
		first  time.Duration
		gc     float64
		weight int
	}{"it took long": {4 * time.Minute, 0.01, 25}, "a second": {1200 * time.Millisecond, 0.01, 0}, "of one that collects garbage": {4 * time.Minute, 0.6, 0}} {
		s := expiredThrice(4, shares{all(quick), absentAll, absentAll})
		dumps(s, idleThreads(state, 4)...)
		dumps(s, idleThreads(state, 4)...)
		for i := range s.Stacks {
			s.Stacks[i].Took = map[string]time.Duration{model.JobManagerProcess: 10 * time.Millisecond, "tm-1": 40 * time.Millisecond, "tm-2": 40 * time.Millisecond}
		}
		s.Stacks[0].Took["tm-2"] = tt.first
		s.TaskManagers[1].GCShare = model.Measured(tt.gc)
		f := featuresOf(t, s)
		if got := answersSlow(f); (got.state == present) != (tt.weight > 0) || got.weight != tt.weight {
			t.Errorf("%s: %+v", name, got)
		}
		if got := answersQuick(f); got.state == present {
			t.Errorf("%s: the quick ones speak against: %+v", name, got)
		}
		for i := range s.Stacks {
			s.Stacks[i].Took[model.JobManagerProcess] = time.Second
		}
		if f := featuresOf(t, s); f.answers.before != 0 {
			t.Errorf("%s: through a JobManager that is slow itself it took %s", name, f.answers.before)
		}
	}
}

// A way that is bad, if not for long enough for an expiry, and lost messages are one sign of the same.
func TestABadWayOnWhichMessagesWereLost(t *testing.T) {
	for name, tt := range map[string]struct {
		lost   bool
		weight int
	}{"lost as well": {true, 15}, "none was lost": {false, 5}} {
		s := expiredThrice(4, shares{all(quick), absentAll, absentAll})
		dumps(s, idleThreads(state, 4)...)
		for i := range s.Stacks {
			s.Stacks[i].Took = map[string]time.Duration{model.JobManagerProcess: 10 * time.Millisecond, "tm-1": 40 * time.Millisecond, "tm-2": 2 * time.Second}
		}
		if tt.lost {
			s.Exceptions = []model.JobException{{At: testNow.Add(-time.Minute), Name: "java.util.concurrent.TimeoutException", Message: "The heartbeat of TaskManager with id tm-2 timed out."}}
		}
		if got := answersSlow(featuresOf(t, s)); got.weight != tt.weight {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// In the first pass of a spell nothing was done since the reading before: that a step had no time left just before is why barriers wait there now.
func TestAStepThatHadNoTimeLeftJustBefore(t *testing.T) {
	for name, tt := range map[string]struct {
		busy float64
		in   int64
		sure bool
	}{"many records": {59.9, 900, true}, "it had time": {40, 900, false}, "few, of which each takes long": {59.9, 4, false}} {
		s := add(jobOf(4), detailed(pendingFor(6*time.Minute), 4, shares{all(quick), absentAll, absentAll}), completed(400*time.Second), completed(350*time.Second))
		press(s, state, 0, 0.6)
		for range 4 {
			s.Vertices[state].Work = append(s.Vertices[state].Work, model.SubtaskWork{Before: model.Work{Span: seconds(60), Busy: seconds(tt.busy), In: tt.in, Out: tt.in}})
		}
		if f := featuresOf(t, s); (f.press.busy == state) != tt.sure {
			t.Errorf("%s: busy %d", name, f.press.busy)
		}
	}
}
