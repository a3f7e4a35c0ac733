package flinklocal

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// scriptDir is a directory with one program, for PATH or JAVA_HOME.
func script(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// ownCache keeps the test away from the user's cache.
func ownCache(t *testing.T) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
}

func archiveWith(t *testing.T, names ...string) string {
	t.Helper()
	var text bytes.Buffer
	zw := gzip.NewWriter(&text)
	tw := tar.NewWriter(zw)
	for _, name := range names {
		if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(name)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write([]byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []interface{ Close() error }{tw, zw} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "archive.tar.gz")
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// fakePip puts the archive where pip would, and counts its downloads in a file.
func fakePip(t *testing.T, archive string) (count string) {
	t.Helper()
	bin := t.TempDir()
	count = filepath.Join(bin, "count")
	script(t, bin, "python3", `
[ "$3" = --version ] && exit 0
echo once >> `+count+`
while [ "$1" != --dest ]; do shift; done
cp `+archive+` "$2/apache_flink_libraries-1.20.5.tar.gz"
`)
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	return count
}

const wholeLib = "apache_flink_libraries-1.20.5/deps/lib/"

func TestFetchDownloadsOnce(t *testing.T) {
	ownCache(t)
	count := fakePip(t, archiveWith(t, wholeLib+"flink-dist-1.20.5.jar", wholeLib+"log4j-core-2.24.3.jar",
		wholeLib+"../bin/odd.jar", "apache_flink_libraries-1.20.5/LICENSE"))
	var said []string
	logf := func(format string, _ ...any) { said = append(said, format) }
	for range 2 {
		dist, err := Fetch(t.Context(), "1.20.5", logf)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := Version(dist); err != nil || v != "1.20.5" {
			t.Errorf("version %q, %v", v, err)
		}
		entries, err := os.ReadDir(filepath.Join(dist, "lib"))
		if err != nil || len(entries) != 2 {
			t.Errorf("%v, %v: want the two jars of lib and nothing else", entries, err)
		}
	}
	if text, err := os.ReadFile(count); err != nil || strings.Count(string(text), "once") != 1 {
		t.Errorf("downloads: %q, %v; want one", text, err)
	}
	if len(said) == 0 {
		t.Error("want progress")
	}
}

func TestFetchResumesAfterTheDownload(t *testing.T) {
	ownCache(t)
	count := fakePip(t, archiveWith(t, wholeLib+"readme.txt"))
	if _, err := Fetch(t.Context(), "1.20.5", nil); err == nil || !strings.Contains(err.Error(), "remove it to download it again") {
		t.Fatalf("error %v, want one that says what to do with a broken archive", err)
	}
	cache, err := CacheDir("flink")
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(archiveWith(t, wholeLib+"flink-dist-1.20.5.jar", wholeLib+"log4j-core-2.24.3.jar"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cache, "download-1.20.5", "apache_flink_libraries-1.20.5.tar.gz"), whole, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Fetch(t.Context(), "1.20.5", nil); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(count); err != nil || strings.Count(string(text), "once") != 1 {
		t.Errorf("downloads: %q, %v; want what was downloaded to be used", text, err)
	}
}

func TestFetchSaysWhatIsMissing(t *testing.T) {
	ownCache(t)
	if _, err := Fetch(t.Context(), "1.20", nil); err == nil || !strings.Contains(err.Error(), "such as 1.20.5") {
		t.Errorf("error %v, want one that shows the form of a version", err)
	}
	t.Setenv("FLINK_DIST_1_20_5", t.TempDir())
	if _, err := Fetch(t.Context(), "1.20.5", nil); err == nil || !strings.Contains(err.Error(), "no lib/flink-dist-1.20.5.jar") {
		t.Errorf("error %v, want one that names the missing jar", err)
	}
	t.Setenv("FLINK_DIST_1_20_5", "")
	t.Setenv("PATH", t.TempDir())
	if _, err := Fetch(t.Context(), "1.20.5", nil); err == nil || !strings.Contains(err.Error(), "FLINK_DIST_") {
		t.Errorf("error %v, want one that offers the way without pip", err)
	}
	bin := t.TempDir()
	script(t, bin, "python3", `[ "$3" = --version ] && exit 0; echo "ERROR: no route to host" >&2; exit 1`)
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	if _, err := Fetch(t.Context(), "1.20.5", nil); err == nil || !strings.Contains(err.Error(), "no route to host") {
		t.Errorf("error %v, want pip's own words", err)
	}
}

func TestFindJDKSaysWhatIsMissing(t *testing.T) {
	empty := t.TempDir()
	t.Setenv("PATH", empty)
	t.Setenv("JAVA_HOME", "")
	if _, err := FindJDK(t.Context()); err == nil || !strings.Contains(err.Error(), "install a JDK") {
		t.Errorf("no java: %v", err)
	}
	home := t.TempDir()
	bin := filepath.Join(home, "bin")
	script(t, bin, "java", `echo 'openjdk version "1.8.0_402"' >&2`)
	t.Setenv("JAVA_HOME", home)
	if _, err := FindJDK(t.Context()); err == nil || !strings.Contains(err.Error(), "without javac") {
		t.Errorf("a runtime only: %v", err)
	}
	script(t, bin, "javac", "exit 0")
	if _, err := FindJDK(t.Context()); err == nil || !strings.Contains(err.Error(), "is Java 8") {
		t.Errorf("too old: %v", err)
	}
	script(t, bin, "java", `echo 'openjdk version "17.0.15"' >&2`)
	if jdk, err := FindJDK(t.Context()); err != nil || jdk.Major != 17 {
		t.Errorf("%+v, %v; want Java 17", jdk, err)
	}
}
