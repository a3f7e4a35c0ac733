package controlplane

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestVersionsMatchTheModuleThatIsBuilt(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join("kube", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"k8s.io/kubernetes " + KubernetesVersion,
		"go.etcd.io/etcd/server/v3 " + EtcdVersion,
	} {
		if !strings.Contains(string(mod), want) {
			t.Errorf("kube/go.mod does not require %q: change the constants together with it", want)
		}
	}
}

func TestAssetsFromTheEnvironment(t *testing.T) {
	whole, half := t.TempDir(), t.TempDir()
	writeExecutable(t, filepath.Join(whole, "etcd"), "")
	writeExecutable(t, filepath.Join(whole, "kube-apiserver"), "")
	writeExecutable(t, filepath.Join(half, "etcd"), "")

	t.Setenv(EnvAssets, whole)
	if dir, err := Assets(t.Context(), nil); err != nil || dir != whole {
		t.Errorf("Assets() = %q, %v; want %q", dir, err, whole)
	}

	t.Setenv(EnvAssets, half)
	_, err := Assets(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "holds no executable kube-apiserver") {
		t.Errorf("Assets() error = %v; want it to name kube-apiserver as missing", err)
	}
}

func TestAssetsFromEnvtestStore(t *testing.T) {
	isolate(t)
	store, err := filepath.Abs(filepath.Join(os.Getenv("XDG_DATA_HOME"), "kubebuilder-envtest", "k8s"))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(store, minorVersion()+".0-"+platform())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	writeExecutable(t, filepath.Join(dir, "etcd"), "")
	if _, err := fromEnvtestStore(t.Context(), nil); !errors.Is(err, errAbsent) {
		t.Errorf("half a control plane: error = %v; want errAbsent", err)
	}
	writeExecutable(t, filepath.Join(dir, "kube-apiserver"), "")
	if got, err := fromEnvtestStore(t.Context(), nil); err != nil || got != dir {
		t.Errorf("fromEnvtestStore() = %q, %v; want %q", got, err, dir)
	}
}

// TestBuildResumes runs Assets with a stand-in for the go command that fails
// on the second binary once, as an interrupted build would.
func TestBuildResumes(t *testing.T) {
	isolate(t)
	dir, err := cacheDir()
	if err != nil {
		t.Fatal(err)
	}
	scratch := t.TempDir()
	calls, broken := filepath.Join(scratch, "calls"), filepath.Join(scratch, "broken")
	standInForGo(t, calls, broken)

	writeFile(t, broken, "")
	_, err = Assets(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "no space left on device") {
		t.Fatalf("Assets() error = %v; want what the compiler said", err)
	}
	if got := missingIn(dir); !slices.Equal(got, []string{"kube-apiserver"}) {
		t.Fatalf("after the failed build %v are missing; want only kube-apiserver", got)
	}

	writeFile(t, filepath.Join(dir, "etcd-1"+scratchSuffix, "etcd"), "what a killed build leaves")
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	expectAssets(t, &log, dir)
	if !strings.Contains(log.String(), "built kube-apiserver") {
		t.Errorf("progress does not tell that kube-apiserver was built:\n%s", log.String())
	}
	expectAssets(t, nil, dir)
	expectBuilds(t, calls, "etcd", "kube-apiserver", "kube-apiserver")
	if left, err := filepath.Glob(filepath.Join(dir, "*"+scratchSuffix)); err != nil || len(left) != 0 {
		t.Errorf("scratch directories left: %v, %v", left, err)
	}
}

// expectAssets asks for the binaries and expects them in dir.
func expectAssets(t *testing.T, log io.Writer, dir string) {
	t.Helper()
	if got, err := Assets(t.Context(), log); err != nil || got != dir {
		t.Fatalf("Assets() = %q, %v; want %q", got, err, dir)
	}
}

// expectBuilds compares what the stand-in for go was asked to build, in order.
func expectBuilds(t *testing.T, calls string, want ...string) {
	t.Helper()
	made, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(string(made)); !slices.Equal(got, want) {
		t.Errorf("built %v; want %v: what is done is not built again", got, want)
	}
}

func TestAssetsStopsWithItsContext(t *testing.T) {
	isolate(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Assets(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Assets() error = %v; want context.Canceled", err)
	}
}

// isolate gives the test directories of its own and no network.
func isolate(t *testing.T) {
	t.Helper()
	t.Setenv(EnvAssets, "")
	t.Setenv(envEnvtestInstalledOnly, "1")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("XDG_DATA_HOME", t.TempDir())
}

// standInForGo puts a script named go first on the PATH. It notes each build in
// the file calls and fails for kube-apiserver while the file broken exists.
func standInForGo(t *testing.T, calls, broken string) {
	t.Helper()
	bin := t.TempDir()
	writeExecutable(t, filepath.Join(bin, "go"), `
while [ "$1" != -o ]; do shift; done
echo "${2##*/}" >>'`+calls+`'
echo example.com/some/package >&2
if [ "${2##*/}" = kube-apiserver ] && [ -e '`+broken+`' ]; then
  echo "write: no space left on device" >&2
  exit 1
fi
printf '#!/bin/sh\n' >"$2"
chmod 755 "$2"
`)
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func writeExecutable(t *testing.T, path, script string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
}
