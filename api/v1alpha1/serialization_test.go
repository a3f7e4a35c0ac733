package v1alpha1

import (
	"encoding/json"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
)

// What is not set is not written, and a zero that is a choice is: both as JSON, which clients send, and as an unstructured object.
func TestOnlyWhatIsSetIsWritten(t *testing.T) {
	target := TargetReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "payments"}
	none, no, zero := int32(0), false, int32(0)
	cases := map[string]struct {
		spec   CheckpointHealthSpec
		status CheckpointHealthStatus
		want   string
	}{
		"nothing": {want: `{"metadata":{}}`},
		"only a target": {
			spec: CheckpointHealthSpec{TargetRef: target},
			want: `{"metadata":{},"spec":{"targetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"payments"}}}`,
		},
		"zeros that are choices": {
			spec: CheckpointHealthSpec{
				Suspend: &no, Endpoint: Endpoint{TLS: &EndpointTLS{}},
				Policy: RemediationPolicySpec{Guards: GuardsSpec{CooldownSeconds: &zero}},
			},
			status: CheckpointHealthStatus{Checkpoints: CheckpointsStatus{Expired: &none}},
			want: `{"metadata":{},"spec":{"endpoint":{"tls":{}},"policy":{"guards":{"cooldownSeconds":0}},"suspend":false},` +
				`"status":{"checkpoints":{"expired":0}}}`,
		},
	}
	for name, c := range cases {
		object := CheckpointHealth{Spec: c.spec, Status: c.status}
		direct := generic(t, object)
		converted, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&object)
		if err != nil {
			t.Fatal(err)
		}
		for how, got := range map[string]string{"JSON": direct, "unstructured": generic(t, converted)} {
			if got != c.want {
				t.Errorf("%s as %s:\ngot  %s\nwant %s", name, how, got, c.want)
			}
		}
	}
}

// generic is a value as JSON with its fields in the order of their names.
func generic(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	if text, err = json.Marshal(fields); err != nil {
		t.Fatal(err)
	}
	return string(text)
}
