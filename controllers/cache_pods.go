package controllers

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// workloadPods reads pods of workloads through the cache, and past it where that has none: it holds those with Flink's own label component only, which
// neither a FlinkApplication's pods carry nor those of every standalone JobManager.
type workloadPods struct {
	client.Reader
	live client.Reader
}

// List is the cache's, or the API server's.
func (w workloadPods) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	if err := w.Reader.List(ctx, list, options...); err != nil {
		return fmt.Errorf("list: %w", err)
	}
	if pods, ok := list.(*corev1.PodList); !ok || len(pods.Items) > 0 {
		return nil
	}
	if err := w.live.List(ctx, list, options...); err != nil {
		return fmt.Errorf("list past the cache: %w", err)
	}
	return nil
}

// pods is the way to the pods of a workload.
func (r *CheckpointHealthReconciler) pods() client.Reader {
	return workloadPods{Reader: r.Client, live: r.Live}
}
