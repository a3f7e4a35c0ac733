package observe

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

const poolYAML = `
apiVersion: flink.apache.org/v1beta1
kind: FlinkDeployment
metadata: {name: pool, namespace: shop, uid: u-pool, annotations: {flink.checkpointhealth.dev/receipts: '[{"id":"c-1","appliedAt":"2026-11-22T02:00:00Z","outcome":"Effective"}]'}}
spec:
  flinkVersion: v1_20
  jobManager: {resource: {cpu: 2, memory: 2048m}}
  flinkConfiguration: {high-availability.type: kubernetes, execution.checkpointing.interval: 1m, state.backend.type: rocksdb, jobmanager.io-pool.size: "8"}`

const clicksYAML = `
apiVersion: flink.apache.org/v1beta1
kind: FlinkSessionJob
metadata: {name: clicks, namespace: shop, uid: u-clicks, annotations: {flink.checkpointhealth.dev/receipts: '[{"id":"j-1","appliedAt":"2026-11-22T03:00:00Z","outcome":"Pending"}]'}}
spec:
  deploymentName: pool
  flinkConfiguration: {execution.checkpointing.timeout: 5m, jobmanager.io-pool.size: "64", high-availability.type: kubernetes}
  job: {upgradeMode: last-state}
status: {jobStatus: {jobId: aaa, state: RUNNING}, lifecycleState: STABLE}`

var clicksRef = api.TargetReference{APIVersion: deploymentRef.APIVersion, Kind: kindFlinkSessionJob, Name: "clicks"}

func sessionReader(t *testing.T) client.Client {
	t.Helper()
	orders := strings.NewReplacer("clicks", "orders", "aaa", "bbb", "last-state", "stateless").Replace(clicksYAML)
	elsewhere := strings.NewReplacer("clicks", "elsewhere", "deploymentName: pool", "deploymentName: lake").Replace(clicksYAML)
	objects := []client.Object{object(t, poolYAML), object(t, clicksYAML), object(t, orders), object(t, elsewhere)}
	return fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(objects...).Build()
}

func TestASessionJobLiesBesideItsCluster(t *testing.T) {
	got, err := Target(context.Background(), sessionReader(t), clicksRef, "shop")
	if err != nil {
		t.Fatal(err)
	}
	seen := model.Target{NotPatchable: got.NotPatchable, UpgradeMode: got.UpgradeMode, HighAvailability: got.HighAvailability, JobID: got.JobID, SessionCluster: got.SessionCluster}
	if diff := cmp.Diff(model.Target{UpgradeMode: "last-state", HighAvailability: true, JobID: "aaa"}, seen); diff != "" {
		t.Errorf("the session job (-want +got):\n%s", diff)
	}
	pool := got.At(model.ObjectKey{Kind: kindFlinkDeployment, Name: "pool"})
	if !pool.SessionCluster || pool.UID != "u-pool" || pool.JobManagerCPU.Value != 2 {
		t.Errorf("the session cluster: %+v", pool)
	}
	var ids []string
	for _, r := range got.Receipts {
		ids = append(ids, r.ID+" on "+got.At(r.Object).Name)
	}
	if diff := cmp.Diff([]string{"j-1 on clicks", "c-1 on pool"}, ids); diff != "" {
		t.Errorf("the receipts of both, newest first (-want +got):\n%s", diff)
	}
}

func TestWhereTheSettingsOfASessionJobComeFrom(t *testing.T) {
	reader := sessionReader(t)
	job, err := Target(context.Background(), reader, clicksRef, "shop")
	if err != nil {
		t.Fatal(err)
	}
	pool, err := Target(context.Background(), reader, api.TargetReference{APIVersion: deploymentRef.APIVersion, Kind: kindFlinkDeployment, Name: "pool"}, "shop")
	if err != nil {
		t.Fatal(err)
	}
	clicks := ListSessionJobs(context.Background(), reader, &pool).running("aaa")
	if clicks == nil || clicks.Name != "clicks" {
		t.Fatalf("the FlinkSessionJob of job aaa: %+v", clicks)
	}
	pool.Attach(*clicks)
	facts := clusterFacts{version: "1.20.5", hasInForce: true,
		config:  map[string]string{"execution.checkpointing.interval": "1m", "state.backend.type": "rocksdb", "jobmanager.io-pool.size": "8", "web.checkpoints.history": "20"},
		inForce: flink.CheckpointConfig{Mode: "exactly_once", Interval: 60000, Timeout: 300000, MinPause: 5000, MaxConcurrent: 1, StateBackend: "EmbeddedRocksDBStateBackend"}}
	for _, test := range []struct {
		target       *model.Target
		job, cluster api.SettingOrigin
	}{{&job, api.OriginTarget, api.OriginSessionCluster}, {&pool, api.OriginSessionJob, api.OriginTarget}} {
		s := settingsOf(&facts, test.target)
		got := []any{s.Timeout.Origin, s.Interval.Origin, s.MinPause.Origin, s.StateBackend.Origin, s.IOPoolSize.Origin, s.IOPoolSize.Value, s.HistorySize.Origin, s.JobManagerCPU.Origin}
		want := []any{test.job, test.cluster, api.OriginJobCode, test.cluster, test.cluster, 8, api.OriginOperatorDefault, test.cluster}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.target.Kind, diff)
		}
	}
}

func TestWhyASessionJobIsNotPatchable(t *testing.T) {
	for _, test := range []struct{ name, from, to, says string }{
		{"old Flink", "flinkVersion: v1_20", "flinkVersion: v1_16", "from Flink 1.17 on"},
		{"application cluster", "flinkVersion: v1_20", "job: {jarURI: local:///x.jar}", "runs a job of its own"},
		{"version not known", "flinkVersion: v1_20", "flinkVersion: ''", ""},
	} {
		pool := object(t, strings.Replace(poolYAML, test.from, test.to, 1))
		reader := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(pool, object(t, clicksYAML)).Build()
		got, err := Target(context.Background(), reader, clicksRef, "shop")
		if err != nil || !strings.Contains(got.NotPatchable, test.says) || (test.says == "") != (got.NotPatchable == "") {
			t.Errorf("%s: %q, %v", test.name, got.NotPatchable, err)
		}
	}
}

func TestSessionJobsOfACluster(t *testing.T) {
	reader := sessionReader(t)
	target, err := Target(context.Background(), reader, clicksRef, "shop")
	if err != nil {
		t.Fatal(err)
	}
	session := SessionCluster(context.Background(), reader, &target)
	slices.SortFunc(session.Jobs, func(a, b model.SessionJob) int { return strings.Compare(a.Name, b.Name) })
	want := model.SessionCluster{Known: true, Jobs: []model.SessionJob{
		{Name: "clicks", JobID: "aaa", UpgradeMode: "last-state", Pending: true}, {Name: "orders", JobID: "bbb", UpgradeMode: "stateless", Pending: true},
	}}
	if diff := cmp.Diff(want, session); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if ListSessionJobs(context.Background(), reader, &target.Others[0]).running("by-hand") != nil {
		t.Error("a job that was submitted by hand has no FlinkSessionJob")
	}
}

// A session cluster runs several jobs: only the one that the FlinkSessionJob's status names is its own.
func TestASessionJobPicksItsOwnJob(t *testing.T) {
	for _, test := range []struct {
		id, reason, picked string
		selector           Selector
	}{
		{id: jobID, picked: jobID},
		{id: jobID, picked: jobID, selector: Selector{Name: "somebody else's"}},
		{id: "", reason: api.ReasonJobNotFound},
		{id: "gone", reason: api.ReasonJobNotFound},
	} {
		w := newWorld(t)
		w.opts.Target, w.opts.Selector = &model.Target{Kind: kindFlinkSessionJob, Name: "clicks", JobID: test.id}, test.selector
		snapshot := w.pass(0, api.HealthHealthy)
		running := 1
		if test.picked == "" {
			running = 0
		}
		if snapshot.Job.ID != test.picked || snapshot.Availability.Reason != test.reason || snapshot.Session.Running != running {
			t.Errorf("id %q: job %q, %+v", test.id, snapshot.Job.ID, snapshot.Availability)
		}
	}
}

func TestTheEndpointOfASessionJobIsItsClusters(t *testing.T) {
	got, err := Target(context.Background(), sessionReader(t), clicksRef, "shop")
	if err != nil {
		t.Fatal(err)
	}
	if base, err := Endpoint(&got, &api.Endpoint{}); err != nil || base != "http://pool-rest.shop.svc:8081" {
		t.Errorf("endpoint %q, %v; want the session cluster's", base, err)
	}
}
