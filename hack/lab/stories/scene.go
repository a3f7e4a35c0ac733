package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// How long the parts of a story may take on a busy machine of two cores. A start of JobManager and TaskManager takes one to two minutes there;
// sick takes two expired checkpoints, which is half a minute, and a pass of the operator; a remedy takes a restart and three checkpoints. The bounds are several times that.
const (
	look         = time.Second
	startWithin  = 12 * time.Minute
	sickWithin   = 5 * time.Minute
	remedyWithin = 9 * time.Minute
)

// scene is one story on the cluster.
type scene struct {
	*cluster
	options *options
	story   *story
	say     func(format string, args ...any)
	history history
	last    *view
}

// create makes the target, its policy and its CheckpointHealth, and waits until the job is healthy.
func (s *scene) create(ctx context.Context) error {
	if err := s.remove(ctx); err != nil {
		return err
	}
	objects := []client.Object{s.policy(), s.checkpointHealth()}
	for _, object := range s.story.job.manifests(s.options, s.story.name) {
		objects = append(objects, object)
	}
	for _, object := range objects {
		if err := s.Create(ctx, object); err != nil {
			return fmt.Errorf("create %s: %w", object.GetName(), err)
		}
	}
	if s.story.storage != nil { // on a busy machine it may be at risk from the start
		if err := errors.Join(s.untilJobManager(ctx), s.storage(ctx, s.story.storage)); err != nil {
			return err
		}
	}
	s.say("created; waiting for a healthy job")
	return s.until(ctx, "the job is healthy", startWithin, func(v *view) bool {
		health := v.health.Status.Health
		return health == api.HealthHealthy || health == api.HealthAtRisk && s.story.storage != nil
	})
}

// policy lets the operator do all that it may, at once; the story changes that. Conflicts are forced, as whoever created the target owns its fields.
func (s *scene) policy() *api.RemediationPolicy {
	all := intstr.FromString("100%")
	p := &api.RemediationPolicy{Spec: api.RemediationPolicySpec{
		Mode:         api.ModeRemediate,
		Conflicts:    api.ConflictForce,
		Guards:       api.GuardsSpec{CooldownSeconds: ptr.To[int32](10), MaxRemediationsPerDay: 10},
		Budget:       api.BudgetSpec{MaxConcurrent: &all},
		Verification: api.VerificationSpec{Checkpoints: 3, DeadlineSeconds: 300},
	}}
	p.Namespace, p.Name = s.options.namespace, s.story.name
	if s.story.policy != nil {
		s.story.policy(&p.Spec)
	}
	return p
}

func (s *scene) checkpointHealth() *api.CheckpointHealth {
	h := &api.CheckpointHealth{Spec: api.CheckpointHealthSpec{
		TargetRef: api.TargetReference{APIVersion: flinkDeployment.GroupVersion().String(), Kind: s.story.kind().Kind, Name: s.story.name},
		PolicyRef: api.PolicyReference{Name: s.story.name},
	}}
	h.Namespace, h.Name = s.options.namespace, s.story.name
	return h
}

// bare is the target by name alone.
func (s *scene) bare() *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(s.story.kind())
	u.SetNamespace(s.options.namespace)
	u.SetName(s.story.name)
	return u
}

// remove deletes everything of the story and waits until the Flink operator has let go of the target, and then of its session cluster.
func (s *scene) remove(ctx context.Context) error {
	for _, object := range []client.Object{s.checkpointHealth(), s.policy(), s.bare()} {
		if err := client.IgnoreNotFound(s.Delete(ctx, object)); err != nil {
			return fmt.Errorf("delete %s: %w", object.GetName(), err)
		}
	}
	if err := s.untilGone(ctx, s.bare()); err != nil || !s.story.job.session {
		return err
	}
	cluster := s.bare()
	cluster.SetGroupVersionKind(flinkDeployment)
	cluster.SetName(s.story.deployment())
	if err := client.IgnoreNotFound(s.Delete(ctx, cluster)); err != nil {
		return fmt.Errorf("delete %s: %w", cluster.GetName(), err)
	}
	return s.untilGone(ctx, cluster)
}

func (s *scene) untilGone(ctx context.Context, object *unstructured.Unstructured) error {
	err := wait.PollUntilContextTimeout(ctx, look, 3*time.Minute, true, func(ctx context.Context) (bool, error) {
		return apierrors.IsNotFound(s.Get(ctx, client.ObjectKeyFromObject(object), object.DeepCopy())), nil
	})
	if err != nil {
		return fmt.Errorf("the %s %s of an earlier run does not go away: %w", object.GetKind(), object.GetName(), err)
	}
	return nil
}

// storage sets the delays of storage.
func (s *scene) storage(ctx context.Context, delays map[string]string) error {
	return s.control(ctx, "storage", storageControl, delays)
}

// network sets the delay of the way to the JobManager.
func (s *scene) network(ctx context.Context, delays map[string]string) error {
	return s.control(ctx, "network", networkControl, delays)
}

// control sets delays, by writing the file that what delays reads, in a pod of the JobManager.
func (s *scene) control(ctx context.Context, what, file string, delays map[string]string) error {
	var text strings.Builder
	for _, k := range slices.Sorted(maps.Keys(delays)) {
		fmt.Fprintf(&text, "%s=%s\n", k, delays[k])
	}
	pods, err := s.pods(ctx, s.options.namespace, s.story.deployment(), "jobmanager")
	if err == nil && len(pods) == 0 {
		err = errors.New("no JobManager runs")
	}
	if err == nil {
		err = s.write(ctx, &pods[0], file, text.String())
	}
	if err != nil {
		return fmt.Errorf("slowing the %s of %s: %w", what, s.story.name, err)
	}
	s.say("%s: %s", what, strings.ReplaceAll(strings.TrimSpace(text.String()), "\n", " "))
	return nil
}

// fault is storage that begins to be sick; the times of the story count from here.
func (s *scene) fault(ctx context.Context, delays map[string]string) error {
	if err := s.storage(ctx, delays); err != nil {
		return err
	}
	s.history.fault = time.Now()
	return nil
}

// see looks once.
func (s *scene) see(ctx context.Context) (*view, error) {
	v := &view{at: time.Now(), health: s.checkpointHealth(), target: s.bare()}
	if err := s.Get(ctx, client.ObjectKeyFromObject(v.health), v.health); err != nil {
		return nil, err
	}
	if err := s.Get(ctx, client.ObjectKeyFromObject(v.target), v.target); apierrors.IsNotFound(err) {
		v.target = nil
	} else if err != nil {
		return nil, err
	}
	s.tell(v)
	s.last = v
	s.history.note(v)
	return v, nil
}

// tell prints what changed in the status since the last look.
func (s *scene) tell(v *view) {
	line := func(v *view) string {
		st := &v.health.Status
		text := fmt.Sprintf("%s %s", orElse(string(st.Health), "-"), orElse(string(st.Cause), "-"))
		if r := v.remedy(); r != nil {
			text += fmt.Sprintf(", %s %s", r.Lever, r.Outcome)
		}
		if why := st.Recommendation.WhyNotNow.Reason; why != "" {
			text += ", not now: " + why
		}
		return text
	}
	if s.last == nil || line(s.last) != line(v) {
		s.say("%s", line(v))
	}
}

// until looks each second until enough says so. An error tells what was waited for and what the status said last.
func (s *scene) until(ctx context.Context, what string, within time.Duration, enough func(*view) bool) error {
	var seen *view
	err := wait.PollUntilContextTimeout(ctx, look, within, true, func(ctx context.Context) (bool, error) {
		v, err := s.see(ctx)
		if err != nil {
			s.say("cannot look: %v", err)
			return false, nil
		}
		seen = v
		return enough(v), nil
	})
	if err == nil {
		return nil
	}
	said := "nothing"
	if seen != nil {
		said = strings.Join(seen.health.Status.Assessment, " ")
	}
	return fmt.Errorf("waited %s for: %s (%w); the status says: %s", within, what, err, said)
}

// stays looks each second for so long, and fails as soon as something is not so any more.
func (s *scene) stays(ctx context.Context, what string, long time.Duration, so func(*view) bool) error {
	err := wait.PollUntilContextTimeout(ctx, look, long, true, func(ctx context.Context) (bool, error) {
		v, err := s.see(ctx)
		if err == nil && !so(v) {
			return false, fmt.Errorf("not so any more after %s: %s; the status says: %s", time.Since(v.at).Round(time.Second), what,
				strings.Join(v.health.Status.Assessment, " "))
		}
		return false, nil
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil
	}
	return err
}
