package controllers_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// modulePath is the import path of the project's root.
const modulePath = "checkpointhealth.dev/operator"

// layers is the whole import graph of the product: what each package may
// import of our own. Imports go down only, stages never import each other, and
// an edge that is not here fails, as does a row that nothing needs any more.
// Paths are below the module; "." is main.
var layers = map[string][]string{
	// The program: flags and commands, no logic.
	".": {"controllers", "controllers/cli"},

	// The vocabulary that everybody speaks.
	"api/v1alpha1":      {},
	"controllers/model": {"api/v1alpha1"},

	// Text in, text out: observe reads configuration files with it, apply edits them.
	"controllers/configfile": {},

	// The edge: what speaks to Flink, reads recordings and measures the network knows nothing of us.
	"controllers/flink":      {},
	"controllers/secrets":    {},
	"controllers/recording":  {"controllers/secrets"},
	"controllers/probe":      {},
	"controllers/prometheus": {},

	// The stages, in the order a checkpoint walks through them.
	"controllers/observe":  {"api/v1alpha1", "controllers/configfile", "controllers/flink", "controllers/model", "controllers/probe", "controllers/prometheus", "controllers/secrets"},
	"controllers/diagnose": {"api/v1alpha1", "controllers/model"},
	"controllers/verify":   {"api/v1alpha1", "controllers/model"},
	"controllers/plan":     {"api/v1alpha1", "controllers/model"},
	"controllers/apply":    {"api/v1alpha1", "controllers/configfile", "controllers/model", "controllers/probe"},
	"controllers/report":   {"api/v1alpha1", "controllers/model"},

	// Those who put the stages together: the commands and the reconcilers.
	"controllers/cli": {
		"api/v1alpha1", "controllers/model", "controllers/flink", "controllers/recording", "controllers/probe",
		"controllers/observe", "controllers/diagnose", "controllers/verify", "controllers/plan", "controllers/report",
	},
	"controllers": {
		"api/v1alpha1", "controllers/model", "controllers/flink", "controllers/prometheus",
		"controllers/observe", "controllers/diagnose", "controllers/verify", "controllers/plan", "controllers/apply", "controllers/report",
	},

	// What tests are made of; nothing but tests imports it.
	"controllers/testkit": {"controllers/recording"},
}

// inTests is what every test may import besides: a stage's test builds what
// comes in and reads recordings, but asks no other stage.
var inTests = []string{"controllers/testkit", "controllers/flink", "controllers/recording"}

// inStories is what the tests of the whole may import besides: an API server
// and what stands in for Flink and its operator.
var inStories = []string{"hack/controlplane", "hack/flinksim", "hack/flinksim/engine", "hack/standin", "hack/standin/simulated"}

// purePackages get values and return values.
var purePackages = []string{"controllers/model", "controllers/configfile", "controllers/diagnose", "controllers/verify", "controllers/plan"}

// impure are the imports that a pure package has no use for, with all below
// them: it has no client, reads no files, and says what it has to say in what
// it returns.
var impure = []string{
	"net/http", "os", "log", "math/rand", "k8s.io/client-go", "github.com/go-logr", "sigs.k8s.io/controller-runtime",
}

// vagueNames tell nothing about what is in a file or package.
var vagueNames = []string{"util", "utils", "helper", "helpers", "common", "misc", "manager"}

// goPackage is what the go command tells about a package.
type goPackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func TestLayeringOfImports(t *testing.T) {
	packages := productPackages(t)
	for path, pkg := range packages {
		allowed, known := layers[path]
		if !known {
			t.Errorf("package %s is not in the table of layers: give it a row, or put its code where it belongs", path)
			continue
		}
		imported := ownPackages(pkg.Imports)
		for _, to := range without(imported, allowed) {
			t.Errorf("%s imports %s: the table of layers has no such edge", path, to)
		}
		for _, to := range without(allowed, imported) {
			t.Errorf("%s does not import %s: remove the edge from the table of layers", path, to)
		}
	}
	for path := range layers {
		if _, exists := packages[path]; !exists {
			t.Errorf("there is no package %s: remove its row from the table of layers", path)
		}
	}
}

func TestLayeringOfTests(t *testing.T) {
	for path, pkg := range productPackages(t) {
		allowed := slices.Concat([]string{path}, layers[path], inTests)
		if path == "controllers" || path == "controllers/cli" {
			allowed = slices.Concat(allowed, inStories)
		}
		imported := ownPackages(slices.Concat(pkg.TestImports, pkg.XTestImports))
		for _, to := range without(imported, allowed) {
			t.Errorf("a test of %s imports %s: it is to know no more than what it tests, and the testkit", path, to)
		}
	}
}

func TestLayeringHasNoCycle(t *testing.T) {
	const visiting, visited = 1, 2
	state := map[string]int{}
	var visit func(path string, way []string)
	visit = func(path string, way []string) {
		if state[path] == visiting {
			t.Fatalf("the table of layers has a cycle: %s", strings.Join(append(way, path), " -> "))
		}
		if state[path] == visited {
			return
		}
		state[path] = visiting
		for _, to := range layers[path] {
			visit(to, append(way, path))
		}
		state[path] = visited
	}
	for path := range layers {
		visit(path, nil)
	}
}

func TestLayeringKeepsStagesPure(t *testing.T) {
	packages := productPackages(t)
	for _, path := range purePackages {
		for _, imported := range packages[path].Imports {
			for _, forbidden := range impure {
				if imported == forbidden || strings.HasPrefix(imported, forbidden+"/") {
					t.Errorf("%s is pure, yet imports %s", path, imported)
				}
			}
		}
	}
}

func TestLayeringNamesAreTelling(t *testing.T) {
	for _, tree := range []string{"../api", "../controllers", "../hack"} {
		err := filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := strings.TrimSuffix(strings.TrimSuffix(entry.Name(), ".go"), "_test")
			if (entry.IsDir() || strings.HasSuffix(path, ".go")) && slices.Contains(vagueNames, name) {
				t.Errorf("%s: the name does not tell what is in it", path)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// productPackages lists the packages of main, api and controllers by their
// path below the module.
func productPackages(t *testing.T) map[string]goPackage {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports",
		".", "./api/...", "./controllers/...")
	command.Dir = ".."
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v%s", err, stderrOf(err))
	}
	packages := map[string]goPackage{}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var pkg goPackage
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages[below(pkg.ImportPath)] = pkg
	}
}

func stderrOf(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Sprintf("\n%s", exit.Stderr)
	}
	return ""
}

// ownPackages are the imports of this module, each once, by path below it.
func ownPackages(imports []string) []string {
	var own []string
	for _, path := range imports {
		if path == modulePath || strings.HasPrefix(path, modulePath+"/") {
			own = append(own, below(path))
		}
	}
	slices.Sort(own)
	return slices.Compact(own)
}

// without are the elements of list that are not in other.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(element string) bool { return slices.Contains(other, element) })
}

// below is an import path relative to the module.
func below(path string) string {
	if path == modulePath {
		return "."
	}
	return strings.TrimPrefix(path, modulePath+"/")
}
