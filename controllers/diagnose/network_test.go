package diagnose

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// lateAcknowledgements is a job whose tasks are done at once and whose acknowledgements are processed after eleven minutes.
func lateAcknowledgements(n int) *model.Snapshot {
	return expiredThrice(n, shares{all(entry(mib, 0.1, 0, 0, 0.2, 660)), all(entry(mib, 0.1, 0.1, 0, 0.2, 660)), all(entry(0, 0.1, 0.1, 0, 0, 660))})
}

// measuredAs are round trips to the three ports of which each of 30 takes as long.
func measuredAs(took time.Duration, lost, again int) *model.NetworkProbe {
	p := &model.NetworkProbe{StartedAt: testNow.Add(-time.Minute), FinishedAt: testNow, Node: "node-7", Hops: []string{"10.0.0.1", "10.0.1.7"}}
	for _, name := range []string{model.RoundTripsRPC, model.RoundTripsBlob, model.RoundTripsREST, model.RoundTripsRESTRequest} {
		trips := model.RoundTrips{Name: name, Sent: 30, P50: took, P95: took, Max: took}
		if name != model.RoundTripsRESTRequest { // the kernel counts a connection's packets once
			trips.Lost, trips.Retransmits = lost, model.Measured(float64(again))
		}
		p.RoundTrips = append(p.RoundTrips, trips)
	}
	return p
}

// lossyProbe is what was measured across a wire that loses one packet in ten.
func lossyProbe() *model.NetworkProbe { return measuredAs(1030*time.Millisecond, 1, 9) }

func probedAs(s *model.Snapshot, p *model.NetworkProbe) *model.Snapshot {
	s.Network = p
	return s
}

// networkFinding is what is said of the network, as first cause or later.
func networkFinding(t *testing.T, s *model.Snapshot) *model.Finding {
	t.Helper()
	d := diagnosed(t, s)
	for i := range d.Findings {
		if d.Findings[i].Cause == api.CauseNetworkLatency {
			return &d.Findings[i]
		}
	}
	t.Fatal("nothing is said of the network")
	return nil
}

// A measurement is evidence, for and against, and none where it says nothing.
func TestTheProbeSpeaksForAndAgainst(t *testing.T) {
	without := networkFinding(t, lateAcknowledgements(4))
	if without.Verdict != api.VerdictLikely {
		t.Fatalf("without a probe %s (%d), want Likely: the JobManager's io threads were not seen", without.Verdict, without.Score)
	}
	cases := []struct {
		name    string
		probe   *model.NetworkProbe
		verdict api.Verdict
		weight  int
		says    string
	}{
		{"slow", measuredAs(212*time.Millisecond, 0, 0), api.VerdictLikely, 20, "95% within 212ms, longest 212ms, from node node-7, 2 hops"},
		{"lossy", measuredAs(time.Millisecond, 0, 3), api.VerdictLikely, 25, "0 of 120 not answered, 9 packets sent again"},
		{"slow and lossy", lossyProbe(), api.VerdictLikely, 30 + 25, "95% within 1.0s"},
		{"clean", measuredAs(400*time.Microsecond, 0, 0), api.VerdictPossible, -40, "95% within 0.4ms, none of 120 lost, from node node-7, 2 hops"},
		{"neither", measuredAs(30*time.Millisecond, 0, 0), api.VerdictLikely, 0, ""},
		{"one accident", withRetransmits(measuredAs(time.Millisecond, 0, 0), 1), api.VerdictLikely, 0, ""},
	}
	for _, c := range cases {
		f := networkFinding(t, probedAs(lateAcknowledgements(4), c.probe))
		weight, texts := 0, ""
		for _, e := range f.Evidence {
			if strings.HasPrefix(e.Signal, "network probe") {
				weight += e.Weight
				texts += e.Observed + "\n"
			}
		}
		if f.Verdict != c.verdict || weight != c.weight || !strings.Contains(texts, c.says) {
			t.Errorf("%s: %s (%d), the probe weighs %d and says %q, want %s, %d and %q", c.name, f.Verdict, f.Score, weight, texts, c.verdict, c.weight, c.says)
		}
		if len(f.Missing) != len(without.Missing) {
			t.Errorf("%s: missing %q", c.name, f.Missing)
		}
	}
}

func withRetransmits(p *model.NetworkProbe, n float64) *model.NetworkProbe {
	p.RoundTrips[0].Retransmits = model.Measured(n)
	return p
}

// Nothing that comes through is no loss: a policy that keeps the pod out looks the same. It is named, and changes no verdict; nor does a
// probe that was wanted and could not be made, nor a port that is closed beside others that answer.
func TestAProbeThatSaysNothingChangesNothing(t *testing.T) {
	without := networkFinding(t, lateAcknowledgements(4))
	shut := measuredAs(0, 30, 0)
	shut.RoundTrips = shut.RoundTrips[:3]
	blocked := networkFinding(t, probedAs(lateAcknowledgements(4), shut))
	failed := lateAcknowledgements(4)
	failed.Gaps = append(failed.Gaps, model.Gap{Kind: model.GapNetworkProbe, Signal: model.NetworkSignal, Why: "the image cannot be pulled"})
	gap := networkFinding(t, failed)
	for name, f := range map[string]*model.Finding{"NetworkPolicy": blocked, "image cannot be pulled": gap} {
		if f.Score != without.Score || f.Verdict != without.Verdict {
			t.Errorf("%s: %s (%d), want %s (%d) as without a probe", name, f.Verdict, f.Score, without.Verdict, without.Score)
		}
		if missing := strings.Join(f.Missing, "\n"); !strings.Contains(missing, model.NetworkSignal) || !strings.Contains(missing, name) {
			t.Errorf("missing is %q, want the probe and %q", missing, name)
		}
	}
	oneShut := measuredAs(400*time.Microsecond, 0, 0)
	oneShut.RoundTrips[1] = model.RoundTrips{Name: model.RoundTripsBlob, Sent: 30, Failed: 30}
	if f := networkFinding(t, probedAs(lateAcknowledgements(4), oneShut)); f.Score != without.Score-40 {
		t.Errorf("a closed port beside two that answer at once: score %d, want %d", f.Score, without.Score-40)
	}
}

// The way to the JobManager says nothing of the way between TaskManagers.
func TestACleanProbeDoesNotSpeakForTheNetworkBetweenTaskManagers(t *testing.T) {
	for _, c := range causeCases {
		if c.name != "data between TaskManagers on the way" {
			continue
		}
		with, without := networkFinding(t, probedAs(c.make(4), measuredAs(time.Millisecond, 0, 0))), networkFinding(t, c.make(4))
		if with.Score != without.Score || with.Verdict != without.Verdict {
			t.Errorf("%s (%d), without the probe %s (%d)", with.Verdict, with.Score, without.Verdict, without.Score)
		}
	}
}

// Whatever the probe says, it makes no other cause first where the network is innocent.
func TestAProbeMovesNoOtherCause(t *testing.T) {
	for _, c := range causeCases {
		if c.cause == api.CauseNetworkLatency {
			continue
		}
		before := diagnosed(t, c.make(4))
		for name, p := range map[string]*model.NetworkProbe{"clean": measuredAs(time.Millisecond, 0, 0), "slow": measuredAs(212*time.Millisecond, 0, 0)} {
			after := diagnosed(t, probedAs(c.make(4), p))
			if before.Top() != nil && (after.Top().Cause != before.Top().Cause || after.Top().Verdict != before.Top().Verdict) {
				t.Errorf("%s, probe %s: %s %s, before %s %s", c.name, name, after.Top().Cause, after.Top().Verdict, before.Top().Cause, before.Top().Verdict)
			}
		}
	}
}

// A network that delays the JobManager's node delays our requests as well: they speak against it only where the JobManager may be kept from its CPU.
func TestOurOwnLateAnswersMayBeTheSameNetwork(t *testing.T) {
	const late, worst = 600 * time.Millisecond, 1400 * time.Millisecond
	for name, c := range map[string]struct {
		median, max time.Duration
		usage       float64
		// before is the health of the pass before, dump how long the JobManager's own takes.
		before api.Health
		dump   time.Duration
		likely bool
	}{
		"at once":                                    {40 * time.Millisecond, 90 * time.Millisecond, 0.05, api.HealthHealthy, 0, true},
		"all late, and it has time":                  {late, worst, 0.05, api.HealthUnhealthy, 0, true},
		"and had it before the trouble":              {late, worst, 0.05, api.HealthHealthy, 0, false},
		"all late, and what it does unknown":         {late, worst, -1, api.HealthUnhealthy, 0, false},
		"now at once and now after ten times":        {late, 10 * late, 0.05, api.HealthUnhealthy, 0, false},
		"all late, a dump by as much":                {late, worst, 0.05, api.HealthUnhealthy, 2 * late, true},
		"all late, and a dump takes ten times of it": {late, worst, 0.05, api.HealthUnhealthy, 10 * late, false},
	} {
		s := lateAcknowledgements(4)
		s.Past.Health = c.before
		if c.dump > 0 {
			s.Stacks = []model.StackSample{{At: testNow.Add(-30 * time.Second), Took: map[string]time.Duration{model.JobManagerProcess: c.dump}}}
		}
		s.Requests = model.RequestTimes{Count: 12, Median: c.median, Max: c.max}
		s.JobManager.CPUUsage, s.JobManager.CPULoad = model.Measured(c.usage), model.Measured(c.usage)
		if c.usage < 0 {
			s.JobManager.CPUUsage, s.JobManager.CPULoad = model.Measure{}, model.Measure{}
		}
		if f := networkFinding(t, s); (f.Score >= likelyScore) != c.likely {
			t.Errorf("%s: %s (%d), %+v", name, f.Verdict, f.Score, f.Evidence)
		}
	}
}

// A thread dump goes the way of a trigger: where it comes at once, sources that begin late were not kept by the network.
func TestATriggerIsNotUnderwayWhereDumpsComeAtOnce(t *testing.T) {
	late := all(entry(mib, 650, 0, 0.1, 0.2, 0.1))
	for name, c := range map[string]struct {
		took   time.Duration
		likely bool
	}{"they took seconds": {6 * time.Second, true}, "they came at once": {40 * time.Millisecond, false}} {
		s := expiredThrice(4, shares{late, late, late})
		dumps(s, append(idleThreads(source, 4), jobManagerThread("jobmanager-io-thread-1", poolFrames...))...)
		for i := range s.Stacks {
			s.Stacks[i].Took = map[string]time.Duration{model.JobManagerProcess: 10 * time.Millisecond, "tm-1": c.took, "tm-2": c.took}
		}
		if f := networkFinding(t, s); (f.Score >= likelyScore) != c.likely {
			t.Errorf("%s: %s (%d), %+v", name, f.Verdict, f.Score, f.Evidence)
		}
	}
}

// A JobManager that has little time passes on what TaskManagers answer when it gets to it: a late answer is the way's only where it has time.
func TestLateAnswersThroughABusyJobManagerAreNotTheWays(t *testing.T) {
	for name, c := range map[string]struct {
		load float64
		slow bool
	}{"it has time": {0.05, true}, "it is rather busy": {0.8, false}} {
		s := lateAcknowledgements(4)
		s.JobManager.CPUUsage, s.JobManager.CPULoad = model.Measured(c.load), model.Measured(c.load)
		dumps(s, idleThreads(sink, 4)...)
		for i := range s.Stacks {
			s.Stacks[i].Took = map[string]time.Duration{model.JobManagerProcess: 30 * time.Millisecond, "tm-1": 5 * time.Second, "tm-2": 5 * time.Second}
		}
		if got := answersSlow(featuresOf(t, s)); (got.state == present) != c.slow {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Where calls are not answered a dump that came at once says little: messages are lost, not slow. And a single dump catches anybody at something.
func TestLostMessagesAreNotRuledOutByOneThatCame(t *testing.T) {
	late := all(entry(mib, 650, 0, 0.1, 0.2, 0.1))
	for name, lost := range map[string]bool{"calls are not answered": true, "all are": false} {
		s := expiredThrice(4, shares{late, late, late})
		dumps(s, append(idleThreads(source, 4), jobManagerThread("jobmanager-io-thread-1", poolFrames...))...)
		for i := range s.Stacks {
			s.Stacks[i].Took = map[string]time.Duration{model.JobManagerProcess: 10 * time.Millisecond, "tm-1": 40 * time.Millisecond, "tm-2": 40 * time.Millisecond}
		}
		if lost {
			s.Logs = []model.LogSignal{{Kind: model.LogRPCTimeout, Process: model.JobManagerProcess, Count: 3, Last: testNow.Add(-time.Minute)}}
		}
		if got := answersQuick(featuresOf(t, s)); (got.state == present) == lost {
			t.Errorf("%s: %+v", name, got)
		}
	}
	s := expiredThrice(4, shares{all(quick), absentAll, absentAll})
	press(s, source, 0.97, 0.01)
	dumps(s, taskThreadOf(state, 0, elementFrames, "com.shop.Count.processElement"))
	s.Stacks = s.Stacks[1:]
	if !featuresOf(t, s).betweenTasks() {
		t.Error("one that a single dump caught at an element is taken for why")
	}
}
