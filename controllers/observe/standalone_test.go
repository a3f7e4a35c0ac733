package observe

import (
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// The keys that tests look at.
const (
	keyTimeoutTest = "execution.checkpointing.timeout"
	keyIOTest      = "jobmanager.io-pool.size"
)

// readStandalone makes objects of YAML and reads the Deployment or StatefulSet called jm.
func readStandalone(t *testing.T, kind string, documents ...string) model.Target {
	t.Helper()
	var objects []client.Object
	for _, document := range documents {
		var into client.Object = &corev1.ConfigMap{}
		switch {
		case strings.Contains(document, "kind: Deployment"):
			into = &appsv1.Deployment{}
		case strings.Contains(document, "kind: StatefulSet"):
			into = &appsv1.StatefulSet{}
		}
		if err := yaml.UnmarshalStrict([]byte(document), into); err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		into.SetNamespace("shop")
		objects = append(objects, into)
	}
	reader := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(objects...).Build()
	target, err := Target(t.Context(), reader, api.TargetReference{APIVersion: "apps/v1", Kind: kind, Name: "jm"}, "shop")
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// jobManager is a Deployment of that name; pod is YAML below spec.template.spec, container YAML of the container's further fields.
func jobManager(name, pod, container string) string {
	return `
kind: Deployment
metadata: {name: ` + name + `, uid: ` + name + `}
spec:
  replicas: 1
  template:
    spec:
      ` + strings.ReplaceAll(strings.TrimSpace(pod), "\n", "\n      ") + `
      containers:
      - name: jobmanager
        ` + image(container) + strings.ReplaceAll(strings.TrimSpace(container), "\n", "\n        ") + "\n"
}

// image is the image of a container that names none.
func image(container string) string {
	if strings.Contains(container, "image: ") {
		return ""
	}
	return "image: flink:1.20.5\n        "
}

func flinkConfig(data string) string {
	return "kind: ConfigMap\nmetadata: {name: flink-config}\ndata:\n  " + strings.ReplaceAll(strings.TrimSpace(data), "\n", "\n  ")
}

const (
	confVolume = "volumes: [{name: conf, configMap: {name: flink-config}}]"
	confMount  = "args: [jobmanager]\nvolumeMounts: [{name: conf, mountPath: /opt/flink/conf}]"
)

var linesMap = flinkConfig("flink-conf.yaml: |\n  # ours\n  execution.checkpointing.timeout: 10 min\n  high-availability.type: kubernetes\n  s3.secret-key: hunter2\n")

// Each row is a way to give a JobManager its configuration: where the timeout is then said to come from.
func TestWhereAStandaloneJobManagersSettingsComeFrom(t *testing.T) {
	yamlMap := flinkConfig("config.yaml: |\n  execution:\n    checkpointing:\n      timeout: 10 min\n")
	renamed := flinkConfig("payments: |\n  execution.checkpointing.timeout: 10 min\n")
	properties := "args: [jobmanager]\nenv: [{name: FLINK_PROPERTIES, value: \"execution.checkpointing.timeout: 10 min\"}]"
	cases := []struct {
		name, pod, container string
		maps                 []string
		origin               api.SettingOrigin
		place                string
		line                 int
	}{
		{"a directory with flink-conf.yaml", confVolume, confMount, []string{linesMap}, api.OriginConfigMap, "ConfigMap/flink-config, key flink-conf.yaml", 2},
		{"a directory with config.yaml", confVolume, confMount, []string{yamlMap}, api.OriginConfigMap, "ConfigMap/flink-config, key config.yaml", 3},
		{"a file by subPath", confVolume, "args: [jobmanager]\nvolumeMounts: [{name: conf, mountPath: /opt/flink/conf/flink-conf.yaml, subPath: flink-conf.yaml}]",
			[]string{linesMap}, api.OriginConfigMap, "ConfigMap/flink-config, key flink-conf.yaml", 2},
		{"an item with another path", "volumes: [{name: conf, configMap: {name: flink-config, items: [{key: payments, path: config.yaml}]}}]", confMount,
			[]string{renamed}, api.OriginConfigMap, "ConfigMap/flink-config, key payments", 1},
		{"an item below a mount further up", "volumes: [{name: conf, configMap: {name: flink-config, items: [{key: payments, path: conf/config.yaml}]}}]",
			"args: [jobmanager]\nvolumeMounts: [{name: conf, mountPath: /opt/flink}]", []string{renamed}, api.OriginConfigMap, "ConfigMap/flink-config, key payments", 1},
		{"a projected volume", "volumes: [{name: conf, projected: {sources: [{configMap: {name: flink-config, items: [{key: payments, path: config.yaml}]}}]}}]", confMount,
			[]string{renamed}, api.OriginConfigMap, "ConfigMap/flink-config, key payments", 1},
		{"FLINK_CONF_DIR", confVolume, "args: [jobmanager]\nenv: [{name: FLINK_CONF_DIR, value: /etc/flink}]\nvolumeMounts: [{name: conf, mountPath: /etc/flink}]",
			[]string{linesMap}, api.OriginConfigMap, "ConfigMap/flink-config, key flink-conf.yaml", 2},
		{"FLINK_PROPERTIES", "", properties, nil, api.OriginEnvironment, "environment variable FLINK_PROPERTIES", 1},
		{"FLINK_PROPERTIES of a ConfigMap", "", "args: [jobmanager]\nenv: [{name: FLINK_PROPERTIES, valueFrom: {configMapKeyRef: {name: flink-config, key: payments}}}]",
			[]string{renamed}, api.OriginEnvironment, "ConfigMap/flink-config, key payments", 1},
		{"FLINK_PROPERTIES of an envFrom", "", "args: [jobmanager]\nenvFrom: [{configMapRef: {name: flink-config}}]",
			[]string{flinkConfig("FLINK_PROPERTIES: 'execution.checkpointing.timeout: 10 min'")}, api.OriginEnvironment, "ConfigMap/flink-config, key FLINK_PROPERTIES", 1},
		{"an argument", confVolume, "args: [jobmanager, \"-Dexecution.checkpointing.timeout=10 min\"]\nvolumeMounts: [{name: conf, mountPath: /opt/flink/conf}]",
			[]string{strings.Replace(linesMap, "10 min", "5 min", 1)}, api.OriginArguments, "the container's args", 0},
		{"an argument in two words of the command", "", "command: [/docker-entrypoint.sh, standalone-job, -D, execution.checkpointing.timeout=10 min]", nil,
			api.OriginArguments, "the container's command", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			target := readStandalone(t, kindDeployment, append(c.maps, jobManager("jm", c.pod, c.container))...)
			places := target.Standalone.Places[keyTimeoutTest]
			if len(places) == 0 || places[0].Origin != c.origin || places[0].String() != c.place || places[0].Line != c.line {
				t.Errorf("the timeout is said to come from %+v; unreadable: %q", places, target.Standalone.Unreadable)
			}
			if target.Config[keyTimeoutTest] != "10 min" || len(target.Standalone.Unreadable) > 0 || target.Standalone.Broken != "" {
				t.Errorf("configuration %v, unreadable %q, broken %q", target.Config, target.Standalone.Unreadable, target.Standalone.Broken)
			}
		})
	}
}

// What cannot be read is named with what would be right, and is never taken for a setting.
func TestWhatOfAStandaloneConfigurationCannotBeReadIsNamed(t *testing.T) {
	cases := []struct {
		name, pod, container string
		maps                 []string
		want                 string
	}{
		{"a Secret", "volumes: [{name: conf, secret: {secretName: flink-secret}}]", confMount, nil, "/opt/flink/conf is Secret flink-secret"},
		{"an emptyDir that an init container fills", "initContainers: [{name: fill, image: busybox}]\nvolumes: [{name: conf, emptyDir: {}}]", confMount, nil,
			"volume conf, which is no ConfigMap"},
		{"FLINK_PROPERTIES of a Secret", "", "args: [jobmanager]\nenv: [{name: FLINK_PROPERTIES, valueFrom: {secretKeyRef: {name: s, key: k}}}]", nil,
			"FLINK_PROPERTIES comes from Secret s"},
		{"an envFrom of a Secret", "", "args: [jobmanager]\nenvFrom: [{secretRef: {name: s}}]", nil, "envFrom takes variables from Secret s"},
		{"a shell script", "", "command: [bash, -c, 'exec /docker-entrypoint.sh jobmanager -Dexecution.checkpointing.timeout=$TIMEOUT']", nil, "shell script"},
		{"a script behind an init", "", "command: [tini, --, sh, -c]\nargs: ['exec /docker-entrypoint.sh jobmanager']", nil, "shell script"},
		{"no ConfigMap", confVolume, confMount, nil, "ConfigMap/flink-config does not exist"},
		{"subPathExpr", confVolume, "args: [jobmanager]\nvolumeMounts: [{name: conf, mountPath: /opt/flink/conf, subPathExpr: $(POD)}]", []string{linesMap}, "subPathExpr"},
		{"properties beside a file that is mounted read only", confVolume, confMount + "\nenv: [{name: FLINK_PROPERTIES, value: \"a: b\"}]", []string{linesMap}, "FLINK_PROPERTIES has no effect"},
		{"properties that the image's entrypoint never sees", "", "command: [/opt/flink/bin/jobmanager.sh, start-foreground]\nenv: [{name: FLINK_PROPERTIES, value: \"a: b\"}]", nil,
			"FLINK_PROPERTIES has no effect: the container starts /opt/flink/bin/jobmanager.sh"},
		{"a file that this Flink does not read", confVolume, strings.Replace(confMount, "args", "image: flink:2.0\nargs", 1), []string{linesMap}, "is not read by Flink 2"},
		{"a heap that is no size", "", "args: [jobmanager]\nenv: [{name: FLINK_JM_HEAP, value: much}]", nil, `FLINK_JM_HEAP is "much"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			target := readStandalone(t, kindDeployment, append(c.maps, jobManager("jm", c.pod, c.container))...)
			if !slices.ContainsFunc(slices.Concat(target.Standalone.Unreadable, target.Standalone.Ignored), func(s string) bool { return strings.Contains(s, c.want) }) {
				t.Errorf("unreadable: %q, want %q", target.Standalone.Unreadable, c.want)
			}
			if gaps := standaloneGaps(target.Standalone); len(gaps) == 0 || gaps[0].Kind != model.GapConfiguration {
				t.Errorf("gaps %v", gaps)
			}
		})
	}
	t.Run("several JobManagers", func(t *testing.T) {
		target := readStandalone(t, kindDeployment, jobManager("jm", "", "args: [jobmanager]\n")+"      - {name: second, image: flink, args: [standalone-job]}\n")
		if !strings.Contains(target.NotPatchable, "2 containers") {
			t.Errorf("not patchable: %q", target.NotPatchable)
		}
	})
}

// A file that is not YAML, and a key that is there twice, are said with file and line.
func TestABrokenConfigurationIsSaidWithFileAndLine(t *testing.T) {
	broken := flinkConfig("config.yaml: |\n  a: 1\n  b: [1\n  c: 2\n")
	target := readStandalone(t, kindDeployment, broken, jobManager("jm", confVolume, confMount))
	if got := target.Standalone.Broken; !strings.Contains(got, "ConfigMap/flink-config, key config.yaml: line ") || !strings.Contains(got, "right is") {
		t.Errorf("broken: %q", got)
	}
	twice := strings.Replace(linesMap, "  # ours", "  execution.checkpointing.timeout: 5 min", 1)
	target = readStandalone(t, kindDeployment, twice, jobManager("jm", confVolume, confMount))
	if got := target.Standalone.Places[keyTimeoutTest][0].Twice; !strings.Contains(got, "line 2: execution.checkpointing.timeout is there already in line 1") {
		t.Errorf("twice: %q", got)
	}
	if target.Config[keyTimeoutTest] != "10 min" {
		t.Errorf("the last of two lines is to win, got %q", target.Config[keyTimeoutTest])
	}
}

// Secrets that stand in the configuration never leave, and a key that is nowhere is added to the file.
func TestNoSecretLeavesAndNewKeysGoIntoTheFile(t *testing.T) {
	target := readStandalone(t, kindDeployment, linesMap, jobManager("jm", confVolume, confMount))
	if _, there := target.Config["s3.secret-key"]; there || len(target.Standalone.Places["s3.secret-key"]) > 0 {
		t.Errorf("a secret left: %v", target.Config)
	}
	if place := target.Standalone.Place(keyIOTest); place == nil || place.Name != "flink-config" || !target.HighAvailability {
		t.Errorf("a new key would go to %+v; high availability %v", place, target.HighAvailability)
	}
	if !target.SessionCluster {
		t.Error("args: [jobmanager] is a session cluster")
	}
}

func TestConfigMapsThatMustNotBeEdited(t *testing.T) {
	other := jobManager("other", confVolume, confMount)
	taskManagers := jobManager("tm", confVolume, strings.Replace(confMount, "[jobmanager]", "[taskmanager]", 1))
	hashed := func(s string) string { return strings.ReplaceAll(s, "flink-config", "flink-config-2b4c6d8f9g") }
	cases := []struct{ name, want string }{{"immutable", "immutable"}, {"owned", "FlinkCluster/payments owns it"}, {"shared", "Deployment/other uses it as well"},
		{"hashed", "kustomize"}, {"of the TaskManagers", ""}}
	objects := [][]string{
		{strings.Replace(linesMap, "\ndata:", "\nimmutable: true\ndata:", 1), jobManager("jm", confVolume, confMount)},
		{strings.Replace(linesMap, "{name: flink-config}", "{name: flink-config, ownerReferences: [{apiVersion: v1, kind: FlinkCluster, name: payments, uid: u, controller: true}]}", 1),
			jobManager("jm", confVolume, confMount)},
		{linesMap, jobManager("jm", confVolume, confMount), other},
		{hashed(linesMap), hashed(jobManager("jm", confVolume, confMount))},
		{linesMap, jobManager("jm", confVolume, confMount), taskManagers},
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			target := readStandalone(t, kindDeployment, objects[i]...)
			name := target.Standalone.New.Name
			if got := target.Standalone.ConfigMaps[name].Fixed; !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
				t.Errorf("fixed: %q, want %q", got, c.want)
			}
		})
	}
}

func TestRolloutsThatAreNotAtRest(t *testing.T) {
	paused := strings.Replace(jobManager("jm", "", "args: [jobmanager]"), "replicas: 1", "paused: true", 1)
	if got := readStandalone(t, kindDeployment, paused); !strings.Contains(got.Standalone.Paused, "resume") {
		t.Errorf("paused: %q", got.Standalone.Paused)
	}
	if got := readStandalone(t, kindDeployment, strings.Replace(jobManager("jm", "", ""), "replicas: 1", "replicas: 0", 1)); !got.Suspended {
		t.Error("replicas 0 is not suspended")
	}
	if got := readStandalone(t, kindDeployment, jobManager("jm", "", "")); !strings.Contains(got.Standalone.Rolling, "0 of 1 pods") || !got.Upgrading() {
		t.Errorf("rolling: %q", got.Standalone.Rolling)
	}
	set := strings.Replace(jobManager("jm", "", ""), "kind: Deployment", "kind: StatefulSet", 1)
	if got := readStandalone(t, kindStatefulSet, strings.Replace(set, "replicas: 1", "updateStrategy: {type: OnDelete}", 1)); !strings.Contains(got.Standalone.Manual, "OnDelete") {
		t.Errorf("manual: %q", got.Standalone.Manual)
	}
	if got := readStandalone(t, kindStatefulSet, strings.Replace(set, "replicas: 1", "updateStrategy: {rollingUpdate: {partition: 1}}", 1)); !strings.Contains(got.Standalone.Manual, "partition is 1") {
		t.Errorf("manual: %q", got.Standalone.Manual)
	}
}

// The heap that the image takes from a variable is a setting, until Flink 2.
func TestTheHeapOfAVariable(t *testing.T) {
	heap := "args: [standalone-job]\nenv: [{name: FLINK_JM_HEAP, value: \"1024\"}]"
	target := readStandalone(t, kindDeployment, jobManager("jm", "", heap))
	if got := target.Standalone.Places[keyLegacyHeap]; len(got) != 1 || got[0].Value != "1024m" || got[0].Origin != api.OriginEnvironment || target.SessionCluster {
		t.Errorf("heap %+v, session cluster %v", got, target.SessionCluster)
	}
	target = readStandalone(t, kindDeployment, strings.Replace(jobManager("jm", "", heap), "flink:1.20.5", "team/flink:2.0-java17", 1))
	if got := target.Standalone.Places[keyLegacyHeap]; len(got) != 0 {
		t.Errorf("Flink 2 takes the heap from %+v", got)
	}
}

// Settings tell the very place, and what would win over a patch of it.
func TestSettingsTellTheirPlaceAndWhatWouldWin(t *testing.T) {
	target := readStandalone(t, kindDeployment, linesMap, jobManager("jm", confVolume, confMount+"\nenvFrom: [{secretRef: {name: s}}]"))
	facts := clusterFacts{version: "1.20.5", config: map[string]string{keyTimeoutTest: "10 min"}, hasInForce: true}
	facts.inForce.Timeout = 600000
	s := settingsOf(&facts, &target)
	if s.Timeout.Origin != api.OriginConfigMap || s.Timeout.Source != "ConfigMap/flink-config, key flink-conf.yaml, line 2" {
		t.Errorf("the timeout comes from %s %q", s.Timeout.Origin, s.Timeout.Source)
	}
	if !strings.Contains(s.Timeout.Overrides, "job graph that high availability stores") || !strings.Contains(s.Timeout.Overrides, "Secret s") {
		t.Errorf("what would win: %q", s.Timeout.Overrides)
	}
}
