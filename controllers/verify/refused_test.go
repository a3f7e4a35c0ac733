package verify

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// What the Flink operator 1.7.0 wrote into status.error of a FlinkSessionJob.
const lastStateRefused = `{"type":"org.apache.flink.kubernetes.operator.exception.ValidationException",` +
	`"message":"The LAST_STATE upgrade mode is not supported in session job now.","additionalMetadata":{},"throwableList":[]}`

// oldRunGoesOn is the job that nobody restarted, with an error in the target's status.
func oldRunGoesOn(observed int64, text string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.Job.StartTime, s.Checkpoints.LatestRestored = applied.Add(-time.Hour), nil
		s.Target.ObservedGeneration, s.Target.Error = observed, text
	}
}

func TestASpecThatIsRefusedEndsTheRemedyAtOnce(t *testing.T) {
	reconciliation := `{"type":"org.apache.flink.kubernetes.operator.exception.ReconciliationException","message":"no TaskManager replicas"}`
	mount := `{"type":"DeploymentFailedException","message":"MountVolume.SetUp failed"}`
	m := time.Minute
	before := func(text string) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			receipt(s).Baseline.TargetError = (&model.Target{Error: text}).ErrorMark()
			oldRunGoesOn(3, text)(s)
		}
	}
	check(t, []verifyCase{
		{"validation", treated(), 45 * time.Second, oldRunGoesOn(3, lastStateRefused), api.OutcomeHarmful, "undoing it restarts nothing: The LAST_STATE upgrade mode is not supported in session job now."},
		{"validation, and the generation counts as observed", treated(), m, oldRunGoesOn(4, lastStateRefused), api.OutcomeHarmful, "did not take the new spec"},
		{"validation, cut", treated(), m, oldRunGoesOn(4, lastStateRefused[:90]+"…"), api.OutcomeHarmful, "did not take the new spec"},
		{"reconciliation", treated(), m, oldRunGoesOn(3, reconciliation), api.OutcomeHarmful, "no TaskManager replicas"},
		{"it stood there before the patch", treated(), m, before(lastStateRefused), api.OutcomePending, "not been seen yet"},
		{"transient, once the restart is under way", treated(), m, oldRunGoesOn(4, mount), api.OutcomePending, ""},
		{"the new run began", treated(), 5 * m, func(s *model.Snapshot) { s.Target.Error = lastStateRefused }, api.OutcomePending, ""},
		{"somebody changed the spec since", treated(), m, func(s *model.Snapshot) { oldRunGoesOn(3, lastStateRefused)(s); s.Target.Generation = 5 }, api.OutcomePending, ""},
		{"a stop with savepoint that failed is another matter", treated(), m, oldRunGoesOn(3, "SavepointError: timed out"), api.OutcomeHarmful, "each attempt restarts it"},
	})
	long := treated()
	oldRunGoesOn(3, `{"type":"ValidationException","message":"`+strings.Repeat("x", 2000)+`"}`)(long)
	if v := Verify(long, nil, nil, applied.Add(m)); len(v.Message) > 450 || !v.NeverRolledOut {
		t.Errorf("%d bytes, never rolled out %v", len(v.Message), v.NeverRolledOut)
	}
}
