package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// quiet is how long nothing may be written: four passes of the operator, which looks at a sick job every half minute at the latest.
const quiet = 2 * time.Minute

// setting is a key of the target's flinkConfiguration.
func (v *view) setting(key string) string { return configured(v.target, key) }

// untouched holds that the target's spec is as it was at that generation and carries no receipt.
func untouched(generation int64) func(*view) bool {
	return func(v *view) bool {
		return v.target != nil && v.target.GetGeneration() == generation && v.target.GetAnnotations()[api.AnnotationReceipts] == ""
	}
}

// refused is a sick job whose remedy is not written, with the reason.
func refused(delays map[string]string, reason string) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		return s.isRefused(ctx, delays, reason)
	}
}

func (s *scene) isRefused(ctx context.Context, delays map[string]string, reason string) error {
	v, err := s.see(ctx)
	if err != nil {
		return err
	}
	generation := v.target.GetGeneration()
	if err := s.fault(ctx, delays); err != nil {
		return err
	}
	err = s.until(ctx, "the remedy is held back by "+reason, sickWithin, func(v *view) bool {
		return v.health.Status.Cause == s.history.cause && v.health.Status.Recommendation.WhyNotNow.Reason == reason
	})
	if err != nil {
		return err
	}
	s.say("held back: %s", s.last.health.Status.Recommendation.WhyNotNow.Message)
	return s.stays(ctx, "nothing is written", quiet, untouched(generation))
}

// recommended is mode Recommend: nothing is written, and the patch of the status, applied by hand as another manager, changes the target.
func recommended(ctx context.Context, s *scene) error {
	if err := s.isRefused(ctx, slowWrites, api.ReasonModeRecommend); err != nil {
		return err
	}
	recommendation := s.last.health.Status.Recommendation
	patch, err := yaml.YAMLToJSON([]byte(recommendation.Patch))
	if err != nil {
		return fmt.Errorf("status.recommendation.patch cannot be read: %w\n%s", err, recommendation.Patch)
	}
	// As `kubectl patch --type merge --patch-file` does it.
	if err := s.Patch(ctx, s.bare(), client.RawPatch(types.MergePatchType, patch), client.FieldOwner("by-hand")); err != nil {
		return fmt.Errorf("applying status.recommendation.patch by hand: %w\n%s", err, recommendation.Patch)
	}
	for _, change := range recommendation.Changes {
		v, err := s.see(ctx)
		if err != nil {
			return err
		}
		if is := v.setting(lastKey(change.Field)); is != change.To {
			return fmt.Errorf("%s is %q after the patch was applied by hand, expected %q", change.Field, is, change.To)
		}
	}
	return s.until(ctx, "the job is healthy after the patch by hand", remedyWithin, func(v *view) bool {
		return v.health.Status.Health == api.HealthHealthy && len(v.health.Status.Remediations) == 0
	})
}

// yields is a target whose timeout a GitOps tool has applied: with conflicts Yield it is left alone.
func yields(ctx context.Context, s *scene) error {
	owned := s.bare()
	if err := unstructured.SetNestedField(owned.Object, "10s", "spec", "flinkConfiguration", keyTimeout); err != nil {
		return err
	}
	err := s.Apply(ctx, client.ApplyConfigurationFromUnstructured(owned), client.FieldOwner("argocd-controller"), client.ForceOwnership)
	if err != nil {
		return fmt.Errorf("applying the timeout as a GitOps tool: %w", err)
	}
	return s.isRefused(ctx, slowWrites, api.ReasonOwnedByOtherManager)
}

// unreachable takes the JobManager's REST service away from a job that falls sick then: nothing is known, and nothing is written. A Service without
// pods ends no connection that is open, so the operator is ended too, and its successor finds no way to the JobManager.
func unreachable(ctx context.Context, s *scene) error {
	// The Flink operator looks once a minute. Where it finds no way to a JobManager that it has not seen yet, its deployment is not at its end.
	if err := s.until(ctx, "the Flink operator calls the job stable", startWithin, func(v *view) bool { return v.lifecycle() == "STABLE" }); err != nil {
		return err
	}
	v := s.last
	rest := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: s.options.namespace, Name: s.story.deployment() + "-rest"}}
	if err := s.Get(ctx, client.ObjectKeyFromObject(rest), rest); err != nil {
		return err
	}
	before := rest.DeepCopy()
	rest.Spec.Selector["component"] = "nowhere"
	if err := s.Patch(ctx, rest, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("taking the pods from service %s: %w", rest.Name, err)
	}
	s.say("service %s has no pods", rest.Name)
	err := s.outOfReach(ctx, v.target.GetGeneration())
	again := rest.DeepCopy()
	again.Spec.Selector = before.Spec.Selector
	giveBack, cancel := context.WithTimeout(context.WithoutCancel(ctx), restored)
	defer cancel()
	if err := errors.Join(err, s.Patch(giveBack, again, client.MergeFrom(rest))); err != nil {
		return err
	}
	s.say("service %s has its pods again", rest.Name)
	s.history.story.Note = fmt.Sprintf("The JobManager was out of reach for the first %.0f s of the fault.", time.Since(s.history.fault).Seconds())
	return s.diagnosed(ctx)
}

// outOfReach is the time without a way to the JobManager.
func (s *scene) outOfReach(ctx context.Context, generation int64) error {
	if err := s.kill(ctx); err != nil {
		return err
	}
	unknown := func(v *view) bool {
		return v.health.Status.Health == api.HealthUnknown && v.reason(api.ConditionCheckpointsHealthy) == api.ReasonJobManagerUnreachable
	}
	if err := s.until(ctx, "the health is Unknown, as the JobManager is out of reach", sickWithin, unknown); err != nil {
		return err
	}
	s.say("the status says: %s", strings.Join(s.last.health.Status.Assessment, " "))
	if err := s.fault(ctx, slowWrites); err != nil {
		return err
	}
	return s.stays(ctx, "nothing is known, for no other reason, and nothing is written", quiet, func(v *view) bool { return unknown(v) && untouched(generation)(v) })
}
