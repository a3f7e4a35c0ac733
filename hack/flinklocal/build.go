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

// pipeline and objectStore are what runs where a case names nothing else.
var (
	pipeline    = Java{Name: "pipeline.jar", Sources: faultjobs.Sources, Dir: faultjobs.PipelineDir, Main: faultjobs.PipelineMain}
	objectStore = Store{Scheme: faultjobs.StoreScheme, Control: faultjobs.StoreControl,
		Java: Java{Name: "objectstore.jar", Sources: faultjobs.Sources, Dir: faultjobs.StoreDir, Factory: faultjobs.StoreFactory}}
)

func (c Case) job() *Java {
	if c.Job != nil {
		return c.Job
	}
	return &pipeline
}

// entryClass is the main class of the job.
func (c Case) entryClass() string {
	if c.EntryClass != "" {
		return c.EntryClass
	}
	return c.job().Main
}

func (c Case) store() *Store {
	if c.Store != nil {
		return c.Store
	}
	return &objectStore
}

// Build compiles the fault jobs and the delaying file system against one distribution: what every case uses that names nothing else.
func Build(ctx context.Context, dist string, logf Logf) (Jars, error) {
	return BuildFor(ctx, dist, Case{}, logf)
}

// BuildFor compiles what the case runs against one distribution. The results are kept in the user's cache directory under a hash of the sources
// and the Flink version, so that it happens once.
func BuildFor(ctx context.Context, dist string, c Case, logf Logf) (Jars, error) {
	version, err := Version(dist)
	if err != nil {
		return Jars{}, err
	}
	job, err := buildOne(ctx, dist, version, c.job(), logf)
	if err != nil {
		return Jars{}, err
	}
	store, err := buildOne(ctx, dist, version, &c.store().Java, logf)
	return Jars{Job: job, Store: store}, err
}

// buildOne compiles one tree, or finds it compiled, and returns the path of its jar.
func buildOne(ctx context.Context, dist, version string, j *Java, logf Logf) (string, error) {
	hash, err := sourceHash(version, j)
	if err != nil {
		return "", err
	}
	cache, err := CacheDir("faultjobs")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, version+"-"+hash)
	jar := filepath.Join(dir, j.Name)
	if _, err := os.Stat(jar); err == nil {
		return jar, nil
	}
	jdk, err := FindJDK(ctx)
	if err != nil {
		return "", err
	}
	logf.line("flink %s: compiling %s", version, j.Name)
	work, err := os.MkdirTemp(cache, "partial-")
	if err != nil {
		return "", err
	}
	defer func() {
		if err := os.RemoveAll(work); err != nil {
			logf.line("could not remove %s: %v", work, err)
		}
	}()
	if err := compileTree(ctx, jdk, dist, work, j, version); err != nil {
		return "", fmt.Errorf("%s for Flink %s: %w", j.Name, version, err)
	}
	if err := os.Rename(filepath.Join(work, "out"), dir); err != nil {
		if _, exists := os.Stat(jar); exists != nil { // another run may have been first: then its result serves
			return "", err
		}
	}
	return jar, nil
}

// compileTree leaves the jar of one tree in work/out.
func compileTree(ctx context.Context, jdk JDK, dist, work string, j *Java, version string) error {
	src := filepath.Join(work, "src")
	if err := os.CopyFS(src, j.Sources); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(work, "out"), 0o755); err != nil {
		return err
	}
	path, text := "META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\nMain-Class: "+j.Main+"\r\n"
	if j.Factory != "" {
		path, text = "META-INF/services/org.apache.flink.core.fs.FileSystemFactory", j.Factory+"\n"
	}
	classes := filepath.Join(work, "classes")
	var roots []string
	for _, dir := range j.trees(version) {
		roots = append(roots, filepath.Join(src, dir))
	}
	if err := compile(ctx, jdk, dist, roots, classes); err != nil {
		return err
	}
	if err := nameTableFactory(classes, j.Table); err != nil {
		return err
	}
	return writeJar(filepath.Join(work, "out", j.Name), classes, path, text)
}

// nameTableFactory writes where Flink's planner looks for connectors; nothing for a job without SQL.
func nameTableFactory(classes, factory string) error {
	if factory == "" {
		return nil
	}
	services := filepath.Join(classes, "META-INF", "services")
	if err := os.MkdirAll(services, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(services, "org.apache.flink.table.factories.Factory"), []byte(factory+"\n"), 0o644)
}

// trees are the folders of Sources that are compiled for a version.
func (j *Java) trees(version string) []string {
	if j.More == nil {
		return []string{j.Dir}
	}
	return append([]string{j.Dir}, j.More(version)...)
}

func compile(ctx context.Context, jdk JDK, dist string, roots []string, classes string) error {
	var files []string
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".java") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return err
		}
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

// sourceHash is over the paths and texts of the sources, the Flink version and what else goes into the jar: 16 hex digits tell builds apart.
func sourceHash(version string, j *Java) (string, error) {
	h := sha256.New()
	_, err := fmt.Fprintln(h, version, j.Name, j.Dir, j.Main, j.Factory+j.Table) // a plugin has the one, a job the other
	if err != nil {
		return "", err
	}
	for _, dir := range j.trees(version) {
		if err := hashTree(h, j.Sources, dir); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16], err
}

func hashTree(h io.Writer, sources fs.FS, dir string) error {
	return fs.WalkDir(sources, dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(sources, path)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(h, "%s %d\n%s", path, len(text), text)
		return err
	})
}
