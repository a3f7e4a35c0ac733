package controllers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"checkpointhealth.dev/operator/hack/controlplane"
)

// plane is the API server that every story of this package runs against.
var (
	plane *controlplane.ControlPlane
	admin client.Client
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	ctrl.SetLogger(logr.Discard())
	ctx := context.Background()
	var err error
	plane, err = controlplane.Start(ctx, controlplane.Options{
		Log:  os.Stderr,
		CRDs: []string{filepath.Join("..", "config", "crd", "bases"), filepath.Join("..", "hack", "standin", "crd")},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "the stories need an API server:", err)
		return 1
	}
	defer func() {
		if err := plane.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	scheme, err := Scheme()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	admin, err = client.New(planeConfig(), client.Options{Scheme: scheme})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// namespaceFor makes a namespace of the test's own.
func namespaceFor(t *testing.T, name string) string {
	t.Helper()
	if err := plane.EnsureNamespace(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return name
}
