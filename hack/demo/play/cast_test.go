package play

import (
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// state is a status in short.
func state(health api.Health, cause api.Cause, remedies ...api.Remediation) *api.CheckpointHealthStatus {
	return &api.CheckpointHealthStatus{Health: health, Cause: cause, Remediations: remedies, Recommendation: api.Recommendation{Summary: "advice"}}
}

func remedy(cause api.Cause, lever api.Lever, outcome api.Outcome) api.Remediation {
	return api.Remediation{Cause: cause, Lever: lever, Outcome: outcome}
}

func TestParts(t *testing.T) {
	passed, failed := Verdict{Passed: true}, Verdict{Failed: true}
	slow := Part{Name: "payments", Cause: "SlowStateBackend", Treatable: true, Untouched: 1}
	heap := Part{Name: "orders", Cause: "JobManagerOverload", SubCause: "Heap", Treatable: true, Untouched: 1}
	sink := Part{Name: "search", Cause: "SinkFlush", Untouched: 1}
	well := Part{Name: "well", Cause: CauseNone, Untouched: 1}
	for _, c := range []struct {
		name       string
		part       Part
		before     Verdict
		status     *api.CheckpointHealthStatus
		generation int64
		want       Verdict
	}{
		{"cured", slow, Verdict{}, state(api.HealthHealthy, "", remedy("SlowStateBackend", api.LeverCheckpointTimeout, api.OutcomeEffective)), 2, passed},
		{"not yet", slow, Verdict{}, state(api.HealthHealthy, "", remedy("SlowStateBackend", api.LeverCheckpointTimeout, api.OutcomePending)), 2, Verdict{}},
		{"treated, and still at risk", slow, passed, state(api.HealthAtRisk, "", remedy("SlowStateBackend", api.LeverCheckpointTimeout, api.OutcomeEffective)), 2, Verdict{}},
		{"treated for another cause", slow, Verdict{}, state(api.HealthHealthy, "", remedy("NetworkLatency", api.LeverCheckpointTimeout, api.OutcomeEffective)), 2, failed},
		{"treated by a lever that has nothing to do with it", slow, Verdict{}, state(api.HealthHealthy, "", remedy("SlowStateBackend", api.LeverJobManagerCPU, api.OutcomeEffective)), 2, failed},
		{"heap treated by CPU", heap, Verdict{}, state(api.HealthHealthy, "", remedy("JobManagerOverload", api.LeverJobManagerCPU, api.OutcomeEffective)), 2, failed},
		{"named and advised", sink, Verdict{}, state(api.HealthUnhealthy, "SinkFlush"), 1, passed},
		{"another cause at first", sink, Verdict{}, state(api.HealthUnhealthy, "NetworkLatency"), 1, Verdict{}},
		{"another cause after the right one", sink, passed, state(api.HealthUnhealthy, "NetworkLatency"), 1, failed},
		{"undetermined after the right one", sink, passed, state(api.HealthUnhealthy, "Undetermined"), 1, failed},
		{"patched, though no patch cures it", sink, passed, state(api.HealthUnhealthy, "SinkFlush"), 2, failed},
		{"healthy", well, Verdict{}, state(api.HealthHealthy, ""), 1, passed},
		{"a healthy job called unhealthy", well, passed, state(api.HealthUnhealthy, "SinkFlush"), 1, failed},
		{"a healthy job touched", well, passed, state(api.HealthHealthy, ""), 2, failed},
		{"failed stays failed", well, failed, state(api.HealthHealthy, ""), 1, failed},
	} {
		got := c.part.Next(c.before, c.status, c.generation)
		if got.Passed != c.want.Passed || got.Failed != c.want.Failed {
			t.Errorf("%s: %+v, want passed %v, failed %v", c.name, got, c.want.Passed, c.want.Failed)
		}
	}
}
