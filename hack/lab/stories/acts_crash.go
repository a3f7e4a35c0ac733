package main

import (
	"context"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// untilReceipt watches the target and returns as soon as it carries a receipt, which is written with the patch.
func (s *scene) untilReceipt(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sickWithin)
	defer cancel()
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(s.bare().GroupVersionKind())
	w, err := s.Watch(ctx, list, client.InNamespace(s.options.namespace), client.MatchingFields{"metadata.name": s.story.name})
	if err != nil {
		return fmt.Errorf("watching %s: %w", s.story.name, err)
	}
	defer w.Stop()
	for event := range w.ResultChan() {
		if target, ok := event.Object.(*unstructured.Unstructured); ok && target.GetAnnotations()[api.AnnotationReceipts] != "" {
			return nil
		}
	}
	return fmt.Errorf("no remedy was written within %s", sickWithin)
}

// killed kills every pod of the operator between the patch and the status. The status cannot be written from before the patch on, so nothing but
// the receipt on the target tells of the remedy: whoever comes next finds it, patches nothing twice, and judges the remedy.
func killed(ctx context.Context, s *scene) error {
	before, err := s.see(ctx)
	if err != nil {
		return err
	}
	if err := s.withoutStatusRight(ctx, func() error { return s.patchedThenKilled(ctx) }); err != nil {
		return err
	}
	s.history.story.Note = "The operator could not write its status from the fault on and was killed after its patch, of which its successor alone told."
	if err := s.seesEffect(ctx, []api.Lever{api.LeverCheckpointTimeout}); err != nil {
		return err
	}
	var receipts []json.RawMessage
	text := s.last.target.GetAnnotations()[api.AnnotationReceipts]
	if err := json.Unmarshal([]byte(text), &receipts); err != nil {
		return fmt.Errorf("the receipts cannot be read: %w: %s", err, text)
	}
	if len(receipts) != 1 || len(s.last.health.Status.Remediations) != 1 {
		return fmt.Errorf("%d receipts and %d remedies in status, expected one of each", len(receipts), len(s.last.health.Status.Remediations))
	}
	if was, is := before.target.GetGeneration(), s.last.target.GetGeneration(); is != was+1 {
		return fmt.Errorf("the target went from generation %d to %d, expected one patch", was, is)
	}
	return nil
}

func (s *scene) patchedThenKilled(ctx context.Context) error {
	if err := s.fault(ctx, slowWrites); err != nil {
		return err
	}
	if err := s.untilReceipt(ctx); err != nil {
		return err
	}
	if err := s.kill(ctx); err != nil {
		return err
	}
	at, err := s.see(ctx)
	if err != nil {
		return err
	}
	if n := len(at.health.Status.Remediations); n != 0 {
		return fmt.Errorf("the status tells of %d remedies although it could not be written", n)
	}
	s.say("the target carries a receipt, the status tells of no remedy")
	return nil
}

// deleted deletes the target while its remedy is in flight: the place in the budget is free again, and nothing is made anew.
func deleted(ctx context.Context, s *scene) error {
	if err := s.fault(ctx, slowWrites); err != nil {
		return err
	}
	if err := s.untilReceipt(ctx); err != nil {
		return err
	}
	if err := s.Delete(ctx, s.bare()); err != nil {
		return err
	}
	s.say("deleted the FlinkDeployment")
	err := s.until(ctx, "the status says that the target is gone", sickWithin, func(v *view) bool {
		for _, c := range v.health.Status.Conditions {
			if c.Type == api.ConditionReady && c.Status == metav1.ConditionFalse && c.Reason == api.ReasonTargetNotFound {
				return v.target == nil
			}
		}
		return false
	})
	if err != nil {
		return err
	}
	policy := s.policy()
	err = s.until(ctx, "the policy counts no remedy in flight", sickWithin, func(*view) bool {
		return s.Get(ctx, client.ObjectKeyFromObject(policy), policy) == nil && ptr.Deref(policy.Status.Remediating, 0) == 0
	})
	if err != nil {
		return err
	}
	return s.stays(ctx, "nothing is made anew", quiet/2, func(v *view) bool { return v.target == nil })
}
