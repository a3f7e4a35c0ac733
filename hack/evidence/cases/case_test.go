package cases

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

func TestCasesAreWhole(t *testing.T) {
	var names []string
	all := All()
	for i := range all {
		c := &all[i]
		if err := c.Check(); err != nil {
			t.Error(err)
		}
		if slices.Contains(names, c.Name) {
			t.Errorf("%s: two cases have this name", c.Name)
		}
		names = append(names, c.Name)
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	whole := Case{Case: flinklocal.Case{Name: "slow-disk", Why: "it is slow", Parallelism: 2}, Split: Tuning,
		Causes: []string{"JobManagerOverload/CPU"}, Until: Until{Expired: 3}}
	if err := whole.Check(); err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{SecondSet, ThirdSet, FourthSet, FifthSet} {
		later := whole
		if later.Split, later.Set = HeldOut, set; later.Check() != nil {
			t.Errorf("a case of the %s set: %v", set, later.Check())
		}
	}
	for want, change := range map[string]func(*Case){
		"case name":              func(c *Case) { c.Name = "Slow disk" },
		"split \"half\"":         func(c *Case) { c.Split = "half" },
		"set \"second\"":         func(c *Case) { c.Set = SecondSet },
		"set \"third\"":          func(c *Case) { c.Set = ThirdSet },
		"fourth or fifth in":     func(c *Case) { c.Split, c.Set = HeldOut, "sixth" },
		"why is empty":           func(c *Case) { c.Why = "" },
		"odd \"\"":               func(c *Case) { c.Causes = nil },
		"odd \"long\"":           func(c *Case) { c.Odd = "long" },
		"until is empty":         func(c *Case) { c.Until = Until{} },
		"parallelism 0":          func(c *Case) { c.Parallelism = 0 },
		"cause \"Gremlins\"":     func(c *Case) { c.Causes = []string{"Gremlins"} },
		"cause \"Undetermined\"": func(c *Case) { c.Causes = []string{"Undetermined"} },
	} {
		c := whole
		change(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestSelect(t *testing.T) {
	if n := len(Select("", nil)); n != len(All()) {
		t.Errorf("%d selected without a condition, want all %d", n, len(All()))
	}
	if n := len(Select(Tuning, regexp.MustCompile("^no case of this name$"))); n != 0 {
		t.Errorf("%d cases of no name", n)
	}
}

func TestPatience(t *testing.T) {
	if got := (Until{Expired: 3}).Patience(); got != patience {
		t.Errorf("%s without a time, want %s", got, patience)
	}
	if got := (Until{Time: time.Minute}).Patience(); got != time.Minute {
		t.Errorf("%s, want the minute that was set", got)
	}
}
