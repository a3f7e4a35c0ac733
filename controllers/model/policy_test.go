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
		schema = schema["properties"].(map[string]any)[name].(map[string]any)
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
	for name, property := range properties {
		if value := defaulted(property.(map[string]any)); value != nil {
			object[name] = value
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
		defaults := schemaDefaults(t, file, path...)
		text, err := json.Marshal(defaults)
		if err != nil {
			t.Fatal(err)
		}
		var spec api.RemediationPolicySpec
		if err := yaml.UnmarshalStrict(text, &spec); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if spec.Detection == nil || spec.Thresholds == nil || spec.Guards == nil || spec.Verification == nil || spec.Budget == nil ||
			spec.Remedies == nil || spec.Remedies.IOPoolSize == nil || spec.Remedies.JobManagerHeap == nil {
			t.Fatalf("%s: the schema's defaults were not found: %s", file, text)
		}
		// An action without a default of its own is a lever without bounds: its entry is absent unless written.
		if diff := cmp.Diff(ResolvePolicy("", nil), ResolvePolicy("", &spec)); diff != "" {
			t.Errorf("%s: the schema's defaults are not the built-in ones (-built-in +schema):\n%s", file, diff)
		}
	}
}

func TestBuiltInPolicy(t *testing.T) {
	p := ResolvePolicy("", nil)
	if p.Mode != api.ModeRecommend || p.Conflicts != api.ConflictYield || p.Detection.Treat != api.TreatUnhealthy {
		t.Errorf("mode %s, conflicts %s, treat %s; want the careful ones", p.Mode, p.Conflicts, p.Detection.Treat)
	}
	if timeout := p.Lever(api.LeverCheckpointTimeout); timeout.Growth != 1.5 || timeout.Max != 3600 || timeout.Action != api.LeverApply {
		t.Errorf("timeout %+v, want growth 1.5 up to 3600 s, Apply", timeout)
	}
	if unaligned := p.Lever(api.LeverUnalignedCheckpoints); unaligned.Action != api.LeverOff {
		t.Errorf("unaligned %+v, want Off", unaligned)
	}
	if unknown := p.Lever("nonsense"); unknown.Action != api.LeverOff {
		t.Errorf("an unknown lever is %+v, want Off", unknown)
	}
	if p.Guards.Cooldown != 30*time.Minute || p.Guards.MaxReplay != time.Hour || p.Guards.HighAvailability != api.Required {
		t.Errorf("guards %+v", p.Guards)
	}
	for _, lever := range []api.Lever{
		api.LeverCheckpointTimeout, api.LeverCheckpointInterval, api.LeverJobManagerCPU, api.LeverJobManagerHeap, api.LeverBackgroundCleanup,
		api.LeverMaxConcurrentCheckpoints, api.LeverIncrementalCheckpoints, api.LeverUnalignedCheckpoints, api.LeverTransferThreads,
		api.LeverIOPoolSize, api.LeverAdvisoryWorkarounds,
	} {
		if _, ok := p.Levers[lever]; !ok {
			t.Errorf("lever %s has no limit", lever)
		}
	}
}

func TestResolvePolicyKeepsWhatIsWritten(t *testing.T) {
	seven, percent := int32(7), intstr.FromString("10%")
	cpu := resource.MustParse("2500m")
	p := ResolvePolicy("prod", &api.RemediationPolicySpec{
		Mode:       api.ModeRemediate,
		Detection:  &api.DetectionSpec{WindowCheckpoints: &seven, Treat: api.TreatAtRisk},
		Thresholds: &api.ThresholdsSpec{GCPercent: &seven},
		Remedies: &api.RemediesSpec{
			JobManagerCPU:     &api.JobManagerCPURemedy{Max: &cpu},
			CheckpointTimeout: &api.CheckpointTimeoutRemedy{Action: api.LeverOff, GrowthPercent: &seven},
		},
		Guards:       &api.GuardsSpec{CooldownSeconds: &seven, Approval: api.Required},
		Budget:       &api.BudgetSpec{MaxConcurrent: &percent},
		Verification: &api.VerificationSpec{OnIneffective: api.IneffectiveKeep},
	})
	if p.Name != "prod" || p.Mode != api.ModeRemediate || p.Detection.Window != 7 || p.Detection.Treat != api.TreatAtRisk || p.Thresholds.GC != 0.07 {
		t.Errorf("written values are lost: %+v", p)
	}
	if p.Lever(api.LeverJobManagerCPU).Max != 2.5 || p.Lever(api.LeverCheckpointTimeout).Action != api.LeverOff {
		t.Errorf("levers %+v", p.Levers)
	}
	if p.Guards.Cooldown != 7*time.Second || p.Guards.Approval != api.Required || p.Verification.OnIneffective != api.IneffectiveKeep {
		t.Errorf("guards %+v, verification %+v", p.Guards, p.Verification)
	}
	if p.Verification.Checkpoints != defaultVerifyCount {
		t.Errorf("verification.checkpoints %d, want the default %d", p.Verification.Checkpoints, defaultVerifyCount)
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
		p := ResolvePolicy("", &api.RemediationPolicySpec{Budget: &api.BudgetSpec{MaxConcurrent: &c.budget}})
		if got := p.Budget(c.targets); got != c.want {
			t.Errorf("budget %s of %d targets = %d, want %d", c.budget.String(), c.targets, got, c.want)
		}
	}
}

func TestThresholdFitsTheWindow(t *testing.T) {
	one := int32(1)
	p := ResolvePolicy("", &api.RemediationPolicySpec{Detection: &api.DetectionSpec{WindowCheckpoints: &one}})
	if p.Detection.ExpiredThreshold != 1 {
		t.Errorf("expiredThreshold %d in a window of 1, want 1", p.Detection.ExpiredThreshold)
	}
}
