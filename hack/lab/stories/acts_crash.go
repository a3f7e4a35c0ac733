package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// systemNamespace is where config/default installs the operator.
const systemNamespace = "checkpoint-health-system"

// untilReceipt watches the target and returns as soon as it carries a receipt, which is written with the patch.
func (s *scene) untilReceipt(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sickWithin)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		target := s.bare()
		if err := s.Get(ctx, client.ObjectKeyFromObject(target), target); err != nil {
			return err
		}
		if target.GetAnnotations()[api.AnnotationReceipts] != "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no remedy was written within %s", sickWithin)
		case <-tick.C:
		}
	}
}

// killed kills every pod of the operator the moment the patch is there. The receipt on the target is the truth: whoever comes next finds it,
// patches nothing twice, and judges the remedy.
func killed(ctx context.Context, s *scene) error {
	if err := s.fault(ctx, slowWrites); err != nil {
		return err
	}
	if err := s.untilReceipt(ctx); err != nil {
		return err
	}
	err := s.DeleteAllOf(ctx, &corev1.Pod{}, client.InNamespace(systemNamespace), client.MatchingLabels{"app.kubernetes.io/name": "checkpoint-health"},
		&client.DeleteAllOfOptions{DeleteOptions: client.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0)}})
	if err != nil {
		return fmt.Errorf("killing the operator: %w", err)
	}
	at, err := s.see(ctx)
	if err != nil {
		return err
	}
	s.say("killed the operator; its status showed %d remedies", len(at.health.Status.Remediations))
	if err := s.seesCure(ctx, []api.Lever{api.LeverCheckpointTimeout}); err != nil {
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
