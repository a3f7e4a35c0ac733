package observe

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"checkpointhealth.dev/operator/controllers/model"
)

// readUsage fills in what the pods use, from metrics.k8s.io. It returns why it could not; the JVMs' own figures stand in then.
func readUsage(ctx context.Context, reader client.Reader, target *model.Target, pods []model.Pod) string {
	var list metricsv1beta1.PodMetricsList
	err := reader.List(ctx, &list, client.InNamespace(target.Namespace), client.MatchingLabels(target.PodLabels))
	switch {
	case err == nil:
	case meta.IsNoMatchError(err), apierrors.IsNotFound(err), runtime.IsNotRegisteredError(err):
		return "metrics.k8s.io is not installed; the JVMs' own figures are used"
	case apierrors.IsForbidden(err):
		return "reading pods of metrics.k8s.io is forbidden; the JVMs' own figures are used"
	default:
		return err.Error()
	}
	if len(list.Items) == 0 {
		return "metrics.k8s.io has no figures of these pods yet"
	}
	byName := make(map[string]*metricsv1beta1.PodMetrics, len(list.Items))
	for i := range list.Items {
		byName[list.Items[i].Name] = &list.Items[i]
	}
	for i := range pods {
		if metrics := byName[pods[i].Name]; metrics != nil {
			useContainer(&pods[i], metrics)
		}
	}
	return ""
}

// useContainer takes the figures of the container that runs Flink: by its name, or the only one.
func useContainer(pod *model.Pod, metrics *metricsv1beta1.PodMetrics) {
	for i := range metrics.Containers {
		container := &metrics.Containers[i]
		if container.Name != mainContainerName && len(metrics.Containers) > 1 {
			continue
		}
		pod.CPUUsage = quantity(container.Usage, "cpu")
		pod.MemoryUsage = quantity(container.Usage, "memory")
		return
	}
}
