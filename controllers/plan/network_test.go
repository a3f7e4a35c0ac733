package plan

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// lateInput is a job whose acknowledgements are late, on two nodes, under a policy that lets the network be measured.
func lateInput() Input {
	policy := model.ResolvePolicy("prod", &api.RemediationPolicySpec{NetworkProbe: api.NetworkProbePod})
	return Input{
		Snapshot: &model.Snapshot{
			Target: model.Target{Kind: "FlinkDeployment", Name: "payments", Lifecycle: "STABLE"},
			Pods: []model.Pod{
				{Name: "payments-jm-0", Component: model.ComponentJobManager, Node: "node-1", IP: "10.0.1.2"},
				{Name: "payments-jm-1", Component: model.ComponentJobManager, Node: "node-1", IP: "10.0.1.3", Ready: true},
				{Name: "payments-tm-1", Component: model.ComponentTaskManager, Node: "node-1", IP: "10.0.1.4", Ready: true},
				{Name: "payments-tm-2", Component: model.ComponentTaskManager, Node: "node-2", IP: "10.0.2.4", Ready: true},
				{Name: "payments-tm-3", Component: model.ComponentTaskManager, Node: "node-3", IP: "10.0.3.4", Ready: true},
			},
			TaskManagers: []model.TaskManager{{ID: "10.0.3.4:4711-abcdef", Host: "10.0.3.4"}},
			Vertices:     []model.Vertex{{Name: "join", Parallelism: 3, Placement: []string{"payments-tm-1", "payments-tm-2", "10.0.3.4:4711-abcdef"}}},
		},
		Diagnosis: &model.Diagnosis{Health: api.HealthUnhealthy, Findings: []model.Finding{{Cause: api.CauseNetworkLatency, Verdict: api.VerdictLikely, Score: 60}}},
		Policy:    &policy, Controls: model.Controls{Warm: true}, Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
	}
}

func targets(rpc, blob, rest string) []model.ProbeTarget {
	return []model.ProbeTarget{{Name: model.RoundTripsRPC, Address: rpc}, {Name: model.RoundTripsBlob, Address: blob}, {Name: model.RoundTripsREST, Address: rest, Path: "/config"}}
}

var standardPorts = targets("10.0.1.3:6123", "10.0.1.3:6124", "10.0.1.3:8081")

// From the node of the slowest subtask's TaskManager where it is known, else from another node than the JobManager's.
func TestWhereTheNetworkIsMeasured(t *testing.T) {
	slowest := func(vertex string, subtask int) func(*Input) {
		return func(in *Input) {
			in.Diagnosis.Slowest = model.SlowestSubtask{Known: true, Vertex: vertex, Subtask: subtask}
		}
	}
	cases := map[string]struct {
		change func(*Input)
		want   model.ProbeOrder
	}{
		"slowest unknown":     {func(*Input) {}, model.ProbeOrder{Node: "node-2", TaskManager: "payments-tm-2", Targets: standardPorts}},
		"slowest by pod name": {slowest("join", 0), model.ProbeOrder{Node: "node-1", TaskManager: "payments-tm-1", Targets: standardPorts}},
		"slowest by address":  {slowest("join", 2), model.ProbeOrder{Node: "node-3", TaskManager: "payments-tm-3", Targets: standardPorts}},
		"slowest nowhere":     {slowest("other", 7), model.ProbeOrder{Node: "node-2", TaskManager: "payments-tm-2", Targets: standardPorts}},
		"all on one node":     {func(in *Input) { in.Snapshot.Pods = in.Snapshot.Pods[:3] }, model.ProbeOrder{Node: "node-1", TaskManager: "payments-tm-1", Targets: standardPorts}},
		"Undetermined": {func(in *Input) {
			in.Diagnosis.Findings = []model.Finding{{Cause: api.CauseUndetermined}, {Cause: api.CauseNetworkLatency, Verdict: api.VerdictRuledOut}}
		}, model.ProbeOrder{Node: "node-2", TaskManager: "payments-tm-2", Targets: standardPorts}},
		"network only possible": {func(in *Input) {
			in.Diagnosis.Findings = []model.Finding{{Cause: api.CauseSlowCleanup, Verdict: api.VerdictLikely}, {Cause: api.CauseNetworkLatency, Verdict: api.VerdictNotAssessed}}
		}, model.ProbeOrder{Node: "node-2", TaskManager: "payments-tm-2", Targets: standardPorts}},
		"at risk and treated":    {func(in *Input) { in.Diagnosis.Health, in.Policy.Detection.Treat = api.HealthAtRisk, api.TreatAtRisk }, model.ProbeOrder{Node: "node-2", TaskManager: "payments-tm-2", Targets: standardPorts}},
		"mode Observe":           {func(in *Input) { in.Policy.Mode = api.ModeObserve }, model.ProbeOrder{Node: "node-2", TaskManager: "payments-tm-2", Targets: standardPorts}},
		"ports of its own":       {ports("7000", "7001", "7002"), model.ProbeOrder{Node: "node-2", TaskManager: "payments-tm-2", Targets: targets("10.0.1.3:7000", "10.0.1.3:7001", "10.0.1.3:7002")}},
		"ports that are a range": {ports("6123", "50100-50200", "0"), model.ProbeOrder{Node: "node-2", TaskManager: "payments-tm-2", Targets: standardPorts[:1]}},
	}
	for name, c := range cases {
		in := lateInput()
		c.change(&in)
		got, why := MeasureNetwork(in)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", name, why, diff)
		}
	}
}

func ports(rpc, blob, rest string) func(*Input) {
	return func(in *Input) {
		in.Snapshot.Settings.Cluster = map[string]string{"jobmanager.rpc.port": rpc, "blob.server.port": blob, "rest.port": rest}
	}
}

func TestWhenTheNetworkIsNotMeasured(t *testing.T) {
	cases := map[string]func(*Input){
		"the policy's networkProbe is Off":               func(in *Input) { in.Policy.NetworkProbe = api.NetworkProbeOff },
		"the job cannot be judged":                       func(in *Input) { in.Snapshot.Availability.Reason = api.ReasonJobManagerUnreachable },
		"the job is not as sick as the policy treats":    func(in *Input) { in.Diagnosis.Health = api.HealthAtRisk },
		"it was measured in this spell":                  func(in *Input) { in.Snapshot.Network = &model.NetworkProbe{} },
		"the manager has just started":                   func(in *Input) { in.Controls.Warm = false },
		"paused":                                         func(in *Input) { in.Controls.Paused = "black friday" },
		"another CheckpointHealth is in charge":          func(in *Input) { in.Controls.LookedAfter = "looked after by audit" },
		"the stop switch is on":                          func(in *Input) { in.Controls.Stopped = "incident" },
		"the target is being upgraded":                   func(in *Input) { in.Snapshot.Target.Lifecycle = "UPGRADING" },
		"the network is ruled out":                       func(in *Input) { in.Diagnosis.Findings[0].Verdict = api.VerdictRuledOut },
		"no JobManager pod with an address is ready":     func(in *Input) { in.Snapshot.Pods = in.Snapshot.Pods[2:] },
		"no TaskManager pod is on a node":                func(in *Input) { in.Snapshot.Pods = in.Snapshot.Pods[:2] },
		"the JobManager's ports are chosen at its start": ports("0", "0", "50100-50200"),
	}
	for want, change := range cases {
		in := lateInput()
		change(&in)
		order, why := MeasureNetwork(in)
		if why != want || !cmp.Equal(order, model.ProbeOrder{}) {
			t.Errorf("%q, want %q; order %+v", why, want, order)
		}
	}
	if len(cases) != len(probeHolds)+3 {
		t.Errorf("%d reasons are tested, there are %d", len(cases), len(probeHolds)+3)
	}
	if _, why := MeasureNetwork(Input{}); why == "" {
		t.Error("nothing known, and it is measured")
	}
}
