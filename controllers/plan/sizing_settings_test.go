package plan

import (
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestIOPoolSizing(t *testing.T) {
	for _, c := range []struct {
		name                        string
		configured, measured, limit float64
		concurrent                  int
		most                        float64
		to, uncapped                string
	}{
		{"one thread: at least four", 0, 1, 1, 1, 32, "4", ""},
		{"configured: 3 x 2", 3, 1, 1, 1, 32, "6", ""},
		{"two more than ten checkpoints at a time", 0, 1, 1, 10, 32, "12", ""},
		{"by the CPU: 2.5 cores are 3 threads", 0, 0, 2.5, 1, 32, "6", ""},
		{"cut by the policy", 20, 0, 1, 1, 32, "32", "40"},
		{"at the bound", 32, 0, 1, 1, 32, "", ""},
	} {
		in := patient(api.CauseSlowCleanup, "")
		in.Snapshot.Settings.MaxConcurrent = set(c.concurrent)
		in.Snapshot.JobManager.IOThreads = model.Measure{Value: c.measured, Known: c.measured > 0}
		in.Snapshot.JobManager.CPULimit = model.Measured(c.limit)
		if c.configured > 0 {
			in.Snapshot.Settings.IOPoolSize = set(int(c.configured))
		}
		bound(&in, api.LeverIOPoolSize, c.most)
		expect(t, c.name, in, keyIOPool, c.to, c.uncapped)
	}
}

func TestCleanupBatch(t *testing.T) {
	in := patient(api.CauseSlowCleanup, "")
	in.Snapshot.Settings.CleanerParallel = set(false)
	in.Snapshot.Settings.BackgroundCleanup = set(true)
	in.Snapshot.Target.Config[keyRunbookFlag] = "true"
	in.Snapshot.Target.Config[keyOperatorCleanup] = "true"
	expect(t, "pool", in, keyIOPool, "4", "")
	expect(t, "cleaner, 1.20", in, keyCleaner, "true", "")
	expect(t, "flag", in, keyRunbookFlag, "false", "")
	expect(t, "savepoints", in, keyOperatorCleanup, "false", "")
	d := Decide(in)
	if d.Action != model.ActionApply || len(d.Remedy.Changes) != 4 || d.Remedy.Lever != api.LeverIOPoolSize || !strings.Contains(d.Remedy.Reason, "IgnoredByFlink") {
		t.Errorf("%s %+v, want one batch that says what is ignored", d.Action, d.Remedy)
	}

	in.Snapshot.Job.FlinkVersion = "1.19.1"
	expect(t, "cleaner, 1.19", in, keyCleanerOld, "true", "")
	in.Snapshot.Job.FlinkVersion = "1.17.2"
	expect(t, "no such mode before 1.19", in, keyCleanerOld, "", "")
	expect(t, "no such mode before 1.19", in, keyCleaner, "", "")

	in.Snapshot.Settings.BackgroundCleanup = model.Setting[bool]{}
	delete(in.Snapshot.Target.Config, keyRunbookFlag)
	expect(t, "the flag is never written where it was not", in, keyRunbookFlag, "", "")
}

func TestFlagAloneIsNoRemedy(t *testing.T) {
	in := patient(api.CauseSlowCleanup, "")
	in.Snapshot.Settings.BackgroundCleanup = set(true)
	in.Snapshot.Target.Config[keyRunbookFlag] = "true"
	in.Diagnosis.Facts.NeverLate = true
	bound(&in, api.LeverIOPoolSize, 1)
	if d := Decide(in); d.Remedy != nil {
		t.Errorf("turning off what Flink ignores must not restart the job: %+v", d.Remedy)
	}
	delete(in.Policy.Levers, api.LeverIOPoolSize)
	in.Policy.Levers[api.LeverIOPoolSize] = model.LeverLimit{Action: api.LeverApply, Max: 32}
	in.Snapshot.JobManager.IOThreads, in.Snapshot.JobManager.CPULimit = model.Measure{}, model.Measure{}
	v := look(in)
	if p := proposeCleanup(v); len(p.changes) != 0 || p.skip.Reason != api.ReasonSnapshotIncomplete {
		t.Errorf("%+v", p)
	}
	v.p.Levers[api.LeverIOPoolSize] = model.LeverLimit{Action: api.LeverOff}
	if p := proposeCleanup(v); p.skip.Reason == "" {
		t.Errorf("%+v", p)
	}
}

func TestCleanupKeepsToWhatMayBeApplied(t *testing.T) {
	in := patient(api.CauseSlowCleanup, "")
	in.Snapshot.Settings.CleanerParallel = set(false)
	in.Policy.Levers[api.LeverBackgroundCleanup] = model.LeverLimit{Action: api.LeverRecommend}
	expect(t, "recommended only", in, keyCleaner, "", "")
	d := Decide(in)
	if d.Action != model.ActionApply || !strings.Contains(strings.Join(d.Advice, "\n"), keyCleaner) {
		t.Errorf("%s, advice %q", d.Action, d.Advice)
	}
}

func TestConcurrencyRefusals(t *testing.T) {
	for _, c := range []struct {
		name, says string
		change     func(*Input)
	}{
		{"allowed", "", nil},
		{"unaligned", "unaligned", func(in *Input) { in.Snapshot.Settings.Unaligned = set(true) }},
		{"min-pause", "min-pause", func(in *Input) { in.Snapshot.Settings.MinPause = set(now.Sub(now.Add(-1e9))) }},
		{"FLINK-29913", "FLINK-29913", func(in *Input) {
			in.Snapshot.Settings.Incremental, in.Snapshot.Job.FlinkVersion = set(true), "1.16.2"
		}},
		{"FLINK-38574", "FLINK-38574", func(in *Input) { in.Snapshot.Settings.Incremental = set(true) }},
		{"version not known", "unknown version", func(in *Input) {
			in.Snapshot.Settings.Incremental, in.Snapshot.Job.FlinkVersion = set(true), ""
		}},
		{"fixed", "", func(in *Input) {
			in.Snapshot.Settings.Incremental, in.Snapshot.Job.FlinkVersion = set(true), "2.2.1"
		}},
		{"at the bound", "bound", func(in *Input) { in.Snapshot.Settings.MaxConcurrent = set(2) }},
		{"not known", "could not be read", func(in *Input) { in.Snapshot.Settings.MaxConcurrent = model.Setting[int]{} }},
		{"checkpoints expire", "makes none shorter", func(in *Input) { in.Diagnosis.Counts.Expired = 1 }},
	} {
		in := slowOnly()
		if c.change != nil {
			c.change(&in)
		}
		p := proposeMoreConcurrent(look(in))
		if (len(p.changes) == 0) != (c.says != "") || !strings.Contains(p.skip.Message, c.says) {
			t.Errorf("%s: changes %+v, skipped by %q, want %q", c.name, p.changes, p.skip.Message, c.says)
		}
	}
	if p := proposeMoreConcurrent(look(slowOnly())); !strings.Contains(p.reason, "no upload parallelism") {
		t.Errorf("since 1.18 it adds no upload parallelism, and that must be said: %q", p.reason)
	}
}

// slowOnly is a job whose storage is slow, and of which no checkpoint expires.
func slowOnly() Input {
	in := patient(api.CauseSlowStateBackend, "")
	in.Diagnosis.Health, in.Diagnosis.Counts = api.HealthAtRisk, model.WindowCounts{Window: 10, Completed: 10}
	return in
}

func TestSharedStateBug(t *testing.T) {
	for version, want := range map[string]string{
		"1.15.4": "FLINK-29913", "1.16.2": "FLINK-29913", "1.16.3": "", "1.17.1": "FLINK-29913", "1.17.2": "", "1.18.0": "FLINK-38574",
		"1.20.5": "FLINK-38574", "2.0.1": "FLINK-38574", "2.0.2": "", "2.1.1": "FLINK-38574", "2.1.2": "", "2.2.0": "", "2.3.0": "", "": "",
		"1.19.1-csa1": "FLINK-38574", "nonsense": "", "1": "",
	} {
		if got := parseVersion(version).sharedStateBug(); got != want {
			t.Errorf("%s: %q, want %q", version, got, want)
		}
	}
}

func TestTransferThreads(t *testing.T) {
	in := patient(api.CauseSlowStateBackend, "")
	if p := proposeTransferThreads(look(in)); p.changes[0].To != "8" {
		t.Errorf("4 x 2: %+v", p)
	}
	in.Snapshot.Settings.TransferThreads = set(12)
	if p := proposeTransferThreads(look(in)); p.changes[0].To != "16" || p.changes[0].Uncapped != "24" {
		t.Errorf("bounded: %+v", p)
	}
	in.Snapshot.Settings.TransferThreads = set(-1)
	if p := proposeTransferThreads(look(in)); len(p.changes) != 0 {
		t.Errorf("below 0 another pool uploads: %+v", p)
	}
	in.Snapshot.Settings.StateBackend = set("HashMapStateBackend")
	if p := proposeTransferThreads(look(in)); len(p.changes) != 0 {
		t.Errorf("RocksDB only: %+v", p)
	}
}

func TestIncrementalKeyAndRefusals(t *testing.T) {
	in := patient(api.CauseCheckpointPressure, "")
	for version, want := range map[string]string{"1.17.2": keyIncrementalOld, "1.20.5": keyIncremental, "2.2.1": keyIncremental, "": keyIncrementalOld} {
		in.Snapshot.Job.FlinkVersion = version
		if p := proposeIncremental(look(in)); len(p.changes) != 1 || p.changes[0].Field != want {
			t.Errorf("%q: %+v, want %s", version, p, want)
		}
	}
	in.Snapshot.Job.FlinkVersion, in.Snapshot.Target.Config[keyIncremental] = "1.19.3", "true"
	if p := proposeIncremental(look(in)); p.changes[0].Field != keyIncrementalOld {
		t.Errorf("the key is %s, which Flink 1.19 does not read", p.changes[0].Field)
	}
	delete(in.Snapshot.Target.Config, keyIncremental)
	in.Snapshot.Job.FlinkVersion, in.Snapshot.Target.Config[keyIncrementalOld] = "1.20.5", "false"
	if p := proposeIncremental(look(in)); p.changes[0].Field != keyIncrementalOld {
		t.Errorf("the form that is there is kept: %+v", p)
	}
	for name, change := range map[string]func(*Input){
		"already on":     func(in *Input) { in.Snapshot.Settings.Incremental = set(true) },
		"heap backend":   func(in *Input) { in.Snapshot.Settings.StateBackend = set("hashmap") },
		"not known":      func(in *Input) { in.Snapshot.Settings.Incremental = model.Setting[bool]{} },
		"unsafe overlap": func(in *Input) { in.Snapshot.Settings.MaxConcurrent = set(3) },
	} {
		in := patient(api.CauseCheckpointPressure, "")
		change(&in)
		if p := proposeIncremental(look(in)); len(p.changes) != 0 {
			t.Errorf("%s: %+v", name, p.changes)
		}
	}
}

func TestUnaligned(t *testing.T) {
	in := patient(api.CauseBackpressure, "")
	if d := Decide(in); d.WhyNot.Reason != api.ReasonAdviceOnly {
		t.Errorf("off by default: %+v", d.WhyNot)
	}
	permit(&in, api.LeverUnalignedCheckpoints)
	expect(t, "on", in, keyUnaligned, "true", "")
	expect(t, "aligned timeout: 10m / 10, at most 30s", in, keyAlignedTimeout, "30s", "")
	if advice := strings.Join(Decide(in).Advice, "\n"); !strings.Contains(advice, "custom partitioner") {
		t.Errorf("the job graph's constraints must be said: %q", advice)
	}
	in.Snapshot.Job.FlinkVersion = "1.16.1"
	expect(t, "the key before 1.17", in, keyUnalignedOld, "true", "")
	for name, change := range map[string]func(*Input){
		"at least once":  func(in *Input) { in.Snapshot.Settings.ExactlyOnce = set(false) },
		"concurrent":     func(in *Input) { in.Snapshot.Settings.MaxConcurrent = set(2) },
		"FLINK-37870":    func(in *Input) { in.Snapshot.Job.FlinkVersion = "1.20.1" },
		"mode not known": func(in *Input) { in.Snapshot.Settings.ExactlyOnce = model.Setting[bool]{} },
		"already on":     func(in *Input) { in.Snapshot.Settings.Unaligned = set(true) },
	} {
		in := patient(api.CauseBackpressure, "")
		permit(&in, api.LeverUnalignedCheckpoints)
		change(&in)
		if d := Decide(in); d.Remedy != nil || d.WhyNot.Reason != api.ReasonNoRemedyLeft {
			t.Errorf("%s: %+v %+v", name, d.Remedy, d.WhyNot)
		}
	}
}

func TestWorkaround(t *testing.T) {
	in := patient(api.CauseFlinkVersionBug, api.SubCauseKnownIssue)
	in.Diagnosis.Facts.Advisories = append(in.Diagnosis.Facts.Advisories, model.AdvisoryMatch{
		ID: "FLINK-39738", Title: "oversized acknowledgement is dropped", FixedIn: []string{"2.4.0"},
		Workaround: map[string]string{"pekko.framesize": "20971520b", keyTimeout: "5h", "b.key": "1"},
	})
	in.Snapshot.Target.Config["b.key"] = "1"
	permit(&in, api.LeverAdvisoryWorkarounds)
	d := Decide(in)
	expect(t, "written", in, "pekko.framesize", "20971520b", "")
	expect(t, "a timeout has its own rung and bound", in, keyTimeout, "", "")
	expect(t, "what is set already", in, "b.key", "", "")
	if d.Action != model.ActionApply || !strings.Contains(strings.Join(d.Advice, "\n"), "fixed in Flink 2.4.0") {
		t.Errorf("%s, advice %q", d.Action, d.Advice)
	}
	in.Diagnosis.Facts.Advisories = []model.AdvisoryMatch{{ID: "x", Workaround: map[string]string{"kubernetes.operator.x": "1"}}}
	if d := Decide(in); d.Remedy.Cost != api.CostNoRestart || d.Remedy.Replay != 0 {
		t.Errorf("the Flink operator reads its own keys live: %+v", d.Remedy)
	}
}

// The pool whose threads are in deletes is the one that is sized: cluster-io has four threads a CPU where nothing sets it.
func TestThePoolThatDeletesIsSized(t *testing.T) {
	for _, c := range []struct {
		name        string
		io, cluster bool
		set         int
		pool, other string
	}{
		{"no dump tells", false, false, 0, "4", ""},
		{"deletes in the io pool", true, false, 0, "4", ""},
		{"deletes in cluster-io", false, true, 0, "", "8"},
		{"deletes in a cluster-io that is set", false, true, 3, "", "6"},
		{"deletes in both", true, true, 0, "4", "8"},
	} {
		in := patient(api.CauseSlowCleanup, "")
		in.Diagnosis.Facts.IODeletes, in.Diagnosis.Facts.ClusterDeletes = c.io, c.cluster
		in.Snapshot.Settings.ClusterPoolSize = model.Setting[int]{Value: c.set, Known: c.set > 0, Origin: api.OriginTarget}
		d := Decide(in)
		pool, _ := field(d, keyIOPool)
		other, _ := field(d, keyClusterPool)
		if pool.To != c.pool || other.To != c.other {
			t.Errorf("%s: io pool %q, cluster-io %q; want %q and %q", c.name, pool.To, other.To, c.pool, c.other)
		}
	}
}

// Where dumps show no delete in the io pool, more threads of it would change nothing; and cluster-io is not sized by how many of its threads were seen.
func TestAPoolThatDoesNotDeleteIsNotSized(t *testing.T) {
	in := patient(api.CauseSlowCleanup, "")
	in.Diagnosis.Facts.IOIdle = true
	if pool, ok := field(Decide(in), keyIOPool); ok {
		t.Errorf("the io pool becomes %s though none of its threads deletes", pool.To)
	}
	in = patient(api.CauseSlowCleanup, "")
	in.Diagnosis.Facts.ClusterDeletes = true
	in.Snapshot.JobManager.CPULimit = model.Measure{}
	if pool, ok := field(Decide(in), keyClusterPool); ok {
		t.Errorf("cluster-io becomes %s though its size is not known", pool.To)
	}
}
