package observe

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// The kinds of targets that can be diagnosed.
const (
	kindFlinkDeployment  = "FlinkDeployment"
	kindFlinkSessionJob  = "FlinkSessionJob"
	kindDeployment       = "Deployment"
	kindStatefulSet      = "StatefulSet"
	kindBlueGreen        = "FlinkBlueGreenDeployment"
	kindFlinkCluster     = "FlinkCluster"
	kindFlinkApplication = "FlinkApplication"
)

// TargetError says why a target cannot be read. Reason is a reason of the conditions Ready and Stalled: TargetNotFound, TargetKindUnknown,
// TargetCRDMissing or Forbidden; empty for an error that a retry may cure.
type TargetError struct {
	Reason, Message string
	// Err is the API server's; nil where it was not asked.
	Err error
}

// Error is the message, a sentence that a user can act on.
func (e *TargetError) Error() string { return e.Message }

// Unwrap returns the API server's error.
func (e *TargetError) Unwrap() error { return e.Err }

// readers read a target by its kind.
var readers = map[string]func(context.Context, client.Reader, api.TargetReference, client.ObjectKey) (model.Target, error){
	kindFlinkDeployment:  readFlinkDeployment,
	kindFlinkSessionJob:  readFlinkSessionJob,
	kindDeployment:       readStandaloneTarget,
	kindStatefulSet:      readStandaloneTarget,
	kindBlueGreen:        readBlueGreen,
	kindFlinkCluster:     readFlinkCluster,
	kindFlinkApplication: readFlinkApplication,
}

// Target reads the object that a CheckpointHealth names, in the namespace. The error is a *TargetError.
func Target(ctx context.Context, reader client.Reader, ref api.TargetReference, namespace string) (model.Target, error) {
	read, known := readers[ref.Kind]
	if !known {
		return model.Target{}, &TargetError{Reason: api.ReasonTargetKindUnknown, Message: fmt.Sprintf(
			"kind %s cannot be diagnosed; expected %s, %s, %s, %s, %s, %s or %s", cleanText(ref.Kind, 63),
			kindFlinkDeployment, kindFlinkSessionJob, kindBlueGreen, kindDeployment, kindStatefulSet, kindFlinkCluster, kindFlinkApplication)}
	}
	return read(ctx, reader, ref, client.ObjectKey{Namespace: namespace, Name: ref.Name})
}

// TargetReceipts reads what is in flight on a target: all of it, but of a standalone JobManager only what its workload says. What lies halfway
// on a ConfigMap restarts nothing, and is reserved for when it is completed.
func TargetReceipts(ctx context.Context, reader client.Reader, ref api.TargetReference, namespace string) (model.Target, error) {
	if ref.Kind != kindDeployment && ref.Kind != kindStatefulSet {
		return Target(ctx, reader, ref, namespace)
	}
	w, err := readWorkload(ctx, reader, ref, client.ObjectKey{Namespace: namespace, Name: ref.Name})
	if err != nil {
		return model.Target{}, err
	}
	return w.bare(), nil
}

// configMapsEvery is how often the ConfigMaps of a healthy standalone JobManager are read, and who else uses them looked for: nothing is
// decided on them, and a change there restarts nothing by itself.
const configMapsEvery = time.Minute

// Target is the function Target with a memory: an object that did not change since the last pass is not taken apart again, which costs more
// than all else of a healthy pass. What it returns is shared between passes: its maps and slices are not to be changed in place.
func (m *Memory) Target(ctx context.Context, reader client.Reader, ref api.TargetReference, namespace string, now time.Time) (model.Target, error) {
	switch ref.Kind {
	case kindFlinkDeployment:
	case kindDeployment, kindStatefulSet:
		return m.standaloneTarget(ctx, reader, ref, namespace, now)
	default:
		return Target(ctx, reader, ref, namespace)
	}
	object, err := getUnstructured(ctx, reader, ref, client.ObjectKey{Namespace: namespace, Name: ref.Name})
	if err != nil {
		return model.Target{}, err
	}
	if version := object.GetResourceVersion(); version == "" || m.target.ResourceVersion != version || m.target.UID != string(object.GetUID()) {
		m.target = FlinkDeployment(object)
	}
	return m.target, nil
}

// standaloneTarget reads the workload in every pass and its ConfigMaps where that may matter.
func (m *Memory) standaloneTarget(ctx context.Context, reader client.Reader, ref api.TargetReference, namespace string, now time.Time) (model.Target, error) {
	w, err := readWorkload(ctx, reader, ref, client.ObjectKey{Namespace: namespace, Name: ref.Name})
	if err != nil {
		return model.Target{}, err
	}
	if m.keepsTarget(w, now) {
		return m.target, nil
	}
	target, err := w.read(ctx, reader)
	if err != nil {
		return model.Target{}, err
	}
	m.target, m.targetAt = target, now
	return target, nil
}

// keepsTarget tells that what was read of a workload and its ConfigMaps still does: the workload is as it was, the job was healthy, nothing is
// in flight or halfway, nothing was written since, and it was read less than configMapsEvery ago. A verdict that a ConfigMap refuses or somebody holds
// back is no reason to read it in every pass.
func (m *Memory) keepsTarget(w *workload, now time.Time) bool {
	known := &m.target
	if known.Standalone == nil || known.ResourceVersion == "" || known.ResourceVersion != w.meta.ResourceVersion || known.UID != string(w.meta.UID) {
		return false
	}
	if m.Sick() || now.Sub(m.targetAt) >= configMapsEvery || len(known.Standalone.Halfway) > 0 {
		return false
	}
	return !slices.ContainsFunc(known.Receipts, func(r model.Receipt) bool { return r.Pending() })
}

// Rewritten tells that the target or a ConfigMap of it was written, or is not what it was when it was read: the next pass reads them anew.
func (m *Memory) Rewritten() { m.targetAt = time.Time{} }

// targetError gives an error of the API server its reason.
func targetError(ref api.TargetReference, key client.ObjectKey, err error) error {
	switch {
	case meta.IsNoMatchError(err):
		return &TargetError{Reason: api.ReasonTargetCRDMissing, Err: err, Message: fmt.Sprintf(
			"kind %s of %s is not known to the API server; install its operator's CustomResourceDefinitions", ref.Kind, ref.APIVersion)}
	case apierrors.IsNotFound(err):
		return &TargetError{Reason: api.ReasonTargetNotFound, Err: err,
			Message: fmt.Sprintf("%s %s does not exist in namespace %s", ref.Kind, key.Name, key.Namespace)}
	case apierrors.IsForbidden(err):
		return &TargetError{Reason: api.ReasonForbidden, Err: err, Message: fmt.Sprintf(
			"reading %s %s in namespace %s is forbidden; bind the operator's ClusterRole there: %s",
			ref.Kind, key.Name, key.Namespace, cleanText(err.Error(), 200))}
	}
	return &TargetError{Err: err, Message: fmt.Sprintf("%s %s could not be read: %s", ref.Kind, key.Name, cleanText(err.Error(), 200))}
}

// getUnstructured reads an object of a kind we have no types of.
func getUnstructured(ctx context.Context, reader client.Reader, ref api.TargetReference, key client.ObjectKey) (*unstructured.Unstructured, error) {
	version, err := schema.ParseGroupVersion(ref.APIVersion)
	if err != nil {
		return nil, &TargetError{Reason: api.ReasonTargetKindUnknown, Err: err,
			Message: fmt.Sprintf("apiVersion %q is not GROUP/VERSION, such as flink.apache.org/v1beta1", cleanText(ref.APIVersion, maxName))}
	}
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(version.WithKind(ref.Kind))
	if err := reader.Get(ctx, key, object); err != nil {
		return nil, targetError(ref, key, err)
	}
	return object, nil
}

// readFlinkDeployment reads a FlinkDeployment: application mode, or a session cluster where it has no spec.job.
func readFlinkDeployment(ctx context.Context, reader client.Reader, ref api.TargetReference, key client.ObjectKey) (model.Target, error) {
	object, err := getUnstructured(ctx, reader, ref, key)
	if err != nil {
		return model.Target{}, err
	}
	return FlinkDeployment(object), nil
}

// FlinkDeployment turns the object into a target. It reads whatever version of the CustomResourceDefinition wrote it; what it does not
// understand is left out.
func FlinkDeployment(object *unstructured.Unstructured) model.Target {
	target := flinkTarget(object)
	target.Cluster = target.Name
	target.PodLabels = map[string]string{"app": target.Name}
	_, hasJob, err := unstructured.NestedMap(object.Object, "spec", "job")
	target.SessionCluster = err == nil && !hasJob
	jobManagerResources(object, &target)
	target.PodTemplateResources = podTemplateResources(object)
	target.HighAvailability = highlyAvailable(target.Config)
	target.Parent = parentOf(object)
	target.Receipts, target.ReceiptsError = decodeReceipts(object.GetAnnotations()[api.AnnotationReceipts])
	target.AutoscalerRescaling = autoscaled(target.Config) && target.Upgrading() && target.ObservedGeneration == target.Generation
	return target
}

// flinkTarget reads what all kinds of the Flink operator have in common.
func flinkTarget(object *unstructured.Unstructured) model.Target {
	target := model.Target{
		APIVersion: object.GetAPIVersion(), Kind: object.GetKind(), Namespace: object.GetNamespace(), Name: object.GetName(),
		UID: string(object.GetUID()), ResourceVersion: object.GetResourceVersion(), Generation: object.GetGeneration(),
		UpgradeMode: text(object, "spec", "job", "upgradeMode"), Suspended: text(object, "spec", "job", "state") == "suspended",
		Lifecycle: text(object, "status", "lifecycleState"), JobManagerDeployment: text(object, "status", "jobManagerDeploymentStatus"),
		Reconciliation: text(object, "status", "reconciliationStatus", "state"), JobState: text(object, "status", "jobStatus", "state"),
		JobID: text(object, "status", "jobStatus", "jobId"), Error: quotedText(text(object, "status", "error"), maxMessage),
		ObservedGeneration: observedGeneration(object), FlinkVersion: text(object, "spec", "flinkVersion"), DeployedAt: deployedAt(object),
	}
	_, hasJob, err := unstructured.NestedFieldNoCopy(object.Object, "spec", "job")
	target.NeverRan = err == nil && hasJob && text(object, "status", "jobStatus", "startTime") == "" && (target.JobState == "" || target.JobState == "RECONCILING")
	readConfiguration(object, &target)
	readOwners(object, &target)
	target.GitOps = gitOpsTools(object)
	return target
}

// text reads a string; empty where there is none.
func text(object *unstructured.Unstructured, path ...string) string {
	value, _, err := unstructured.NestedString(object.Object, path...)
	if err != nil {
		return ""
	}
	return cleanText(value, maxValue*2)
}

// parentOf names the owner that would overwrite a patch.
func parentOf(object *unstructured.Unstructured) string {
	for _, owner := range object.GetOwnerReferences() {
		if owner.Kind == kindBlueGreen {
			return owner.Kind + "/" + owner.Name
		}
	}
	return ""
}
