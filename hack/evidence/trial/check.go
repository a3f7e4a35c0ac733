package trial

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

var (
	// caseName is what a case may be called: it is a file's name as well.
	caseName = regexp.MustCompile(`^[a-z0-9]+([-.][a-z0-9]+)*$`)
	// threeNumbers is a Flink version.
	threeNumbers = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
)

// Causes are the names that a trial may give, in the order of the API: sub-causes behind their cause.
func Causes() []string {
	return []string{
		string(api.CauseNetworkLatency),
		string(api.CauseJobManagerOverload) + "/" + string(api.SubCauseCPU), string(api.CauseJobManagerOverload) + "/" + string(api.SubCauseHeap),
		string(api.CauseSlowCleanup), string(api.CauseSlowStateBackend), string(api.CauseCheckpointPressure),
		string(api.CauseFlinkVersionBug) + "/" + string(api.SubCauseKnownIssue), string(api.CauseFlinkVersionBug) + "/" + string(api.SubCauseVersionMismatch),
		string(api.CauseBackpressure), string(api.CauseSinkFlush), string(api.CauseSlowSyncPhase), string(api.CauseDataSkew),
		string(api.CauseTaskManagerPressure), string(api.CauseStorageFailure), string(api.CauseOversizedAck), string(api.CauseSourceBlocked),
		string(api.CauseUserCodeBlocking), string(api.CauseCommitBlocksTask), string(api.CauseCoordinatorBlocked), string(api.CauseTaskFailure),
	}
}

// levers are all levers of a policy.
var levers = []api.Lever{
	api.LeverCheckpointTimeout, api.LeverCheckpointInterval, api.LeverJobManagerCPU, api.LeverJobManagerHeap, api.LeverBackgroundCleanup,
	api.LeverMaxConcurrentCheckpoints, api.LeverIncrementalCheckpoints, api.LeverUnalignedCheckpoints, api.LeverTransferThreads,
	api.LeverIOPoolSize, api.LeverAdvisoryWorkarounds,
}

// judgements are the outcomes that a trial may end with.
var judgements = []api.Outcome{api.OutcomeEffective, api.OutcomeIneffective, api.OutcomeHarmful, api.OutcomeInconclusive}

// Check says what is wrong with a trial: the field, its value and what would be right.
func (t *Trial) Check() error {
	checks := []func(*Trial) error{checkName, checkCauses, checkRelabelled, checkJob, checkTimes, checkRemedies}
	for _, check := range checks {
		if err := check(t); err != nil {
			return err
		}
	}
	return nil
}

func checkName(t *Trial) error {
	switch {
	case !caseName.MatchString(t.Case):
		return fmt.Errorf("case is %q, expected a name of small letters, digits and dashes, such as slow-storage", t.Case)
	case !slices.Contains(Splits(), t.Split):
		return fmt.Errorf("split is %q, expected tuning or heldout", t.Split)
	case t.Set != FirstSet && Later(t.Set) == nil:
		return fmt.Errorf("set is %q, expected %s, or none for the first set", t.Set, LaterNames())
	case t.Set != FirstSet && t.Split != HeldOut:
		return fmt.Errorf("set is %q in the half %s, expected a set in heldout only", t.Set, t.Split)
	case !threeNumbers.MatchString(t.FlinkVersion):
		return fmt.Errorf("flinkVersion is %q, expected three numbers such as 1.20.5", t.FlinkVersion)
	}
	return nil
}

func checkCauses(t *Trial) error {
	known := Causes()
	for i, cause := range t.Causes {
		if !slices.ContainsFunc(known, func(k string) bool { return Matches(k, cause) }) {
			return fmt.Errorf("causes[%d] is %q, expected one of %s, or for a healthy job no cause at all", i, cause, strings.Join(known, ", "))
		}
		if slices.Contains(t.Causes[:i], cause) {
			return fmt.Errorf("causes[%d] is %s a second time, expected each cause once", i, cause)
		}
	}
	switch {
	case len(t.Causes) > 2:
		return fmt.Errorf("causes holds %d causes, expected at most two", len(t.Causes))
	case t.Healthy() && t.SlowOnset:
		return fmt.Errorf("slowOnset is true without a cause, expected a cause that grows")
	case t.Healthy() && t.Incurable:
		return fmt.Errorf("incurable is true without a cause, expected a cause that outgrows every remedy")
	case !t.Healthy() && t.Odd != "":
		return fmt.Errorf("odd is %q beside a cause, expected it for healthy jobs only", t.Odd)
	}
	return nil
}

// checkRelabelled holds a first label to what a label must be, and wants another one after it.
func checkRelabelled(t *Trial) error {
	if t.Relabelled == nil {
		return nil
	}
	first := t.First()
	if err := checkCauses(&first); err != nil {
		return fmt.Errorf("relabelled: %w", err)
	}
	switch {
	case t.Relabelled.Why == "":
		return fmt.Errorf("relabelled.why is empty, expected who decided by what")
	case slices.Equal(t.Relabelled.Causes, t.Causes):
		return fmt.Errorf("relabelled.causes is %q as causes is, expected the first label to be another", t.Relabelled.Causes)
	}
	return nil
}

func checkJob(t *Trial) error {
	switch {
	case t.Job.Name == "":
		return fmt.Errorf("job.name is empty, expected the name of the Flink job")
	case t.Job.Parallelism < 1:
		return fmt.Errorf("job.parallelism is %d, expected 1 or more", t.Job.Parallelism)
	case t.Job.Operators < 1:
		return fmt.Errorf("job.operators is %d, expected 1 or more", t.Job.Operators)
	}
	return nil
}

func checkTimes(t *Trial) error {
	switch {
	case t.Expired < 0:
		return fmt.Errorf("expired is %d, expected 0 or more", t.Expired)
	case t.Expired == 0 && !t.FirstExpiry.IsZero():
		return fmt.Errorf("firstExpiry is %s although expired is 0, expected none, or how many expired", t.FirstExpiry)
	case t.Expired > 0 && t.FirstExpiry.IsZero():
		return fmt.Errorf("firstExpiry is missing although expired is %d, expected the time of the first one, such as 2026-11-25T23:10:04Z", t.Expired)
	case !t.FaultAt.IsZero() && !t.SickUntil.IsZero() && t.SickUntil.Before(t.FaultAt):
		return fmt.Errorf("sickUntil is %s, before faultAt %s, expected a later time", t.SickUntil, t.FaultAt)
	}
	return nil
}

func checkRemedies(t *Trial) error {
	if t.Remedy == nil && len(t.Then) > 0 {
		return fmt.Errorf("then holds %d remedies without a remedy, expected a remedy that was undone before them", len(t.Then))
	}
	for i, r := range t.Remedies() {
		field := "remedy"
		if i > 0 {
			field = fmt.Sprintf("then[%d]", i-1)
			if before := t.Remedies()[i-1]; !before.Undone {
				return fmt.Errorf("%s follows %s, which was not undone, expected nothing after it", field, before.Lever)
			}
		}
		if err := r.check(field); err != nil {
			return err
		}
	}
	return nil
}

func (r *Remedy) check(field string) error {
	switch {
	case !slices.Contains(levers, r.Lever):
		return fmt.Errorf("%s.lever is %q, expected a field of spec.remedies such as checkpointTimeout", field, r.Lever)
	case len(r.Settings) == 0:
		return fmt.Errorf("%s.settings is empty, expected the settings that were changed, such as execution.checkpointing.timeout: 30s", field)
	case !slices.Contains(judgements, r.Judged):
		return fmt.Errorf("%s.judged is %q, expected Effective, Ineffective, Harmful or Inconclusive", field, r.Judged)
	case r.Cured() && r.Undone:
		return fmt.Errorf("%s.undone is true although %s.judged is Effective, expected false", field, field)
	}
	return errors.Join(r.Before.check(field+".before"), r.After.check(field+".after"))
}

func (t Tally) check(field string) error {
	if t.Ended < 0 || t.Expired < 0 || t.Expired > t.Ended || t.MedianMs < 0 {
		return fmt.Errorf("%s is %d ended, %d expired, median %d ms, expected at most as many expired as ended and nothing below 0",
			field, t.Ended, t.Expired, t.MedianMs)
	}
	return nil
}
