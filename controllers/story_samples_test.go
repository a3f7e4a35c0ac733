package controllers

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/report"
)

// sample is a file of config/samples.
type sample struct {
	file   string
	object *unstructured.Unstructured
}

const samplesDir = "../config/samples"

func samples(t *testing.T) []sample {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(samplesDir, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var all []sample
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		object := &unstructured.Unstructured{}
		if err := yaml.UnmarshalStrict(raw, &object.Object); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, sample{file: filepath.Base(file), object: object})
	}
	return all
}

// Whoever copies a sample gets it through: the API server takes each with every field known, and a policy among them can be used. There is one
// for each kind of target that people have.
func TestTheSamplesAreAccepted(t *testing.T) {
	namespace := namespaceFor(t, "samples")
	strict := client.WithFieldValidation(admin, "Strict")
	var targets []string
	for _, s := range samples(t) {
		s.object.SetNamespace(namespace)
		if err := strict.Create(t.Context(), s.object); err != nil {
			t.Errorf("%s: %v", s.file, err)
		}
		switch s.object.GetKind() {
		case "CheckpointHealth":
			kind, _, err := unstructured.NestedString(s.object.Object, "spec", "targetRef", "kind")
			if err != nil {
				t.Errorf("%s: %v", s.file, err)
			}
			targets = append(targets, kind)
		case "RemediationPolicy":
			var policy api.RemediationPolicy
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(s.object.Object, &policy); err != nil {
				t.Fatal(err)
			}
			if err := report.CheckPolicy(&policy.Spec); err != nil {
				t.Errorf("%s: %v", s.file, err)
			}
		}
	}
	for _, kind := range []string{"FlinkDeployment", "FlinkSessionJob", "Deployment"} {
		if !slices.Contains(targets, kind) {
			t.Errorf("no sample watches a %s: %v", kind, targets)
		}
	}
}

// kubectl apply -k config/samples puts nothing into force but what is of the namespace it is applied to: a ConfigMap of known issues would be heeded
// for every job.
func TestTheSamplesPutNoKnownIssueIntoForce(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(samplesDir, "kustomization.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var kustomization struct {
		Resources []string `json:"resources"`
	}
	if err := yaml.Unmarshal(raw, &kustomization); err != nil {
		t.Fatal(err)
	}
	for _, s := range samples(t) {
		ours := strings.HasPrefix(s.object.GetAPIVersion(), api.GroupVersion.Group+"/")
		if listed := slices.Contains(kustomization.Resources, s.file); listed != ours {
			t.Errorf("%s is a %s: applied with the samples %v, want %v", s.file, s.object.GetKind(), listed, ours)
		}
		if ours && s.object.GetNamespace() != corev1.NamespaceAll {
			t.Errorf("%s names the namespace %s", s.file, s.object.GetNamespace())
		}
	}
}
