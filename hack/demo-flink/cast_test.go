package main

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

func emptyCast() *cast {
	return &cast{cases: map[string]flinklocal.Case{}, versions: map[string]string{}, modes: map[string]flinklocal.Mode{}}
}

// A standalone part is a Deployment and the file that its version of Flink reads; the others are FlinkDeployments.
func TestPartsAreWhatAUserWrites(t *testing.T) {
	for _, c := range []struct{ name, version, kind, file string }{
		{"slow-cleanup", "1.20.5", "FlinkDeployment", ""},
		{"standalone-slow-cleanup-shared", "1.20.5", "Deployment", "flink-conf.yaml"},
		{"standalone-slow-cleanup-shared", "2.2.1", "Deployment", "config.yaml"},
	} {
		cast := emptyCast()
		if err := cast.add(c.name, c.version); err != nil {
			t.Fatal(err)
		}
		part := cast.parts[0]
		target, needs, err := cast.objects(part.Name)
		if err != nil {
			t.Fatal(err)
		}
		if target.GetKind() != c.kind || target.GetName() != part.Name || !part.Treatable || (len(needs) == 1) != (c.file != "") {
			t.Errorf("%s: %s %s with %d other objects", c.name, target.GetKind(), target.GetName(), len(needs))
		}
		if c.file != "" {
			checkFile(t, needs[0], c.file)
		}
	}
}

func checkFile(t *testing.T, object client.Object, name string) {
	t.Helper()
	file, ok := object.(*corev1.ConfigMap)
	if !ok {
		t.Fatalf("the part needs a %T", object)
	}
	for _, key := range []string{"high-availability.type", "jobmanager.io-pool.size"} {
		if !strings.Contains(file.Data[name], key) {
			t.Errorf("no %s in %s: %v", key, name, file.Data)
		}
	}
}

func TestACaseThatIsNotThereIsNamed(t *testing.T) {
	err := emptyCast().add("standalone-slow-lunch", "2.2.1")
	if err == nil || !strings.Contains(err.Error(), `"standalone-slow-lunch"`) || !strings.Contains(err.Error(), "slow-cleanup-shared") {
		t.Errorf("error %v, want the name and those there are", err)
	}
}
