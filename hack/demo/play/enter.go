package play

import (
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/standin"
)

// policyName is the one policy of the demonstration.
const policyName = "demo"

// ManagerArguments are the manager's flags: those of config/manager, with addresses on loopback, and everything quicker than in production,
// by the same factor as the jobs.
func (s *Stage) ManagerArguments(proxy string) []string {
	return []string{
		"--leader-elect", "--leader-election-namespace", systemNamespace, "--stop-configmap", systemNamespace + "/checkpoint-health-stop",
		"--metrics-bind-address", s.metrics, "--health-probe-bind-address", s.probes,
		"--poll-interval", "2s", "--thread-dump-every", "4s", "--flink-proxy-url", proxy,
	}
}

// Prepare makes the namespace and its policy: everything that may be applied is. Conflicts are forced, since whoever created the
// FlinkDeployments owns their fields and no Git holds them; the default is to yield.
func (s *Stage) Prepare(ctx context.Context, changes ...func(*api.RemediationPolicySpec)) error {
	if err := s.Plane.EnsureNamespace(ctx, Namespace); err != nil {
		return err
	}
	budget := intstr.FromString("100%")
	policy := &api.RemediationPolicy{Spec: api.RemediationPolicySpec{
		Mode:         api.ModeRemediate,
		Conflicts:    api.ConflictForce,
		Detection:    api.DetectionSpec{Treat: api.TreatAtRisk},
		Thresholds:   api.ThresholdsSpec{LargeStateBytes: 64 << 20},
		Guards:       api.GuardsSpec{CooldownSeconds: ptr.To[int32](5), MaxRemediationsPerDay: 10},
		Budget:       api.BudgetSpec{MaxConcurrent: &budget},
		Verification: api.VerificationSpec{Checkpoints: 3, DeadlineSeconds: 120},
	}}
	for _, change := range changes {
		change(&policy.Spec)
	}
	policy.Namespace, policy.Name = Namespace, policyName
	if err := s.Client.Create(ctx, policy); err != nil {
		return fmt.Errorf("create RemediationPolicy %s: %w", policyName, err)
	}
	return nil
}

// WithoutHighAvailability lets remedies restart jobs that are restored from their retained checkpoints, without high availability.
func WithoutHighAvailability(policy *api.RemediationPolicySpec) {
	policy.Guards.HighAvailability = api.NotRequired
}

// Enter creates a part's target, a FlinkDeployment or a Deployment as a user writes it, and its CheckpointHealth. What the target needs comes
// before it: needs.
func (s *Stage) Enter(ctx context.Context, part *Part, target *unstructured.Unstructured, needs ...client.Object) error {
	part.target, part.objects = target, slices.Concat(needs, []client.Object{target})
	for _, object := range part.objects {
		if err := s.Client.Create(ctx, object); err != nil {
			return fmt.Errorf("create %s of %s: %w", object.GetName(), part.Name, err)
		}
	}
	part.Untouched = target.GetGeneration()
	health := &api.CheckpointHealth{Spec: api.CheckpointHealthSpec{
		TargetRef: api.TargetReference{APIVersion: target.GetAPIVersion(), Kind: target.GetKind(), Name: part.Name},
		PolicyRef: api.PolicyReference{Name: policyName},
	}}
	health.Namespace, health.Name = Namespace, part.Name
	if err := s.Client.Create(ctx, health); err != nil {
		return fmt.Errorf("create CheckpointHealth %s: %w", part.Name, err)
	}
	return nil
}

// RunStandIn runs the stand-in for the Flink operator in this process, as the administrator, until the context ends.
func (s *Stage) RunStandIn(ctx context.Context, factory standin.Factory, delays standin.Delays) error {
	return s.runController(ctx, "the stand-in for the Flink operator", func(m ctrl.Manager) error {
		operator := &standin.Operator{Client: m.GetClient(), Clock: clock.RealClock{}, Factory: factory, Delays: delays}
		return operator.SetupWithManager(m, "flink-operator-standin")
	})
}

// RunWorkloads runs the stand-in for the Deployment controller and the kubelet in the same way.
func (s *Stage) RunWorkloads(ctx context.Context, factory standin.Factory) error {
	return s.runController(ctx, "the stand-in for the Deployment controller and the kubelet", func(m ctrl.Manager) error {
		workloads := &standin.Workloads{Client: m.GetClient(), Clock: clock.RealClock{}, Factory: factory, Starting: time.Second, Failed: s.Say}
		return workloads.SetupWithManager(m, "workloads-standin")
	})
}

func (s *Stage) runController(ctx context.Context, what string, setUp func(ctrl.Manager) error) error {
	scheme, err := Scheme()
	if err != nil {
		return err
	}
	manager, err := ctrl.NewManager(s.Plane.Config(), ctrl.Options{
		Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := setUp(manager); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	go func() {
		if err := manager.Start(ctx); err != nil {
			s.Say("%s ended: %v", what, err)
		}
	}()
	s.Say("%s runs", what)
	return nil
}

// FirstTreated is the part to describe at the end.
func FirstTreated(parts []*Part) string {
	for _, part := range parts {
		if part.Treatable {
			return part.Name
		}
	}
	return parts[0].Name
}
