package play

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubectl/pkg/describe"
)

// Describe is what kubectl describe prints for a CheckpointHealth, events included.
func (s *Stage) Describe(name string) (string, error) {
	mapping := &meta.RESTMapping{
		Resource:         schema.GroupVersionResource{Group: "flink.checkpointhealth.dev", Version: "v1alpha1", Resource: "checkpointhealths"},
		GroupVersionKind: schema.GroupVersionKind{Group: "flink.checkpointhealth.dev", Version: "v1alpha1", Kind: "CheckpointHealth"},
		Scope:            meta.RESTScopeNamespace,
	}
	describer, ok := describe.GenericDescriberFor(mapping, s.Plane.Config())
	if !ok {
		return "", fmt.Errorf("no describer for CheckpointHealth")
	}
	text, err := describer.Describe(Namespace, name, describe.DescriberSettings{ShowEvents: true, ChunkSize: 500})
	if err != nil {
		return "", fmt.Errorf("describe %s: %w", name, err)
	}
	return text, nil
}
