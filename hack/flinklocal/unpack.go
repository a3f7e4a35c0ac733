package flinklocal

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// unpackLib takes the jars of <package>/deps/lib/ out of the archive into dist/lib, and the one of <package>/deps/bin/, with which
// Flink's start scripts divide memory, into dist/bin. The directory appears whole or not at all.
func unpackLib(archive, dist string) (err error) {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	zr, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	partial := dist + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	for _, dir := range jarDirs {
		if err := os.MkdirAll(filepath.Join(partial, dir), 0o755); err != nil {
			return err
		}
	}
	if err := copyJars(tar.NewReader(zr), partial); err != nil {
		return err
	}
	if err := os.RemoveAll(dist); err != nil {
		return err
	}
	return os.Rename(partial, dist)
}

// jarDirs of a distribution, below <package>/deps in the archive.
var jarDirs = []string{"lib", "bin"}

func copyJars(tr *tar.Reader, dist string) error {
	n := 0
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		name, dir := path.Base(h.Name), path.Base(path.Dir(h.Name))
		inDeps := path.Base(path.Dir(path.Dir(h.Name))) == "deps" && slices.Contains(jarDirs, dir)
		if h.Typeflag != tar.TypeReg || !inDeps || path.Ext(name) != ".jar" {
			continue
		}
		if err := writeFile(filepath.Join(dist, dir, name), tr); err != nil {
			return err
		}
		if dir == "lib" {
			n++
		}
	}
	if n == 0 {
		return fmt.Errorf("no deps/lib/*.jar in it")
	}
	return nil
}

func writeFile(file string, r io.Reader) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.Copy(f, r)
	return err
}
