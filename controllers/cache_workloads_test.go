package controllers

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

// shelf is a reader of a few objects, as they are.
type shelf struct {
	client.Reader
	deployments []appsv1.Deployment
	sets        []appsv1.StatefulSet
	file        *corev1.ConfigMap
}

func (s shelf) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	switch into := into.(type) {
	case *appsv1.Deployment:
		s.deployments[0].DeepCopyInto(into)
	case *appsv1.StatefulSet:
		s.sets[0].DeepCopyInto(into)
	case *corev1.ConfigMap:
		if s.file == nil || s.file.Name != key.Name {
			return apierrors.NewNotFound(schema.GroupResource{Resource: "configmaps"}, key.Name)
		}
		s.file.DeepCopyInto(into)
	}
	return nil
}

func (s shelf) List(_ context.Context, into client.ObjectList, _ ...client.ListOption) error {
	switch into := into.(type) {
	case *appsv1.DeploymentList:
		into.Items = s.deployments
	case *appsv1.StatefulSetList:
		into.Items = s.sets
	}
	return nil
}

// laden puts on a workload what people, pipelines and Kubernetes put there.
func laden(meta *metav1.ObjectMeta, template *corev1.PodTemplateSpec) {
	meta.UID, meta.ResourceVersion, meta.Generation = "u", "7", 3
	meta.Labels = map[string]string{"kustomize.toolkit.fluxcd.io/name": "shop"}
	meta.Annotations = map[string]string{corev1.LastAppliedConfigAnnotation: strings.Repeat("{all of it once more}", 150),
		api.AnnotationReceipts: `[{"id":"a","outcome":"Effective","appliedAt":"2026-11-22T03:00:00Z"}]`}
	meta.OwnerReferences = []metav1.OwnerReference{{Kind: "FlinkCluster", Name: "pool", Controller: ptr.To(true)}}
	meta.ManagedFields = []metav1.ManagedFieldsEntry{
		{Manager: "kubectl", Operation: metav1.ManagedFieldsOperationApply, FieldsV1: metav1.NewFieldsV1(
			`{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"jobmanager\"}":{"f:args":{},"f:resources":{"f:limits":{"f:memory":{}}}}}}}}}`)},
		{Manager: "kube-controller-manager", Subresource: "status", FieldsV1: metav1.NewFieldsV1(`{"f:status":{` + strings.Repeat(`"f:a":{},`, 40) + `"f:b":{}}}`)},
	}
	pod := &template.Spec
	pod.InitContainers = []corev1.Container{{Name: "fill", Image: "busybox", EnvFrom: []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{
		LocalObjectReference: corev1.LocalObjectReference{Name: "other"}}}}}}
	pod.Tolerations, pod.NodeSelector = []corev1.Toleration{{Key: "x"}}, map[string]string{"a": "b"}
	pod.Volumes = append(pod.Volumes, corev1.Volume{Name: "scratch", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}})
	c := &pod.Containers[0]
	for i := range 20 {
		c.Env = append(c.Env, corev1.EnvVar{Name: fmt.Sprintf("PASSWORD_%d", i), Value: strings.Repeat("s3cret", 10)})
	}
	c.Env = append(c.Env, corev1.EnvVar{Name: "FLINK_JM_HEAP", Value: "1024"})
	probe := &corev1.Probe{ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: strings.Fields(strings.Repeat("curl -s localhost ", 10))}}}
	c.LivenessProbe, c.ReadinessProbe, c.StartupProbe = probe, probe, probe
}

// keptOf is what the cache keeps of an object.
func keptOf[T any](t *testing.T, strip func(any) (any, error), object *T) *T {
	t.Helper()
	kept, err := strip(object)
	as, ok := kept.(*T)
	if err != nil || !ok {
		t.Fatalf("kept %T of %T, %v", kept, object, err)
	}
	return as
}

// Whatever of a workload is read is read of the stripped one as well, in every form of configuration: the target is the same. A variable that
// is no setting of Flink's is not kept, for it may be a secret.
func TestTheCacheKeepsOfWorkloadsWhatIsRead(t *testing.T) {
	c, _ := flinksim.CaseNamed("inventory")
	for _, form := range []simulated.Form{simulated.FormLines, simulated.FormYAML, simulated.FormProperties, simulated.FormArguments} {
		whole := shelf{deployments: make([]appsv1.Deployment, 2), sets: make([]appsv1.StatefulSet, 1)}
		d, file := simulated.Standalone("shop", c, form)
		set, _ := simulated.StandaloneSet("shop", c, form)
		laden(&d.ObjectMeta, &d.Spec.Template)
		laden(&set.ObjectMeta, &set.Spec.Template)
		set.Name, set.Spec.UpdateStrategy.Type = "set", appsv1.OnDeleteStatefulSetStrategyType
		d.Spec.Paused, d.Spec.Replicas, d.Status.ObservedGeneration = true, ptr.To(int32(2)), 2
		whole.deployments[0], whole.sets[0], whole.file = *d, *set, file
		whole.deployments[1] = *d.DeepCopy()
		whole.deployments[1].Name = "other" // shares the ConfigMap
		stripped := shelf{file: file}
		for i := range whole.deployments {
			stripped.deployments = append(stripped.deployments, *keptOf(t, stripWorkload, whole.deployments[i].DeepCopy()))
		}
		stripped.sets = []appsv1.StatefulSet{*keptOf(t, stripWorkload, set.DeepCopy())}
		for _, kind := range []string{"Deployment", "StatefulSet"} {
			ref := api.TargetReference{APIVersion: "apps/v1", Kind: kind, Name: c.Name}
			want, errWhole := observe.Target(t.Context(), whole, ref, "shop")
			got, errStripped := observe.Target(t.Context(), stripped, ref, "shop")
			if diff := cmp.Diff(want, got); diff != "" || errWhole != nil || errStripped != nil {
				t.Errorf("%s, %s: %v, %v (-whole +stripped):\n%s", form, kind, errWhole, errStripped, diff)
			}
		}
		before, after := sizes(t, &whole.deployments[0], &stripped.deployments[0])
		if form == simulated.FormLines && after*3 > before {
			t.Errorf("stripped %d of %d bytes", after, before)
		}
		t.Logf("%s: %d bytes of %d are kept", form, after, before)
	}
}

func sizes(t *testing.T, whole, stripped *appsv1.Deployment) (before, after int) {
	t.Helper()
	all, errAll := json.Marshal(whole)
	kept, errKept := json.Marshal(stripped)
	if errAll != nil || errKept != nil || strings.Contains(string(kept), "s3cret") {
		t.Errorf("%v, %v, or a secret is kept:\n%s", errAll, errKept, kept)
	}
	return len(all), len(kept)
}
