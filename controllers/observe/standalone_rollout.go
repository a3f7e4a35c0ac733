package observe

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
)

// deploymentRollout tells whether the Deployment is at rest, by what kubectl rollout status looks at, and whether it is paused.
func deploymentRollout(d *appsv1.Deployment) (rolling, paused string) {
	want := int32(1)
	if d.Spec.Replicas != nil {
		want = *d.Spec.Replicas
	}
	s := &d.Status
	switch {
	case d.Spec.Paused:
		paused = "spec.paused is true, so a change would not roll out: resume it first"
	case want == 0: // nothing to roll out
	case s.ObservedGeneration < d.Generation:
		rolling = fmt.Sprintf("generation %d, observed %d", d.Generation, s.ObservedGeneration)
	case s.UpdatedReplicas < want:
		rolling = fmt.Sprintf("%d of %d pods have the present template", s.UpdatedReplicas, want)
	case s.Replicas > s.UpdatedReplicas:
		rolling = fmt.Sprintf("%d pods of the template before are still there", s.Replicas-s.UpdatedReplicas)
	case s.AvailableReplicas < s.UpdatedReplicas:
		rolling = fmt.Sprintf("%d of %d pods are available", s.AvailableReplicas, s.UpdatedReplicas)
	}
	return rolling, paused
}

// statefulSetRollout tells whether the StatefulSet is at rest, and whether its update strategy leaves pods at the old template.
func statefulSetRollout(s *appsv1.StatefulSet) (rolling, manual string) {
	want := int32(1)
	if s.Spec.Replicas != nil {
		want = *s.Spec.Replicas
	}
	strategy := &s.Spec.UpdateStrategy
	if strategy.Type == appsv1.OnDeleteStatefulSetStrategyType {
		return "", "updateStrategy is OnDelete, so a new template reaches no pod before somebody deletes it: apply the patch and delete the pods by hand"
	}
	if strategy.RollingUpdate != nil && strategy.RollingUpdate.Partition != nil && *strategy.RollingUpdate.Partition > 0 {
		manual = fmt.Sprintf("updateStrategy.rollingUpdate.partition is %d, so pods below it keep the old template: apply the patch by hand, or set it to 0",
			*strategy.RollingUpdate.Partition)
	}
	status := &s.Status
	switch {
	case want == 0:
	case status.ObservedGeneration < s.Generation:
		rolling = fmt.Sprintf("generation %d, observed %d", s.Generation, status.ObservedGeneration)
	case status.UpdateRevision != status.CurrentRevision && manual == "":
		rolling = fmt.Sprintf("%d of %d pods have revision %s", status.UpdatedReplicas, want, cleanText(status.UpdateRevision, maxName))
	case status.ReadyReplicas < want:
		rolling = fmt.Sprintf("%d of %d pods are ready", status.ReadyReplicas, want)
	}
	return rolling, manual
}
