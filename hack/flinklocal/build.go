package flinklocal

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"checkpointhealth.dev/operator/hack/lab/faultjobs"
)

// Jars are what Build makes for one Flink version.
type Jars struct {
	Job   string // path of the job jar; its manifest names the main class
	Store string // path of the jar of the delaying file system, for Flink's plugins directory
}

// Build compiles the fault jobs and the delaying file system against one distribution. The result is kept in the user's
// cache directory under a hash of the sources and the Flink version, so that it happens once.
func Build(ctx context.Context, dist string, logf Logf) (Jars, error) {
	version, err := Version(dist)
	if err != nil {
		return Jars{}, err
	}
	hash, err := sourceHash(version)
	if err != nil {
		return Jars{}, err
	}
	cache, err := CacheDir("faultjobs")
	if err != nil {
		return Jars{}, err
	}
	dir := filepath.Join(cache, version+"-"+hash)
	jars := Jars{Job: filepath.Join(dir, "pipeline.jar"), Store: filepath.Join(dir, "objectstore.jar")}
	if _, err := os.Stat(dir); err == nil {
		return jars, nil
	}
	jdk, err := FindJDK(ctx)
	if err != nil {
		return Jars{}, err
	}
	logf.line("flink %s: compiling the fault jobs", version)
	work, err := os.MkdirTemp(cache, "partial-")
	if err != nil {
		return Jars{}, err
	}
	defer func() {
		if err := os.RemoveAll(work); err != nil {
			logf.line("could not remove %s: %v", work, err)
		}
	}()
	if err := buildBoth(ctx, jdk, dist, work); err != nil {
		return Jars{}, fmt.Errorf("fault jobs for Flink %s: %w", version, err)
	}
	if err := os.Rename(filepath.Join(work, "out"), dir); err != nil {
		if _, exists := os.Stat(dir); exists != nil { // another run may have been first: then its result serves
			return Jars{}, err
		}
	}
	return jars, nil
}

func buildBoth(ctx context.Context, jdk JDK, dist, work string) error {
	if err := os.CopyFS(filepath.Join(work, "src"), faultjobs.Sources); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(work, "out"), 0o755); err != nil {
		return err
	}
	for _, jar := range []struct {
		tree, name, path, text string // path and text: the one file beside the classes
	}{
		{faultjobs.PipelineDir, "pipeline.jar", "META-INF/MANIFEST.MF",
			"Manifest-Version: 1.0\r\nMain-Class: " + faultjobs.PipelineMain + "\r\n"},
		{faultjobs.StoreDir, "objectstore.jar", "META-INF/services/org.apache.flink.core.fs.FileSystemFactory",
			faultjobs.StoreFactory + "\n"},
	} {
		classes := filepath.Join(work, "classes", jar.tree)
		if err := compile(ctx, jdk, dist, filepath.Join(work, "src", jar.tree), classes); err != nil {
			return err
		}
		if err := writeJar(filepath.Join(work, "out", jar.name), classes, jar.path, jar.text); err != nil {
			return err
		}
	}
	return nil
}

func compile(ctx context.Context, jdk JDK, dist, src, classes string) error {
	var files []string
	err := filepath.WalkDir(src, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".java") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	args := append([]string{"-nowarn", "-Xlint:-options", "--release", strconv.Itoa(MinJava), "-cp", filepath.Join(dist, "lib", "*"), "-d", classes}, files...)
	if out, err := exec.CommandContext(ctx, jdk.Javac, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", jdk.Javac, err, out)
	}
	return nil
}

// writeJar packs a directory of classes and one more file, which comes first, as a manifest must.
func writeJar(jar, classes, extraPath, extraText string) (err error) {
	f, err := os.Create(jar)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	zw := zip.NewWriter(f)
	w, err := zw.Create(extraPath)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, extraText); err != nil {
		return err
	}
	if err := zw.AddFS(os.DirFS(classes)); err != nil {
		return err
	}
	return zw.Close()
}

// sourceHash is over the paths and texts of the sources and the Flink version: 16 hex digits tell builds apart.
func sourceHash(version string) (string, error) {
	h := sha256.New()
	_, err := fmt.Fprintln(h, version)
	if err != nil {
		return "", err
	}
	err = fs.WalkDir(faultjobs.Sources, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(faultjobs.Sources, path)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(h, "%s %d\n%s", path, len(text), text)
		return err
	})
	return hex.EncodeToString(h.Sum(nil))[:16], err
}
