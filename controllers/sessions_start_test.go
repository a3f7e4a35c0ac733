package controllers

import (
	"errors"
	"net/http"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
)

// outOfReach is a JobManager that does not answer.
type outOfReach struct{}

func (outOfReach) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("connection refused")
}

// A manager that has just begun knows from status that the job ran since it was deployed: what does not answer then is no upgrade.
func TestTheStartOfTheJobIsRestored(t *testing.T) {
	deployed := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	target := model.Target{Kind: "FlinkDeployment", Name: "a", Generation: 2, ObservedGeneration: 2, Lifecycle: "DEPLOYED", Reconciliation: "DEPLOYED",
		JobManagerDeployment: "DEPLOYING", DeployedAt: deployed}
	for started, want := range map[time.Duration]string{20 * time.Second: api.ReasonJobManagerUnreachable, -time.Hour: api.ReasonUpgrading} {
		_, objects := fleetOf(t, member{name: "a"})
		object := objects["a"].DeepCopy()
		object.UID, object.Status.Target = "another", object.Spec.TargetRef.Kind+"/"+object.Spec.TargetRef.Name
		object.Status.Job.StartTime = &metav1.Time{Time: deployed.Add(started)}
		opened, _, _ := newSessions().open(object)
		connection, err := observe.Connect("http://a-rest:8081", flink.WithTransport(outOfReach{}))
		if err != nil {
			t.Fatal(err)
		}
		now := func() time.Time { return deployed.Add(time.Minute) }
		snapshot, err := observe.Flink(t.Context(), connection, observe.Options{Now: now, Target: &target}, opened.memory)
		if err != nil || snapshot.Availability.Reason != want {
			t.Errorf("started %s after the deployment: %+v, %v, want %s", started, snapshot.Availability, err, want)
		}
	}
}
