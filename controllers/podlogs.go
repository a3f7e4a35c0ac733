package controllers

import (
	"context"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/observe"
)

// containerLogs reads logs of containers through the Kubernetes API (pods/log), which config/pod-logs grants.
type containerLogs struct{ client typedcorev1.PodsGetter }

// newContainerLogs makes a reader of the API server of a configuration. Its requests are few and bounded by the passes, and long: they do not wait
// behind those of the manager.
func newContainerLogs(config *rest.Config) (*containerLogs, error) {
	own := rest.CopyConfig(config)
	own.QPS = -1
	client, err := typedcorev1.NewForConfig(own)
	if err != nil {
		return nil, fmt.Errorf("client of logs: %w", err)
	}
	return &containerLogs{client: client}, nil
}

// ReadLog asks for a part of a container's log as it is now.
func (c *containerLogs) ReadLog(ctx context.Context, of observe.LogRequest) (io.ReadCloser, error) {
	options := &corev1.PodLogOptions{Container: of.Container, Timestamps: true, Previous: of.Previous, TailLines: ptr.To(of.TailLines), LimitBytes: ptr.To(of.LimitBytes)}
	if !of.Since.IsZero() {
		options.SinceTime = ptr.To(metav1.NewTime(of.Since))
	}
	log, err := c.client.Pods(of.Namespace).GetLogs(of.Pod, options).Stream(ctx)
	if err != nil {
		return nil, fmt.Errorf("log of pod %s: %w", of.Pod, err)
	}
	return log, nil
}

// podLogs is the way to the logs of pods where the policy reads them through the Kubernetes API; nil where it does not.
func (r *CheckpointHealthReconciler) podLogs(s *scope) *observe.PodLogs {
	if s.policy.Logs != api.LogSourceKubernetes {
		return nil
	}
	return &observe.PodLogs{Pods: r.pods(), Logs: r.Logs}
}
