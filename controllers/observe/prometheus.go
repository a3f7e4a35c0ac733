package observe

import (
	"context"
	"fmt"
	"math"
	"slices"

	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/prometheus"
)

// Throttling asks a Prometheus how much the snapshot's pods were throttled, and for their working set where metrics.k8s.io did not tell it.
// What it does not answer is a gap.
func Throttling(ctx context.Context, client *prometheus.Client, snapshot *model.Snapshot) {
	names, containers := askedAbout(snapshot)
	usage, err := client.Pods(ctx, snapshot.Target.Namespace, containers, names)
	for i := range snapshot.Pods {
		if found, ok := usage[snapshot.Pods[i].Name]; ok {
			useThrottling(snapshot, &snapshot.Pods[i], found)
		}
	}
	switch {
	case err != nil:
		NoThrottling(snapshot, "Prometheus: "+err.Error())
	case !snapshot.JobManager.ThrottledShare.Known && len(names) > 0:
		NoThrottling(snapshot, "Prometheus has no container_cpu_cfs_periods_total of it: the kubelets are not scraped, or it has no CPU limit")
	}
}

// askedAbout are the names of the pods that run Flink, and of the containers in which they do.
func askedAbout(snapshot *model.Snapshot) (names, containers []string) {
	for i := range snapshot.Pods {
		pod := &snapshot.Pods[i]
		if pod.Component == "" || pod.Container == "" || pod.Evicted {
			continue
		}
		if len(names) == prometheus.MaxSeries {
			NoThrottling(snapshot, fmt.Sprintf("only %d pods are asked about", prometheus.MaxSeries))
			break
		}
		names = append(names, pod.Name)
		if !slices.Contains(containers, pod.Container) {
			containers = append(containers, pod.Container)
		}
	}
	return names, containers
}

// NoThrottling names the gap.
func NoThrottling(snapshot *model.Snapshot, why string) {
	snapshot.Gaps = addGap(snapshot.Gaps, model.Gap{Kind: model.GapThrottling, Signal: string(model.GapThrottling), Why: cleanText(why, maxMessage)})
}

// useThrottling takes the largest share for the JobManager: with high availability the others only wait.
func useThrottling(snapshot *model.Snapshot, pod *model.Pod, found prometheus.Usage) {
	if !pod.MemoryUsage.Known && !math.IsNaN(found.WorkingSet) {
		pod.MemoryUsage = model.Measured(found.WorkingSet)
	}
	if math.IsNaN(found.ThrottledShare) {
		return
	}
	pod.ThrottledShare = model.Measured(found.ThrottledShare)
	jm := &snapshot.JobManager
	if pod.Component == model.ComponentJobManager && (!jm.ThrottledShare.Known || found.ThrottledShare > jm.ThrottledShare.Value) {
		jm.ThrottledShare = pod.ThrottledShare
	}
}
