package observe

import (
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"checkpointhealth.dev/operator/controllers/model"
)

// upgraded is an object that the Flink operator is at work on; nil where it is none. The lifecycle state stays DEPLOYED until that operator has
// reached the JobManager (1.7.0 looks once a minute): where a job was seen that started after the deployment, that is over, whatever keeps the
// Flink operator from seeing it.
func (p *pass) upgraded(target *model.Target) *model.Target {
	if target == nil || !target.Upgrading() || target.CameUp() && p.memory.started.After(target.DeployedAt) {
		return nil
	}
	return target
}

// RestoreStart tells a new memory when the job started that the manager before saw last.
func (m *Memory) RestoreStart(at time.Time) { m.started = at }

// deployedAt is when the Flink operator deployed what it reconciled last, by its own clock; zero where it does not tell.
func deployedAt(object *unstructured.Unstructured) time.Time {
	at, _, err := unstructured.NestedInt64(object.Object, "status", "reconciliationStatus", "reconciliationTimestamp")
	if err != nil {
		return time.Time{}
	}
	return moment(at)
}
