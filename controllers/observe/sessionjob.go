package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// readFlinkSessionJob reads a FlinkSessionJob and the session cluster it runs in, which lies beside it.
func readFlinkSessionJob(ctx context.Context, reader client.Reader, ref api.TargetReference, key client.ObjectKey) (model.Target, error) {
	object, err := getUnstructured(ctx, reader, ref, key)
	if err != nil {
		return model.Target{}, err
	}
	target := sessionJob(object)
	if target.Cluster == "" {
		return target, nil
	}
	clusterRef := api.TargetReference{APIVersion: ref.APIVersion, Kind: kindFlinkDeployment, Name: target.Cluster}
	cluster, err := readFlinkDeployment(ctx, reader, clusterRef, client.ObjectKey{Namespace: key.Namespace, Name: target.Cluster})
	if err != nil {
		return model.Target{}, err
	}
	target.PodLabels, target.HighAvailability = cluster.PodLabels, cluster.HighAvailability
	target.ResourceField, target.JobManagerCPU, target.JobManagerMemory = cluster.ResourceField, cluster.JobManagerCPU, cluster.JobManagerMemory
	target.NotPatchable = sessionJobNotPatchable(&cluster)
	target.Attach(cluster)
	return target, nil
}

// ClusterOf names the session cluster that a target reference means by its FlinkSessionJob; empty for any other kind, and for one that is not
// there. An error means that it could not be asked.
func ClusterOf(ctx context.Context, reader client.Reader, ref api.TargetReference, namespace string) (string, error) {
	if ref.Kind != kindFlinkSessionJob {
		return "", nil
	}
	object, err := getUnstructured(ctx, reader, ref, client.ObjectKey{Namespace: namespace, Name: ref.Name})
	var problem *TargetError
	switch {
	case err == nil:
		return text(object, "spec", "deploymentName"), nil
	case errors.As(err, &problem) && slices.Contains([]string{api.ReasonTargetNotFound, api.ReasonTargetKindUnknown, api.ReasonTargetCRDMissing}, problem.Reason):
		return "", nil
	}
	return "", err
}

// OnSessionCluster tells of a kind of target that its jobs run on a session cluster, which is another object.
func OnSessionCluster(kind string) bool { return kind == kindFlinkSessionJob }

// sessionJob turns a FlinkSessionJob into a target, without its cluster.
func sessionJob(object *unstructured.Unstructured) model.Target {
	target := flinkTarget(object)
	target.Parent = parentOf(object)
	target.Cluster = text(object, "spec", "deploymentName")
	target.Receipts, target.ReceiptsError = decodeReceipts(object.GetAnnotations()[api.AnnotationReceipts])
	target.AutoscalerRescaling = autoscaled(target.Config) && target.Upgrading() && target.ObservedGeneration == target.Generation
	return target
}

// sessionJobNotPatchable says why the configuration of a FlinkSessionJob reaches no job on that cluster. The Flink operator hands it over
// with the job from its version 1.6 on, to clusters of Flink 1.17 and newer (AbstractFlinkService.runJar).
func sessionJobNotPatchable(cluster *model.Target) string {
	major, minor, ok := flinkVersion(cluster.FlinkVersion)
	switch {
	case !cluster.SessionCluster:
		return fmt.Sprintf("FlinkDeployment %s runs a job of its own, and the Flink operator refuses a FlinkSessionJob on it", cluster.Name)
	case ok && major == 1 && minor < 17:
		return fmt.Sprintf("the session cluster %s runs Flink %d.%d, and the Flink operator hands the configuration of a FlinkSessionJob over from Flink 1.17 on: "+
			"set it in the job's code, or upgrade", cluster.Name, major, minor)
	}
	return ""
}

// flinkVersion reads spec.flinkVersion, such as v1_20.
func flinkVersion(text string) (major, minor int, ok bool) {
	n, err := fmt.Sscanf(text, "v%d_%d", &major, &minor)
	return major, minor, err == nil && n == 2
}

// SessionCluster reads which FlinkSessionJobs share the session cluster that a target is or lies on; nothing for a cluster of one job.
func SessionCluster(ctx context.Context, reader client.Reader, target *model.Target) model.SessionCluster {
	if len(target.Others) > 0 && target.Kind == kindFlinkSessionJob {
		target = &target.Others[0]
	}
	if !picksJobs(target) {
		return model.SessionCluster{}
	}
	jobs, err := sessionJobsOf(ctx, reader, target)
	cluster := model.SessionCluster{Known: err == nil}
	for _, object := range jobs {
		job := sessionJob(object)
		cluster.Jobs = append(cluster.Jobs, model.SessionJob{
			Name: job.Name, JobID: job.JobID, UpgradeMode: job.UpgradeMode, Suspended: job.Suspended, Upgrading: job.Upgrading(),
			Pending: slices.ContainsFunc(job.Receipts, func(r model.Receipt) bool { return r.Pending() }),
		})
	}
	return cluster
}

// sessionJobsOf lists the FlinkSessionJobs of a session cluster. They are the cache's: not to be changed.
func sessionJobsOf(ctx context.Context, reader client.Reader, cluster *model.Target) ([]*unstructured.Unstructured, error) {
	group, version, _ := strings.Cut(cluster.APIVersion, "/")
	var list unstructured.UnstructuredList
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: group, Version: version, Kind: kindFlinkSessionJob + "List"})
	if err := reader.List(ctx, &list, client.InNamespace(cluster.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("the FlinkSessionJobs of namespace %s cannot be listed: %w", cluster.Namespace, err)
	}
	var jobs []*unstructured.Unstructured
	for i := range list.Items {
		if text(&list.Items[i], "spec", "deploymentName") == cluster.Name {
			jobs = append(jobs, &list.Items[i])
		}
	}
	return jobs, nil
}
