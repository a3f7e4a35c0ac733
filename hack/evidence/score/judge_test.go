package score

import (
	"errors"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// began is when the made-up trials begin; their checkpoints begin every ten seconds, with a timeout of ten.
var began = time.Date(2026, 11, 25, 23, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return began.Add(time.Duration(seconds) * time.Second) }

// completed and expired are checkpoints: number n begins at 10 n seconds.
func completed(n, seconds int) model.Checkpoint {
	return model.Checkpoint{ID: int64(n), Status: model.CheckpointCompleted, Trigger: at(10 * n), Duration: time.Duration(seconds) * time.Second}
}

func expired(n int) model.Checkpoint {
	c := completed(n, 10)
	c.Status, c.Failure = model.CheckpointFailed, &model.CheckpointFailure{At: at(10*n + 10), Kind: model.FailureExpired}
	return c
}

func pending(n int) model.Checkpoint {
	return model.Checkpoint{ID: int64(n), Status: model.CheckpointInProgress, Trigger: at(10 * n), Duration: model.Unknown}
}

// pass is a look that finds one cause, or none.
func pass(seconds int, health api.Health, cause api.Cause, history ...model.Checkpoint) *model.Pass {
	p := &model.Pass{Now: at(seconds), Snapshot: &model.Snapshot{At: at(seconds)}}
	p.Snapshot.Settings.Timeout = model.Setting[time.Duration]{Value: 10 * time.Second, Known: true}
	p.Snapshot.Checkpoints.History = history
	p.Diagnosis.Health = health
	if cause != "" {
		p.Diagnosis.Findings = []model.Finding{{Cause: cause, Verdict: api.VerdictLikely}}
	}
	for i := range history {
		if history[i].Expired() {
			p.Diagnosis.Counts.Expired++
		}
	}
	return p
}

// recommending is a pass that recommends a lever.
func recommending(p *model.Pass, lever api.Lever) *model.Pass {
	p.Decision.Remedy = &model.Remedy{Lever: lever, Changes: []model.Change{{Lever: lever}}}
	return p
}

// slowing is a recording of storage that gets slower: the second pass sees a checkpoint of six seconds, the fourth the first expiry.
func slowing(named int) []*model.Pass {
	passes := []*model.Pass{
		pass(15, api.HealthHealthy, "", completed(1, 1)),
		pass(38, api.HealthAtRisk, "", completed(1, 1), completed(2, 1), completed(3, 6)),
		pass(48, api.HealthAtRisk, "", completed(2, 1), completed(3, 6), completed(4, 7)),
		pass(61, api.HealthUnhealthy, "", completed(3, 6), completed(4, 7), expired(5), pending(6)),
		pass(73, api.HealthUnhealthy, "", completed(4, 7), expired(5), expired(6), pending(7)),
	}
	for _, p := range passes[named:] {
		p.Diagnosis.Findings = []model.Finding{{Cause: api.CauseSlowStateBackend, Verdict: api.VerdictConfirmed}}
	}
	return passes
}

func judged(t *testing.T, tr trial.Trial, passes ...*model.Pass) Result {
	t.Helper()
	r, err := judge(&Source{Name: "tuning/1.20.5/x", Trial: tr}, passes)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var slowOnset = trial.Trial{Causes: []string{"SlowStateBackend"}, SlowOnset: true, FirstExpiry: at(60), Expired: 2}

func TestAnOnsetIsNamedEarly(t *testing.T) {
	for _, c := range []struct {
		named       int
		early       bool
		lead, delay Count
	}{
		{1, true, Count{2, true}, Count{0, true}}, // 4 and 5 end after it; 3 is the first hurt
		{2, true, Count{1, true}, Count{1, true}},
		{3, false, Count{}, Count{3, true}},
		{5, false, Count{}, Count{}},
	} {
		r := judged(t, slowOnset, slowing(c.named)...)
		if r.Early != c.early || r.Lead != c.lead || r.Delay != c.delay {
			t.Errorf("named at pass %d: early %t, lead %v, delay %v", c.named, r.Early, r.Lead, r.Delay)
		}
	}
	steady := slowOnset
	steady.SlowOnset = false
	if r := judged(t, steady, slowing(1)...); r.Early || r.Lead.Known {
		t.Error("a fault that does not grow has no onset to see")
	}
	noExpiry := trial.Trial{Causes: []string{"SlowStateBackend"}, SlowOnset: true}
	if r := judged(t, noExpiry, slowing(2)[:3]...); !r.Early || r.Lead.Known {
		t.Errorf("nothing expired: early %t, lead %v", r.Early, r.Lead)
	}
}

func TestTheDelayIsCountedFromTheFault(t *testing.T) {
	tr := trial.Trial{Causes: []string{"JobManagerOverload/CPU"}, FaultAt: at(22)}
	quick := []*model.Pass{
		pass(15, api.HealthHealthy, "", completed(1, 1)),
		pass(45, api.HealthHealthy, "", completed(1, 1), completed(2, 1), completed(3, 1), completed(4, 1)),
		pass(55, api.HealthAtRisk, api.CauseJobManagerOverload, completed(3, 1), completed(4, 1), completed(5, 1)),
	}
	quick[2].Diagnosis.Findings[0].SubCause = api.SubCauseCPU
	// None is hurt: the first that began after the fault is number 3, and 4 and 5 began until it was named.
	if r := judged(t, tr, quick...); r.Delay != (Count{2, true}) || r.Cause != "JobManagerOverload/CPU" || !r.right() {
		t.Errorf("delay %v, cause %s", r.Delay, r.Cause)
	}
	// Whoever looks only afterwards cannot tell.
	if r := judged(t, tr, quick[2]); r.Delay.Known {
		t.Errorf("delay %v", r.Delay)
	}
	// A failure before the fault is not its work.
	old := []*model.Pass{
		pass(5, api.HealthHealthy, ""),
		pass(60, api.HealthUnhealthy, api.CauseSlowStateBackend, expired(1), completed(3, 1), expired(4), pending(5)),
	}
	if r := judged(t, trial.Trial{Causes: []string{"SlowStateBackend"}, FaultAt: at(35)}, old...); r.Delay != (Count{1, true}) {
		t.Errorf("delay %v, want from number 4 on", r.Delay)
	}
}

func TestTheVerdictIsThatOfTheLastSickPass(t *testing.T) {
	passes := []*model.Pass{
		pass(15, api.HealthUnhealthy, api.CauseSinkFlush), pass(25, api.HealthUnhealthy, api.CauseSlowStateBackend), pass(60, api.HealthHealthy, ""),
	}
	tr := trial.Trial{Causes: []string{"SlowStateBackend"}, SickUntil: at(30)}
	if r := judged(t, tr, passes...); r.Cause != "SlowStateBackend" || r.Passes != 2 || r.word() != "right" {
		t.Errorf("%s after %d passes: %s", r.Cause, r.Passes, r.word())
	}
	tr.SickUntil = at(10)
	if _, err := judge(&Source{Recording: "x.har.gz", Trial: tr}, passes); !errors.Is(err, errNoSickPass) || !strings.Contains(err.Error(), "x.har.gz") {
		t.Errorf("no pass is sick: %v", err)
	}
}

func TestAnAlarmThatPassesIsCounted(t *testing.T) {
	r := judged(t, trial.Trial{}, pass(15, api.HealthUnhealthy, ""), pass(25, api.HealthHealthy, ""))
	if !r.Alarmed || r.falseAlarm() || r.word() != "right" {
		t.Errorf("alarmed %t, at the end %s", r.Alarmed, r.word())
	}
	if r := judged(t, trial.Trial{}, pass(15, api.HealthAtRisk, "")); r.Alarmed || r.word() != "at risk" {
		t.Errorf("at risk: alarmed %t, %s", r.Alarmed, r.word())
	}
}

func TestSecondAndNamedAreThePossibleOnes(t *testing.T) {
	p := pass(15, api.HealthUnhealthy, "")
	p.Diagnosis.Findings = []model.Finding{
		{Cause: api.CauseUndetermined, Verdict: api.VerdictPossible}, {Cause: api.CauseDataSkew, Verdict: api.VerdictRuledOut},
		{Cause: api.CauseSinkFlush, Verdict: api.VerdictPossible}, {Cause: api.CauseBackpressure, Verdict: api.VerdictPossible},
	}
	r := judged(t, trial.Trial{Causes: []string{"SinkFlush"}}, p)
	if r.Cause != "Undetermined" || r.Second != "SinkFlush" || len(r.Named) != 2 || r.word() != "undetermined, right cause second" {
		t.Errorf("%s, %s, %v: %s", r.Cause, r.Second, r.Named, r.word())
	}
	if r := judged(t, trial.Trial{Causes: []string{"Backpressure"}}, p); r.word() != "undetermined" || r.inTopTwo() {
		t.Errorf("third: %s", r.word())
	}
	if r := judged(t, trial.Trial{Causes: []string{"SinkFlush"}}, pass(15, api.HealthUnknown, "")); r.Cause != "Unknown" || !r.abstained() {
		t.Errorf("unknown: %s", r.Cause)
	}
}

func TestHarmfulRecommendations(t *testing.T) {
	longer := func(history ...model.Checkpoint) *model.Pass {
		return recommending(pass(60, api.HealthUnhealthy, api.CauseNetworkLatency, history...), api.LeverCheckpointTimeout)
	}
	lateOne := expired(3)
	lateOne.Tasks = []model.TaskLedger{{Entries: []model.SubtaskLedger{{Reported: true, Late: true}}}}
	moving := longer(expired(3))
	moving.Diagnosis.Facts.UploadMoves = true
	debt := recommending(pass(60, api.HealthHealthy, ""), api.LeverCheckpointTimeout)
	debt.Decision.Debt = "a raised timeout can be walked back"
	network := trial.Trial{Causes: []string{"NetworkLatency"}}
	tried := func(judged api.Outcome, then ...api.Outcome) trial.Trial {
		tr := network
		tr.Remedy = &trial.Remedy{Lever: api.LeverCheckpointTimeout, Judged: judged}
		for _, j := range then {
			tr.Then = append(tr.Then, trial.Remedy{Lever: api.LeverCheckpointTimeout, Judged: j})
		}
		return tr
	}
	for name, c := range map[string]struct {
		trial trial.Trial
		p     *model.Pass
		want  string
	}{
		"silence":          {network, longer(expired(3)), "no acknowledgement ever came late"},
		"late":             {network, longer(lateOne), ""},
		"moves":            {network, moving, ""},
		"nothing expired":  {network, longer(completed(3, 8)), ""},
		"another lever":    {network, recommending(pass(60, api.HealthUnhealthy, "", expired(3)), api.LeverJobManagerCPU), ""},
		"nothing":          {network, pass(60, api.HealthUnhealthy, "", expired(3)), ""},
		"tried and cured":  {tried(api.OutcomeEffective), longer(expired(3)), ""},
		"tried in vain":    {tried(api.OutcomeIneffective), longer(expired(3)), "no acknowledgement ever came late"},
		"tried, got worse": {tried(api.OutcomeHarmful), longer(lateOne), "the job got worse"},
		"then got worse":   {tried(api.OutcomeIneffective, api.OutcomeHarmful), longer(lateOne), "the job got worse"},
		"then cured":       {tried(api.OutcomeIneffective, api.OutcomeEffective), longer(expired(3)), ""},
		"healthy":          {trial.Trial{}, recommending(pass(60, api.HealthAtRisk, ""), api.LeverJobManagerHeap), "for a healthy job"},
		"walked back":      {trial.Trial{}, debt, ""},
	} {
		// What an early pass recommended counts as well, and what a later one saw.
		got := harm(&c.trial, []*model.Pass{c.p, pass(70, api.HealthUnhealthy, "")})
		if got != c.want && (c.want == "" || !strings.Contains(got, c.want)) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAnOldExpiryOfAHealthyJobWasAnIllness(t *testing.T) {
	then := recommending(pass(60, api.HealthAtRisk, api.CauseSlowStateBackend, expired(3)), api.LeverCheckpointTimeout)
	if got := harm(&trial.Trial{}, []*model.Pass{then, pass(200, api.HealthHealthy, "")}); got != "" {
		t.Errorf("recommended while it was sick: %q", got)
	}
	if got := harm(&trial.Trial{}, []*model.Pass{then}); !strings.Contains(got, "for a healthy job") {
		t.Errorf("recommended in the last pass: %q", got)
	}
}

// A trial that was relabelled counts by its label of now, and says what the verdict is worth by the first one.
func TestTheFirstLabelIsHeldAgainstTheVerdictToo(t *testing.T) {
	tr := trial.Trial{Causes: []string{"SlowStateBackend"}, Relabelled: &trial.Relabelled{Odd: "long ones", Why: "a judge"}}
	r := judged(t, tr, recommending(pass(20, api.HealthAtRisk, api.CauseSlowStateBackend, completed(1, 6)), api.LeverCheckpointTimeout))
	if r.word() != wordRight || r.Harm != "" || r.First != "false alarm; harmful: checkpointTimeout was recommended for a healthy job" {
		t.Errorf("now %s, harm %q; at first %q", r.word(), r.Harm, r.First)
	}
	if tr.Relabelled = nil; judged(t, tr, pass(20, api.HealthAtRisk, api.CauseSlowStateBackend, completed(1, 6))).First != "" {
		t.Error("a trial with its first label has another one")
	}
}
