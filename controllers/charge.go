package controllers

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// charge is what was found last about who is in charge of a job, and when.
type charge struct {
	lookedAfter string
	asked       time.Time
}

// chargeEvery is how often that is asked for a healthy job. The namespace's CheckpointHealths are all gone through: at 2000 of them, polled every
// 30 s, that would be 133000 a second for what hardly ever changes; so it is 7000.
const chargeEvery = 10 * time.Minute

// lookedAfter says which other CheckpointHealth is in charge, as the cache knows. It is asked anew whenever something may be written.
func (r *CheckpointHealthReconciler) lookedAfter(ctx context.Context, s *scope) (string, error) {
	if s.pass.Policy.Mode != api.ModeRemediate && !s.pass.Policy.UndoesHarm {
		return "", nil // it only watches by its policy
	}
	last, idle := &s.session.charge, s.pass.Diagnosis.Health == api.HealthHealthy && nothingInFlight(&s.pass.Snapshot.Target)
	if idle && !last.asked.IsZero() && s.now.Sub(last.asked) < chargeEvery {
		return last.lookedAfter, nil
	}
	var all api.CheckpointHealthList
	if err := r.Client.List(ctx, &all, client.InNamespace(s.object.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return "", fmt.Errorf("the CheckpointHealths of namespace %s cannot be listed: %w", s.object.Namespace, err)
	}
	*last = charge{lookedAfter: model.LookedAfter(s.object, all.Items, s.pass.Snapshot), asked: s.now}
	return last.lookedAfter, nil
}
