package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// busySource is a job of which the first source never acknowledges; behind it all do, or none. Each stack is one dump of that source's thread.
func busySource(behind func(int) model.SubtaskLedger, where []string, stacks ...[]string) *model.Snapshot {
	s := expiredThrice(4, shares{absentFirst, behind, behind})
	for k, inner := range stacks {
		s.Stacks = append(s.Stacks, model.StackSample{At: testNow.Add(time.Duration(10*k-40) * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute,
			Threads: append(idleThreads(sink, 4), taskThreadOf(source, 0, where, inner...))})
	}
	return s
}

// A source whose barrier is behind it has taken its trigger: what it does now is its next records, and its acknowledgement is lost or on its way. And
// where nothing was read of its records, two dumps that differ show that it does go on.
func TestASourceThatWentOnIsNotHeldAtOneElement(t *testing.T) {
	lookup, other := []string{"java.net.http.HttpClient.send", "io.harbour.Tariff.map"}, []string{"com.fasterxml.jackson.core.JsonParser.nextToken", "io.harbour.Manifest.map"}
	read, readOn := []string{"java.net.http.HttpClient.send", "io.harbour.Feed.pollNext"}, []string{"java.util.zip.Inflater.inflate", "io.harbour.Feed.unzip"}
	for name, c := range map[string]struct {
		cause api.Cause
		job   *model.Snapshot
		holds bool
	}{
		"a chained map, all behind it acknowledged": {cause: api.CauseUserCodeBlocking, job: busySource(all(quick), chainFrames, lookup)},
		"a read, all behind it acknowledged":        {cause: api.CauseSourceBlocked, job: busySource(all(quick), sourceFrames, read)},
		"a chained map, at another spot later":      {cause: api.CauseUserCodeBlocking, job: busySource(absentAll, chainFrames, lookup, other)},
		"a read, at another spot later":             {cause: api.CauseSourceBlocked, job: busySource(absentAll, sourceFrames, read, readOn)},
		"a chained map, nobody behind it":           {cause: api.CauseUserCodeBlocking, job: busySource(absentAll, chainFrames, lookup), holds: true},
		"a read, nobody behind it":                  {cause: api.CauseSourceBlocked, job: busySource(absentAll, sourceFrames, read), holds: true},
		"a read, its own reader not behind it":      {cause: api.CauseSourceBlocked, job: busySource(absentFirst, sourceFrames, read), holds: true},
	} {
		d := diagnosed(t, c.job)
		f := findingOf(&d, c.cause)
		if holds := f != nil && f.Score >= likelyScore; holds != c.holds {
			t.Errorf("%s: %s likely %v, want %v (%+v)", name, c.cause, holds, c.holds, f)
		}
	}
}

// An operator behind which all acknowledged has sent its barrier: the call it is in now keeps nobody.
func TestACallAfterTheBarrierKeepsNobody(t *testing.T) {
	for name, c := range map[string]struct {
		behind func(int) model.SubtaskLedger
		holds  bool
	}{"the sinks acknowledged": {behind: all(quick)}, "one sink waits for it": {behind: absentFirst, holds: true}} {
		s := expiredThrice(4, shares{all(quick), absentFirst, c.behind})
		press(s, state, 0, 1, 0)
		dumps(s, taskThreadOf(state, 0, elementFrames, "java.net.http.HttpClient.send", "io.harbour.Berth.processElement"))
		d := diagnosed(t, s)
		f := findingOf(&d, api.CauseUserCodeBlocking)
		if holds := f != nil && f.Score >= likelyScore; holds != c.holds {
			t.Errorf("%s: likely %v, want %v (%+v)", name, holds, c.holds, f)
		}
	}
}

// Where no source has acknowledged, one that is in a call when half of the timeout is over has not come back to take its trigger, unless something kept that on
// its way: a coordinator at work, a TaskManager or a JobManager that answers late.
func TestASourceIsToldWhereNothingKeepsTheTrigger(t *testing.T) {
	fresh := func() *model.Snapshot {
		s := expiredThrice(4, shares{absentAll, absentAll, absentAll})
		press(s, source, 0, 1)
		threads := append(idleThreads(sink, 4), jobManagerThread("SourceCoordinator-Source: orders", "java.util.concurrent.LinkedBlockingQueue.take"))
		for i := range 4 {
			threads = append(threads, taskThreadOf(source, i, chainFrames, "java.util.concurrent.CompletableFuture.get", "io.harbour.Tariff.filter"))
		}
		s.Stacks = []model.StackSample{{At: testNow.Add(-30 * time.Second), PendingCheckpoint: 8121, PendingFor: 9 * time.Minute, Threads: threads,
			Took: map[string]time.Duration{model.JobManagerProcess: 40 * time.Millisecond, "tm-1": 50 * time.Millisecond, "tm-2": 60 * time.Millisecond}}}
		return s
	}
	for name, c := range map[string]struct {
		change func(*model.Snapshot)
		holds  bool
	}{
		"nothing keeps it": {func(*model.Snapshot) {}, true},
		"a TaskManager answers late": {func(s *model.Snapshot) {
			s.Stacks[0].Took["tm-1"], s.Stacks[0].Took["tm-2"] = 5*time.Second, 5*time.Second
		}, false},
		"the JobManager answers late": {func(s *model.Snapshot) { s.Requests.Median = time.Second }, false},
		"too early to tell":           {func(s *model.Snapshot) { s.Stacks[0].PendingFor = 4 * time.Minute }, false},
		"a coordinator works": {func(s *model.Snapshot) {
			s.Stacks[0].Threads[4] = jobManagerThread("SourceCoordinator-Source: orders", append([]string{"java.lang.Thread.sleep", "io.harbour.Lister.snapshotState"}, enumeratorFrames...)...)
		}, false},
	} {
		s := fresh()
		c.change(s)
		d := diagnosed(t, s)
		f := findingOf(&d, api.CauseUserCodeBlocking)
		if holds := f != nil && f.Score >= likelyScore; holds != c.holds {
			t.Errorf("%s: likely %v, want %v (%+v)", name, holds, c.holds, f)
		}
	}
}
