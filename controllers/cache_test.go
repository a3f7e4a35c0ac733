package controllers

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The cache keeps of a pod template what the JobManager's container gets, and nothing of the rest, which can be hundreds of kilobytes.
func TestTheCacheKeepsResourcesOfPodTemplates(t *testing.T) {
	container := func(name string, more ...string) map[string]any {
		fields := map[string]any{"name": name, "image": "flink:1.20", "env": []any{map[string]any{"name": "A", "value": "b"}}}
		if len(more) > 0 {
			fields["resources"] = map[string]any{"limits": map[string]any{"cpu": more[0]}}
		}
		return fields
	}
	template := func(containers ...any) map[string]any {
		return map[string]any{"metadata": map[string]any{"labels": map[string]any{"a": "b"}}, "spec": map[string]any{"containers": containers, "volumes": []any{}}}
	}
	target := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"image": "flink:1.20", "podTemplate": template(container("flink-main-container", "2"), container("fluentbit")),
		"jobManager": map[string]any{"replicas": int64(1), "podTemplate": template(container("sidecar"))}, "taskManager": map[string]any{"podTemplate": template()},
		"template": map[string]any{"spec": map[string]any{}}, "logConfiguration": map[string]any{"log4j": "x"},
	}}}
	got, err := stripTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	want := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"image": "flink:1.20",
		"podTemplate": map[string]any{"spec": map[string]any{"containers": []any{
			map[string]any{"name": "flink-main-container", "resources": map[string]any{"limits": map[string]any{"cpu": "2"}}}}}},
		"jobManager": map[string]any{"replicas": int64(1)}, "taskManager": map[string]any{},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	odd := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"podTemplate": map[string]any{"spec": "x"}}}}
	bare := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{}}}
	if got, err := stripTarget(odd); err != nil || cmp.Diff(bare, got) != "" {
		t.Errorf("%v, %v", got, err)
	}
}
