package observe

import (
	"errors"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// A deployment that a job was seen of is over, though the Flink operator never came to see it: then its JobManager is out of reach, and not being upgraded.
// A job that is older is the one before the upgrade.
func TestADeploymentWhoseJobWasSeenIsOver(t *testing.T) {
	deployed := time.UnixMilli(1772366400000)
	const settled = "lifecycleState: DEPLOYED, jobManagerDeploymentStatus: DEPLOYING, jobStatus: {startTime: \"1772366001000\"}, observedGeneration: 3, " +
		"reconciliationStatus: {state: DEPLOYED, reconciliationTimestamp: 1772366400000}"
	for _, c := range []struct {
		name, status string
		started      time.Time
		reason       string
	}{
		{"seen since", settled, deployed.Add(20 * time.Second), api.ReasonJobManagerUnreachable},
		{"the job before it", settled, deployed.Add(-time.Hour), api.ReasonUpgrading},
		{"none was seen", settled, time.Time{}, api.ReasonUpgrading},
		{"an upgrade since", strings.ReplaceAll(settled, "observedGeneration: 3", "observedGeneration: 2"), deployed.Add(20 * time.Second), api.ReasonUpgrading},
		{"at work", strings.ReplaceAll(settled, "lifecycleState: DEPLOYED", "lifecycleState: UPGRADING"), deployed.Add(20 * time.Second), api.ReasonUpgrading},
		{"an error of it", strings.ReplaceAll(settled, "DEPLOYING", "ERROR"), deployed.Add(20 * time.Second), api.ReasonUpgrading},
		{"no time of it", strings.ReplaceAll(settled, ", reconciliationTimestamp: 1772366400000", ""), deployed.Add(20 * time.Second), api.ReasonUpgrading},
	} {
		w := newWorld(t)
		w.fake.failure = errors.New("connection refused")
		target := FlinkDeployment(served(t, "apiVersion: flink.apache.org/v1beta1\nkind: FlinkDeployment\nmetadata: {name: payments, namespace: shop, generation: 3}\nspec: {job: {}}\nstatus: {"+c.status+"}"))
		w.opts.Target = &target
		w.memory.RestoreStart(c.started)
		if got := w.pass(0, api.HealthUnknown).Availability; got.Reason != c.reason {
			t.Errorf("%s: %+v, want %s", c.name, got, c.reason)
		}
	}
}

// What is seen tells it as what a manager before had seen does.
func TestTheStartOfAJobThatIsSeenIsKept(t *testing.T) {
	w := newWorld(t)
	w.pass(0, api.HealthHealthy)
	if w.memory.started.IsZero() {
		t.Error("the start of the job is not known")
	}
}

// served is an object as the API server gives it: with whole numbers.
func served(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	raw, err := yaml.YAMLToJSON([]byte(text))
	out := &unstructured.Unstructured{}
	if err := errors.Join(err, out.UnmarshalJSON(raw)); err != nil {
		t.Fatal(err)
	}
	return out
}
