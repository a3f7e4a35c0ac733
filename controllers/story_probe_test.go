package controllers

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// probing policy: recommends only, so that the job stays sick, and lets the network be measured.
var probingPolicy = strings.Replace(quick, "Remediate", "Recommend", 1) + "networkProbe: Pod\n"

// counting counts the pods that are created through it.
type counting struct {
	client.Client
	pods int
	// dies makes the process die right after a pod was created: nothing else arrives.
	dies, dead bool
}

func (c *counting) Create(ctx context.Context, object client.Object, options ...client.CreateOption) error {
	if c.dead {
		return errCrash
	}
	if _, ok := object.(*corev1.Pod); ok {
		c.pods++
		c.dead = c.dies
	}
	return c.Client.Create(ctx, object, options...)
}

// Status dies with the process.
func (c *counting) Status() client.SubResourceWriter {
	if c.dead {
		return mortalStatus{c.Client.Status(), &mortal{crashed: true}}
	}
	return c.Client.Status()
}

// clicks deploys the job whose acknowledgements travel for 11 s, with a manager whose pods are counted.
func clicks(t *testing.T, namespace, policy string) (*world, *counting) {
	t.Helper()
	w := newWorld(t, namespace)
	process := &counting{Client: admin}
	w.client = process
	w.start()
	w.deploy("clicks", "clicks")
	w.watch("clicks", inline(policy))
	return w, process
}

// probePods are the probe pods of the story.
func (w *world) probePods() []corev1.Pod {
	w.t.Helper()
	var pods corev1.PodList
	if err := admin.List(w.t.Context(), &pods, client.InNamespace(w.namespace), client.MatchingLabels{"component": "network-probe"}); err != nil {
		w.t.Fatal(err)
	}
	return pods.Items
}

// probePod waits for the one probe pod.
func (w *world) probePod() *corev1.Pod {
	w.t.Helper()
	w.run(120, "a probe pod", func() bool { return len(w.probePods()) == 1 })
	return &w.probePods()[0]
}

// kubelet writes a pod's status, as only a kubelet does.
func (w *world) kubelet(pod *corev1.Pod, status corev1.PodStatus) {
	w.t.Helper()
	before := pod.DeepCopy()
	pod.Status = status
	if err := admin.Status().Patch(w.t.Context(), pod, client.MergeFrom(before)); err != nil {
		w.t.Fatal(err)
	}
}

// ended is the status of a pod whose container left that message.
func ended(message string) corev1.PodStatus {
	return corev1.PodStatus{Phase: corev1.PodSucceeded, ContainerStatuses: []corev1.ContainerStatus{{
		Name: "probe", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Completed", Message: message}},
	}}}
}

// results are what the program leaves of targets that all took as long, in microseconds.
func results(pod *corev1.Pod, micros, retransmits string) string {
	figures := `{"sent": 30, "lost": 0, "failed": 0, "p50Microseconds": ` + micros + `, "p95Microseconds": ` + micros + `, "maxMicroseconds": ` + micros + `}`
	var targets []string
	for _, arg := range pod.Spec.Containers[0].Args {
		if !strings.HasPrefix(arg, "--") && arg != "probe" {
			targets = append(targets, `{"target": "`+arg+`", "connect": `+figures+`, "retransmits": `+retransmits+`}`)
		}
	}
	return `{"targets": [` + strings.Join(targets, ", ") + `], "paths": [{"address": "10.244.0.9", "hops": [{"address": "10.244.0.1"}, {}, {"address": "10.244.0.9"}], "reached": true}]}`
}

// network is what is said of the network.
func (w *world) network() *api.Diagnosis {
	w.t.Helper()
	status := w.health("clicks").Status
	for i := range status.Diagnoses {
		if status.Diagnoses[i].Cause == api.CauseNetworkLatency {
			return &status.Diagnoses[i]
		}
	}
	return &api.Diagnosis{}
}

// probeWeight is how much the probe weighs in what is said of the network.
func (w *world) probeWeight() int32 {
	w.t.Helper()
	weight := int32(0)
	for _, e := range w.network().Evidence {
		if strings.HasPrefix(e.Signal, "network probe") {
			weight += *e.Weight
		}
	}
	return weight
}

// The whole story: a sick job whose acknowledgements are late, a pod of ours on a TaskManager's node, its figures as evidence, and nothing
// left behind. The namespace enforces restricted pod security.
func TestTheNetworkIsMeasuredByAPodOfOurs(t *testing.T) {
	w, process := clicks(t, "story-probe", probingPolicy)
	w.run(20, "pods", func() bool { return len(w.pods("clicks")) == 3 })
	w.restrict()
	pod := w.probePod()
	checkProbePod(t, w, pod)
	w.run(5, "said to be measured", func() bool { return w.health("clicks").Status.NetworkProbe.StartTime != nil })
	w.run(10, "missing meanwhile", func() bool {
		return strings.Contains(strings.Join(w.network().Missing, "\n"), "being measured by a pod on node stand-in")
	})
	w.kubelet(pod, ended(results(pod, "212000", "3")))
	w.run(30, "evidence", func() bool { return w.probeWeight() == 20+25 })
	w.checkMeasured()
	w.start() // the result outlives the process
	w.after(60)
	w.checkMeasured()
	if w.probeWeight() != 20+25 || process.pods != 1 {
		t.Errorf("later the probe weighs %d, and %d pods were created, want 45 and 1", w.probeWeight(), process.pods)
	}
}

// restrict makes the namespace enforce restricted pod security.
func (w *world) restrict() {
	w.t.Helper()
	var namespace corev1.Namespace
	if err := admin.Get(w.t.Context(), types.NamespacedName{Name: w.namespace}, &namespace); err != nil {
		w.t.Fatal(err)
	}
	before := namespace.DeepCopy()
	namespace.Labels["pod-security.kubernetes.io/enforce"] = "restricted"
	if err := admin.Patch(w.t.Context(), &namespace, client.MergeFrom(before)); err != nil {
		w.t.Fatal(err)
	}
}

// checkMeasured checks what status keeps of the measurement, and that nothing else is left of it.
func (w *world) checkMeasured() {
	w.t.Helper()
	kept := w.health("clicks").Status.NetworkProbe
	if len(kept.RoundTrips) != 3 || kept.FinishedTime == nil || kept.Message != "" {
		w.t.Fatalf("status keeps %+v", kept)
	}
	got := []int64{*kept.RoundTrips[0].P95Microseconds, *kept.RoundTrips[2].Retransmits}
	if diff := cmp.Diff([]int64{212000, 3}, got); diff != "" {
		w.t.Errorf("figures (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"10.244.0.1", "?", "10.244.0.9"}, kept.Hops); diff != "" {
		w.t.Errorf("hops (-want +got):\n%s", diff)
	}
	if left := len(w.probePods()); left > 0 || len(w.errors) > 0 {
		w.t.Errorf("%d pods are left behind, errors %v", left, w.errors)
	}
}

// pods are the names of a deployment's pods.
func (w *world) pods(app string) []string {
	w.t.Helper()
	var pods corev1.PodList
	if err := admin.List(w.t.Context(), &pods, client.InNamespace(w.namespace), client.MatchingLabels{"app": app}); err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for i := range pods.Items {
		names = append(names, pods.Items[i].Name)
	}
	return names
}

// checkProbePod checks each setting by which the pod is bounded.
func checkProbePod(t *testing.T, w *world, pod *corev1.Pod) {
	t.Helper()
	owner, no, yes, user, seconds := w.health("clicks"), false, true, int64(65532), int64(90)
	container := &pod.Spec.Containers[0]
	var ports []string
	for _, arg := range container.Args {
		if i := strings.LastIndex(arg, ":"); i > 0 && !strings.HasPrefix(arg, "--") {
			ports = append(ports, arg[i+1:])
		}
	}
	got := map[string]any{
		"owners": pod.OwnerReferences, "owner's uid": pod.Labels["flink.checkpointhealth.dev/probe-of"], "label app": pod.Labels["app"],
		"deadline": pod.Spec.ActiveDeadlineSeconds, "restarts": pod.Spec.RestartPolicy, "token": pod.Spec.AutomountServiceAccountToken,
		"links": pod.Spec.EnableServiceLinks, "volumes": len(pod.Spec.Volumes), "host": pod.Spec.HostNetwork || pod.Spec.HostPID || pod.Spec.HostIPC,
		"node":         pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms,
		"pod security": pod.Spec.SecurityContext, "container security": container.SecurityContext,
		"cpu": container.Resources.Limits.Cpu().String(), "memory": container.Resources.Limits.Memory().String(),
		"containers": len(pod.Spec.Containers) + len(pod.Spec.InitContainers), "image": container.Image,
		"message": container.TerminationMessagePath, "ports": ports,
	}
	want := map[string]any{
		"owners":      []metav1.OwnerReference{{APIVersion: "flink.checkpointhealth.dev/v1alpha1", Kind: "CheckpointHealth", Name: "clicks", UID: owner.UID, Controller: &yes}},
		"owner's uid": string(owner.UID), "label app": "",
		"deadline": &seconds, "restarts": corev1.RestartPolicyNever, "token": &no,
		"links": &no, "volumes": 0, "host": false,
		"node": []corev1.NodeSelectorTerm{{MatchFields: []corev1.NodeSelectorRequirement{{Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{"stand-in"}}}}},
		"pod security": &corev1.PodSecurityContext{RunAsNonRoot: &yes, RunAsUser: &user, RunAsGroup: &user,
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
		"container security": &corev1.SecurityContext{AllowPrivilegeEscalation: &no, Privileged: &no, ReadOnlyRootFilesystem: &yes, RunAsNonRoot: &yes,
			Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
		"cpu": "500m", "memory": "128Mi", "containers": 1, "image": "checkpoint-health:story",
		"message": "/dev/termination-log", "ports": []string{"6123", "6124", "8081/config"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the pod is not as it should be (-want +got):\n%s", diff)
	}
}

// Where the policy says nothing, or Off, no pod is ever created.
func TestNoPodWhereThePolicyIsOff(t *testing.T) {
	for name, policy := range map[string]string{"absent": strings.Replace(quick, "Remediate", "Recommend", 1), "off": strings.Replace(probingPolicy, "networkProbe: Pod", `networkProbe: "Off"`, 1)} {
		t.Run(name, func(t *testing.T) {
			w, process := clicks(t, "story-probe-"+name, policy)
			w.run(60, "sick", func() bool { return w.health("clicks").Status.Health == api.HealthUnhealthy })
			w.after(60)
			if s := w.health("clicks").Status; process.pods != 0 || s.NetworkProbe.StartTime != nil {
				t.Errorf("%d pods, status %+v", process.pods, s.NetworkProbe)
			}
		})
	}
}
