// Package controlplane finds and runs the Kubernetes API server that tests and
// the demo work against: etcd and kube-apiserver as two local processes, with
// RBAC enforced and service account tokens issued, but no nodes and no
// controllers.
//
// The binaries come from the first of these that has them (see sources):
// KUBEBUILDER_ASSETS, what an earlier build left in the user's cache, what
// setup-envtest left there, setup-envtest's download, and at last a build from
// Go modules, which needs Go and nothing else.
package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// Versions of what is built; kube/go.mod pins the same, and a test compares.
const (
	// KubernetesVersion is the version of kube-apiserver.
	KubernetesVersion = "v1.36.3"
	// EtcdVersion is the version of etcd.
	EtcdVersion = "v3.6.8"
)

// EnvAssets names the environment variable that kubebuilder projects use for
// the directory with etcd and kube-apiserver.
const EnvAssets = "KUBEBUILDER_ASSETS"

// errAbsent says that a source has no binaries and the next one is to be asked.
var errAbsent = errors.New("not there")

// sources lists where the binaries may come from, cheapest first.
var sources = []struct {
	name string
	find func(ctx context.Context, log io.Writer) (string, error)
}{
	{"the environment", fromEnvironment},              // whoever sets it decides; no fallback if it is wrong
	{"an earlier build", fromCache},                   // what the last row left in the user's cache
	{"setup-envtest's directory", fromEnvtestStore},   // other kubebuilder projects of this user share it
	{"setup-envtest's download", fromEnvtestDownload}, // a minute where the network allows it
	{"a build from Go modules", fromBuild},            // some minutes, once
}

// Assets returns the directory that holds the executables etcd and
// kube-apiserver, and downloads or builds them where needed. Progress goes to
// log, a line at a time, because the first call may take minutes; later calls
// answer at once. An error names the source that failed and why.
func Assets(ctx context.Context, log io.Writer) (string, error) {
	if log == nil {
		log = io.Discard
	}
	for _, source := range sources {
		dir, err := source.find(ctx, log)
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, errAbsent) {
			return "", fmt.Errorf("control plane from %s: %w", source.name, err)
		}
		if ctx.Err() != nil {
			return "", fmt.Errorf("control plane: %w", ctx.Err())
		}
	}
	return "", errors.New("control plane: no source had etcd and kube-apiserver")
}

// fromEnvironment trusts KUBEBUILDER_ASSETS; a wrong value is an error and not
// a reason to build something else behind the user's back.
func fromEnvironment(context.Context, io.Writer) (string, error) {
	dir := os.Getenv(EnvAssets)
	if dir == "" {
		return "", errAbsent
	}
	if missing := missingIn(dir); len(missing) > 0 {
		return "", fmt.Errorf("%s=%s holds no executable %s; point it at a directory that does, or unset it to have them built",
			EnvAssets, dir, strings.Join(missing, " and no "))
	}
	return filepath.Abs(dir)
}

func fromCache(context.Context, io.Writer) (string, error) {
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	if len(missingIn(dir)) > 0 {
		return "", errAbsent
	}
	return dir, nil
}

// fromEnvtestStore looks for any patch release of our minor version.
func fromEnvtestStore(context.Context, io.Writer) (string, error) {
	store, err := envtest.SetupEnvtestDefaultBinaryAssetsDirectory()
	if err != nil {
		return "", errAbsent
	}
	found, err := filepath.Glob(filepath.Join(store, minorVersion()+".*-"+platform()))
	if err != nil {
		return "", err
	}
	for _, dir := range found {
		if len(missingIn(dir)) == 0 {
			return dir, nil
		}
	}
	return "", errAbsent
}

// cacheDir is where a build puts the binaries: below os.UserCacheDir, by version.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache directory for this user (set HOME or XDG_CACHE_HOME): %w", err)
	}
	return filepath.Join(base, "checkpoint-health", "controlplane", KubernetesVersion+"-etcd-"+EtcdVersion), nil
}

// missingIn lists which of the two executables dir lacks.
func missingIn(dir string) []string {
	var missing []string
	for _, b := range binaries {
		info, err := os.Stat(filepath.Join(dir, b.name))
		if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o100 == 0 {
			missing = append(missing, b.name)
		}
	}
	return missing
}

// platform is this machine as setup-envtest writes it: "linux-amd64".
func platform() string { return runtime.GOOS + "-" + runtime.GOARCH }

// minorVersion is KubernetesVersion as setup-envtest writes it: "1.36".
func minorVersion() string {
	parts := strings.Split(strings.TrimPrefix(KubernetesVersion, "v"), ".")
	return strings.Join(parts[:2], ".")
}

// Root returns the directory of the project's go.mod, found upwards from the
// working directory: tests run in their package's directory, commands anywhere
// inside the checkout.
func Root() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "hack", "controlplane", "kube", "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not inside a checkout of this project (no hack/controlplane/kube/go.mod upwards of it)", start)
		}
	}
}
