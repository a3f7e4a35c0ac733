package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// interruptGrace is how long go build may take to end after an interrupt.
const interruptGrace = 10 * time.Second

// scratchSuffix ends the names of the directories that builds happen in.
const scratchSuffix = ".tmp"

// binary is an executable that is compiled from a Go module.
type binary struct {
	// name of the file.
	name string
	// pkg is the import path of its main package.
	pkg string
	// ldflags for the linker; empty for none.
	ldflags string
}

// binaries are what a control plane consists of. Stripped (-s -w) they take
// 133 MB. Built outside its own scripts, kube-apiserver knows
// its version only if the linker is told.
var binaries = []binary{
	{name: "etcd", pkg: "go.etcd.io/etcd/server/v3", ldflags: "-s -w"},
	{name: "kube-apiserver", pkg: "k8s.io/kubernetes/cmd/kube-apiserver", ldflags: "-s -w " + versionFlags()},
}

// versionFlags sets the version that kube-apiserver reports and checks its
// feature gates against.
func versionFlags() string {
	parts := strings.Split(strings.TrimPrefix(KubernetesVersion, "v"), ".")
	return strings.Join([]string{
		"-X k8s.io/component-base/version.gitVersion=" + KubernetesVersion,
		"-X k8s.io/client-go/pkg/version.gitVersion=" + KubernetesVersion,
		"-X k8s.io/component-base/version.gitMajor=" + parts[0],
		"-X k8s.io/component-base/version.gitMinor=" + parts[1],
	}, " ")
}

// fromBuild compiles what the cache lacks. An interrupted build goes on where
// it was: a finished binary stays, and Go's build cache keeps every compiled
// package of an unfinished one. A lock makes a second caller wait for the first.
func fromBuild(ctx context.Context, log io.Writer) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(ctx, log, filepath.Join(dir, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	removeLeftovers(dir)

	module := filepath.Join(root, "hack", "controlplane", "kube")
	for _, b := range binaries {
		target := filepath.Join(dir, b.name)
		if _, err := os.Stat(target); err == nil {
			continue
		}
		if err := compile(ctx, log, module, b, target); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// removeLeftovers deletes what killed builds left; the caller holds the lock.
func removeLeftovers(dir string) {
	left, err := filepath.Glob(filepath.Join(dir, "*"+scratchSuffix))
	if err != nil {
		return
	}
	for _, scratch := range left {
		_ = os.RemoveAll(scratch)
	}
}

// compile builds one binary of the module in moduleDir and moves it to target
// when it is whole.
func compile(ctx context.Context, log io.Writer, moduleDir string, b binary, target string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp(filepath.Dir(target), b.name+"-*"+scratchSuffix)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()

	built := filepath.Join(scratch, b.name)
	cmd := exec.CommandContext(ctx, "go", "build", "-v", "-ldflags", b.ldflags, "-o", built, b.pkg)
	cmd.Dir = moduleDir
	cmd.Env = buildEnv()
	// Interrupted, go build ends its compilers; killed, it would leave them.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = interruptGrace
	progress := startProgress(log, b.name)
	cmd.Stderr = progress
	err = cmd.Run()
	progress.stop()
	if err != nil {
		return fmt.Errorf("go build %s in %s: %w\n%s", b.pkg, moduleDir, errors.Join(err, ctx.Err()), progress.tail())
	}
	if err := os.Rename(built, target); err != nil {
		return err
	}
	progress.done()
	return nil
}

// buildEnv is the environment of go build: no C compiler, this machine's
// platform, and no flags that the caller has set for the project's own module.
func buildEnv() []string {
	var env []string
	for _, entry := range os.Environ() {
		switch name, _, _ := strings.Cut(entry, "="); name {
		case "CGO_ENABLED", "GOFLAGS", "GOOS", "GOARCH", "GOWORK":
		default:
			env = append(env, entry)
		}
	}
	return append(env, "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOWORK=off")
}
