package play

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/controlplane"
)

// Where the manager runs as config/default installs it.
const (
	systemNamespace = "checkpoint-health-system"
	serviceAccount  = "checkpoint-health-controller-manager"
)

// Stage is a control plane with everything installed.
type Stage struct {
	Plane  *controlplane.ControlPlane
	Client client.Client
	// Root is the repository, Work a directory of this run's own.
	Root, Work string
	out        io.Writer
	// metrics and probes are the manager's addresses on loopback.
	metrics, probes string
}

// Set starts the control plane and installs the CRDs and the manager's RBAC, from the files users install: those of an overlay of config,
// such as default.
func Set(ctx context.Context, out io.Writer, overlay string) (*Stage, error) {
	root, err := controlplane.Root()
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp("", "checkpoint-health-demo-")
	if err != nil {
		return nil, fmt.Errorf("work directory: %w", err)
	}
	plane, err := controlplane.Start(ctx, controlplane.Options{
		Log:  out,
		CRDs: []string{filepath.Join(root, "config", "crd", "bases"), filepath.Join(root, "hack", "standin", "crd")},
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(work))
	}
	stage := &Stage{Plane: plane, Root: root, Work: work, out: out}
	if stage.metrics, stage.probes, err = freeAddresses(); err != nil {
		return nil, errors.Join(err, stage.Strike())
	}
	if err := stage.install(ctx, overlay); err != nil {
		return nil, errors.Join(err, stage.Strike())
	}
	return stage, nil
}

// Strike stops the control plane and removes what the run wrote.
func (s *Stage) Strike() error { return errors.Join(s.Plane.Stop(), os.RemoveAll(s.Work)) }

// Scheme knows our kinds and Kubernetes'.
func Scheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	return scheme, errors.Join(clientgoscheme.AddToScheme(scheme), api.AddToScheme(scheme))
}

func (s *Stage) install(ctx context.Context, overlay string) error {
	scheme, err := Scheme()
	if err != nil {
		return err
	}
	config := s.Plane.Config()
	config.QPS = -1 // the whole cast is looked at every second
	if s.Client, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return fmt.Errorf("client: %w", err)
	}
	s.Say("installing the manager's ServiceAccount and RBAC of config/%s", overlay)
	installed, err := s.built(ctx, filepath.Join("config", overlay))
	if err != nil {
		return err
	}
	return s.Plane.Apply(ctx, installed)
}

// Identity is the manager's own: its ServiceAccount's token, and no more than its RBAC allows.
func (s *Stage) Identity(ctx context.Context) (*rest.Config, []byte, error) {
	config, err := s.Plane.ServiceAccountConfig(ctx, systemNamespace, serviceAccount)
	if err != nil {
		return nil, nil, err
	}
	kubeconfig, err := s.Plane.ServiceAccountKubeconfig(ctx, systemNamespace, serviceAccount)
	return config, kubeconfig, err
}

// Say prints a line of progress.
func (s *Stage) Say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.out, "demo: "+format+"\n", args...) // a lost line of progress is nothing to end a run for
}
