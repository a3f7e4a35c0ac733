package plan

import (
	"math"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// expect decides on a changed patient and compares one change: "" for to means that the field is not changed.
func expect(t *testing.T, name string, in Input, fieldName, to, uncapped string) {
	t.Helper()
	change, ok := field(Decide(in), fieldName)
	if ok != (to != "") || change.To != to || change.Uncapped != uncapped {
		t.Errorf("%s: %s is changed to %q (uncapped %q), want %q (uncapped %q)", name, fieldName, change.To, change.Uncapped, to, uncapped)
	}
}

func TestIntervalSizing(t *testing.T) {
	s, m := time.Second, time.Minute
	for _, c := range []struct {
		name                    string
		interval, p95, minPause time.Duration
		expired                 int
		late                    []time.Duration
		most                    float64
		to, uncapped            string
	}{
		{"runbook: 2m20s / 50 % = 4m40s, tidied to 5m", m, 140 * s, 0, 0, nil, 1800, "5m", ""},
		{"seconds: 4s / 50 %", 3 * s, 4 * s, 0, 0, nil, 1800, "8s", ""},
		{"expired ones take at least the timeout: 10m / 50 %, no longer than can be undone beside 15m: 60 - 4 - 3 x 15", m, 140 * s, 0, 3, nil, 1800, "11m", ""},
		{"a late one tells more: 12m / 50 %", m, 140 * s, 0, 3, []time.Duration{12 * m}, 1800, "24m", ""},
		{"cut by the policy", m, 20 * m, 0, 0, nil, 1800, "30m", "40m"},
		{"min-pause is the interval in force", m, 140 * s, 10 * m, 0, nil, 1800, "", ""},
		{"wide enough", 5 * m, 140 * s, 0, 0, nil, 1800, "", ""},
	} {
		in := patient(api.CauseCheckpointPressure, "")
		in.Snapshot.Settings.Interval, in.Snapshot.Settings.MinPause = set(c.interval), set(c.minPause)
		in.Diagnosis.Facts.P95, in.Diagnosis.Facts.LateAcks, in.Diagnosis.Counts.Expired = c.p95, c.late, c.expired
		bound(&in, api.LeverCheckpointInterval, c.most)
		expect(t, c.name, in, keyInterval, c.to, c.uncapped)
	}
}

// Where checkpoints expire, an interval alone leaves those that take most of the timeout by themselves, and more comes together in it: the timeout goes
// along, in the same restart.
func TestIntervalTakesTheTimeoutAlong(t *testing.T) {
	for _, c := range []struct {
		name, to string
		change   func(*Input)
	}{
		{"nothing came late: 10m x 5.5, no longer than can be undone", "15m", func(*Input) {}},
		{"where much replay is borne", "50m", func(in *Input) { in.Policy.Guards.MaxReplay = 3 * time.Hour }},
		{"seconds: 10s x 5.5", "55s", func(in *Input) {
			in.Snapshot.Settings.Timeout, in.Diagnosis.Facts.P95 = set(10*time.Second), 4*time.Second
		}},
		{"the late one took 9.5s by itself: x 5.5", "50s", func(in *Input) {
			in.Snapshot.Settings.Timeout = set(8 * time.Second)
			in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = []time.Duration{9500 * time.Millisecond}, true
		}},
		{"a growth of the policy's that is larger", "30m", func(in *Input) {
			in.Policy.Levers[api.LeverCheckpointTimeout] = model.LeverLimit{Action: api.LeverApply, Max: 3600, Growth: 3}
		}},
		{"the late one took 12m by itself: x 2.2, which is measured, and the rest could not be undone", "26m", func(in *Input) {
			in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = []time.Duration{12 * time.Minute}, true
		}},
		{"what it has to write takes 13m40s at its rate: x 2.2", "30m", func(in *Input) {
			*in = uploading(time.Hour, 1, 820<<20)
			in.Diagnosis.Findings[0].Cause, in.Diagnosis.Facts.UploadRate = api.CauseCheckpointPressure, model.Measured(1<<20)
			in.Snapshot.Settings.Timeout = set(10 * time.Minute)
		}},
		{"each expiry restarts the job, and uploads are seen to move", "15m", func(in *Input) { in.Diagnosis.Facts.CutShort, in.Diagnosis.Facts.UploadMoves = true, true }},
		{"or nothing is seen that would be in time", "", func(in *Input) { in.Diagnosis.Facts.CutShort = true }},
		{"none expired", "", func(in *Input) { in.Diagnosis.Counts.Expired = 0 }},
		{"each by itself took two fifths of the timeout, and the rest was the wait for another", "", func(in *Input) {
			in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = []time.Duration{4 * time.Minute, time.Minute}, true
		}},
		{"half of the timeout is more than fits, when more comes together: 5m x 2.2", "11m", func(in *Input) {
			in.Diagnosis.Facts.LateAcks, in.Diagnosis.Facts.LateComplete = []time.Duration{5 * time.Minute, time.Minute}, true
		}},
		{"the policy only recommends timeouts", "", func(in *Input) {
			in.Policy.Levers[api.LeverCheckpointTimeout] = model.LeverLimit{Action: api.LeverRecommend, Max: 3600, Growth: 1.5}
		}},
		{"the policy has timeouts off", "", func(in *Input) { in.Policy.Levers[api.LeverCheckpointTimeout] = model.LeverLimit{Action: api.LeverOff} }},
		{"the timeout is set in code", "", func(in *Input) { in.Snapshot.Settings.Timeout.Origin = api.OriginJobCode }},
		{"it did not help", "", func(in *Input) {
			in.Snapshot.Target.Receipts = []model.Receipt{failedReceipt(api.CauseCheckpointPressure, api.LeverCheckpointTimeout, time.Hour)}
		}},
		{"it is at its bound", "", func(in *Input) { bound(in, api.LeverCheckpointTimeout, 600) }},
	} {
		in := with(patient(api.CauseCheckpointPressure, ""), c.change)
		in.Diagnosis.Facts.P95 = 140 * time.Second
		expect(t, c.name, in, keyTimeout, c.to, "")
		if change, _ := field(Decide(in), keyInterval); change.To == "" || Decide(in).Remedy.Lever != api.LeverCheckpointInterval {
			t.Errorf("%s: no interval", c.name)
		}
	}
	in := patient(api.CauseCheckpointPressure, "")
	in.Policy.Levers[api.LeverCheckpointInterval] = model.LeverLimit{Action: api.LeverOff}
	expect(t, "the policy has intervals off", in, keyInterval, "", "")
}

func TestIntervalTakesBacklogAlong(t *testing.T) {
	in := patient(api.CauseCheckpointPressure, "")
	in.Diagnosis.Counts.Expired, in.Diagnosis.Facts.P95 = 0, 140*time.Second
	in.Snapshot.Target.Config[keyIntervalBacklog] = "2 min"
	expect(t, "a backlog interval below the new interval is rejected by Flink", in, keyIntervalBacklog, "5m", "")
	if c, _ := field(Decide(in), keyIntervalBacklog); c.From != "2 min" || !c.WasSet {
		t.Errorf("prior value %+v, want it as written", c)
	}
	in.Snapshot.Target.Config[keyIntervalBacklog] = "0"
	expect(t, "0 means none during backlog", in, keyIntervalBacklog, "", "")
	if d := Decide(in); d.Remedy.Criterion.DutyCyclePercent != 50 || !strings.Contains(d.Remedy.Reason, "replays up to 5m instead of 1m") {
		t.Errorf("criterion %+v, reason %q", d.Remedy.Criterion, d.Remedy.Reason)
	}
}

func TestCPUSizing(t *testing.T) {
	for _, c := range []struct {
		name                          string
		limit, usage, throttled, most float64
		to, uncapped                  string
	}{
		{"0.9 / 60 % = 1.5", 1, 0.9, 0, 4, "1.5", ""},
		{"at the limit: 1 / 60 % = 1.67", 1, 1, 0, 4, "1.75", ""},
		{"throttled: the average hides the need, x 1.5", 1, 0.5, 0.4, 4, "1.5", ""},
		{"0.1 cores: 0.1 / 60 % = 0.17", 0.1, 0.1, 0, 4, "0.2", ""},
		{"usage not known: x 1.5", 2, 0, 0, 4, "3", ""},
		{"cut by the policy", 2, 1.9, 0, 2.5, "2.5", "3.5"}, // 1.9 / 60 % = 3.17
		{"little used", 2, 0.5, 0, 4, "", ""},
		{"nonsense is not known", 1, math.Inf(1), 0, 4, "1.5", ""},
	} {
		in := patient(api.CauseJobManagerOverload, api.SubCauseCPU)
		in.Snapshot.JobManager.CPULimit, in.Snapshot.Target.JobManagerCPU = model.Measured(c.limit), model.Measured(c.limit)
		in.Snapshot.JobManager.CPUUsage = model.Measured(c.usage)
		in.Snapshot.JobManager.ThrottledShare = model.Measured(c.throttled)
		bound(&in, api.LeverJobManagerCPU, c.most)
		expect(t, c.name, in, fieldCPU, c.to, c.uncapped)
	}
}

// The JVM's load is of one moment: where the use is not known in a pass, neither CPU nor the time that comes after it is written by it.
func TestNoCPUByTheLoadOfOneMoment(t *testing.T) {
	for _, c := range []struct {
		name      string
		load      float64
		usage     model.Measure
		throttled float64
		most      float64
		want      string
	}{
		{"half a load", 0.55, model.Measure{}, 0, 4, ""},
		{"all of it", 1, model.Measure{}, 0, 4, ""},
		{"nor time, where CPU is at its bound", 0.55, model.Measure{}, 0, 1, ""},
		{"the limit held it back, which is counted", 0.55, model.Measure{}, 0.4, 4, fieldCPU},
		{"the next pass knows", 0.55, model.Measured(0.99), 0, 4, fieldCPU},
	} {
		in := patient(api.CauseJobManagerOverload, api.SubCauseCPU)
		in.Snapshot.JobManager.CPULoad, in.Snapshot.JobManager.CPUUsage, in.Snapshot.JobManager.ThrottledShare = model.Measured(c.load), c.usage, model.Measured(c.throttled)
		bound(&in, api.LeverJobManagerCPU, c.most)
		d := Decide(in)
		if _, written := field(d, c.want); written != (c.want != "") || c.want == "" && (d.Remedy != nil || d.WhyNot.Reason != api.ReasonSnapshotIncomplete) {
			t.Errorf("%s: %+v, %+v", c.name, d.Remedy, d.WhyNot)
		}
	}
}

func TestCPUWithLimitFactorAndResources(t *testing.T) {
	in := patient(api.CauseJobManagerOverload, api.SubCauseCPU)
	in.Snapshot.Target.Config["kubernetes.jobmanager.cpu.limit-factor"] = "2"
	in.Snapshot.Target.JobManagerCPU = model.Measured(0.5)                   // limit 1
	expect(t, "the limit is twice what is written", in, fieldCPU, "0.8", "") // 0.75 is half of 1.5

	// The factor is an operator's default, and what is written is half of the limit.
	in = patient(api.CauseJobManagerOverload, api.SubCauseCPU)
	bound(&in, api.LeverJobManagerCPU, 8)
	in.Snapshot.Settings.Cluster = map[string]string{"kubernetes.jobmanager.cpu.limit-factor": "2"}
	in.Snapshot.Target.JobManagerCPU, in.Snapshot.JobManager.CPULimit = model.Measured(1), model.Measured(2)
	in.Snapshot.JobManager.CPUUsage = model.Measured(1.92) // the limit needs 3.2 cores
	expect(t, "an operator's default factor", in, fieldCPU, "1.75", "")
	in.Snapshot.Target.Config["kubernetes.jobmanager.cpu.limit-factor"] = "1"
	expect(t, "the target's own factor goes before it", in, fieldCPU, "3.5", "")

	in = patient(api.CauseJobManagerOverload, api.SubCauseCPU)
	in.Snapshot.Settings.Cluster = map[string]string{"kubernetes.jobmanager.cpu.limit-factor": "2"} // made of limits / requests
	in.Snapshot.Target.ResourceField = "resources"
	in.Snapshot.Target.JobManagerResources = map[string]string{"jobManager.resources.limits.cpu": "1", "jobManager.resources.requests.cpu": "500m"}
	expect(t, "limit", in, "jobManager.resources.limits.cpu", "1.5", "")
	expect(t, "the request keeps its share: 500m / 1 x 1.5 = 0.75", in, "jobManager.resources.requests.cpu", "0.8", "")
	expect(t, "resource is ignored where resources is set", in, fieldCPU, "", "")
	if c, _ := field(Decide(in), "jobManager.resources.requests.cpu"); c.From != "500m" || !c.WasSet {
		t.Errorf("prior value %+v, want it as written", c)
	}
	in.Snapshot.Target.JobManagerResources = nil
	if d := Decide(in); d.WhyNot.Reason != api.ReasonSnapshotIncomplete {
		t.Errorf("without the values as written it cannot be undone: %+v", d.WhyNot)
	}
}

// The figures of Flink's memory model (defaults, MiB): process to heap and back.
func TestMemoryModel(t *testing.T) {
	m := look(Input{}).memoryModel()
	for process, heap := range map[float64]float64{1600: 1024, 1920: 1344, 2048: 1459, 4096: 3302, 8192: 6988, 10240: 8832, 12288: 10880} {
		if got := math.Floor(m.heapOf(process*mib) / mib); got != heap {
			t.Errorf("a process of %.0f MiB has a heap of %.0f, want %.0f", process, got, heap)
		}
	}
	for heap, process := range map[float64]float64{1024: 1600, 1344: 1920, 2048: 2703, 4096: 4978, 8192: 9529, 8832: 10240, 10880: 12288} {
		if got := math.Ceil(m.processFor(heap*mib)/mib - 1e-6); got != process {
			t.Errorf("a heap of %.0f MiB needs a process of %.0f, want %.0f", heap, got, process)
		}
	}
	for heap := 128.0; heap < 20000; heap += 77 {
		if back := m.heapOf(m.processFor(heap * mib)); math.Abs(back-heap*mib) > 1 {
			t.Errorf("heap %.0f MiB comes back as %.1f", heap, back/mib)
		}
	}
}

func TestHeapSizing(t *testing.T) {
	const gib = 1024 * mib
	for _, c := range []struct {
		name         string
		change       func(*Input)
		to, uncapped string
	}{
		// 900 MiB / 60 % = 1500 MiB of heap; (1500 + 384) / 0.9 = 2093 MiB, tidied to 2304.
		{"live set / 60 %", nil, "2304m", ""},
		// At 1000 of 1024 the heap is full: max(1667, 1536) = 1667; 2279, tidied to 2304.
		{"full", func(in *Input) { in.Snapshot.JobManager.HeapUsed = model.Measured(1000 * mib) }, "2304m", ""},
		// Not known: 1024 x 1.5 = 1536; 2133, tidied to 2304.
		{"live set not known", func(in *Input) { in.Snapshot.JobManager.HeapUsed = model.Measure{} }, "2304m", ""},
		// The style of what is written is kept.
		{"style", func(in *Input) {
			in.Snapshot.Target.JobManagerMemory = "1536Mi"
			in.Snapshot.JobManager.HeapUsed = model.Measured(760 * mib) // 760 / 60 % = 1267 is below 1344: 1267 + 576 = 1843
		}, "1920Mi", ""},
		{"whole gibibytes", func(in *Input) { in.Snapshot.JobManager.HeapUsed = model.Measured(858 * mib) }, "2g", ""}, // 1430; 2015
		{"cut by the policy", func(in *Input) { bound(in, api.LeverJobManagerHeap, 2*gib) }, "2g", "2304m"},
		// 512 MiB of metaspace instead of 256: (1500 + 512 + 128) / 0.9 = 2378.
		{"configured metaspace", func(in *Input) { in.Snapshot.Target.Config["jobmanager.memory.jvm-metaspace.size"] = "512m" }, "2560m", ""},
		// Overhead of at least 512 MiB: 1500 + 384 + 512 = 2396.
		{"configured overhead", func(in *Input) { in.Snapshot.Target.Config["jobmanager.memory.jvm-overhead.min"] = "512 mb" }, "2560m", ""},
		{"little live", func(in *Input) { in.Snapshot.JobManager.HeapUsed = model.Measured(300 * mib) }, "", ""},
		// 15 % of the time with 244 MiB of room are 0.176 to 1, 6 % 0.064 to 1: 675 MiB of room, 1455 of heap; 2043.
		{"collects much, and was looked at once", func(in *Input) {
			in.Snapshot.JobManager.HeapUsed, in.Snapshot.JobManager.GCShare, in.Snapshot.JobManager.HeapSamples = model.Measured(780*mib), model.Measured(0.42), 1
		}, "1920m", ""},
		{"collects much", func(in *Input) {
			in.Snapshot.JobManager.HeapUsed, in.Snapshot.JobManager.GCShare = model.Measured(780*mib), model.Measured(0.15)
		}, "2g", ""},
		// 42 % would need 2768 MiB of room: three times the heap is the most of one step, (3072 + 384) / 0.9 = 3840.
		{"collects nearly half of the time", func(in *Input) {
			in.Snapshot.JobManager.HeapUsed, in.Snapshot.JobManager.GCShare = model.Measured(780*mib), model.Measured(0.42)
		}, "3840m", ""},
		{"collects nearly half of the time, and two thirds of the heap are free", func(in *Input) {
			in.Snapshot.JobManager.HeapUsed, in.Snapshot.JobManager.GCShare = model.Measured(300*mib), model.Measured(0.42)
		}, "", ""},
		{"collects little", func(in *Input) {
			in.Snapshot.JobManager.HeapUsed, in.Snapshot.JobManager.GCShare = model.Measured(780*mib), model.Measured(0.05)
		}, "1920m", ""}, // 780 / 60 % = 1300 + 576
	} {
		in := patient(api.CauseJobManagerOverload, api.SubCauseHeap)
		in.Snapshot.JobManager.HeapSamples = 3
		if c.change != nil {
			c.change(&in)
		}
		expect(t, c.name, in, fieldMemory, c.to, c.uncapped)
	}
}

func TestHeapPinned(t *testing.T) {
	in := patient(api.CauseJobManagerOverload, api.SubCauseHeap)
	in.Snapshot.Target.Config[keyHeapSize] = "1024m"
	d := Decide(in)
	// 2304 - 1024 - 128 - 256 = 896 MiB are left for the overhead: it would start, and change nothing.
	if d.Remedy != nil || d.WhyNot.Reason != api.ReasonHeapSizePinned || !strings.Contains(d.WhyNot.Message, "stay as it is") {
		t.Errorf("%+v", d.WhyNot)
	}
	in.Snapshot.JobManager.HeapUsed = model.Measured(1400 * mib)
	in.Snapshot.JobManager.HeapMax = model.Measured(1450 * mib)
	d = Decide(in)
	// 1400 / 60 % = 2333; (2333 + 384) / 0.9 = 3019, tidied to 3072: 1664 MiB are left, more than 1 GiB.
	if d.WhyNot.Reason != api.ReasonHeapSizePinned || !strings.Contains(d.WhyNot.Message, "would not start") {
		t.Errorf("%+v", d.WhyNot)
	}
	delete(in.Snapshot.Target.Config, keyHeapSize)
	in.Snapshot.Target.Config["jobmanager.memory.flink.size"] = "1152m"
	if d := Decide(in); d.WhyNot.Reason != api.ReasonHeapSizePinned {
		t.Errorf("flink.size pins the heap as well: %+v", d.WhyNot)
	}
	// Without a cluster, heap.size is what the start script computed from the process size.
	in = patient(api.CauseJobManagerOverload, api.SubCauseHeap)
	in.Snapshot.Target = model.Target{}
	in.Snapshot.Settings.JobManagerProcess = set(int64(1600 * mib))
	in.Snapshot.Settings.Cluster = map[string]string{keyHeapSize: "1073741824b", keyProcessSize: "1600m"}
	expect(t, "computed heap", in, fieldMemory, "2304m", "")
}
