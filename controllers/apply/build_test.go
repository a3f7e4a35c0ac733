package apply

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const timeoutKey = "execution.checkpointing.timeout"

// owning is a target of which our manager owns what the managed fields say.
func owning(fields string, spec map[string]any) *unstructured.Unstructured {
	live := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	live.SetAPIVersion("flink.apache.org/v1beta1")
	live.SetKind("FlinkDeployment")
	live.SetName("payments")
	if fields != "" {
		live.SetManagedFields([]metav1.ManagedFieldsEntry{{
			Manager: api.FieldManager, Operation: metav1.ManagedFieldsOperationApply, FieldsV1: metav1.NewFieldsV1(fields),
		}})
	}
	return live
}

func TestTheRequestCarriesOnlyWhatIsOurs(t *testing.T) {
	others := map[string]any{"state.backend.type": "rocksdb", timeoutKey: "15m"}
	flat, halfNested := &model.Target{}, &model.Target{Nested: map[string][]string{timeoutKey: {"execution.checkpointing", "timeout"}}}
	for _, c := range []struct {
		name   string
		target *model.Target
		fields string
		spec   map[string]any
		set    map[string]*string
		want   map[string]any
	}{
		{"a first write", flat, "", map[string]any{"flinkConfiguration": others}, map[string]*string{timeoutKey: ptr.To("20m")},
			map[string]any{"flinkConfiguration": map[string]any{timeoutKey: "20m"}}},
		{"what we own stays ours beside another field", flat, `{"f:spec":{"f:flinkConfiguration":{"f:execution.checkpointing.timeout":{}}}}`,
			map[string]any{"flinkConfiguration": others}, map[string]*string{"jobManager.resource.cpu": ptr.To("1.5")},
			map[string]any{"flinkConfiguration": map[string]any{timeoutKey: "15m"}, "jobManager": map[string]any{"resource": map[string]any{"cpu": 1.5}}}},
		{"a released field leaves no empty map behind, which we would own", flat, `{"f:spec":{"f:flinkConfiguration":{"f:execution.checkpointing.timeout":{}}}}`,
			map[string]any{"flinkConfiguration": others}, map[string]*string{timeoutKey: nil}, nil},
		{"a map that was once empty is not ours with all that is in it now", flat, `{"f:spec":{"f:flinkConfiguration":{}}}`,
			map[string]any{"flinkConfiguration": others}, map[string]*string{"jobManager.resource.memory": ptr.To("2g")},
			map[string]any{"jobManager": map[string]any{"resource": map[string]any{"memory": "2g"}}}},
		{"half nested, as the user wrote it", halfNested, "",
			map[string]any{"flinkConfiguration": map[string]any{"execution.checkpointing": map[string]any{"timeout": "10m"}}}, map[string]*string{timeoutKey: ptr.To("20m")},
			map[string]any{"flinkConfiguration": map[string]any{"execution.checkpointing": map[string]any{"timeout": "20m"}}}},
	} {
		request, err := build(&subject{target: c.target, live: owning(c.fields, c.spec)}, &edit{set: c.set})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got, _ := request.Object["spec"].(map[string]any)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: the request's spec (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestAValueOfTheWrongTypeIsNamed(t *testing.T) {
	_, err := build(&subject{target: &model.Target{}, live: owning("", map[string]any{})}, &edit{set: map[string]*string{"jobManager.resource.cpu": ptr.To("much")}})
	if err == nil || err.Error() != `field jobManager.resource.cpu: value "much" is not a number of cores such as 1.5` {
		t.Errorf("got %v", err)
	}
}
