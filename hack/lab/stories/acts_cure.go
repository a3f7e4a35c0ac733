package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// cured is the main story: the fault, its cause named, one of the levers written, the job restarted and found well by later checkpoints.
func cured(delays map[string]string, levers ...api.Lever) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		if err := s.fault(ctx, delays); err != nil {
			return err
		}
		return s.seesCure(ctx, levers)
	}
}

// curedInPlace is the same where flinkConfiguration is nested: the key is changed where it stands, and not written a second time beside it.
func curedInPlace(delays map[string]string, levers ...api.Lever) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		if err := cured(delays, levers...)(ctx, s); err != nil {
			return err
		}
		config, _, err := unstructured.NestedMap(s.last.target.Object, "spec", "flinkConfiguration")
		if err != nil {
			return err
		}
		for key := range config {
			if strings.Contains(key, ".") {
				return fmt.Errorf("flinkConfiguration has the flat key %s after the remedy, expected all of it nested as before", key)
			}
		}
		return nil
	}
}

// farAway is the same with a network that takes its time.
func farAway(delays map[string]string, levers ...api.Lever) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		if err := s.network(ctx, delays); err != nil {
			return err
		}
		s.history.fault = time.Now()
		return s.seesCure(ctx, levers)
	}
}

// outgrown is the same with state that grows from the start.
func outgrown(levers ...api.Lever) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		s.history.fault = time.Now()
		if err := s.until(ctx, "the job is sick", growsWithin, func(v *view) bool { return v.health.Status.Health == api.HealthUnhealthy }); err != nil {
			return err
		}
		s.history.story.Note = "Times are since the job was seen to run: its state grows."
		return s.seesCure(ctx, levers)
	}
}

// growsWithin is twice what the state takes to grow.
const growsWithin = 10 * time.Minute

// overloadAfter is how long after each start of the job its arguments overload the JobManager: the job is healthy first.
const overloadAfter = time.Minute

// overloaded is the same with a fault that the job's arguments bring some time after each start. The remedy is judged before it comes back, so the
// job is watched until it has been back for long enough: it stays healthy.
func overloaded(levers ...api.Lever) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		from := time.Now()
		if start := s.last.health.Status.Job.StartTime; start != nil {
			from = start.Add(overloadAfter)
		}
		s.history.fault = from
		if err := s.seesCure(ctx, levers); err != nil {
			return err
		}
		back := max(time.Until(s.last.health.Status.Job.StartTime.Add(overloadAfter)), 0) + quiet
		s.history.story.Note = fmt.Sprintf("The overload came back %.0f s after the restart; the job stayed healthy for %.0f s of it.",
			overloadAfter.Seconds(), quiet.Seconds())
		return s.stays(ctx, "the job is healthy under the same load", back, func(v *view) bool { return v.health.Status.Health == api.HealthHealthy })
	}
}

// rolledOut is the main story where the Flink operator may refuse what is written: the story ends at once then, with its words.
func rolledOut(delays map[string]string, levers ...api.Lever) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		if err := s.fault(ctx, delays); err != nil {
			return err
		}
		err := s.until(ctx, "a remedy is written that helps, or is refused", sickWithin+remedyWithin, func(v *view) bool {
			return v.refused() != "" || v.remedy() != nil && v.remedy().Outcome == api.OutcomeEffective
		})
		if err != nil {
			return err
		}
		if why := s.last.refused(); why != "" {
			return fmt.Errorf("the Flink operator refuses what was written: %s", why)
		}
		return s.seesEffect(ctx, levers)
	}
}

func (s *scene) seesCure(ctx context.Context, levers []api.Lever) error {
	if err := s.diagnosed(ctx); err != nil {
		return err
	}
	return s.seesEffect(ctx, levers)
}

// seesEffect waits for a remedy that helps, whatever the status told before it.
func (s *scene) seesEffect(ctx context.Context, levers []api.Lever) error {
	err := s.until(ctx, fmt.Sprintf("a remedy (%v) is judged Effective", levers), remedyWithin+sickWithin, func(v *view) bool {
		r := v.remedy()
		return r != nil && r.Outcome == api.OutcomeEffective
	})
	if err != nil {
		return err
	}
	if r := s.last.remedy(); !slices.Contains(levers, r.Lever) || r.Cause != s.history.cause {
		return fmt.Errorf("the remedy is %s against %s, expected one of %v against %s", r.Lever, r.Cause, levers, s.history.cause)
	}
	if err := s.inForce(ctx); err != nil {
		return err
	}
	return s.until(ctx, "the job is healthy again", remedyWithin, func(v *view) bool { return v.health.Status.Health == api.HealthHealthy })
}

// diagnosed waits until the status names the story's cause.
func (s *scene) diagnosed(ctx context.Context) error {
	return s.until(ctx, fmt.Sprintf("the cause is %s", s.history.cause), sickWithin, func(v *view) bool {
		return v.health.Status.Cause == s.history.cause
	})
}

// inForce holds the changed checkpoint timeout or interval against what Flink itself says.
func (s *scene) inForce(ctx context.Context) error {
	job := s.last.health.Status.Job.ID // a session cluster also knows the job before the restart
	if job == "" {
		return errors.New("after the remedy there is no job")
	}
	var conf struct {
		Timeout  int64 `json:"timeout"`
		Interval int64 `json:"interval"`
	}
	if err := s.flink(ctx, s.options.namespace, s.story.deployment(), "/jobs/"+job+"/checkpoints/config", &conf); err != nil {
		return err
	}
	for _, change := range s.last.remedy().Changes {
		is, known := map[string]int64{keyTimeout: conf.Timeout, keyInterval: conf.Interval}[lastKey(change.Field)]
		if !known {
			continue
		}
		want, err := time.ParseDuration(strings.ReplaceAll(change.To, " ", ""))
		if err != nil {
			return fmt.Errorf("%s was changed to %q: %w", change.Field, change.To, err)
		}
		if is != want.Milliseconds() {
			return fmt.Errorf("%s is %d ms in Flink, the remedy says %s", change.Field, is, change.To)
		}
		s.say("Flink itself says %d ms for %s", is, lastKey(change.Field))
	}
	return nil
}

// lastKey is the configuration key at the end of a field such as spec.flinkConfiguration[execution.checkpointing.timeout].
func lastKey(field string) string {
	for _, key := range []string{keyTimeout, keyInterval} {
		if strings.Contains(field, key) {
			return key
		}
	}
	return field
}

// withoutCure lets storage get worse as soon as the remedy is written, so that it cannot work: it is undone, its lever rests, and the next rung of
// the ladder is written.
func withoutCure(ctx context.Context, s *scene) error {
	if err := s.fault(ctx, slowWrites); err != nil {
		return err
	}
	err := s.until(ctx, "a remedy is written", sickWithin, func(v *view) bool { return v.remedy() != nil })
	if err != nil {
		return err
	}
	first := *s.last.remedy()
	if err := s.untilJobManager(ctx); err != nil {
		return err
	}
	if err := s.storage(ctx, worseWrites); err != nil {
		return err
	}
	err = s.until(ctx, "the remedy is found ineffective and undone", 2*remedyWithin, func(v *view) bool {
		r := v.remedy()
		return r != nil && r.ID == first.ID && r.Outcome == api.OutcomeRolledBack
	})
	if err != nil {
		return err
	}
	if message := s.last.remedy().Message; !strings.Contains(message, "muted") {
		return fmt.Errorf("the remedy was undone and its lever is not muted: %s", message)
	}
	s.say("undone: %s", s.last.remedy().Message)
	if err := s.undone(first.Changes); err != nil {
		return err
	}
	return s.nextRung(ctx, &first)
}

// nextRung waits for the remedy after one that did not help, whose own lever rests meanwhile and after.
func (s *scene) nextRung(ctx context.Context, first *api.Remediation) error {
	err := s.until(ctx, "the next rung is written", remedyWithin, func(v *view) bool { return v.remedy() != nil && v.remedy().ID != first.ID })
	if err != nil {
		return err
	}
	next := s.last.remedy().Lever
	if next != api.LeverTransferThreads {
		return fmt.Errorf("the next remedy is %s, expected %s", next, api.LeverTransferThreads)
	}
	s.history.story.Note = fmt.Sprintf("%s was undone and rests; the next rung, %s, was written after it.", first.Lever, next)
	return s.stays(ctx, "the lever is not tried again", quiet, func(v *view) bool {
		r := v.remedy()
		return r == nil || r.ID == first.ID || r.Lever != first.Lever
	})
}

// undone holds the target against what it was before some changes.
func (s *scene) undone(changes []api.Change) error {
	for _, change := range changes {
		if is := s.last.setting(lastKey(change.Field)); is != change.From {
			return fmt.Errorf("%s is %q after the remedy was undone, expected %q as before", change.Field, is, change.From)
		}
	}
	return nil
}

// untilJobManager waits until a JobManager runs in which a file can be written.
func (s *scene) untilJobManager(ctx context.Context) error {
	return s.until(ctx, "a JobManager runs again", startWithin, func(*view) bool {
		pods, err := s.pods(ctx, s.options.namespace, s.story.deployment(), "jobmanager")
		return err == nil && len(pods) == 1 && len(pods[0].Status.ContainerStatuses) == 1 && pods[0].Status.ContainerStatuses[0].Ready
	})
}
