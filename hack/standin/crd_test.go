package standin

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// realCRDs is where the Flink operator's own CRDs are, or a reason to skip.
func realCRDs(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("CHECKPOINTHEALTH_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(shared, "crds")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("NOT CHECKED: the Flink operator's CRDs are not here (%v); set CHECKPOINTHEALTH_SHARED to the folder that holds crds/", err)
	}
	return dir
}

func readCRD(t *testing.T, path string) apiextensions.CustomResourceDefinition {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var crd apiextensions.CustomResourceDefinition
	if err := yaml.Unmarshal(text, &crd); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return crd
}

func TestCRDsAreWhatTheFlinkOperatorHas(t *testing.T) {
	theirsDir := realCRDs(t)
	for _, plural := range []string{"flinkdeployments", "flinksessionjobs", "flinkbluegreendeployments"} {
		t.Run(plural, func(t *testing.T) {
			ours := readCRD(t, filepath.Join("crd", plural+".flink.apache.org.yaml"))
			theirs := readCRD(t, filepath.Join(theirsDir, plural+".flink.apache.org-v1.yml"))
			if difference := cmp.Diff(headOf(theirs), headOf(ours)); difference != "" {
				t.Errorf("the Flink operator's (-) and ours (+) differ:\n%s", difference)
			}
			ourRoot, theirRoot := *ours.Spec.Versions[0].Schema.OpenAPIV3Schema, *theirs.Spec.Versions[0].Schema.OpenAPIV3Schema
			for _, difference := range contained(plural, ourRoot, theirRoot) {
				t.Error(difference)
			}
			ourConfig, theirConfig := configurationOf(ourRoot), configurationOf(theirRoot)
			if !reflect.DeepEqual(ourConfig, theirConfig) {
				t.Errorf("flinkConfiguration is %+v, the Flink operator's %+v: ownership by key would differ", ourConfig, theirConfig)
			}
		})
	}
}

// configurationOf is the schema of the flinkConfiguration, which a FlinkBlueGreenDeployment has in its template.
func configurationOf(root apiextensions.JSONSchemaProps) apiextensions.JSONSchemaProps {
	spec := root.Properties["spec"]
	if template, ok := spec.Properties["template"]; ok {
		spec = template.Properties["spec"]
	}
	return spec.Properties["flinkConfiguration"]
}

// TestFlinkClusterIsWhatItsOperatorHas holds the CRD of the other operator to the real one.
func TestFlinkClusterIsWhatItsOperatorHas(t *testing.T) {
	path := filepath.Join(realCRDs(t), "flinkoperator.k8s.io_flinkclusters.yaml")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("NOT CHECKED: the FlinkCluster operator's CRD is not here: %v", err)
	}
	ours, theirs := readCRD(t, filepath.Join("crd", "flinkclusters.flinkoperator.k8s.io.yaml")), readCRD(t, path)
	if difference := cmp.Diff(headOf(theirs), headOf(ours)); difference != "" {
		t.Errorf("the FlinkCluster operator's (-) and ours (+) differ:\n%s", difference)
	}
	for _, difference := range contained("flinkclusters", *ours.Spec.Versions[0].Schema.OpenAPIV3Schema, *theirs.Spec.Versions[0].Schema.OpenAPIV3Schema) {
		t.Error(difference)
	}
}

// head is what a CRD says about its kind beside the schema.
type head struct {
	Name, Group, Kind, Version string
	ShortNames                 []string
	Scope                      apiextensions.ResourceScope
	Status                     bool
}

func headOf(crd apiextensions.CustomResourceDefinition) head {
	version := crd.Spec.Versions[0]
	return head{
		Name: crd.Name, Group: crd.Spec.Group, Kind: crd.Spec.Names.Kind, ShortNames: crd.Spec.Names.ShortNames, Scope: crd.Spec.Scope,
		Version: version.Name, Status: version.Subresources != nil && version.Subresources.Status != nil,
	}
}

// contained lists where a schema has something that another has not, or has otherwise.
func contained(path string, ours, theirs apiextensions.JSONSchemaProps) []string {
	var differences []string
	if ours.Type != theirs.Type && theirs.Type != "" {
		differences = append(differences, fmt.Sprintf("%s: type %q, the Flink operator's %q", path, ours.Type, theirs.Type))
	}
	for _, value := range ours.Enum {
		if !slices.ContainsFunc(theirs.Enum, func(v apiextensions.JSON) bool { return string(v.Raw) == string(value.Raw) }) {
			differences = append(differences, fmt.Sprintf("%s: %s is no value that the Flink operator knows", path, value.Raw))
		}
	}
	if ours.Items != nil && theirs.Items != nil {
		differences = append(differences, contained(path+"[]", *ours.Items.Schema, *theirs.Items.Schema)...)
	}
	for name, field := range ours.Properties {
		their, known := theirs.Properties[name]
		if !known {
			differences = append(differences, fmt.Sprintf("%s.%s: the Flink operator has no such field", path, name))
			continue
		}
		differences = append(differences, contained(path+"."+name, field, their)...)
	}
	return differences
}

func TestContainedSeesADifference(t *testing.T) {
	theirs := apiextensions.JSONSchemaProps{Type: "object", Properties: map[string]apiextensions.JSONSchemaProps{"cpu": {Type: "number"}}}
	ours := apiextensions.JSONSchemaProps{Type: "object", Properties: map[string]apiextensions.JSONSchemaProps{"cpu": {Type: "string"}, "gpu": {Type: "number"}}}
	if found := contained("x", ours, theirs); len(found) != 2 {
		t.Errorf("found %q, want a wrong type and an unknown field", found)
	}
}
