package flinklocal

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestWhatACaseNeedsAroundIt(t *testing.T) {
	rpc := Step{Link: &Link{RPC: []Toxic{{Type: "latency", Stream: "upstream"}}}}
	narrow := Step{Link: &Link{Rate: "700kbit"}}
	healed := Step{Link: &Link{}, JobManagerCPU: -1}
	for name, c := range map[string]struct {
		steps                        []Step
		proxied, apart, quota, other bool
	}{
		"nothing":             {},
		"only healing":        {steps: []Step{healed}},
		"a proxy":             {steps: []Step{rpc, healed}, proxied: true},
		"a link of its own":   {steps: []Step{narrow}, apart: true},
		"loss":                {steps: []Step{{Link: &Link{Loss: 0.1}}}, apart: true},
		"a JobManager quota":  {steps: []Step{{JobManagerCPU: 0.1}, healed}, quota: true},
		"a TaskManager quota": {steps: []Step{{TaskManagerCPU: 0.1}}, other: true},
	} {
		got := Case{Steps: c.steps}
		if got.proxied() != c.proxied || got.apart() != c.apart || got.jobManagerQuota() != c.quota || got.lastQuota() != c.other {
			t.Errorf("%s: proxied %t, apart %t, quotas %t %t", name, got.proxied(), got.apart(), got.jobManagerQuota(), got.lastQuota())
		}
	}
}

func TestTwoWaysAreRefused(t *testing.T) {
	c := preparedCluster(t.Context(), t, "exec sleep 600")
	c.opts.Case.Steps = []Step{{Link: &Link{RPC: []Toxic{{Type: "latency"}}}}, {Link: &Link{Loss: 0.5}}}
	err := c.Deploy(t.Context(), c.opts.Case.Spec("default", "orders", "1.20.5"))
	if err == nil || !strings.Contains(err.Error(), "want one of them") {
		t.Errorf("error %v, want that a proxy and a link of its own do not go together", err)
	}
}

func TestDelaysAreTheFirstStep(t *testing.T) {
	c := Case{Delays: map[string]string{"delete.ms": "9"}, Onset: 3, Steps: []Step{{After: time.Minute, Savepoint: true}}}
	steps := c.schedule()
	if len(steps) != 2 || steps[0].Completed != 3 || steps[0].Delays["delete.ms"] != "9" || !steps[1].Savepoint {
		t.Errorf("%+v: want the delays after three checkpoints and then the case's own step", steps)
	}
	if n := len((Case{}).schedule()); n != 0 {
		t.Errorf("%d steps of a case without a fault", n)
	}
}

func TestStepsInWords(t *testing.T) {
	for want, s := range map[string]Step{
		"nothing":                       {},
		"storage {}":                    {Delays: map[string]string{}},
		"storage {a=1 b=2}":             {Delays: map[string]string{"b": "2", "a": "1"}},
		"JobManager CPU 0.12 savepoint": {JobManagerCPU: 0.12, Savepoint: true},
		"TaskManager CPU -1":            {TaskManagerCPU: -1},
		"TaskManager killed":            {KillTaskManager: true},
	} {
		if got := s.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTakeChangesOnlyWhatTheStepNames(t *testing.T) {
	c := preparedCluster(t.Context(), t, "exec sleep 600")
	delays := func() string {
		text, err := os.ReadFile(c.path("delays.properties"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, step := range []struct {
		s    Step
		want string
	}{
		{Step{Delays: map[string]string{"write.kbps": "300"}}, "write.kbps=300\n"},
		{Step{JobManagerCPU: 0.5}, "write.kbps=300\n"}, // no group: nothing to bound
		{Step{Delays: map[string]string{}}, ""},
	} {
		if err := c.take(step.s); err != nil {
			t.Fatal(err)
		}
		if got := delays(); got != step.want {
			t.Errorf("after %s the delays are %q, want %q", step.s, got, step.want)
		}
	}
	if !c.FaultBegan().IsZero() {
		t.Error("a fault has begun although the schedule took no step")
	}
	at := time.UnixMilli(1000)
	c.around.begin(at)
	c.around.begin(at.Add(time.Hour))
	if !c.FaultBegan().Equal(at) {
		t.Errorf("the fault began at %s, want the first step", c.FaultBegan())
	}
}

func TestCgroupVersions(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		v1    bool
		cores float64
		file  string
		want  string
	}{
		{true, 0.12, "cpu.cfs_quota_us", "12000"},
		{true, -1, "cpu.cfs_quota_us", "-1"},
		{false, 0.5, "cpu.max", "50000 100000"},
		{false, 0, "cpu.max", "max"},
	} {
		g := &cgroup{dir: dir, v1: c.v1}
		if err := g.set(c.cores); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(dir + "/" + c.file); err != nil || string(got) != c.want {
			t.Errorf("v1 %t, %g cores: %s holds %q (%v), want %q", c.v1, c.cores, c.file, got, err, c.want)
		}
	}
	if err := (*cgroup)(nil).remove(); err != nil {
		t.Errorf("removing no group: %v", err)
	}
}

func TestQuotasScaleWithTheCPU(t *testing.T) {
	g := &cgroup{dir: t.TempDir(), v1: true}
	s := surroundings{jobManager: g}
	quota := func() string {
		text, err := os.ReadFile(g.dir + "/cpu.cfs_quota_us")
		if err != nil {
			return ""
		}
		return string(text)
	}
	if err := s.rescale(2); err != nil || quota() != "" {
		t.Errorf("quota %q, %v: want none before the fault", quota(), err)
	}
	if err := s.setQuotas(0.1, 0, 1); err != nil || quota() != "10000" {
		t.Errorf("quota %q, %v: want a tenth of a core", quota(), err)
	}
	if err := s.rescale(2); err != nil || quota() != "20000" {
		t.Errorf("quota %q, %v: want twice as much with two CPUs", quota(), err)
	}
}
