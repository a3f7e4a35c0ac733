package observe

import (
	"cmp"
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// maxPods bounds the pods of a snapshot.
const maxPods = 2000

// Pods reads the pods of the snapshot's target and what they use, and corrects the figures of JobManager and TaskManagers by them: a
// container's limit is the truth, the configuration only how it came about. What cannot be read is a gap.
func Pods(ctx context.Context, reader client.Reader, snapshot *model.Snapshot) {
	target := &snapshot.Target
	gap := func(kind model.GapKind, signal, why string) {
		snapshot.Gaps = addGap(snapshot.Gaps, model.Gap{Kind: kind, Signal: signal, Why: cleanText(why, maxMessage)})
	}
	if len(target.PodLabels) == 0 {
		gap(model.GapPods, "pods", "the target does not tell the labels of its pods")
		return
	}
	var list corev1.PodList
	if err := reader.List(ctx, &list, client.InNamespace(target.Namespace), client.MatchingLabels(target.PodLabels)); err != nil {
		gap(model.GapPods, "pods", err.Error())
		return
	}
	addresses := map[string]string{}
	snapshot.Pods = nil
	for i := range list.Items {
		if i == maxPods {
			gap(model.GapPods, "some pods", "the workload has too many")
			break
		}
		pod := podOf(&list.Items[i])
		snapshot.Pods = append(snapshot.Pods, pod)
		addresses[pod.Name] = list.Items[i].Status.PodIP
	}
	slices.SortFunc(snapshot.Pods, func(a, b model.Pod) int {
		return cmp.Or(cmp.Compare(a.Component, b.Component), cmp.Compare(a.Name, b.Name))
	})
	if len(snapshot.Pods) == 0 {
		gap(model.GapPods, "pods", "no pod carries the labels of the workload")
		return
	}
	if why := readUsage(ctx, reader, target, snapshot.Pods); why != "" {
		gap(model.GapPodUsage, "CPU and memory use of the pods", why)
	}
	if why := readNodes(ctx, reader, snapshot.Pods); why != "" {
		gap(model.GapNodes, "pressure of the pods' nodes", why)
	}
	usePods(snapshot, addresses)
}

func podOf(pod *corev1.Pod) model.Pod {
	container := mainContainer(pod.Spec.Containers)
	out := model.Pod{Name: pod.Name, Node: pod.Spec.NodeName, Phase: string(pod.Status.Phase), IP: pod.Status.PodIP, Component: componentOf(pod),
		Ending: pod.DeletionTimestamp != nil, Evicted: pod.Status.Reason == reasonEvicted}
	readConditions(&out, pod.Status.Conditions)
	if container == nil {
		return out
	}
	out.Container = container.Name
	out.Image = cleanText(container.Image, maxName)
	out.FlinkVersion = taggedVersion(out.Image)
	out.CPURequest = quantity(container.Resources.Requests, corev1.ResourceCPU)
	out.CPULimit = quantity(container.Resources.Limits, corev1.ResourceCPU)
	out.MemoryRequest = quantity(container.Resources.Requests, corev1.ResourceMemory)
	out.MemoryLimit = quantity(container.Resources.Limits, corev1.ResourceMemory)
	for i := range pod.Status.ContainerStatuses {
		status := &pod.Status.ContainerStatuses[i]
		if status.Name == container.Name {
			terminations(&out, status)
			out.Digest = digestOf(status.ImageID)
		}
	}
	return out
}

func readConditions(out *model.Pod, conditions []corev1.PodCondition) {
	for i := range conditions {
		c := &conditions[i]
		switch {
		case c.Type == corev1.PodReady:
			out.Ready = c.Status == corev1.ConditionTrue
			if out.Evicted {
				out.LastTerminationAt = c.LastTransitionTime.UTC()
			}
		case c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse:
			// The first sentence counts the nodes and what each lacks; those after it are about preemption.
			words, _, _ := strings.Cut(or(c.Message, c.Reason), ". ")
			out.Unscheduled = cleanText(strings.TrimSuffix(words, "."), maxMessage)
		}
	}
}

// terminations reads how the container ended before; a pod that is ending now shows it in state rather than lastState.
func terminations(pod *model.Pod, status *corev1.ContainerStatus) {
	pod.Restarts = int(status.RestartCount)
	ended := status.LastTerminationState.Terminated
	if status.State.Terminated != nil {
		ended = status.State.Terminated
	}
	if ended == nil {
		return
	}
	pod.LastTermination = cleanText(ended.Reason, 128)
	pod.LastTerminationAt = ended.FinishedAt.UTC()
	pod.OOMKilled = ended.Reason == "OOMKilled"
}

// componentOf tells what a pod runs: by the label that the Flink operator and native Kubernetes set, or that of a FlinkApplication's operator
// (flink-deployment-type), else by how the container is started.
func componentOf(pod *corev1.Pod) model.Component {
	switch model.Component(or(pod.Labels["component"], pod.Labels["flink-deployment-type"])) {
	case model.ComponentJobManager:
		return model.ComponentJobManager
	case model.ComponentTaskManager:
		return model.ComponentTaskManager
	}
	container := mainContainer(pod.Spec.Containers)
	if container == nil {
		return ""
	}
	words := strings.Join(append(slices.Clone(container.Command), container.Args...), " ")
	switch {
	case strings.Contains(words, "taskmanager"):
		return model.ComponentTaskManager
	case strings.Contains(words, "jobmanager"), strings.Contains(words, "standalone-job"):
		return model.ComponentJobManager
	}
	return ""
}

func quantity(list corev1.ResourceList, name corev1.ResourceName) model.Measure {
	value, ok := list[name]
	if !ok {
		return model.Measure{}
	}
	return fromQuantity(&value)
}

func fromQuantity(value *resource.Quantity) model.Measure {
	return model.Measured(value.AsApproximateFloat64())
}

// usePods corrects the figures that the configuration and the JVMs gave.
func usePods(snapshot *model.Snapshot, addresses map[string]string) {
	tagsTell := tagsTellVersions(snapshot)
	for i := range snapshot.Pods {
		pod := &snapshot.Pods[i]
		switch pod.Component {
		case model.ComponentJobManager:
			useJobManagerPod(snapshot, pod)
		case model.ComponentTaskManager:
			useTaskManagerPod(snapshot, pod, addresses[pod.Name], tagsTell)
		}
	}
}

// tagsTellVersions tells whether the tags of this workload's images are Flink's versions: the JobManager's tag says what its REST API says.
// Images of one's own may count otherwise.
func tagsTellVersions(snapshot *model.Snapshot) bool {
	for i := range snapshot.Pods {
		pod := &snapshot.Pods[i]
		if pod.Component == model.ComponentJobManager && pod.FlinkVersion != "" && pod.FlinkVersion == snapshot.Job.FlinkVersion {
			return true
		}
	}
	return false
}

// useJobManagerPod takes limits from any JobManager and use from the busiest: with high availability the others only wait.
func useJobManagerPod(snapshot *model.Snapshot, pod *model.Pod) {
	jm := &snapshot.JobManager
	if pod.CPULimit.Known {
		jm.CPULimit = pod.CPULimit
		settings := &snapshot.Settings
		settings.JobManagerCPU.Value, settings.JobManagerCPU.Known = pod.CPULimit.Value, true
		if settings.JobManagerCPU.Origin == "" || settings.JobManagerCPU.Origin == api.OriginUnknown {
			settings.JobManagerCPU.Origin = api.OriginOperatorDefault
		}
		if !settings.IOPoolSize.Known {
			jm.IOThreads = model.Measured(max(float64(int(pod.CPULimit.Value+0.999)), 1))
		}
	}
	if pod.MemoryLimit.Known {
		jm.ProcessMemory = pod.MemoryLimit
	}
	if pod.CPUUsage.Known && (!jm.CPUUsageFromPod || pod.CPUUsage.Value > jm.CPUUsage.Value) {
		jm.CPUUsage, jm.CPUUsageFromPod = pod.CPUUsage, true
	}
}

// useTaskManagerPod finds the TaskManager that runs in the pod: native Kubernetes names it like the pod, others by their address.
func useTaskManagerPod(snapshot *model.Snapshot, pod *model.Pod, address string, tagsTell bool) {
	for i := range snapshot.TaskManagers {
		t := &snapshot.TaskManagers[i]
		if t.ID != pod.Name && (address == "" || t.Host != address) {
			continue
		}
		t.CPULimit = pod.CPULimit
		if t.Version == "" && tagsTell {
			t.Version = pod.FlinkVersion
		}
		if pod.CPUUsage.Known {
			t.CPUUsage = pod.CPUUsage
		}
		return
	}
}
