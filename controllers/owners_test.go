package controllers

import (
	"context"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const flinkAPI = "flink.apache.org/v1beta1"

// sessionJobOn is a FlinkSessionJob of a cluster.
func sessionJobOn(cluster, name string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{"apiVersion": flinkAPI, "kind": "FlinkSessionJob",
		"metadata": map[string]any{"namespace": "shop", "name": name}, "spec": map[string]any{"deploymentName": cluster}}}
}

// lookingAt is a CheckpointHealth, whose uid is its name, of a FlinkSessionJob.
func lookingAt(name, job string) *api.CheckpointHealth {
	return &api.CheckpointHealth{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID(name)},
		Spec: api.CheckpointHealthSpec{TargetRef: api.TargetReference{APIVersion: flinkAPI, Kind: "FlinkSessionJob", Name: job}}}
}

// A remedy of a session cluster stays with the CheckpointHealth that wrote it, also while its FlinkSessionJob is not there, until it would have been
// judged. What CheckpointHealths that wrote nothing look at is not asked.
func TestWhoAnswersForARemedyOfASessionCluster(t *testing.T) {
	scheme, err := Scheme()
	mustDo(t, err)
	begun := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, job string
		outcome   api.Outcome
		after     time.Duration
		foreign   bool
	}{
		{"it looks", "theirs", api.OutcomePending, 2 * time.Hour, true},
		{"its job is not there for a moment", "away", api.OutcomePending, time.Minute, true},
		{"its job is not there any more", "away", api.OutcomePending, time.Hour, false},
		{"its job is not there, and the remedy is judged", "away", api.OutcomeEffective, time.Minute, false},
		{"it looks at another cluster", "elsewhere", api.OutcomePending, time.Minute, false},
	} {
		objects := []client.Object{sessionJobOn("pool", "mine"), sessionJobOn("pool", "theirs"), sessionJobOn("other", "elsewhere"),
			lookingAt("me", "mine"), lookingAt("they", test.job)}
		for i := range 20 {
			objects = append(objects, lookingAt(fmt.Sprintf("bystander-%d", i), "theirs"))
		}
		asked := 0
		reader := interceptor.NewClient(fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build(), interceptor.Funcs{
			Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, into client.Object, options ...client.GetOption) error {
				asked++
				return c.Get(ctx, key, into, options...)
			}})
		receipt := model.Receipt{ID: "x-1", UID: "they", Outcome: test.outcome, AppliedAt: begun, Criterion: model.Criterion{DeadlineSeconds: 3600}}
		target := model.Target{Kind: "FlinkDeployment", Namespace: "shop", Name: "pool", SessionCluster: true, Receipts: []model.Receipt{receipt}}
		mustDo(t, keepOwn(t.Context(), reader, lookingAt("me", "mine"), &target, begun.Add(test.after)))
		if foreign := len(target.Foreign) == 1 && len(target.Receipts) == 0; foreign != test.foreign || asked != 1 {
			t.Errorf("%s: own %v, foreign %v, want foreign %v; %d objects were asked for, want 1", test.name, target.Receipts, target.Foreign, test.foreign, asked)
		}
	}
}
