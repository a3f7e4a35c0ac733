package controllers

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

// shortLived is a client of a process that dies after some patches: before the next one is sent. A status that was on its way is lost as well.
type shortLived struct {
	client.Client
	patches int
	kinds   []string
	dead    bool
}

// Apply is a patch unless it is a rehearsal.
func (s *shortLived) Apply(ctx context.Context, configuration runtime.ApplyConfiguration, options ...client.ApplyOption) error {
	var resolved client.ApplyOptions
	resolved.ApplyOptions(options)
	object, ok := configuration.(interface{ GetKind() string })
	if !ok || len(resolved.DryRun) > 0 {
		return s.Client.Apply(ctx, configuration, options...)
	}
	if s.dead = s.dead || s.patches == 0; s.dead {
		return errCrash
	}
	s.patches--
	s.kinds = append(s.kinds, object.GetKind())
	return s.Client.Apply(ctx, configuration, options...)
}

// Status dies with the process.
func (s *shortLived) Status() client.SubResourceWriter {
	return shortLivedStatus{s.Client.Status(), s}
}

type shortLivedStatus struct {
	client.SubResourceWriter
	process *shortLived
}

func (s shortLivedStatus) Patch(ctx context.Context, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
	if s.process.dead {
		return errCrash
	}
	return s.SubResourceWriter.Patch(ctx, object, patch, options...)
}

// play runs a standalone case until done, with a manager that dies after some patches and one after it that lives; it returns what the two patched.
func (w *world) play(patches int, done func() bool) (kinds []string) {
	w.t.Helper()
	process := &shortLived{Client: admin, patches: patches}
	w.client = process
	w.start()
	w.run(400, fmt.Sprintf("done, after a death behind patch %d", patches), func() bool {
		if process.dead {
			kinds = append(kinds, process.kinds...)
			process = &shortLived{Client: admin, patches: 100}
			w.restart(process)
		}
		return done()
	})
	w.after(10)
	return append(kinds, process.kinds...)
}

// The manager dies before any patch of a cure: the ConfigMap, the Deployment, the verdict on the Deployment, the verdict on the ConfigMap. The
// next one ends where the first would have: one remedy, one restart, no patch too many, and the pieces tell the same.
func TestAStandaloneCureSurvivesADeathBetweenAnyTwoPatches(t *testing.T) {
	for patches := range 4 {
		t.Run(fmt.Sprint(patches), func(t *testing.T) {
			w := newWorld(t, fmt.Sprintf("story-death-cure-%d", patches))
			w.deployStandalone("inventory", simulated.FormLines)
			w.watchWorkload("Deployment", "inventory", inline(quick))
			kinds := w.play(patches, func() bool { return w.cured("inventory") })
			d := w.deployment("inventory")
			if got := w.receipts(d); len(got) != 1 || got[0].Outcome != api.OutcomeEffective || w.starts() != 2 {
				t.Errorf("%d starts, receipts %+v", w.starts(), got)
			}
			want, told := []string{"ConfigMap", "Deployment", "Deployment", "ConfigMap"}, string(api.OutcomeEffective)
			if !slices.Equal(kinds, want) || w.outcomes() != told {
				t.Errorf("patched %v, want %v; the ConfigMap says %s, want %s", kinds, want, w.outcomes(), told)
			}
		})
	}
}

// The same with a remedy that does not help: whenever the manager dies, file and pod template become what they were.
func TestAStandaloneUndoSurvivesADeathBetweenAnyTwoPatches(t *testing.T) {
	for patches := 2; patches < 4; patches++ {
		t.Run(fmt.Sprint(patches), func(t *testing.T) {
			w := newWorld(t, fmt.Sprintf("story-death-undo-%d", patches))
			sessions, _ := flinksim.CaseNamed("sessions")
			w.deployStandaloneCase(sessions.FillsAgain(22*time.Second, 3<<30), simulated.FormYAML)
			before, template := w.file("sessions", simulated.FormYAML), w.deployment("sessions").Spec.Template
			w.watchWorkload("Deployment", "sessions", inline(quick))
			kinds := w.play(patches, func() bool { return w.health("sessions").Status.LastOutcome == api.OutcomeRolledBack })
			if got := w.file("sessions", simulated.FormYAML); got != before {
				t.Errorf("the file is\n%s\nwant\n%s", got, before)
			}
			if got := w.deployment("sessions").Spec.Template; got.String() != template.String() {
				t.Errorf("the pod template is\n%s\nwant\n%s", got.String(), template.String())
			}
			if fmt.Sprint(kinds) != "[ConfigMap Deployment ConfigMap Deployment]" {
				t.Errorf("patched %v", kinds)
			}
		})
	}
}
