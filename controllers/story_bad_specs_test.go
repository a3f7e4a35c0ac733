package controllers

import (
	"fmt"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// badSpec is a spec that a person could write by mistake, and what the API server must say: the field, and what would be right.
type badSpec struct {
	name, spec string
	says       []string
}

const goodTarget = "targetRef: {apiVersion: flink.apache.org/v1beta1, kind: FlinkDeployment, name: payments}\n"

var badCheckpointHealths = []badSpec{
	{"no target", "suspend: true", []string{"spec.targetRef", "Required"}},
	{"target without name", "targetRef: {apiVersion: flink.apache.org/v1beta1, kind: FlinkDeployment}", []string{"spec.targetRef.name", "Required"}},
	{"target without kind", "targetRef: {apiVersion: flink.apache.org/v1beta1, name: payments}", []string{"spec.targetRef.kind", "Required"}},
	{"target without version", "targetRef: {kind: FlinkDeployment, name: payments}", []string{"spec.targetRef.apiVersion", "Required"}},
	{"version without v", "targetRef: {apiVersion: flink.apache.org/beta, kind: FlinkDeployment, name: payments}", []string{"spec.targetRef.apiVersion", "GROUP/VERSION"}},
	{"kind in lower case", "targetRef: {apiVersion: flink.apache.org/v1beta1, kind: flinkdeployment, name: payments}", []string{"spec.targetRef.kind", "CamelCase"}},
	{"name in capitals", "targetRef: {apiVersion: flink.apache.org/v1beta1, kind: FlinkDeployment, name: Payments}", []string{"spec.targetRef.name", "lower case"}},
	{"deployment of the wrong group", "targetRef: {apiVersion: v1, kind: Deployment, name: payments}", []string{"spec.targetRef", "apps/v1"}},
	{"FlinkDeployment of the wrong group", "targetRef: {apiVersion: apps/v1, kind: FlinkDeployment, name: payments}", []string{"spec.targetRef", "flink.apache.org/v1beta1"}},
	{"selector with both", goodTarget + "jobSelector: {name: a, id: 0123456789abcdef0123456789abcdef}", []string{"spec.jobSelector", "exactly one"}},
	{"selector with neither", goodTarget + "jobSelector: {}", []string{"spec.jobSelector", "exactly one"}},
	{"job id too short", goodTarget + "jobSelector: {id: abc}", []string{"spec.jobSelector.id", "32"}},
	{"job id not hexadecimal", goodTarget + "jobSelector: {id: 0123456789abcdef0123456789abcdeX}", []string{"spec.jobSelector.id", "hexadecimal"}},
	{"endpoint as a URL", goodTarget + "endpoint: {serviceName: 'http://payments:8081'}", []string{"spec.endpoint.serviceName", "Service of this namespace"}},
	{"endpoint in another namespace", goodTarget + "endpoint: {serviceName: payments.other}", []string{"spec.endpoint.serviceName", "Service of this namespace"}},
	{"port 0", goodTarget + "endpoint: {port: 0}", []string{"spec.endpoint.port", "greater than or equal to 1"}},
	{"port too high", goodTarget + "endpoint: {port: 70000}", []string{"spec.endpoint.port", "65535"}},
	{"secret with a path", goodTarget + "endpoint: {authSecretRef: {name: ../x}}", []string{"spec.endpoint.authSecretRef.name", "DNS-1123"}},
	{"both policies", goodTarget + "policyRef: {name: prod}\npolicy: {mode: Observe}", []string{"spec", "exclude each other"}},
	{"policyRef without name", goodTarget + "policyRef: {}", []string{"spec.policyRef.name", "Required"}},
	{"suspend as a word", goodTarget + "suspend: 'yes'", []string{"spec.suspend", "boolean"}},
	{"inline mode unknown", goodTarget + "policy: {mode: Auto}", []string{"spec.policy.mode", "Remediate"}},
}

var badPolicies = []badSpec{
	{"mode unknown", "mode: Fix", []string{"spec.mode", "Observe"}},
	{"threshold above window", "detection: {windowCheckpoints: 3, expiredThreshold: 4}", []string{"spec.detection", "must not exceed windowCheckpoints"}},
	{"window of none", "detection: {windowCheckpoints: 0}", []string{"spec.detection.windowCheckpoints", "greater than or equal to 1"}},
	{"CPU above 100 %", "thresholds: {jobManagerCPUPercent: 120}", []string{"spec.thresholds.jobManagerCPUPercent", "100"}},
	{"duty cycle of 0", "thresholds: {dutyCyclePercent: 0}", []string{"spec.thresholds.dutyCyclePercent", "greater than or equal to 1"}},
	{"lever action unknown", "remedies: {checkpointTimeout: {action: Always}}", []string{"spec.remedies.checkpointTimeout.action", "Recommend"}},
	{"timeout shrinks", "remedies: {checkpointTimeout: {growthPercent: -10}}", []string{"spec.remedies.checkpointTimeout.growthPercent", "greater than or equal to 10"}},
	{"more remedies a day than receipts can count", "guards: {maxRemediationsPerDay: 11}", []string{"spec.guards.maxRemediationsPerDay", "less than or equal to 10"}},
	{"negative timeout", "remedies: {checkpointTimeout: {maxSeconds: -1}}", []string{"spec.remedies.checkpointTimeout.maxSeconds", "greater than or equal to 1"}},
	{"CPU of 0", "remedies: {jobManagerCPU: {max: '0'}}", []string{"spec.remedies.jobManagerCPU.max", "above 0"}},
	{"CPU as words", "remedies: {jobManagerCPU: {max: many}}", []string{"spec.remedies.jobManagerCPU.max"}},
	{"heap too small", "remedies: {jobManagerHeap: {max: 64Mi}}", []string{"spec.remedies.jobManagerHeap.max", "at least 256Mi"}},
	{"cleanup without action", "remedies: {backgroundCleanup: {}}", []string{"spec.remedies.backgroundCleanup.action", "Required"}},
	{"concurrency of 100", "remedies: {maxConcurrentCheckpoints: {max: 100}}", []string{"spec.remedies.maxConcurrentCheckpoints.max", "10"}},
	{"io pool of 0", "remedies: {ioPoolSize: {max: 0}}", []string{"spec.remedies.ioPoolSize.max", "greater than or equal to 1"}},
	{"negative cooldown", "guards: {cooldownSeconds: -5}", []string{"spec.guards.cooldownSeconds", "greater than or equal to 0"}},
	{"approval as a bool", "guards: {approval: true}", []string{"spec.guards.approval"}},
	{"window without duration", "guards: {windows: [{schedule: '0 4 * * *'}]}", []string{"spec.guards.windows[0].durationSeconds", "Required"}},
	{"schedule of three fields", "guards: {windows: [{schedule: '0 4 * * ', durationSeconds: 3600}]}", []string{"spec.guards.windows[0].schedule", "five fields"}},
	{"time zone with blanks", "guards: {windows: [{schedule: '0 4 * * *', durationSeconds: 3600, timeZone: 'Central Europe'}]}", []string{"spec.guards.windows[0].timeZone", "IANA"}},
	{"budget of 0", "budget: {maxConcurrent: 0}", []string{"spec.budget.maxConcurrent", "at least 1"}},
	{"budget of 150 %", "budget: {maxConcurrent: 150%}", []string{"spec.budget.maxConcurrent", "from 1% to 100%"}},
	{"prometheus without url", "signals: {prometheus: {authSecretRef: {name: a}}}", []string{"spec.signals.prometheus.url", "Required"}},
	{"prometheus without scheme", "signals: {prometheus: {url: 'prometheus.monitoring.svc:9090'}}", []string{"spec.signals.prometheus.url", "http://prometheus.monitoring.svc:9090"}},
	{"prometheus with a password", "signals: {prometheus: {url: 'http://a:b@prometheus.monitoring.svc'}}", []string{"spec.signals.prometheus.url", "without user"}},
	{"prometheus with a query", "signals: {prometheus: {url: 'http://prometheus.monitoring.svc/?a=b'}}", []string{"spec.signals.prometheus.url", "query"}},
	{"conflicts unknown", "conflicts: Fight", []string{"spec.conflicts", "Yield"}},
	{"no checkpoints to verify", "verification: {checkpoints: 0}", []string{"spec.verification.checkpoints", "greater than or equal to 1"}},
	{"deadline of a second", "verification: {deadlineSeconds: 1}", []string{"spec.verification.deadlineSeconds", "greater than or equal to 30"}},
	{"onIneffective unknown", "verification: {onIneffective: Panic}", []string{"spec.verification.onIneffective", "Rollback"}},
}

// A user who writes a bad spec is told by the API server, at once, which field it is and what would be right.
func TestBadSpecsAreRefusedWithTheFieldAndWhatWouldBeRight(t *testing.T) {
	namespace := namespaceFor(t, "bad-specs")
	for kind, specs := range map[string][]badSpec{"CheckpointHealth": badCheckpointHealths, "RemediationPolicy": badPolicies} {
		for i, bad := range specs {
			t.Run(kind+"/"+bad.name, func(t *testing.T) {
				err := admin.Create(t.Context(), object(t, kind, namespace, fmt.Sprintf("bad-%d", i), bad.spec))
				if !apierrors.IsInvalid(err) && !apierrors.IsBadRequest(err) {
					t.Fatalf("want the API server to refuse it as invalid, got %v", err)
				}
				for _, word := range bad.says {
					if !strings.Contains(err.Error(), word) {
						t.Errorf("the message lacks %q: %v", word, err)
					}
				}
			})
		}
	}
}

// object makes an object of our group from the YAML of its spec.
func object(t *testing.T, kind, namespace, name, spec string) *unstructured.Unstructured {
	t.Helper()
	var fields map[string]any
	if err := yaml.Unmarshal([]byte(spec), &fields); err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{Object: map[string]any{"spec": fields}}
	u.SetAPIVersion("flink.checkpointhealth.dev/v1alpha1")
	u.SetKind(kind)
	u.SetNamespace(namespace)
	u.SetName(name)
	return u
}
