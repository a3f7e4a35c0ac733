package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// startTimeout bounds the start of each process. Both together took 5 s on two
// cores, 11 s on the same machine with a load of 30; the rest is margin.
const startTimeout = 90 * time.Second

// Options say how a control plane is started. The zero value is useful.
type Options struct {
	// Log receives progress lines, also those of Assets; nil drops them.
	Log io.Writer
	// Assets is the directory with the binaries; empty asks Assets for it.
	Assets string
	// CRDs are files or directories of CustomResourceDefinitions to install.
	CRDs []string
	// Output receives what etcd and kube-apiserver print; nil drops it.
	Output io.Writer
}

// ControlPlane is a running etcd and kube-apiserver on loopback, with RBAC
// enforced and service account tokens issued.
type ControlPlane struct {
	env    *envtest.Environment
	client client.Client
}

// Start starts a control plane and returns when it serves and the CRDs of the
// options are established. The caller must Stop it. When ctx ends during the
// start, Start stops what it has started and returns the context's error.
func Start(ctx context.Context, options Options) (*ControlPlane, error) {
	if options.Log == nil {
		options.Log = io.Discard
	}
	if options.Assets == "" {
		dir, err := Assets(ctx, options.Log)
		if err != nil {
			return nil, err
		}
		options.Assets = dir
	}
	say(options.Log, "starting etcd and kube-apiserver from %s", options.Assets)
	began := time.Now()
	env := newEnvironment(options)
	if _, err := env.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the control plane: %w", err), env.Stop())
	}
	cp := &ControlPlane{env: env}
	if err := cp.prepare(ctx, options); err != nil {
		return nil, errors.Join(err, cp.Stop())
	}
	say(options.Log, "serving at %s after %s", env.Config.Host, time.Since(began).Round(100*time.Millisecond))
	return cp, nil
}

func newEnvironment(options Options) *envtest.Environment {
	noCluster := false
	env := &envtest.Environment{
		UseExistingCluster:       &noCluster,
		ControlPlaneStartTimeout: startTimeout,
		ControlPlaneStopTimeout:  startTimeout,
	}
	// Paths, not BinaryAssetsDirectory: the environment would take precedence.
	env.ControlPlane.Etcd = &envtest.Etcd{
		Path: filepath.Join(options.Assets, "etcd"), Out: options.Output, Err: options.Output,
	}
	server := env.ControlPlane.GetAPIServer()
	server.Path = filepath.Join(options.Assets, "kube-apiserver")
	server.Out, server.Err = options.Output, options.Output
	server.Configure().Set("authorization-mode", "RBAC")
	return env
}

// prepare makes the administrator's client and installs the CRDs.
func (c *ControlPlane) prepare(ctx context.Context, options Options) error {
	var err error
	if c.client, err = client.New(c.env.Config, client.Options{}); err != nil {
		return err
	}
	if err := c.InstallCRDs(options.CRDs...); err != nil {
		return err
	}
	return ctx.Err()
}

// Config returns the administrator's configuration (group system:masters),
// without client-side rate limit to speak of. The caller owns the copy.
func (c *ControlPlane) Config() *rest.Config { return rest.CopyConfig(c.env.Config) }

// Kubeconfig returns the administrator's kubeconfig file.
func (c *ControlPlane) Kubeconfig() []byte { return c.env.KubeConfig }

// InstallCRDs creates or updates the CustomResourceDefinitions in the given
// files and directories, and returns when the API server serves them.
func (c *ControlPlane) InstallCRDs(paths ...string) error {
	if len(paths) == 0 {
		return nil
	}
	_, err := envtest.InstallCRDs(c.env.Config, envtest.CRDInstallOptions{Paths: paths, ErrorIfPathMissing: true})
	if err != nil {
		return fmt.Errorf("install CRDs from %v: %w", paths, err)
	}
	return nil
}

// Stop ends both processes and removes their data.
func (c *ControlPlane) Stop() error {
	if err := c.env.Stop(); err != nil {
		return fmt.Errorf("stop the control plane: %w", err)
	}
	return nil
}
