package flinklocal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// distributionPackage is the Python package that carries Flink's own lib directory.
const distributionPackage = "apache-flink-libraries"

// progressEvery is how often a download tells how far it is.
const progressEvery = 5 * time.Second

var versionForm = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

// Fetch returns the directory of a Flink distribution (it holds lib/flink-dist-<version>.jar).
//
// Where the environment names one, FLINK_DIST_1_20_5 or FLINK_DIST_1.20.5 for version 1.20.5, that one is checked and taken.
// Otherwise it is downloaded once with pip (230 to 320 MB) and its lib directory kept in the user's cache directory,
// checkpoint-health/flink/<version>. A run that was cut short resumes at the step that was not finished.
func Fetch(ctx context.Context, version string, logf Logf) (string, error) {
	if !versionForm.MatchString(version) {
		return "", fmt.Errorf("flink version %q: want three numbers, such as 1.20.5", version)
	}
	if dir := namedDist(version); dir != "" {
		return dir, checkDist(dir, version)
	}
	cache, err := CacheDir("flink")
	if err != nil {
		return "", err
	}
	dist := filepath.Join(cache, version)
	if checkDist(dist, version) == nil {
		return dist, nil
	}
	download := filepath.Join(cache, "download-"+version)
	archive, err := downloaded(download, version)
	if err != nil {
		logf.line("flink %s: downloading with pip (once; kept in %s)", version, dist)
		if archive, err = pipDownload(ctx, download, version, logf); err != nil {
			return "", err
		}
	}
	logf.line("flink %s: unpacking", version)
	if err := unpackLib(archive, dist); err != nil {
		return "", fmt.Errorf("unpack %s (remove it to download it again): %w", archive, err)
	}
	if err := checkDist(dist, version); err != nil {
		return "", err
	}
	if err := os.RemoveAll(download); err != nil {
		logf.line("flink %s: could not remove %s: %v", version, download, err)
	}
	logf.line("flink %s: ready in %s", version, dist)
	return dist, nil
}

// CacheDir is checkpoint-health/<name> in the user's cache directory (XDG_CACHE_HOME, else ~/.cache, on Linux); it is made.
func CacheDir(name string) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache directory for this user: %w; set XDG_CACHE_HOME", err)
	}
	dir := filepath.Join(base, "checkpoint-health", name)
	return dir, os.MkdirAll(dir, 0o755)
}

func namedDist(version string) string {
	for _, name := range []string{"FLINK_DIST_" + version, "FLINK_DIST_" + strings.ReplaceAll(version, ".", "_")} {
		if dir := os.Getenv(name); dir != "" {
			return dir
		}
	}
	return ""
}

// checkDist says what a directory lacks to be a distribution of that version.
func checkDist(dir, version string) error {
	jar := filepath.Join(dir, "lib", "flink-dist-"+version+".jar")
	if _, err := os.Stat(jar); err != nil {
		return fmt.Errorf("flink %s: %s is not a Flink %s distribution: no lib/flink-dist-%s.jar", version, dir, version, version)
	}
	logs, err := filepath.Glob(filepath.Join(dir, "lib", "log4j-core-*.jar"))
	if err != nil || len(logs) == 0 {
		return fmt.Errorf("flink %s: %s has no lib/log4j-core-*.jar", version, dir)
	}
	return nil
}

// Version reads the version of a distribution from the name of its flink-dist jar.
func Version(dist string) (string, error) {
	jars, err := filepath.Glob(filepath.Join(dist, "lib", "flink-dist-*.jar"))
	if err != nil || len(jars) != 1 {
		return "", fmt.Errorf("%s: want one lib/flink-dist-<version>.jar, found %d", dist, len(jars))
	}
	name := strings.TrimSuffix(filepath.Base(jars[0]), ".jar")
	return strings.TrimPrefix(name, "flink-dist-"), nil
}

func downloaded(dir, version string) (string, error) {
	found, err := filepath.Glob(filepath.Join(dir, "apache?flink?libraries-"+version+".tar.gz"))
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("flink %s: nothing downloaded in %s", version, dir)
	}
	return found[0], nil
}

// pipCommand finds pip: as a module of python3 where that works, else as a program.
func pipCommand(ctx context.Context) ([]string, error) {
	for _, cmd := range [][]string{{"python3", "-m", "pip"}, {"pip3"}, {"pip"}} {
		if exec.CommandContext(ctx, cmd[0], slices.Concat(cmd[1:], []string{"--version"})...).Run() == nil {
			return cmd, nil
		}
	}
	return nil, errors.New("no pip: install Python 3 with pip (python3-pip), or unpack a Flink distribution yourself and name its directory in FLINK_DIST_<version>")
}

// pipDownload brings the package into dir. pip's temporary directory is inside it, so that its size tells the progress.
func pipDownload(ctx context.Context, dir, version string, logf Logf) (string, error) {
	pip, err := pipCommand(ctx)
	if err != nil {
		return "", err
	}
	partial := filepath.Join(dir, "partial")
	for _, step := range []func() error{
		func() error { return os.RemoveAll(partial) },
		func() error { return os.MkdirAll(partial, 0o755) },
	} {
		if err := step(); err != nil {
			return "", err
		}
	}
	args := slices.Concat(pip[1:], []string{"download", "--quiet", "--no-deps", "--no-binary", ":all:",
		"--disable-pip-version-check", "--dest", partial, distributionPackage + "==" + version})
	cmd := exec.CommandContext(ctx, pip[0], args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+partial)
	stop := make(chan struct{})
	defer close(stop)
	go tellProgress(stop, partial, version, logf)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w: %s; check that pip can reach its index, or name a directory in FLINK_DIST_%s",
			strings.Join(cmd.Args, " "), err, lastLine(out), version)
	}
	archive, err := downloaded(partial, version)
	if err != nil {
		return "", err
	}
	whole := filepath.Join(dir, filepath.Base(archive))
	return whole, os.Rename(archive, whole)
}

func tellProgress(stop <-chan struct{}, dir, version string, logf Logf) {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			logf.line("flink %s: pip is at work, %d MB on disk", version, dirSize(dir)>>20)
		}
	}
}

// dirSize is in bytes; what vanishes meanwhile counts nothing.
func dirSize(dir string) int64 {
	var sum int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, _ error) error {
		sum += fileSize(d)
		return nil
	})
	if err != nil {
		return 0
	}
	return sum
}

func fileSize(d fs.DirEntry) int64 {
	if d == nil || d.IsDir() {
		return 0
	}
	info, err := d.Info()
	if err != nil {
		return 0
	}
	return info.Size()
}

// lastLine is the last line of a program's output that says something, for an error.
func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
