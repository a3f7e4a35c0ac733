package report

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// crd is the CustomResourceDefinition as it is installed.
func crd(t *testing.T) *apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	raw, err := os.ReadFile("../../config/crd/bases/flink.checkpointhealth.dev_checkpointhealths.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var out apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return &out
}

// valid fails where a status is not what the schema takes.
func valid(t *testing.T, s *api.CheckpointHealthStatus) {
	t.Helper()
	var internal apiextensions.JSONSchemaProps
	props := crd(t).Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["status"]
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&props, &internal, nil); err != nil {
		t.Fatal(err)
	}
	validator, _, err := validation.NewSchemaValidator(&internal)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		t.Fatal(err)
	}
	for _, e := range validation.ValidateCustomResource(nil, object, validator) {
		t.Errorf("the schema refuses the status: %v", e)
	}
	for _, r := range string(raw) {
		if unicode.IsControl(r) {
			t.Errorf("control character %U in status", r)
		}
	}
}

func TestStatusFitsTheSchema(t *testing.T) {
	for name, situation := range situations {
		t.Run(name, func(t *testing.T) {
			s := Status(object(), situation())
			valid(t, &s)
		})
	}
}

// TestHostileValuesAreBounded puts long texts with control characters into every text a pass has, and numbers beyond all bounds.
func TestHostileValuesAreBounded(t *testing.T) {
	evil := strings.Repeat("wörld\x1b[31m\x00\u202e ", 2000)
	p := slowStorage()
	p.Snapshot.Job = model.Job{ID: evil, Name: evil, State: evil, FlinkVersion: evil}
	p.Diagnosis.Message = evil
	p.Diagnosis.Slowest = model.SlowestSubtask{Known: true, Vertex: evil, CheckpointID: math.MaxInt64, Subtask: math.MaxInt}
	p.Diagnosis.Slowest.Entry.Reported, p.Diagnosis.Slowest.Entry.Async, p.Diagnosis.Slowest.Entry.Sync = true, math.MaxInt64, math.MinInt64
	p.Diagnosis.Counts.Expired, p.Diagnosis.Counts.Completed = math.MaxInt, -1
	p.Snapshot.Checkpoints.LatestCompleted = &model.Checkpoint{Duration: math.MinInt64, CheckpointedSize: math.MaxInt64}
	p.Decision.Remedy.Replay = math.MaxInt64
	for i := range 40 {
		f := model.Finding{Cause: api.CauseSinkFlush, Verdict: api.VerdictPossible, Score: 400, Summary: evil, NextMeasurement: evil, Advice: []string{evil}}
		for range 40 {
			f.Evidence = append(f.Evidence, model.Evidence{Signal: evil, Observed: evil, Expected: evil, Weight: 1000})
			f.Missing = append(f.Missing, evil)
		}
		if i == 0 {
			p.Diagnosis.Findings = nil
		}
		p.Diagnosis.Findings = append(p.Diagnosis.Findings, f)
	}
	p.Decision.Remedy.Reason, p.Decision.WhyNot.Message, p.Patch = evil, evil, evil
	p.Decision.Advice = []string{evil, evil, evil, evil}
	for range 20 {
		r := receipt(api.OutcomeRolledBack)
		r.ID, r.Message = evil, evil
		for range 20 {
			r.Changes = append(r.Changes, model.ChangeRecord{Field: evil, From: evil, To: evil})
			p.Decision.Remedy.Changes = append(p.Decision.Remedy.Changes, model.Change{Field: evil, From: evil, To: evil, Uncapped: evil})
		}
		p.Snapshot.Target.Receipts = append(p.Snapshot.Target.Receipts, r)
	}
	s := Status(object(), p)
	valid(t, &s)
	narrow(t, strings.Join(s.Assessment, "\n"), describeColumns)
	narrow(t, Text(p, TextOptions{}), textColumns)
	for _, e := range Events(&api.CheckpointHealthStatus{ObservedGeneration: 1}, &s, p) {
		if len([]rune(e.Note)) > maxNote {
			t.Errorf("event %s has a note of %d characters", e.Reason, len([]rune(e.Note)))
		}
	}
}

func TestConditions(t *testing.T) {
	type want struct {
		status metav1.ConditionStatus
		reason string
	}
	cases := map[string]map[string]want{
		"healthy": {
			api.ConditionReady: {"True", api.ReasonReconciled}, api.ConditionCheckpointsHealthy: {"True", api.ReasonHealthy},
			api.ConditionDiagnosed: {"False", api.ReasonNothingToDiagnose}, api.ConditionRemediating: {"False", api.ReasonNone},
			api.ConditionCoolingDown: {"False", api.ReasonNone}, api.ConditionConfigAligned: {"True", api.ReasonAligned}, api.ConditionStalled: {"False", api.ReasonProgressing},
		},
		"slow-storage":         {api.ConditionCheckpointsHealthy: {"False", api.ReasonUnhealthy}, api.ConditionDiagnosed: {"True", "SlowStateBackend"}, api.ConditionReady: {"True", api.ReasonReconciled}},
		"at-risk":              {api.ConditionCheckpointsHealthy: {"True", api.ReasonAtRisk}, api.ConditionDiagnosed: {"True", "JobManagerOverload"}},
		"undetermined":         {api.ConditionCheckpointsHealthy: {"False", api.ReasonUnhealthy}, api.ConditionDiagnosed: {"False", api.ReasonUndetermined}},
		"unreachable":          {api.ConditionCheckpointsHealthy: {"Unknown", api.ReasonJobManagerUnreachable}, api.ConditionConfigAligned: {"Unknown", api.ReasonNone}},
		"pending-verification": {api.ConditionRemediating: {"True", api.ReasonRemedyPending}, api.ConditionCoolingDown: {"True", api.ReasonCooldown}},
		"applied":              {api.ConditionRemediating: {"True", api.ReasonRemedyPending}},
		"rolled-back":          {api.ConditionRemediating: {"False", api.ReasonRemedyRolledBack}, api.ConditionCoolingDown: {"True", api.ReasonCooldown}},
		"cured":                {api.ConditionRemediating: {"False", api.ReasonRemedyEffective}},
	}
	for name, wants := range cases {
		s := Status(object(), situations[name]())
		for kind, w := range wants {
			c := meta.FindStatusCondition(s.Conditions, kind)
			if c == nil || c.Status != w.status || c.Reason != w.reason {
				t.Errorf("%s: %s = %v, want %v", name, kind, c, w)
			} else if c.ObservedGeneration != 2 || c.Message == "" {
				t.Errorf("%s: %s has generation %d, message %q", name, kind, c.ObservedGeneration, c.Message)
			}
		}
	}
}

// What cannot be read is not gone: the remedy stays in flight and in the history, and why is said.
func TestReceiptsThatCannotBeReadAreKept(t *testing.T) {
	before := object()
	before.Status = Status(before, pendingVerification())
	p := unreachable()
	p.Snapshot.Target.Receipts, p.Snapshot.Target.ReceiptsError = nil, "the FlinkSessionJobs cannot be listed"
	s := Status(before, p)
	remediating := meta.FindStatusCondition(s.Conditions, api.ConditionRemediating)
	if len(s.Remediations) != 1 || s.LastOutcome != api.OutcomePending || remediating.Status != metav1.ConditionTrue || !strings.Contains(remediating.Message, "cannot be listed") {
		t.Errorf("%d remedies, %s, %+v", len(s.Remediations), s.LastOutcome, remediating)
	}
	if text := strings.Join(s.Assessment, " "); !strings.Contains(text, "cannot be listed") {
		t.Error(text)
	}
}

func TestFailures(t *testing.T) {
	cases := []Failure{
		{Reason: api.ReasonTargetNotFound, Message: "FlinkDeployment prod/payments does not exist: create it, or correct spec.targetRef"},
		{Reason: api.ReasonTargetCRDMissing, Message: "the cluster knows no kind FlinkDeployment", Stalled: true},
		{Reason: api.ReasonForbidden, Message: "reading FlinkDeployments is forbidden", Stalled: true},
		{Reason: api.ReasonPolicyNotFound, Message: "RemediationPolicy prod/prod does not exist"},
	}
	for _, f := range cases {
		o := object()
		o.Status = Status(o, pendingVerification())
		s := Failed(o, f, at.Add(time.Minute))
		valid(t, &s)
		if s.Health != api.HealthUnknown || s.Cause != "" || len(s.Remediations) != 1 || len(s.Assessment) < 2 {
			t.Errorf("%s: health %s, cause %q, %d remediations", f.Reason, s.Health, s.Cause, len(s.Remediations))
		}
		ready := meta.FindStatusCondition(s.Conditions, api.ConditionReady)
		if ready.Status != metav1.ConditionFalse || ready.Reason != f.Reason || ready.Message != f.Message {
			t.Errorf("Ready = %v, want False %s", ready, f.Reason)
		}
		if got := meta.IsStatusConditionTrue(s.Conditions, api.ConditionStalled); got != f.Stalled {
			t.Errorf("%s: Stalled = %v, want %v", f.Reason, got, f.Stalled)
		}
		o.Status = s
		again := Failed(o, f, at.Add(time.Hour))
		if Changed(&s, &again) {
			t.Errorf("%s: the same failure is written again", f.Reason)
		}
	}
}

func TestPolicyAccepted(t *testing.T) {
	window := api.Window{Schedule: "0 4 * * 1-5", TimeZone: "Europe/Berlin"}
	policy := func(w api.Window) *api.RemediationPolicy {
		return &api.RemediationPolicy{Spec: api.RemediationPolicySpec{Guards: api.GuardsSpec{Windows: []api.Window{w}}}}
	}
	if c := PolicyAccepted(policy(window), nil); c.Status != metav1.ConditionTrue {
		t.Errorf("good policy: %v", c)
	}
	for field, w := range map[string]api.Window{
		"spec.guards.windows[0].schedule": {Schedule: "99 4 * * 1-5", TimeZone: "UTC"},
		"spec.guards.windows[0].timeZone": {Schedule: "0 4 * * 1-5", TimeZone: "Europe/Atlantis"},
	} {
		if c := PolicyAccepted(policy(w), nil); c.Status != metav1.ConditionFalse || !strings.HasPrefix(c.Message, field) {
			t.Errorf("%s: %v", field, c)
		}
	}
	// Both of a window are said at once, and one that never opens is no window.
	c := PolicyAccepted(policy(api.Window{Schedule: "0 3 30 2 *", TimeZone: "Europe/Atlantis"}), nil)
	if !strings.Contains(c.Message, `schedule "0 3 30 2 *" never opens`) || !strings.Contains(c.Message, `; spec.guards.windows[0].timeZone "Europe/Atlantis"`) {
		t.Errorf("said: %s", c.Message)
	}
	if c := PolicyAccepted(policy(api.Window{Schedule: "0 3 29 2 *", TimeZone: "UTC"}), nil); c.Status != metav1.ConditionTrue {
		t.Errorf("a leap day: %v", c)
	}
}
