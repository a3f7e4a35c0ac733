package apply

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// flinkResource is an object of the Flink operator as the API server has it; its uid is its name.
func flinkResource(kind, name string, receipts ...model.Receipt) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"flinkConfiguration": map[string]any{ioPool: "2"}}}}
	object.SetAPIVersion("flink.apache.org/v1beta1")
	object.SetKind(kind)
	object.SetNamespace("shop")
	object.SetName(name)
	object.SetUID(types.UID(name))
	annotate(object, receipts)
	return object
}

func annotate(object client.Object, receipts []model.Receipt) {
	if text, err := encode(receipts); err == nil && len(receipts) > 0 {
		object.SetAnnotations(map[string]string{api.AnnotationReceipts: text})
	}
}

const ioPool = "jobmanager.io-pool.size"

// standaloneObjects are a Deployment and its ConfigMap, with what each says of remedies.
func standaloneObjects(text string, onFile, onWorkload []model.Receipt) []client.Object {
	file := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "conf", UID: "conf"}, Data: map[string]string{"flink-conf.yaml": text}}
	annotate(file, onFile)
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "jm", UID: "jm"}}
	d.Spec.Template.Spec.Containers = []corev1.Container{{Name: "jm", Args: []string{"jobmanager"}}}
	annotate(d, onWorkload)
	return []client.Object{file, d}
}

// written runs a decision and returns what was sent, in order, rehearsals left out.
func written(t *testing.T, objects []client.Object, pass *model.Pass) (sent []*unstructured.Unstructured, refused model.Refusal) {
	t.Helper()
	sent, result := carriedOut(t, objects, pass, "")
	return sent, result.Refused
}

// carriedOut is written, with all that the Writer says; the API server forbids to write the kind.
func carriedOut(t *testing.T, objects []client.Object, pass *model.Pass, forbidden string) (sent []*unstructured.Unstructured, result *model.Written) {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, api.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	owner := &api.CheckpointHealth{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "payments", UID: "me", CreationTimestamp: metav1.NewTime(noon)}}
	inner := fake.NewClientBuilder().WithScheme(scheme).WithObjects(append([]client.Object{owner}, objects...)...).Build()
	recording := interceptor.NewClient(inner, interceptor.Funcs{Apply: func(_ context.Context, _ client.WithWatch, what runtime.ApplyConfiguration, options ...client.ApplyOption) error {
		var resolved client.ApplyOptions
		resolved.ApplyOptions(options)
		if object, ok := what.(interface {
			UnstructuredContent() map[string]any
		}); ok && len(resolved.DryRun) == 0 {
			one := &unstructured.Unstructured{Object: object.UnstructuredContent()}
			if one.GetKind() == forbidden {
				return apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, one.GetName(), nil)
			}
			sent = append(sent, one)
		}
		return nil
	}})
	w := &Writer{Client: recording, Live: inner}
	result, err := w.Do(t.Context(), owner, pass)
	if err != nil {
		t.Fatal(err)
	}
	return sent, result
}

// remedyOn raises the io pool from 2 to 5 on an object.
func remedyOn(object model.ObjectKey, place *model.PlaceRef) *model.Remedy {
	return &model.Remedy{Hash: "h", Object: object, Lever: api.LeverIOPoolSize, Changes: []model.Change{{Field: ioPool, From: "2", WasSet: true, To: "5", Place: place}}}
}

// A remedy, its undo and its verdict are written to the object that it lies on, and to nothing else; where that is a ConfigMap, to the workload
// as well. What rolls out goes to the workload last, for then a death before it leaves everything running as it ran; what is only recorded goes
// to it first.
func TestEachDecisionWritesItsObjects(t *testing.T) {
	const version = "flink.apache.org/v1beta1"
	target := func(kind, name string) model.Target {
		return model.Target{APIVersion: version, Kind: kind, Namespace: "shop", Name: name, UID: name}
	}
	onJob, onCluster := target("FlinkSessionJob", "payments"), target("FlinkSessionJob", "payments")
	onCluster.Others = []model.Target{target("FlinkDeployment", "pool")}
	picked := target("FlinkDeployment", "pool")
	picked.Others = []model.Target{target("FlinkSessionJob", "payments")}
	standalone := model.Target{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "jm", UID: "jm", Standalone: &model.Standalone{
		Container: "jm", ConfigMaps: map[string]model.ConfigMapUse{"conf": {UID: "conf", ResourceVersion: "999"}}}}
	begun := standalone
	pending := model.Receipt{ID: "h-0", Outcome: api.OutcomePending, Workload: "jm", AppliedAt: noon, Changes: []model.ChangeRecord{{Field: ioPool, From: "2", WasSet: true, To: "5", Place: inFile, Prior: "2"}}}
	begun.Standalone = &model.Standalone{Container: "jm", ConfigMaps: standalone.Standalone.ConfigMaps, Halfway: map[string]model.Receipt{"conf": pending}}
	flinks := []model.Receipt{{ID: "h-0", Outcome: api.OutcomePending, AppliedAt: noon, Changes: []model.ChangeRecord{{Field: ioPool, From: "2", WasSet: true, To: "2"}}}}
	inForce := []model.Receipt{pending}
	cluster, job := model.ObjectKey{Kind: "FlinkDeployment", Name: "pool"}, model.ObjectKey{Kind: "FlinkSessionJob", Name: "payments"}
	judged := func(outcome api.Outcome, object model.ObjectKey) *model.Receipt {
		return &model.Receipt{ID: "h-0", Outcome: outcome, Object: object}
	}
	cases := []struct {
		name     string
		target   model.Target
		objects  []client.Object
		decision model.Decision
		want     []string
	}{
		{"a session job's own key", onJob, []client.Object{flinkResource("FlinkSessionJob", "payments")},
			model.Decision{Action: model.ActionApply, Remedy: remedyOn(model.ObjectKey{}, nil)}, []string{"FlinkSessionJob/payments Pending"}},
		{"a key of its cluster", onCluster, []client.Object{flinkResource("FlinkDeployment", "pool")},
			model.Decision{Action: model.ActionApply, Remedy: remedyOn(cluster, nil)}, []string{"FlinkDeployment/pool Pending"}},
		{"a key of a job that was picked", picked, []client.Object{flinkResource("FlinkSessionJob", "payments")},
			model.Decision{Action: model.ActionApply, Remedy: remedyOn(job, nil)}, []string{"FlinkSessionJob/payments Pending"}},
		{"its undo", picked, []client.Object{flinkResource("FlinkSessionJob", "payments", flinks...)},
			model.Decision{Action: model.ActionRollback, Receipt: judged(api.OutcomeRolledBack, job)}, []string{"FlinkSessionJob/payments RolledBack"}},
		{"its verdict", onCluster, []client.Object{flinkResource("FlinkDeployment", "pool", flinks...)},
			model.Decision{Action: model.ActionSettle, Receipt: judged(api.OutcomeEffective, cluster)}, []string{"FlinkDeployment/pool Effective"}},
		{"a line of a ConfigMap", standalone, standaloneObjects(ioPool+": 2\n", nil, nil),
			model.Decision{Action: model.ActionApply, Remedy: remedyOn(model.ObjectKey{}, inFile)}, []string{"ConfigMap/conf Pending " + ioPool + ": 5", "Deployment/jm Pending"}},
		{"its undo", standalone, standaloneObjects(ioPool+": 5\n", inForce, inForce),
			model.Decision{Action: model.ActionRollback, Receipt: judged(api.OutcomeRolledBack, model.ObjectKey{})},
			[]string{"ConfigMap/conf RolledBack " + ioPool + ": 2", "Deployment/jm RolledBack"}},
		{"its verdict", standalone, standaloneObjects(ioPool+": 5\n", inForce, inForce),
			model.Decision{Action: model.ActionSettle, Receipt: judged(api.OutcomeEffective, model.ObjectKey{})}, []string{"Deployment/jm Effective", "ConfigMap/conf Effective"}},
		{"its other half", begun, standaloneObjects(ioPool+": 5\n", inForce, nil),
			model.Decision{Action: model.ActionApply, Remedy: remedyOn(model.ObjectKey{}, inFile)}, []string{"Deployment/jm Pending"}},
		{"its first half taken back", begun, standaloneObjects(ioPool+": 5\n", inForce, nil),
			model.Decision{Action: model.ActionRollback, Receipt: judged(api.OutcomeRolledBack, model.ObjectKey{})}, []string{"ConfigMap/conf RolledBack " + ioPool + ": 2"}},
		{"its first half, which somebody edited", begun, standaloneObjects(ioPool+": 3\n", inForce, nil),
			model.Decision{Action: model.ActionRollback, Receipt: judged(api.OutcomeRolledBack, model.ObjectKey{})}, []string{"ConfigMap/conf Superseded"}},
		{"one that appeared since", standalone, standaloneObjects(ioPool+": 2\n", inForce, nil),
			model.Decision{Action: model.ActionApply, Remedy: remedyOn(model.ObjectKey{}, inFile)}, []string{"refused TargetChanged"}},
	}
	for i := range cases {
		c := &cases[i]
		pass := &model.Pass{Now: noon, Snapshot: &model.Snapshot{Target: c.target}, Decision: c.decision}
		sent, refused := written(t, c.objects, pass)
		if got := told(sent, refused); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q; %s", c.name, got, c.want, refused.Message)
		}
	}
}

// A ConfigMap that calls pending what its Deployment knows to be judged is told so, and nothing else is written; what is undone on a ConfigMap by
// now gets no verdict.
func TestAVerdictIsToldToTheConfigMapAlone(t *testing.T) {
	target := model.Target{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "jm", UID: "jm", Standalone: &model.Standalone{
		Container: "jm", ConfigMaps: map[string]model.ConfigMapUse{"conf": {UID: "conf", ResourceVersion: "999"}}}}
	pending := []model.Receipt{{ID: "h-0", Outcome: api.OutcomePending, Workload: "jm", AppliedAt: noon,
		Changes: []model.ChangeRecord{{Field: ioPool, From: "2", WasSet: true, To: "5", Place: inFile, Prior: "2"}}}}
	for _, c := range []struct {
		name             string
		file, onWorkload api.Outcome
		verdict          api.Outcome
		want             string
	}{
		{"that verdict", api.OutcomePending, api.OutcomeEffective, api.OutcomeEffective, "ConfigMap/conf Effective"},
		{"another verdict than that", api.OutcomePending, api.OutcomeEffective, api.OutcomeIneffective, "refused TargetChanged"},
		{"it is undone by now", api.OutcomeRolledBack, api.OutcomePending, api.OutcomeEffective, "refused TargetChanged"},
	} {
		pass := &model.Pass{Now: noon, Snapshot: &model.Snapshot{Target: target},
			Decision: model.Decision{Action: model.ActionSettle, Receipt: &model.Receipt{ID: "h-0", Outcome: c.verdict}}}
		sent, refused := written(t, standaloneObjects(ioPool+": 5\n", with(pending, c.file), with(pending, c.onWorkload)), pass)
		if got := told(sent, refused); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %q, want %q; %s", c.name, got, c.want, refused.Message)
		}
	}
}

// with are the receipts with another outcome.
func with(receipts []model.Receipt, outcome api.Outcome) []model.Receipt {
	all := slices.Clone(receipts)
	for i := range all {
		all[i].Outcome = outcome
	}
	return all
}

// A verdict is written to the Deployment first. Where its ConfigMap then refuses, the Deployment is as it was written: a cache that does not show
// that yet is known to be behind.
func TestAVerdictThatAConfigMapRefusesIsWrittenAllTheSame(t *testing.T) {
	pending := []model.Receipt{{ID: "h-0", Outcome: api.OutcomePending, Workload: "jm", AppliedAt: noon}}
	target := model.Target{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "jm", UID: "jm", Standalone: &model.Standalone{
		Container: "jm", ConfigMaps: map[string]model.ConfigMapUse{"conf": {UID: "conf", ResourceVersion: "999"}}}}
	pass := &model.Pass{Now: noon, Snapshot: &model.Snapshot{Target: target},
		Decision: model.Decision{Action: model.ActionSettle, Receipt: &model.Receipt{ID: "h-0", Outcome: api.OutcomeEffective}}}
	sent, result := carriedOut(t, standaloneObjects(ioPool+": 5\n", pending, pending), pass, "ConfigMap")
	if got := told(sent, result.Refused); !slices.Equal(got, []string{"Deployment/jm Effective", "refused Forbidden"}) || result.ResourceVersion == "" {
		t.Errorf("%q, resource version %q", got, result.ResourceVersion)
	}
}

// A remedy that another CheckpointHealth began is not written over, whatever plan said; but it does not hold an undo back, which takes it back as
// well.
func TestWhatAnotherBeganIsNotWrittenOver(t *testing.T) {
	theirs := model.Receipt{ID: "x-0", UID: "other", Outcome: api.OutcomePending, Workload: "jm", AppliedAt: noon}
	seen := theirs
	seen.Owner = "audit"
	target := model.Target{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "jm", UID: "jm", Standalone: &model.Standalone{
		Container: "jm", ConfigMaps: map[string]model.ConfigMapUse{"conf": {UID: "conf", ResourceVersion: "999"}}, Halfway: map[string]model.Receipt{"conf": seen}}}
	pass := &model.Pass{Now: noon, Snapshot: &model.Snapshot{Target: target}, Decision: model.Decision{Action: model.ActionApply, Remedy: remedyOn(model.ObjectKey{}, inFile)}}
	sent, refused := written(t, standaloneObjects(ioPool+": 2\n", []model.Receipt{theirs}, nil), pass)
	if len(sent) > 0 || refused.Reason != api.ReasonRemedyPending || !strings.Contains(refused.Message, "CheckpointHealth audit") {
		t.Errorf("sent %q, refused %+v", told(sent, model.Refusal{}), refused)
	}
	mine := model.Receipt{ID: "h-0", UID: "me", Outcome: api.OutcomePending, Workload: "jm", AppliedAt: noon.Add(-time.Hour),
		Changes: []model.ChangeRecord{{Field: ioPool, From: "2", WasSet: true, To: "5", Place: inFile, Prior: "2"}}}
	theirs.Changes = []model.ChangeRecord{{Field: "parallelism.default", To: "3", Place: inFile, Prior: "parallelism.default: 3\n"}}
	file := ioPool + ": 5\nparallelism.default: 3\n"
	pass.Decision = model.Decision{Action: model.ActionRollback, Receipt: &model.Receipt{ID: "h-0", Outcome: api.OutcomeRolledBack}}
	sent, refused = written(t, standaloneObjects(file, []model.Receipt{theirs}, []model.Receipt{mine}), pass)
	if got := told(sent, refused); !slices.Equal(got, []string{"ConfigMap/conf RolledBack " + ioPool + ": 2", "Deployment/jm RolledBack"}) {
		t.Errorf("the undo: %q, %s", got, refused.Message)
	}
}

// told names what was sent: the object, the outcome of its first receipt, and a ConfigMap's text.
func told(sent []*unstructured.Unstructured, refused model.Refusal) []string {
	var all []string
	for _, object := range sent {
		receipts, err := decode(object.GetAnnotations()[api.AnnotationReceipts])
		outcome := api.Outcome("none")
		if err == nil && len(receipts) > 0 {
			outcome = receipts[0].Outcome
		}
		text, _, _ := unstructured.NestedString(object.Object, "data", "flink-conf.yaml")
		all = append(all, strings.TrimSpace(object.GetKind()+"/"+object.GetName()+" "+string(outcome)+" "+text))
	}
	if refused.Refused() {
		all = append(all, "refused "+refused.Reason)
	}
	return all
}
