package controlplane

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	// indexTimeout bounds the question whether a download is possible at all: a
	// machine without that access goes on to the build quickly.
	indexTimeout = 10 * time.Second
	// downloadTimeout bounds the download; a build is the alternative, and takes
	// about as long.
	downloadTimeout = 5 * time.Minute
	// envEnvtestInstalledOnly is setup-envtest's own switch against downloads.
	envEnvtestInstalledOnly = "ENVTEST_INSTALLED_ONLY"
)

// fromEnvtestDownload lets setup-envtest, pinned in hack/tools, download the
// binaries into its own directory. Every failure leads to the next source, with
// its reason printed.
func fromEnvtestDownload(ctx context.Context, log io.Writer) (string, error) {
	if os.Getenv(envEnvtestInstalledOnly) != "" {
		return "", errAbsent
	}
	dir, err := downloadEnvtest(ctx, log)
	if err != nil {
		say(log, "no download of etcd and kube-apiserver (%v)", err)
		return "", errAbsent
	}
	return dir, nil
}

func downloadEnvtest(ctx context.Context, log io.Writer) (string, error) {
	tool, err := buildSetupEnvtest(ctx, log)
	if err != nil {
		return "", err
	}
	selector := minorVersion() + ".x"
	say(log, "asking whether setup-envtest can download etcd and kube-apiserver %s", selector)
	if _, err := run(ctx, indexTimeout, tool, "list", selector); err != nil {
		return "", err
	}
	say(log, "downloading etcd and kube-apiserver %s with setup-envtest", selector)
	out, err := run(ctx, downloadTimeout, tool, "use", selector, "--print", "path")
	if err != nil {
		return "", err
	}
	dir := strings.TrimSpace(out)
	if missing := missingIn(dir); len(missing) > 0 {
		return "", fmt.Errorf("setup-envtest answered %q, which has no %s", dir, strings.Join(missing, ", "))
	}
	return dir, nil
}

// buildSetupEnvtest compiles setup-envtest into the user's cache.
func buildSetupEnvtest(ctx context.Context, log io.Writer) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	tool := filepath.Join(filepath.Dir(dir), "setup-envtest")
	b := binary{name: "setup-envtest", pkg: "sigs.k8s.io/controller-runtime/tools/setup-envtest"}
	return tool, compile(ctx, log, filepath.Join(root, "hack", "tools"), b, tool)
}

// run executes a command within the timeout and returns its standard output;
// the error carries the last line of its standard error.
func run(ctx context.Context, timeout time.Duration, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err == nil {
		return string(out), nil
	}
	if ctx.Err() != nil {
		return "", fmt.Errorf("%s gave no answer within %s", filepath.Base(name), timeout)
	}
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	return "", fmt.Errorf("%s: %w: %s", filepath.Base(name), err, lines[len(lines)-1])
}
