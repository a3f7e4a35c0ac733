package plan

import (
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// standalonePatient is a job of a Deployment without the Flink operator, with a file of a ConfigMap.
func standalonePatient(cause api.Cause, sub api.SubCause) Input {
	return with(patient(cause, sub), func(in *Input) {
		file := model.SettingPlace{PlaceRef: model.PlaceRef{Kind: model.PlaceConfigMap, Name: "flink-config", Key: "flink-conf.yaml"}, Origin: api.OriginConfigMap}
		t := &in.Snapshot.Target
		*t = model.Target{
			APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "payments", UID: "u-1", Generation: 3, ObservedGeneration: 3,
			HighAvailability: true, ResourceField: "resources", JobManagerCPU: model.Measured(1),
			JobManagerResources: map[string]string{"jobManager.resources.limits.memory": "1700Mi", "jobManager.resources.requests.memory": "1600Mi"},
			Config:              map[string]string{},
		}
		t.Standalone = &model.Standalone{Container: "jobmanager", Places: map[string][]model.SettingPlace{}, New: &file,
			ConfigMaps: map[string]model.ConfigMapUse{"flink-config": {}}}
		for key, value := range map[string]string{keyTimeout: "10m", keyProcessSize: "1600m"} {
			place := file
			place.Value = value
			t.Config[key], t.Standalone.Places[key] = value, []model.SettingPlace{place}
		}
		in.Snapshot.Settings.Timeout.Origin = api.OriginConfigMap
		in.Snapshot.Settings.Cluster = map[string]string{keyTimeout: "10 min", keyProcessSize: "1600m"}
	})
}

// refusingStandalone has a patient for each guard of a standalone JobManager, alone.
var refusingStandalone = []refusalCase{
	{"not YAML", api.ReasonConfigurationBroken, "line 3", func(in *Input) {
		in.Snapshot.Target.Standalone.Broken = "ConfigMap/flink-config, key config.yaml: line 3: not YAML"
	}},
	{"immutable", api.ReasonConfigurationFixed, "it is immutable", func(in *Input) { useOf(in, model.ConfigMapUse{Fixed: "it is immutable"}) }},
	{"no place", api.ReasonConfigurationFixed, "neither a mounted configuration file", func(in *Input) { in.Snapshot.Target.Standalone.New = nil }},
	{"a script", api.ReasonConfigurationFixed, "shell script", func(in *Input) {
		in.Snapshot.Target.Standalone.Places[keyIOPool] = []model.SettingPlace{{PlaceRef: model.PlaceRef{Kind: model.PlaceArguments, Key: "script"}, Fixed: "it stands in a shell script"}}
	}},
	{"something unread", api.ReasonConfigurationFixed, "might be overridden: envFrom", func(in *Input) {
		in.Snapshot.Target.Standalone.Unreadable = []string{"envFrom takes variables from Secret s"}
	}},
	{"another value in force", api.ReasonConfigurationFixed, "nothing that could be read sets", func(in *Input) { in.Snapshot.Settings.Cluster[keyIOPool] = "7" }},
	{"twice", api.ReasonDuplicateKey, "line 7", func(in *Input) {
		in.Snapshot.Target.Standalone.New.Twice = "ConfigMap/flink-config, key flink-conf.yaml: line 7: is there already in line 2"
	}},
	{"paused", api.ReasonRolloutPaused, "resume", func(in *Input) { in.Snapshot.Target.Standalone.Paused = "spec.paused is true: resume it first" }},
	{"OnDelete", api.ReasonRolledOutByHand, "by hand", func(in *Input) { in.Snapshot.Target.Standalone.Manual = "updateStrategy is OnDelete: by hand" }},
	{"rolling", api.ReasonUpgradeInProgress, "0 of 1 pods", func(in *Input) { in.Snapshot.Target.Standalone.Rolling = "0 of 1 pods have the present template" }},
	{"no HA", api.ReasonNoHighAvailability, "would lose it", func(in *Input) {
		in.Snapshot.Target.HighAvailability, in.Policy.Guards.HighAvailability = false, api.NotRequired
	}},
	{"owner of the workload", api.ReasonManagedByParent, "FlinkCluster/pay", func(in *Input) { in.Snapshot.Target.Parent = "FlinkCluster/pay" }},
	{"owner of the file", api.ReasonOwnedByOtherManager, "helm", func(in *Input) { in.Snapshot.Target.Owners = map[string][]string{model.AnyKey: {"helm"}} }},
	{"session cluster", api.ReasonSessionCluster, "guards.clusterChanges", func(in *Input) { in.Snapshot.Target.SessionCluster = true }},
	{"replicas 0", api.ReasonJobNotRunning, "spec.replicas 0", func(in *Input) { in.Snapshot.Target.Suspended = true }},
}

// storedGraph is tested by TestWhatTheStoredJobGraphHoldsIsOnlyRecommended, with another patient.
var storedGraph = []refusalCase{{reason: api.ReasonStoredJobGraph}}

func useOf(in *Input, use model.ConfigMapUse) {
	in.Snapshot.Target.Standalone.ConfigMaps["flink-config"] = use
}

func TestEachGuardOfAStandaloneJobManager(t *testing.T) {
	for _, c := range refusingStandalone {
		d := Decide(with(standalonePatient(api.CauseSlowCleanup, ""), c.change))
		if d.Action != model.ActionNone || d.WhyNot.Reason != c.reason || !strings.Contains(d.WhyNot.Message, c.says) {
			t.Errorf("%s: %s, %+v; want %s saying %q", c.name, d.Action, d.WhyNot, c.reason, c.says)
		}
		if _, ok := field(d, keyIOPool); !ok || len(d.Refusals) != 1 {
			t.Errorf("%s: %d refusals %+v, remedy %+v", c.name, len(d.Refusals), d.Refusals, d.Remedy)
		}
	}
}

func TestAStandalonePatientIsTreated(t *testing.T) {
	d := Decide(standalonePatient(api.CauseSlowCleanup, ""))
	change, ok := field(d, keyIOPool)
	if d.Action != model.ActionApply || !ok || change.WasSet || change.Place == nil || change.Place.Name != "flink-config" || d.Remedy.Cost != api.CostJobRestart {
		t.Fatalf("%s %+v %+v", d.Action, d.WhyNot, d.Remedy)
	}
}

// What high availability restores is not patched: the job would go on with the timeout it was submitted with.
func TestWhatTheStoredJobGraphHoldsIsOnlyRecommended(t *testing.T) {
	d := Decide(standalonePatient(api.CauseNetworkLatency, ""))
	if d.Action != model.ActionNone || d.WhyNot.Reason != api.ReasonStoredJobGraph || !strings.Contains(d.WhyNot.Message, "ConfigMap/flink-config, key flink-conf.yaml") {
		t.Errorf("%s %+v", d.Action, d.WhyNot)
	}
	if change, ok := field(d, keyTimeout); !ok || change.To != "15m" || change.Origin != api.OriginConfigMap {
		t.Errorf("recommended: %+v", d.Remedy)
	}
	// A rung that can be applied comes first, wherever it stands on the ladder.
	d = Decide(with(standalonePatient(api.CauseJobManagerOverload, api.SubCauseCPU), func(in *Input) { in.Snapshot.Target.JobManagerResources["jobManager.resources.limits.cpu"] = "1" }))
	if _, ok := field(d, "jobManager.resources.limits.cpu"); !ok || d.Action != model.ActionApply {
		t.Errorf("%s %+v %+v", d.Action, d.WhyNot, d.Remedy)
	}
}

// The process and its container grow together: the gap between them stays.
func TestTheProcessGrowsWithItsContainer(t *testing.T) {
	d := Decide(standalonePatient(api.CauseJobManagerOverload, api.SubCauseHeap))
	process, ok := field(d, keyProcessSize)
	limit, hasLimit := field(d, "jobManager.resources.limits.memory")
	request, hasRequest := field(d, "jobManager.resources.requests.memory")
	if !ok || !hasLimit || !hasRequest || d.Action != model.ActionApply {
		t.Fatalf("%s %+v %+v", d.Action, d.WhyNot, d.Remedy)
	}
	bytes := func(text string) int64 {
		n, err := model.ParseMemory(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if gap := bytes(limit.To) - bytes(process.To); gap != 100*mib || bytes(request.To) != bytes(process.To) || process.Place == nil || limit.Place != nil {
		t.Errorf("process %s in a container of %s to %s", process.To, request.To, limit.To)
	}
}

// FLINK_JM_HEAP sizes the heap itself; the container grows by as much.
func TestALegacyHeapGrowsWhereItIsSet(t *testing.T) {
	d := Decide(with(standalonePatient(api.CauseJobManagerOverload, api.SubCauseHeap), func(in *Input) {
		s := in.Snapshot.Target.Standalone
		delete(in.Snapshot.Target.Config, keyProcessSize)
		delete(in.Snapshot.Settings.Cluster, keyProcessSize)
		delete(s.Places, keyProcessSize)
		in.Snapshot.Target.Config[keyLegacyHeap] = "1024m"
		s.Places[keyLegacyHeap] = []model.SettingPlace{{PlaceRef: model.PlaceRef{Kind: model.PlaceEnvironment, Name: "FLINK_JM_HEAP"}, Origin: api.OriginEnvironment, Value: "1024m"}}
	}))
	heap, ok := field(d, keyLegacyHeap)
	limit, hasLimit := field(d, "jobManager.resources.limits.memory")
	if !ok || !hasLimit || d.Action != model.ActionApply || heap.Place == nil || heap.Place.Name != "FLINK_JM_HEAP" || heap.From != "1024m" || heap.To == "1024m" || limit.To == "1700Mi" {
		t.Errorf("%s %+v %+v", d.Action, d.WhyNot, d.Remedy)
	}
}
