package observe

import (
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

func TestPodTemplateResourcesAreOverwritten(t *testing.T) {
	const main = "{name: flink-main-container, resources: {limits: {cpu: 4, memory: 8Gi}, requests: {memory: 6Gi}}}"
	for _, test := range []struct{ name, spec, want string }{
		{"none", "", ""},
		{"common", "podTemplate: {spec: {containers: [{name: fluentbit, resources: {limits: {cpu: 9}}}, " + main + "]}}",
			"spec.podTemplate (limits.cpu 4, limits.memory 8Gi, requests.memory 6Gi)"},
		{"the JobManager's own wins", "podTemplate: {spec: {containers: [" + main + "]}}, jobManager: {podTemplate: {spec: {containers: [{name: flink-main-container, resources: {limits: {cpu: 3}}}]}}}",
			"spec.jobManager.podTemplate (limits.cpu 3)"},
		{"the JobManager's own says nothing", "podTemplate: {spec: {containers: [" + main + "]}}, jobManager: {podTemplate: {spec: {containers: [{name: flink-main-container}]}}}",
			"spec.podTemplate (limits.cpu 4, limits.memory 8Gi, requests.memory 6Gi)"},
		{"nonsense", "podTemplate: {spec: {containers: [x, {name: flink-main-container, resources: {limits: [1]}}, {name: 7}]}}", ""},
	} {
		deployment := object(t, "apiVersion: flink.apache.org/v1beta1\nkind: FlinkDeployment\nmetadata: {name: x, namespace: shop}\nspec: {"+test.spec+"}")
		if got := FlinkDeployment(deployment).PodTemplateResources; got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestWhereTheJobManagersSizeComesFrom(t *testing.T) {
	deployment := object(t, strings.Replace(poolYAML, "jobManager: {", "jobManager: {podTemplate: {spec: {containers: [{name: flink-main-container, resources: {limits: {cpu: 4}}}]}}, ", 1))
	target := FlinkDeployment(deployment)
	s := settingsOf(&clusterFacts{config: map[string]string{}}, &target)
	if s.JobManagerCPU.Origin != api.OriginTarget || s.JobManagerCPU.Value != 2 ||
		s.JobManagerCPU.Source != "spec.jobManager.resource.cpu, which overwrites spec.jobManager.podTemplate (limits.cpu 4)" {
		t.Errorf("CPU: %+v", s.JobManagerCPU)
	}
	if !strings.HasPrefix(s.JobManagerProcess.Source, "spec.jobManager.resource.memory") {
		t.Errorf("memory: %+v", s.JobManagerProcess)
	}
}
