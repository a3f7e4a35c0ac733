// Package cases is the table of what is done to a real Flink for evidence: each case is a job, a fault, and its true cause.
//
// The files tuning_*.go hold the half that rules and thresholds were made with, the files heldout_*.go the half they are judged by. The split
// is by file and so by hand: no case moves from one half to the other.
package cases

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/evidence/trial"
	"checkpointhealth.dev/operator/hack/flinklocal"
)

// The halves.
const (
	Tuning  = "tuning"
	HeldOut = "heldout"
)

// The later sets of the held-out half, to be measured once. What is known of them stands in package trial.
const (
	// SecondSet was written on 2026-11-26 by people who had not seen the rules.
	SecondSet = string(trial.SecondSet)
	// ThirdSet was written later on 2026-11-26 by people who had not seen the rules.
	ThirdSet = string(trial.ThirdSet)
	// FourthSet was written after the third on 2026-11-26 by people who had not seen the rules.
	FourthSet = string(trial.FourthSet)
	// FifthSet was written after the fourth on 2026-11-26 by people who had not seen the rules.
	FifthSet = string(trial.FifthSet)
)

// DefaultVersion is what a case runs on that names none.
const DefaultVersion = "1.20.5"

// Case is one fault of one job, made on each of some Flink versions: a trial each.
type Case struct {
	flinklocal.Case // its Cause and Treatable stay empty: Causes says it
	// Split is Tuning or HeldOut.
	Split string
	// Set is one of the later sets, SecondSet to FifthSet, or empty for the first set.
	Set string
	// Versions of Flink, three numbers; none = DefaultVersion alone.
	Versions []string
	// Causes are the true ones, as Cause or Cause/SubCause, most important first; none = healthy.
	Causes []string
	// Odd tells of a healthy job what looks sick about it.
	Odd string
	// SlowOnset tells that the fault grows, so that there is time to see it come.
	SlowOnset bool
	// Incurable tells that the fault outgrows what any remedy of its cause can do within its bounds: what is asked then is that the remedy is
	// found out and taken back, not that it cures. It is said before the trial is made, and Why has the arithmetic.
	Incurable bool
	// Until ends the sick phase (of a healthy job, the phase in which it looks odd).
	Until Until
	// Every is the pause between two passes; 0 = passEvery of package campaign. What grows for minutes need not be looked at as often.
	Every time.Duration
	// Alone runs the trial with no other beside it: CPU is its fault.
	Alone bool
	// NoRemedy tells that a recommended remedy is not tried: restarting Flink with it is not cheap or does not hold the fault.
	NoRemedy bool
}

// Until is met when one of its numbers is reached; 0 = does not count. Counted from the beginning of the fault: from the first change that
// Delays or Steps make, or where there are none from the moment all subtasks run.
type Until struct {
	Expired int           // checkpoints of the history that expired
	Failed  int           // checkpoints of the history that failed, expired ones too
	Ended   int           // checkpoints that ended in whatever way
	Time    time.Duration // has passed
}

// patience is how long a sick phase may take where no Time bounds it: 8 s of timeout and 3 s of interval give ten expiries in it.
const patience = 150 * time.Second

// Patience bounds the sick phase.
func (u Until) Patience() time.Duration {
	if u.Time > 0 {
		return u.Time
	}
	return patience
}

// All are the cases of both halves, tuning first, each with its defaults filled in.
func All() []Case {
	var all []Case
	for _, half := range []struct {
		split string
		cases []Case
	}{{Tuning, tuning()}, {HeldOut, heldOut()}} {
		for _, c := range half.cases {
			c.Split = half.split
			if len(c.Versions) == 0 {
				c.Versions = []string{DefaultVersion}
			}
			all = append(all, c)
		}
	}
	return all
}

// Select are the cases of a split ("" = both) whose name the expression matches (nil = all).
func Select(split string, only *regexp.Regexp) []Case {
	return slices.DeleteFunc(All(), func(c Case) bool {
		return split != "" && c.Split != split || only != nil && !only.MatchString(c.Name)
	})
}

// Healthy tells a case that nothing makes sick.
func (c *Case) Healthy() bool { return len(c.Causes) == 0 }

// causes are those that a case can have: all of the diagnosis but Undetermined, and but a dependency that several jobs share.
var causes = []api.Cause{
	api.CauseNetworkLatency, api.CauseJobManagerOverload, api.CauseSlowCleanup, api.CauseSlowStateBackend, api.CauseCheckpointPressure,
	api.CauseFlinkVersionBug, api.CauseBackpressure, api.CauseSinkFlush, api.CauseSlowSyncPhase, api.CauseDataSkew, api.CauseTaskManagerPressure,
	api.CauseStorageFailure, api.CauseOversizedAck, api.CauseSourceBlocked, api.CauseUserCodeBlocking, api.CauseCommitBlocksTask,
	api.CauseCoordinatorBlocked, api.CauseTaskFailure,
}

// nameForm is what a case may be called: its name is the name of files.
var nameForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Check tells what is wrong with a case, in words that name the field, its value and what would be right.
func (c *Case) Check() error {
	switch {
	case !nameForm.MatchString(c.Name):
		return fmt.Errorf("case name %q: want lower-case words joined by '-'", c.Name)
	case c.Why == "":
		return fmt.Errorf("%s: why is empty: want what makes it sick, with the arithmetic", c.Name)
	case c.Healthy() != (c.Odd != ""):
		return fmt.Errorf("%s: odd %q with causes %v: want odd for the healthy ones, and only for them", c.Name, c.Odd, c.Causes)
	case c.Until == Until{}:
		return fmt.Errorf("%s: until is empty: want a number of checkpoints or a time", c.Name)
	case c.Parallelism < 1:
		return fmt.Errorf("%s: parallelism %d: want 1 or more", c.Name, c.Parallelism)
	}
	if err := c.checkPlace(); err != nil {
		return err
	}
	for _, cause := range c.Causes {
		family, _, _ := strings.Cut(cause, "/")
		if !slices.Contains(causes, api.Cause(family)) {
			return fmt.Errorf("%s: cause %q: want one of docs/diagnosis.md", c.Name, cause)
		}
	}
	return nil
}

// checkPlace tells what is wrong with the half and the set.
func (c *Case) checkPlace() error {
	switch {
	case c.Split != Tuning && c.Split != HeldOut:
		return fmt.Errorf("%s: split %q: want %s or %s", c.Name, c.Split, Tuning, HeldOut)
	case c.Set != "" && (trial.Later(trial.Set(c.Set)) == nil || c.Split != HeldOut):
		return fmt.Errorf("%s: set %q in %s: want none, or %s in %s", c.Name, c.Set, c.Split, trial.LaterNames(), HeldOut)
	}
	return nil
}
