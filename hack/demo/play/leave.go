package play

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Tell prints a part's assessment.
func (s *Stage) Tell(ctx context.Context, name string) error {
	var health api.CheckpointHealth
	if err := s.Client.Get(ctx, client.ObjectKey{Namespace: Namespace, Name: name}, &health); err != nil {
		return fmt.Errorf("CheckpointHealth %s: %w", name, err)
	}
	_, err := fmt.Fprintf(s.out, "\nAssessment of %s:\n  %s\n", name, strings.Join(health.Status.Assessment, "\n  "))
	return err
}

// Leave removes a part's CheckpointHealth and FlinkDeployment, and so its cluster.
func (s *Stage) Leave(ctx context.Context, name string) error {
	health := &api.CheckpointHealth{}
	health.Namespace, health.Name = Namespace, name
	deployment := &unstructured.Unstructured{}
	deployment.SetAPIVersion("flink.apache.org/v1beta1")
	deployment.SetKind("FlinkDeployment")
	deployment.SetNamespace(Namespace)
	deployment.SetName(name)
	for _, object := range []client.Object{health, deployment} {
		if err := s.Client.Delete(ctx, object); err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("delete %s: %w", name, err)
		}
	}
	return nil
}
