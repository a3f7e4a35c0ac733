package observe

import (
	"errors"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// A first deployment is called one, and one that does not come up is no upgrade that ends: what the Flink operator says of it is told. An error while
// a job that ran before is upgraded passes by itself.
func TestAFirstDeploymentIsNoUpgrade(t *testing.T) {
	const started = `startTime: "1772366001000"`
	for _, test := range []struct{ name, status, reason, says string }{
		{"on its way", "lifecycleState: CREATED", api.ReasonUpgrading, "FlinkDeployment/payments is being deployed for the first time (lifecycle state CREATED); the JobManager does not answer yet"},
		{"its image cannot be pulled", "lifecycleState: DEPLOYED, jobManagerDeploymentStatus: ERROR, error: 'Back-off pulling image'", api.ReasonJobNotRunning,
			"was deployed for the first time and does not come up: Back-off pulling image"},
		{"it is refused", "lifecycleState: FAILED, error: 'ValidationException: jarURI scheme', reconciliationStatus: {state: UPGRADING}", api.ReasonJobNotRunning,
			"was deployed for the first time and does not come up: ValidationException: jarURI scheme"},
		{"an upgrade", "lifecycleState: UPGRADING, jobStatus: {" + started + "}", api.ReasonUpgrading, "is being upgraded (lifecycle state UPGRADING)"},
		{"an upgrade whose volume is not there yet", "lifecycleState: DEPLOYED, jobManagerDeploymentStatus: ERROR, error: FailedMount, jobStatus: {" + started + "}",
			api.ReasonUpgrading, "is being upgraded (lifecycle state DEPLOYED)"},
	} {
		w := newWorld(t)
		w.fake.failure = errors.New("no such host")
		target := FlinkDeployment(object(t, "apiVersion: flink.apache.org/v1beta1\nkind: FlinkDeployment\nmetadata: {name: payments, namespace: shop}\nspec: {job: {}}\nstatus: {"+test.status+"}"))
		w.opts.Target = &target
		if got := w.pass(0, api.HealthUnknown).Availability; got.Reason != test.reason || !strings.Contains(got.Message, test.says) {
			t.Errorf("%s: %+v, want %s saying %q", test.name, got, test.reason, test.says)
		}
	}
}
