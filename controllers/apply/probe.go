package apply

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/probe"
)

// ProbePods creates and deletes probe pods: the only objects besides targets and statuses that are written. Each CheckpointHealth has at most
// one, under a name of its own, so that the API server itself refuses a second.
type ProbePods struct {
	// Client writes; Live reads right before that.
	Client client.Client
	Live   client.Reader
	// StopSwitch is the one of remedies.
	StopSwitch StopSwitch
	// Image tells the image to run; an error says why none is known.
	Image func(context.Context) (string, error)
}

// Labels of a probe pod. The first is the one by which the manager's cache selects pods.
const (
	LabelComponent     = "component"
	ProbeComponent     = "network-probe"
	LabelProbeOf       = "flink.checkpointhealth.dev/probe-of"
	probeContainer     = "probe"
	probeResultFile    = "/dev/termination-log"
	probeUser          = 65532 // nonroot of the image
	probeActiveSeconds = 90    // ends it even where nobody looks any more: observe.ProbePatience
)

// Name is the name of a CheckpointHealth's probe pod.
func (p *ProbePods) Name(owner *api.CheckpointHealth) types.NamespacedName {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(owner.UID)) // a hash never fails
	short := strings.TrimRight(owner.Name[:min(len(owner.Name), 40)], "-.")
	return types.NamespacedName{Namespace: owner.Namespace, Name: fmt.Sprintf("%s-probe-%08x", short, hash.Sum32())}
}

// Start creates the pod, after a live look at what forbids it: a refusal, of which nothing needs to be remembered. An error is why nothing can
// be measured, in words for people. A pod that is there already is content: a process that died created it.
func (p *ProbePods) Start(ctx context.Context, owner *api.CheckpointHealth, order *model.ProbeOrder) (model.Refusal, error) {
	refused, err := held(ctx, p.Live, p.StopSwitch, owner)
	if err == nil && !refused.Refused() {
		refused, err = p.allowed(ctx, owner)
	}
	if err != nil {
		return changed("%s", err.Error()), nil
	}
	if refused.Refused() {
		return refused, nil
	}
	image, err := p.Image(ctx)
	if err != nil {
		return model.Refusal{}, fmt.Errorf("no image known for the probe pod: %w", err)
	}
	err = p.Client.Create(ctx, p.pod(owner, order, image), client.FieldOwner(api.FieldManager))
	if err == nil || apierrors.IsAlreadyExists(err) {
		return model.Refusal{}, nil
	}
	return model.Refusal{}, refusedPod(err, owner.Namespace)
}

// allowed makes sure that the policy still wants the network to be measured.
func (p *ProbePods) allowed(ctx context.Context, owner *api.CheckpointHealth) (model.Refusal, error) {
	if owner.Spec.PolicyRef.Name == "" {
		return model.Refusal{}, nil // written in the object, whose generation is the same
	}
	var policy api.RemediationPolicy
	key := client.ObjectKey{Namespace: owner.Namespace, Name: owner.Spec.PolicyRef.Name}
	if err := p.Live.Get(ctx, key, &policy); err != nil {
		return model.Refusal{}, fmt.Errorf("RemediationPolicy %s cannot be read before the pod is created: %w", key.Name, err)
	}
	if policy.Spec.NetworkProbe != api.NetworkProbePod {
		return changed("networkProbe of RemediationPolicy %s was turned off meanwhile", key.Name), nil
	}
	return model.Refusal{}, nil
}

// refusedPod says who refuses the pod, and what would be right.
func refusedPod(err error, namespace string) error {
	text := bounded(err.Error())
	switch {
	case apierrors.IsForbidden(err) && strings.Contains(text, "exceeded quota"):
		return fmt.Errorf("a ResourceQuota refuses the probe pod: %s", text)
	case apierrors.IsForbidden(err) && strings.Contains(text, "violates PodSecurity"):
		return fmt.Errorf("pod security refuses the probe pod: %s", text)
	case apierrors.IsForbidden(err) && strings.Contains(text, "cannot create resource"):
		return fmt.Errorf("the operator may not create pods in namespace %s: install config/network-probe (config/network-probe-namespaced for one namespace), or set networkProbe to Off", namespace)
	}
	return fmt.Errorf("the probe pod cannot be created: %s", text)
}

// Remove deletes a probe pod at once; one that is gone is content.
func (p *ProbePods) Remove(ctx context.Context, pod types.NamespacedName) error {
	object := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name}}
	if err := client.IgnoreNotFound(p.Client.Delete(ctx, object, client.GracePeriodSeconds(0))); err != nil {
		return fmt.Errorf("the probe pod %s cannot be deleted: %w", pod.Name, err)
	}
	return nil
}

// pod is what restricted pod security takes: no privilege, no capability, no token, bounded in time and size. It tolerates every taint, as it
// goes to a node on which a TaskManager runs already, and its figures leave by the termination message.
func (p *ProbePods) pod(owner *api.CheckpointHealth, order *model.ProbeOrder, image string) *corev1.Pod {
	key, yes, no := p.Name(owner), true, false
	user, seconds, grace := int64(probeUser), int64(probeActiveSeconds), int64(1)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: key.Namespace, Name: key.Name,
			Labels: map[string]string{
				LabelComponent: ProbeComponent, LabelProbeOf: string(owner.UID),
				"app.kubernetes.io/name": "checkpoint-health", "app.kubernetes.io/component": ProbeComponent, "app.kubernetes.io/managed-by": api.FieldManager,
			},
			Annotations: map[string]string{model.AnnotationProbeTargets: kinds(order)},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: api.GroupVersion.String(), Kind: "CheckpointHealth", Name: owner.Name, UID: owner.UID, Controller: &yes,
			}},
		},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever, ActiveDeadlineSeconds: &seconds, TerminationGracePeriodSeconds: &grace,
			AutomountServiceAccountToken: &no, EnableServiceLinks: &no,
			Affinity:    onNode(order.Node),
			Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists}},
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: &yes, RunAsUser: &user, RunAsGroup: &user, SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []corev1.Container{{
				Name: probeContainer, Image: image, ImagePullPolicy: corev1.PullIfNotPresent, Args: probeArgs(order),
				TerminationMessagePath: probeResultFile, TerminationMessagePolicy: corev1.TerminationMessageReadFile,
				SecurityContext: &corev1.SecurityContext{
					AllowPrivilegeEscalation: &no, Privileged: &no, ReadOnlyRootFilesystem: &yes, RunAsNonRoot: &yes,
					Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				},
				// Measured: 0.03 s of a core in all, 46 MB. A limit of half a core is not reached while it measures: a process that is
				// throttled waits up to 0.1 s, and would measure that.
				Resources: corev1.ResourceRequirements{
					Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m"), corev1.ResourceMemory: resource.MustParse("32Mi")},
					Limits:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("500m"), corev1.ResourceMemory: resource.MustParse("128Mi")},
				},
			}},
		},
	}
}

// onNode binds a pod to a node by way of the scheduler, as a DaemonSet does: a pod that does not fit waits rather than fails.
func onNode(name string) *corev1.Affinity {
	return &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
		NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchFields: []corev1.NodeSelectorRequirement{{
			Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{name},
		}}}},
	}}}
}

// probeArgs are the arguments of the program in the image.
func probeArgs(order *model.ProbeOrder) []string {
	options := probe.Defaults()
	args := append([]string{"probe", "--output=json", "--result-file=" + probeResultFile}, options.Args()...)
	for i := range order.Targets {
		args = append(args, order.Targets[i].Text())
	}
	return args
}

// kinds tells whoever reads the result what kind of round trips a target is: "rpc=10.0.1.7:6123 rest=http://10.0.1.7:8081/config".
func kinds(order *model.ProbeOrder) string {
	parts := make([]string, 0, len(order.Targets))
	for i := range order.Targets {
		parts = append(parts, order.Targets[i].Name+"="+order.Targets[i].Text())
	}
	return strings.Join(parts, " ")
}
