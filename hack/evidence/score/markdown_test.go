package score

import (
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/evidence/incidents"
	"checkpointhealth.dev/operator/hack/evidence/timeline"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

func held(r Result) Result {
	r.Trial.Split = trial.HeldOut
	r.Name = strings.Replace(r.Name, "tuning/", "heldout/", 1)
	return r
}

func TestTheLineCountsBothHalves(t *testing.T) {
	other := func(r *Result) { r.Cause = "NetworkLatency" }
	e := Evidence{Results: []Result{
		held(sick("a")), held(sick("b")), with(held(sick("c")), other), with(sick("d"), other), healthy("e"),
		with(healthy("f"), func(r *Result) { r.Health = api.HealthUnhealthy }),
		with(sick("g"), func(r *Result) { r.Cause, r.Verdict, r.Harm = "Undetermined", "", "x" }),
	}}
	want := "evidence: cases=7 heldout=3 top1=0.667 top2=0.667 wrong=2 abstained=1 false_alarms=1 harmful=1"
	if got := e.Line(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := (&Evidence{Results: []Result{sick("a")}}).Line(); !strings.Contains(got, "heldout=0 top1=none top2=none") {
		t.Errorf("without a held-out half: %s", got)
	}
}

func TestOfHeldOutCasesOnlyTheOutcomeIsTold(t *testing.T) {
	wrong := func(r *Result) { r.Cause, r.Named = "NetworkLatency", []string{"NetworkLatency"} }
	e := Evidence{Results: []Result{with(held(sick("secret")), wrong), with(sick("open"), wrong)}}
	_, rest, _ := strings.Cut(e.Markdown(), "### What was not right")
	for line := range strings.Lines(rest) {
		if strings.Contains(line, "heldout/1.20.5/secret") && strings.Contains(line, "NetworkLatency") {
			t.Errorf("it is told what was said: %s", line)
		}
	}
	if !strings.Contains(rest, "| tuning/1.20.5/open | SlowStateBackend | wrong | Unhealthy, NetworkLatency |") {
		t.Errorf("the tuning case is not told:\n%s", rest)
	}
	if text := e.Text(); strings.Contains(text, "secret") || !strings.Contains(text, "tuning/1.20.5/open: wrong; true SlowStateBackend") {
		t.Errorf("printed:\n%s", text)
	}
}

func TestThePageHasItsParts(t *testing.T) {
	number := func(n float64) *float64 { return &n }
	e := Evidence{
		Results: []Result{
			with(remedied(api.OutcomeIneffective, true), func(r *Result) {
				r.Trial.Remedy.Before, r.Trial.Remedy.After = trial.Tally{Ended: 6, Expired: 6}, trial.Tally{Ended: 5, Expired: 1, MedianMs: 5200}
				r.Lever = api.LeverCheckpointInterval
			}),
			with(andThen(api.OutcomeHarmful, api.OutcomeInconclusive), func(r *Result) { r.Name = "tuning/1.20.5/thrice" }),
			with(sick("grows"), func(r *Result) { r.Trial.SlowOnset, r.Early, r.Lead = true, true, Count{3, true} }),
			with(sick("harmful"), func(r *Result) { r.Harm = "for nothing" }),
			with(sick("half"), func(r *Result) { r.Trial.Relabelled, r.First = &trial.Relabelled{Why: "a judge"}, "false alarm" }),
			with(healthy("odd"), func(r *Result) { r.Trial.Odd = "idle | sources" }),
		},
		Incidents: []incidents.Row{
			{Incident: incidents.Incident{ID: "one", Title: "a sink", Source: "https://example.org/1", Causes: []string{"SinkFlush"}}, Health: api.HealthUnhealthy,
				Cause: "Undetermined", Result: incidents.Undetermined, Next: "a dump"},
			{Incident: incidents.Incident{ID: "two", Title: "a disk", Source: "https://example.org/2", Causes: []string{"StorageFailure"}}, Health: api.HealthUnhealthy,
				Cause: "StorageFailure", Verdict: api.VerdictLikely, Result: incidents.Right, LongerTimeout: true},
			{Incident: incidents.Incident{ID: "three", Title: "a heap", Source: "https://example.org/3"}, Health: api.HealthUnknown, Result: incidents.Unjudged,
				Next: "three.log is empty"},
			{Incident: incidents.Incident{ID: "four", Title: "a pool", Source: "https://example.org/4", Log: []string{"x"}}, Health: api.HealthUnknown, Result: incidents.Unjudged,
				Next: "no line that Flink logs"},
		},
		Cluster: &timeline.Record{Runs: []timeline.Run{
			{Date: "2026-11-26", Kubernetes: "v1.34.1", FlinkOperator: "1.7.0", Flink: "1.18.1", Stories: []timeline.Story{
				{Story: "slow storage", Passed: true, Commit: "32ee438", Steps: timeline.Steps{Detected: number(31.6)}, DowntimeSeconds: number(20)},
				{Story: "heap", Note: "timed out"},
			}},
			{Date: "2026-11-27", Kubernetes: "v1.34.1", FlinkOperator: "1.15.0", Flink: "1.18.1", Stories: []timeline.Story{{Story: "heap", Passed: true}}},
		}},
	}
	text := e.Markdown()
	for _, want := range []string{
		"| tuning/1.20.5/remedied | SlowStateBackend | `a: b` | 6 of 6 expired | 1 of 5 expired, median 5.2 s | Ineffective | undone | another: checkpointInterval |",
		"| tuning/1.20.5/thrice, then | SlowStateBackend | `c: d` | 0 of 0 expired | 0 of 0 expired | Harmful | undone |  |",
		"| tuning/1.20.5/thrice, then | SlowStateBackend | `c: d` | 0 of 0 expired | 0 of 0 expired | Inconclusive | **kept** |  |",
		"| tuning/1.20.5/grows | SlowStateBackend | yes | 3 | not known |",
		"| tuning/1.20.5/harmful | SlowStateBackend | for nothing |",
		"| tuning/1.20.5/half | None | SlowStateBackend | a judge | false alarm | right |",
		`None (idle \| sources)`,
		"4 incidents: right 1, undetermined 1, not judged 2, wrong 0; a longer timeout proposed although no acknowledgement ever came late: 1.",
		"| [one](https://example.org/1): a sink | SinkFlush | Unhealthy, Undetermined | undetermined | a dump |",
		"| [four](https://example.org/4): a pool |  | Unknown | not judged | no line that Flink logs |",
		"Of the other 1 no line of a log was quoted, so they are not judged: [three](https://example.org/3).",
		"| [two](https://example.org/2): a disk | StorageFailure | Unhealthy, StorageFailure (likely) | right | **a longer timeout was proposed",
		"Flink operator 1.7.0, Flink 1.18.1; 1 of 2 stories passed.",
		"| slow storage | passed | 32ee438 | 32 s | - | - | - | - | - | - | 20 s |  |",
		"| heap | **failed** | - |",
		"until 2026-11-27: Kubernetes v1.34.1, Flink operator 1.15.0, Flink 1.18.1; 1 of 1 stories passed.",
		"| harmful recommendations | 0 | none |  | 1 of 6 (16.7 %) |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	if !strings.HasSuffix(text, "\n    "+e.Line()+"\n") {
		t.Error("the page does not end with the line")
	}
}

// What is not to be relied on is said by the held-out half alone, by what was said and by what was true, the worst first.
func TestWhatToDistrustIsSaid(t *testing.T) {
	called := func(name, truth, said string) Result {
		return with(held(sick(name)), func(r *Result) { r.Trial.Causes, r.Cause, r.Named = []string{truth}, said, []string{said} })
	}
	e := Evidence{Results: []Result{
		called("a", "SinkFlush", "SinkFlush"), called("b", "SinkFlush", "SinkFlush"), called("c", "SinkFlush", "DataSkew"),
		called("d", "DataSkew", "DataSkew"), called("e", "DataSkew", "Backpressure"), called("f", "DataSkew", "Backpressure"),
		with(called("g", "OversizedAck", "Undetermined"), func(r *Result) { r.Verdict, r.Named = "", nil }),
		with(sick("h"), func(r *Result) { r.Cause = "StorageFailure" }),
	}}
	want := "Distrust these verdicts: when it says one of these, it was right in fewer than two of three held-out jobs: Backpressure (0 of 2), DataSkew (1 of 2); " +
		"when one of these is the true cause, it found it in fewer than two of three: OversizedAck (0 of 1), DataSkew (1 of 3). Each rests on a few jobs."
	if got := e.Distrust(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !strings.Contains(e.Markdown(), "**"+want+"**") || !strings.Contains(e.Claim(), want) {
		t.Error("page and README do not say it")
	}
	e.Results = append(e.Results, unseen(called("u", "SlowSyncPhase", "SlowSyncPhase")), unseen(called("v", "SinkFlush", "DataSkew")))
	if got := e.Distrust(); !strings.HasSuffix(got, " In the later sets alone fewer than two of three were found of: SinkFlush (0 of 1).") {
		t.Error(got)
	}
	good := Evidence{Results: []Result{called("a", "SinkFlush", "SinkFlush")}}
	if got := good.Distrust(); !strings.HasPrefix(got, "No verdict was right in fewer than two of three") {
		t.Error(got)
	}
	if got := (&Evidence{Results: []Result{sick("a")}}).Distrust(); !strings.Contains(got, "no held-out half") {
		t.Error(got)
	}
}
