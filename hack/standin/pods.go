package standin

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Names and labels of native Kubernetes clusters (Flink 1.15 to 2.3).
const (
	flinkContainer = "flink-main-container"
	restPort       = 8081
	nodeName       = "stand-in"
)

func labelsOf(name, component string) map[string]string {
	return map[string]string{"app": name, "component": component, "type": "flink-native-kubernetes"}
}

func ownerOf(object *unstructured.Unstructured) []metav1.OwnerReference {
	return []metav1.OwnerReference{*metav1.NewControllerRef(object, GroupVersionKind)}
}

// bringUp makes the Service and the pods of a deployment, all running.
func (o *Operator) bringUp(ctx context.Context, object *unstructured.Unstructured, w wanted, deployments int) error {
	if err := o.make(ctx, restService(object)); err != nil {
		return err
	}
	for _, pod := range podsOf(object, w, deployments) {
		if err := o.make(ctx, pod); err != nil {
			return err
		}
		before := pod.DeepCopy()
		pod.Status = runningStatus(pod, metav1.NewTime(o.now()))
		if err := o.Client.Status().Patch(ctx, pod, client.MergeFrom(before)); err != nil {
			return fmt.Errorf("write status of pod %s: %w", pod.Name, err)
		}
	}
	return nil
}

// make creates an object, and is content where it is there already.
func (o *Operator) make(ctx context.Context, object client.Object) error {
	if err := o.Client.Create(ctx, object); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("create %s: %w", object.GetName(), err)
	}
	return nil
}

// takeDown deletes the Service and the pods of a deployment.
func (o *Operator) takeDown(ctx context.Context, namespace, name string) error {
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name + "-rest"}}
	if err := client.IgnoreNotFound(o.Client.Delete(ctx, service)); err != nil {
		return fmt.Errorf("delete service %s-rest: %w", name, err)
	}
	of := client.MatchingLabels{"app": name, "type": "flink-native-kubernetes"}
	if err := o.Client.DeleteAllOf(ctx, &corev1.Pod{}, client.InNamespace(namespace), of, client.GracePeriodSeconds(0)); err != nil {
		return fmt.Errorf("delete pods of %s: %w", name, err)
	}
	return nil
}

// restService is NAME-rest, through which the JobManager's REST API is reached.
func restService(object *unstructured.Unstructured) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: object.GetNamespace(), Name: object.GetName() + "-rest",
			Labels: map[string]string{"app": object.GetName(), "type": "flink-native-kubernetes"}, OwnerReferences: ownerOf(object),
		},
		Spec: corev1.ServiceSpec{
			Selector: labelsOf(object.GetName(), "jobmanager"),
			Ports:    []corev1.ServicePort{{Name: "rest", Port: restPort, TargetPort: intstr.FromInt32(restPort)}},
		},
	}
}

func podsOf(object *unstructured.Unstructured, w wanted, deployments int) []*corev1.Pod {
	suffix := strconv.FormatUint(uint64(deployments)*2654435761%0xffffffff, 36)
	pods := []*corev1.Pod{pod(object, "jobmanager", fmt.Sprintf("%s-%s-jm%d", w.Name, suffix, deployments), w.image, w.CPU, w.MemoryBytes)}
	for i := range w.taskManagers {
		name := fmt.Sprintf("%s-taskmanager-1-%d", w.Name, i+1)
		pods = append(pods, pod(object, "taskmanager", name, w.taskManagerImage, w.taskManagerCPU, w.taskManagerMemory))
	}
	if w.taskManagerImage != w.image {
		pods[1].Spec.Containers[0].Image = w.image // a TaskManager that was there before its image changed
	}
	return pods
}

func pod(object *unstructured.Unstructured, component, name, image string, cpu float64, memory int64) *corev1.Pod {
	size := corev1.ResourceList{
		corev1.ResourceCPU:    *resource.NewMilliQuantity(int64(cpu*1000), resource.DecimalSI),
		corev1.ResourceMemory: *resource.NewQuantity(memory, resource.BinarySI),
	}
	noToken := false
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: object.GetNamespace(), Name: name, Labels: labelsOf(object.GetName(), component), OwnerReferences: ownerOf(object),
		},
		Spec: corev1.PodSpec{
			AutomountServiceAccountToken: &noToken, NodeName: nodeName,
			Containers: []corev1.Container{{
				Name: flinkContainer, Image: image,
				Resources: corev1.ResourceRequirements{Requests: size, Limits: size},
			}},
		},
	}
}

func runningStatus(p *corev1.Pod, now metav1.Time) corev1.PodStatus {
	main := p.Spec.Containers[0]
	started := true
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(p.Name)) // a hash never fails
	address := fmt.Sprintf("10.244.%d.%d", hash.Sum32()>>8%256, hash.Sum32()%256)
	return corev1.PodStatus{
		Phase: corev1.PodRunning, StartTime: &now, PodIP: address, PodIPs: []corev1.PodIP{{IP: address}},
		Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: now}},
		ContainerStatuses: []corev1.ContainerStatus{{
			Name: main.Name, Image: main.Image, ImageID: main.Image, Ready: true, Started: &started,
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
		}},
	}
}
