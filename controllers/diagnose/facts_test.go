package diagnose

import (
	"slices"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func caseNamed(t *testing.T, name string) *model.Snapshot {
	t.Helper()
	i := slices.IndexFunc(causeCases, func(c causeCase) bool { return c.name == name })
	if i < 0 {
		t.Fatalf("no case %q", name)
	}
	return causeCases[i].make(4)
}

// Late acknowledgements of the first expiry after a completed checkpoint are what would have sufficed; later ones contain the queue behind it.
func TestLateAcknowledgementsComeFromTheFirstExpiry(t *testing.T) {
	own := all(entry(600*mib, 0, 0, 0, 690, 0))
	queued := all(entry(600*mib, 0, 0, 0, 780, 0)) // 90 s behind the one before
	s := add(jobOf(2), detailed(expired(), 2, shares{all(quick), queued, all(quick)}), detailed(expired(), 2, shares{all(quick), own, all(quick)}), completed(20*time.Second))
	f := diagnosed(t, s).Facts
	if want := []time.Duration{690 * time.Second, 690 * time.Second}; !slices.Equal(f.LateAcks, want) || !f.LateComplete {
		t.Errorf("got %v complete %v, want %v", f.LateAcks, f.LateComplete, want)
	}
	if got := f.UploadRate.Value / mib; got < 0.8 || got > 0.9 {
		t.Errorf("got %.2f MiB/s, want 600 MiB in 690 s: 0.87", got)
	}
}

// Where the first expiry is not in the history any more, the queue is taken off: the subtask's own time is from one report to the next.
func TestTheQueueIsTakenOff(t *testing.T) {
	s := add(jobOf(2), detailed(expired(), 2, shares{all(quick), all(entry(600*mib, 0, 0, 0, 1890, 0)), all(quick)}),
		detailed(expired(), 2, shares{all(quick), all(entry(600*mib, 0, 0, 0, 1800, 0)), all(quick)}), expired())
	f := diagnosed(t, s).Facts
	// The one before reported 1800 s after its trigger, 1200 s after the next one's; of that one's 1890 s 690 s are its own.
	if want := []time.Duration{690 * time.Second, 690 * time.Second}; !slices.Equal(f.LateAcks, want) {
		t.Errorf("got %v, want %v", f.LateAcks, want)
	}
}

func TestAQueueOfUnknownLengthSaysNothing(t *testing.T) {
	s := add(jobOf(2), detailed(expired(), 2, shares{all(quick), all(entry(600*mib, 0, 0, 0, 1890, 0)), all(quick)}), expired(), expired())
	f := diagnosed(t, s).Facts
	if len(f.LateAcks) > 0 || f.LateComplete || f.UploadRate.Known {
		t.Errorf("got %v, complete %v, rate %v", f.LateAcks, f.LateComplete, f.UploadRate)
	}
}

// Acknowledgements that travel slowly queue behind nothing, although they come after the next trigger.
func TestLateAcknowledgementsOnTheWayAreNotQueued(t *testing.T) {
	f := diagnosed(t, caseNamed(t, "acknowledgements on the way")).Facts
	if !f.LateComplete || f.LateAcks[0] < 660*time.Second {
		t.Errorf("got %v, complete %v", f.LateAcks, f.LateComplete)
	}
}

func TestNeverLate(t *testing.T) {
	for name, want := range map[string]bool{
		"acknowledgements larger than a frame":            true,
		"stuck in snapshotState":                          true,
		"slow storage":                                    false,
		"acknowledgements on the way":                     false,
		"storage that refuses":                            false,
		"JobManager collects garbage":                     false,
		"sink that flushes, without stacks":               false,
		"metadata that is never written":                  false,
		"source that reads a table":                       true,
		"deletes in the way of triggers":                  false,
		"one subtask holds the bytes":                     false,
		"enumerator that works":                           true,
		"JobManager at risk without CPU":                  false,
		"storage slower than this job's own past":         false,
		"a TaskManager collects garbage":                  false,
		"declined checkpoints":                            false,
		"sink that flushes before the barrier":            false,
		"versions that differ":                            false,
		"large state, short interval":                     false,
		"JobManager collects garbage and nothing expires": false,
	} {
		if got := diagnosed(t, caseNamed(t, name)).Facts.NeverLate; got != want {
			t.Errorf("%s: never late is %v, want %v", name, got, want)
		}
	}
}

// Up to 1.17 an expiry cancels the upload: the report has no end of its asynchronous part, and neither a residual nor silence.
func TestACancelledUploadIsNoNetworkLatency(t *testing.T) {
	cancelled := entry(0, 0.1, 0.1, 0.1)
	cancelled.Async, cancelled.Residual, cancelled.EndToEnd = model.Unknown, model.Unknown, 601*time.Second
	cancelled.Aborted, cancelled.Unfinished = true, model.PhaseAsync
	s := expiredThrice(2, shares{all(quick), all(cancelled), all(quick)})
	s.Job.FlinkVersion = "1.17.2"
	dumps(s, append(idleThreads(state, 2), uploadThread(0), uploadThread(1))...)
	d := diagnosed(t, s)
	if d.Top().Cause != "SlowStateBackend" || d.Facts.NeverLate || !d.Facts.UploadMoves || len(d.Facts.LateAcks) > 0 {
		t.Errorf("got %s, facts %+v", d.Top().Cause, d.Facts)
	}
	if d.Slowest.Entry.Unfinished != model.PhaseAsync {
		t.Errorf("the slowest is %+v", d.Slowest)
	}
}

func TestFactsOfTheHistory(t *testing.T) {
	s := add(jobOf(2), completed(4*time.Second), completed(time.Second), completed(2*time.Second), completed(3*time.Second))
	f := diagnosed(t, s).Facts
	if f.P50 != 3*time.Second || f.P95 != 4*time.Second || f.Max != 4*time.Second {
		t.Errorf("got %+v", f)
	}
	late := expired()
	late.Duration = 12 * time.Minute
	if f := diagnosed(t, add(jobOf(2), late, expired())).Facts; f.Excess != 2*time.Minute {
		t.Errorf("excess %v", f.Excess)
	}
}

// Healthy or not: a remedy of checkpoints that began late is judged by it.
func TestFactsOfLateStarts(t *testing.T) {
	s := add(withTimeout(jobOf(2), time.Minute, 2*time.Second), completed(500*time.Millisecond), completed(500*time.Millisecond), completed(500*time.Millisecond))
	for i, ago := range []time.Duration{0, 4 * time.Second, 6 * time.Second} {
		s.Checkpoints.History[i].Trigger = testNow.Add(-ago)
	}
	if d := diagnosed(t, s); d.Facts.LateStart != time.Second || d.Facts.Starts != 2 {
		t.Errorf("%s late over %d, want 1s over 2 (%s)", d.Facts.LateStart, d.Facts.Starts, d.Health)
	}
}

func TestSlowestSubtask(t *testing.T) {
	got := diagnosed(t, caseNamed(t, "one subtask holds the bytes")).Slowest
	if !got.Known || got.CheckpointID != 8121 || got.Subtask != 1 || got.Vertex != "enrich -> join" || got.Entry.Async != 675*time.Second {
		t.Errorf("got %+v", got)
	}
	got = diagnosed(t, caseNamed(t, "acknowledgements larger than a frame")).Slowest
	if !got.Known || got.Entry.Reported || got.Missing != 4 || got.Vertex != "enrich -> join" {
		t.Errorf("got %+v", got)
	}
	if got := diagnosed(t, add(jobOf(2), completed(time.Second))).Slowest; got.Known {
		t.Errorf("got %+v without details", got)
	}
}

func TestWhatTheStackNames(t *testing.T) {
	for name, want := range map[string]string{
		"sink that flushes before the barrier":       "JDBC (PostgreSQL)",
		"source of the old kind that holds the lock": "CDC (Debezium)",
		"commit of the checkpoint before":            "Iceberg",
		"one call of user code":                      "an HTTP client",
		"enumerator that works":                      "",
	} {
		if got := diagnosed(t, caseNamed(t, name)).Facts.LibraryNamed; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// Only a full read that the stack shows and that moves is said to pass; a source that hangs, sleeps or reads something else need not come back.
func TestOnlyAFullReadThatMovesEndsByItself(t *testing.T) {
	const named = "source of the old kind that holds the lock" // Debezium's snapshot of a table
	still, moves := caseNamed(t, named), caseNamed(t, named)
	moves.Stacks[0].Threads = slices.Clone(moves.Stacks[0].Threads)
	for i := range moves.Stacks[0].Threads {
		thread := &moves.Stacks[0].Threads[i]
		thread.Frames = append([]string{"java.net.SocketInputStream.read"}, thread.Frames...)
	}
	for name, tt := range map[string]struct {
		job  *model.Snapshot
		ends bool
	}{
		"a full read that moves": {moves, true}, "a full read that hangs": {still, false},
		"a source that reads something": {caseNamed(t, "source that reads a table"), false},
	} {
		d := diagnosed(t, tt.job)
		if d.Top().Cause != api.CauseSourceBlocked || (d.Facts.EndsByItself != "") != tt.ends {
			t.Errorf("%s: %s, passes by itself: %q", name, d.Top().Cause, d.Facts.EndsByItself)
		}
	}
}

// Two causes at once are both named, and the one that feeds the other first.
func TestTwoCausesAtOnce(t *testing.T) {
	s := caseNamed(t, "slow storage")
	s.JobManager.GCShare, s.JobManager.HeapUsed = model.Measured(0.7), model.Measured(0.95*(1<<30))
	for i := range s.Checkpoints.History[:3] {
		s.Checkpoints.History[i].Duration += 2 * time.Minute
	}
	likely := likelyCauses(diagnosed(t, s).Findings)
	for _, want := range []string{"SlowStateBackend", "JobManagerOverload (Heap)"} {
		if !slices.Contains(likely, want) {
			t.Errorf("%s is missing among %v", want, likely)
		}
	}

	s = caseNamed(t, "enumerator that works")
	s.JobManager.GCShare, s.JobManager.HeapUsed = model.Measured(0.7), model.Measured(0.97*(1<<30))
	for i := range s.Checkpoints.History[:3] {
		s.Checkpoints.History[i].Duration += 2 * time.Minute
	}
	if likely := likelyCauses(diagnosed(t, s).Findings); !slices.Equal(likely, []string{"CoordinatorBlocked", "JobManagerOverload (Heap)"}) {
		t.Errorf("got %v", likely)
	}
}

func likelyCauses(findings []model.Finding) []string {
	var names []string
	for i := range findings {
		if findings[i].Score >= likelyScore {
			names = append(names, causeName(findings[i].Cause, findings[i].SubCause))
		}
	}
	return names
}

func TestSinceIsWhenTheCauseBecameTheFirst(t *testing.T) {
	s := caseNamed(t, "slow storage")
	if got := diagnosed(t, s).Findings[0].Since; !got.Equal(testNow) {
		t.Errorf("a new cause begins now, got %v", got)
	}
	s.Past.Cause, s.Past.CauseSince = "SlowStateBackend", testNow.Add(-time.Hour)
	if got := diagnosed(t, s).Findings[0].Since; !got.Equal(testNow.Add(-time.Hour)) {
		t.Errorf("got %v", got)
	}
}
