package model

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// schemaDefaults is spec of a CustomResourceDefinition as the API server would default it if every object in it were written as {}.
func schemaDefaults(t *testing.T, file string, path ...string) any {
	t.Helper()
	text, err := os.ReadFile("../../config/crd/bases/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var crd struct {
		Spec struct {
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema map[string]any `json:"openAPIV3Schema"`
				} `json:"schema"`
			} `json:"versions"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(text, &crd); err != nil {
		t.Fatal(err)
	}
	schema := crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	for _, name := range path {
		properties, _ := schema["properties"].(map[string]any)
		schema, _ = properties[name].(map[string]any)
	}
	if schema == nil {
		t.Fatalf("%s has no schema at %v", file, path)
	}
	return defaulted(schema)
}

// defaulted is a schema's default, or the object of its properties' defaults; nil where there is neither.
func defaulted(schema map[string]any) any {
	if value, ok := schema["default"]; ok {
		return value
	}
	properties, ok := schema["properties"].(map[string]any)
	if !ok {
		return nil
	}
	object := map[string]any{}
	for name := range properties {
		if property, ok := properties[name].(map[string]any); ok && defaulted(property) != nil {
			object[name] = defaulted(property)
		}
	}
	return object
}

func TestSchemaDefaultsAreTheBuiltInOnes(t *testing.T) {
	files := map[string][]string{
		"flink.checkpointhealth.dev_remediationpolicies.yaml": {"spec"},
		"flink.checkpointhealth.dev_checkpointhealths.yaml":   {"spec", "policy"},
	}
	for file, path := range files {
		text, err := json.Marshal(schemaDefaults(t, file, path...))
		if err != nil {
			t.Fatal(err)
		}
		var spec api.RemediationPolicySpec
		if err := yaml.UnmarshalStrict(text, &spec); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for what, found := range map[string]bool{
			"detection": spec.Detection != api.DetectionSpec{}, "thresholds": spec.Thresholds != api.ThresholdsSpec{}, "guards": spec.Guards.CooldownSeconds != nil,
			"budget": spec.Budget.MaxConcurrent != nil, "verification": spec.Verification != api.VerificationSpec{},
			"remedies": spec.Remedies != nil && spec.Remedies.IOPoolSize.Max != 0 && spec.Remedies.JobManagerHeap.Max != nil,
		} {
			if !found {
				t.Fatalf("%s: no defaults of %s were found: %s", file, what, text)
			}
		}
		// An action without a default of its own is a lever without bounds: its entry is absent unless written.
		builtIn := ResolvePolicy("", nil)
		builtIn.BuiltIn = false // the schema's is given
		if diff := cmp.Diff(builtIn, ResolvePolicy("", &spec)); diff != "" {
			t.Errorf("%s: the schema's defaults are not the built-in ones (-built-in +schema):\n%s", file, diff)
		}
	}
}

// TestBuiltInPolicy writes the defaults out a second time: a change of one is to be meant.
func TestBuiltInPolicy(t *testing.T) {
	want := Policy{
		BuiltIn:    true,
		Mode:       api.ModeRecommend,
		Detection:  Detection{Window: 10, ExpiredThreshold: 2, HealthyAfter: 3, Treat: api.TreatUnhealthy},
		Thresholds: Thresholds{JobManagerCPU: 0.85, Heap: 0.85, GC: 0.1, DutyCycle: 0.5, LargeState: 1 << 30, SlowUpload: 1 << 20},
		Levers: map[api.Lever]LeverLimit{
			api.LeverCheckpointTimeout:        {Action: api.LeverApply, Max: 3600, Growth: 1.5},
			api.LeverCheckpointInterval:       {Action: api.LeverApply, Max: 1800},
			api.LeverJobManagerCPU:            {Action: api.LeverApply, Max: 4},
			api.LeverJobManagerHeap:           {Action: api.LeverApply, Max: 8 << 30},
			api.LeverBackgroundCleanup:        {Action: api.LeverApply},
			api.LeverMaxConcurrentCheckpoints: {Action: api.LeverRecommend, Max: 2},
			api.LeverIncrementalCheckpoints:   {Action: api.LeverRecommend},
			api.LeverUnalignedCheckpoints:     {Action: api.LeverOff},
			api.LeverTransferThreads:          {Action: api.LeverRecommend, Max: 16},
			api.LeverIOPoolSize:               {Action: api.LeverApply, Max: 32},
			api.LeverAdvisoryWorkarounds:      {Action: api.LeverRecommend},
		},
		Guards:       Guards{Cooldown: 30 * time.Minute, MaxPerDay: 4, MaxReplay: time.Hour, HighAvailability: api.Required, Approval: api.NotRequired, ClusterChanges: api.ClusterChangesRecommend},
		BudgetCount:  1,
		Conflicts:    api.ConflictYield,
		Verification: VerificationRule{Checkpoints: 3, Deadline: time.Hour, OnIneffective: api.IneffectiveRollback},
		NetworkProbe: api.NetworkProbeOff, Logs: api.LogSourceFlink,
	}
	got := ResolvePolicy("", nil)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if unknown := got.Lever("nonsense"); unknown.Action != api.LeverOff {
		t.Errorf("an unknown lever is %+v, want Off", unknown)
	}
}

func TestResolvePolicyKeepsWhatIsWritten(t *testing.T) {
	seven := int32(7)
	cpu := resource.MustParse("2500m")
	got := ResolvePolicy("prod", &api.RemediationPolicySpec{
		Mode:       api.ModeRemediate,
		Detection:  api.DetectionSpec{WindowCheckpoints: 7, Treat: api.TreatAtRisk},
		Thresholds: api.ThresholdsSpec{GCPercent: 7},
		Remedies: &api.RemediesSpec{
			JobManagerCPU:     api.JobManagerCPURemedy{Max: &cpu},
			CheckpointTimeout: api.CheckpointTimeoutRemedy{Action: api.LeverOff, GrowthPercent: 7},
		},
		Guards:       api.GuardsSpec{CooldownSeconds: &seven, Approval: api.Required, ClusterChanges: api.ClusterChangesApply},
		Verification: api.VerificationSpec{OnIneffective: api.IneffectiveKeep},
		NetworkProbe: api.NetworkProbePod,
		Signals:      api.SignalsSpec{Prometheus: api.PrometheusSpec{URL: "http://prometheus.monitoring.svc:9090"}},
	})
	want := ResolvePolicy("prod", nil)
	want.Mode, want.Detection.Window, want.Detection.Treat, want.Thresholds.GC = api.ModeRemediate, 7, api.TreatAtRisk, 0.07
	want.Levers[api.LeverJobManagerCPU] = LeverLimit{Action: api.LeverApply, Max: 2.5}
	want.Levers[api.LeverCheckpointTimeout] = LeverLimit{Action: api.LeverOff, Max: 3600, Growth: 1.07}
	want.Guards.ClusterChanges = api.ClusterChangesApply
	want.Guards.Cooldown, want.Guards.Approval, want.Verification.OnIneffective = 7*time.Second, api.Required, api.IneffectiveKeep
	want.NetworkProbe = api.NetworkProbePod
	want.Prometheus.URL = "http://prometheus.monitoring.svc:9090"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBudget(t *testing.T) {
	for _, c := range []struct {
		budget        intstr.IntOrString
		targets, want int
	}{
		{intstr.FromInt32(2), 100, 2}, {intstr.FromString("10%"), 100, 10}, {intstr.FromString("10%"), 5, 1},
		{intstr.FromString("10%"), 11, 2}, {intstr.FromString("100%"), 3, 3}, {intstr.FromInt32(0), 9, 1}, {intstr.FromString("x%"), 9, 1},
		{intstr.FromString("1000%"), 9, 9}, {intstr.FromString("%"), 9, 1},
	} {
		p := ResolvePolicy("", &api.RemediationPolicySpec{Budget: api.BudgetSpec{MaxConcurrent: &c.budget}})
		if got := p.Budget(c.targets); got != c.want {
			t.Errorf("budget %s of %d targets = %d, want %d", c.budget.String(), c.targets, got, c.want)
		}
	}
}

func TestThresholdFitsTheWindow(t *testing.T) {
	p := ResolvePolicy("", &api.RemediationPolicySpec{Detection: api.DetectionSpec{WindowCheckpoints: 1}})
	if p.Detection.ExpiredThreshold != 1 {
		t.Errorf("expiredThreshold %d in a window of 1, want 1", p.Detection.ExpiredThreshold)
	}
}

func TestLogSourceOfAPolicy(t *testing.T) {
	for written, want := range map[api.LogSource]api.LogSource{"": api.LogSourceFlink, api.LogSourceFlink: api.LogSourceFlink, api.LogSourceOff: api.LogSourceOff} {
		if got := ResolvePolicy("p", &api.RemediationPolicySpec{Signals: api.SignalsSpec{Logs: written}}).Logs; got != want {
			t.Errorf("%q is read as %q, want %q", written, got, want)
		}
	}
}
