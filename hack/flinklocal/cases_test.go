package flinklocal

import (
	"slices"
	"strings"
	"testing"
)

// causes are those of the tables in docs/diagnosis.md that the cases here show.
var causes = []string{"", "SlowStateBackend", "CheckpointPressure", "SlowCleanup", "SourceBlocked", "SinkFlush", "OversizedAck"}

func TestCasesAreWhole(t *testing.T) {
	for _, c := range Cases() {
		if !slices.Contains(causes, c.Cause) {
			t.Errorf("%s: cause %q, want one of %v", c.Name, c.Cause, causes)
		}
		if c.Treatable != (len(c.Cure) > 0) {
			t.Errorf("%s: treatable %t with cure %v, want a cure for the treatable and none for the others", c.Name, c.Treatable, c.Cure)
		}
		for _, known := range []bool{c.Why != "", c.Parallelism > 0, c.Config[keyInterval] != "", c.Config[keyTimeout] != ""} {
			if !known {
				t.Errorf("%s: want why, parallelism, interval and timeout: %+v", c.Name, c)
			}
		}
		if len(c.Args)%2 != 0 || len(c.Neighbour)%2 != 0 {
			t.Errorf("%s: arguments %v %v, want pairs", c.Name, c.Args, c.Neighbour)
		}
		if strings.Contains(strings.Join(c.Args, " "), "--parallelism") {
			t.Errorf("%s: parallelism is the deployment's", c.Name)
		}
	}
}

func TestEachNameAndCauseHasACase(t *testing.T) {
	names := Names()
	slices.Sort(names)
	if distinct := len(slices.Compact(names)); distinct != len(Cases()) || names[0] == "" {
		t.Errorf("%d distinct names of %d cases: %v", distinct, len(Cases()), names)
	}
	for _, cause := range causes {
		if !slices.ContainsFunc(Cases(), func(c Case) bool { return c.Cause == cause }) {
			t.Errorf("no case for cause %q", cause)
		}
	}
}

func TestSlotsHoldAllJobs(t *testing.T) {
	for name, c := range map[string]struct {
		c           Case
		parallelism int
		want        int
	}{
		"two TaskManagers by default": {Case{}, 2, 1},
		"rounded up":                  {Case{}, 5, 3},
		"with a neighbour":            {Case{Neighbour: []string{"--rate", "1"}}, 2, 2},
		"one TaskManager":             {Case{TaskManagers: 1}, 4, 4},
	} {
		if got := c.c.slots(c.parallelism); got != c.want {
			t.Errorf("%s: %d slots, want %d", name, got, c.want)
		}
	}
}

func TestSpecAndWithDoNotShareTheTable(t *testing.T) {
	c, ok := Find("slow-cleanup")
	if !ok {
		t.Fatal("no case slow-cleanup")
	}
	spec := c.Spec("default", "orders", "1.20.5")
	spec.Config[keyIOPool] = "9"
	changed := c.With(c.Cure)
	if c.Config[keyIOPool] != "1" || changed[keyIOPool] != "4" || changed[keyFlag] != "true" {
		t.Errorf("case %v, changed %v: want the case as it was and the cure on top of it", c.Config, changed)
	}
	if spec.stateless() || spec.CPU != 1 || spec.Parallelism != 2 {
		t.Errorf("%+v: want one CPU, the case's parallelism and a mode that keeps state", spec)
	}
	if _, ok := Find("no such case"); ok {
		t.Error("a case of no name was found")
	}
}
