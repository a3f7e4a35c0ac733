package play

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
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

// Leave removes a part's CheckpointHealth and its target, and so its cluster.
func (s *Stage) Leave(ctx context.Context, part *Part) error {
	health := &api.CheckpointHealth{}
	health.Namespace, health.Name = Namespace, part.Name
	for _, object := range append([]client.Object{health}, part.objects...) {
		if err := s.Client.Delete(ctx, object); err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("delete %s of %s: %w", object.GetName(), part.Name, err)
		}
	}
	return nil
}
