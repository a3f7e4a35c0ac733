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
	"strings"
)

// unpackLib takes the files of <package>/deps/lib/ out of the archive into dist/lib. The directory appears whole or not at all.
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
	if err := os.MkdirAll(filepath.Join(partial, "lib"), 0o755); err != nil {
		return err
	}
	if err := copyJars(tar.NewReader(zr), filepath.Join(partial, "lib")); err != nil {
		return err
	}
	if err := os.RemoveAll(dist); err != nil {
		return err
	}
	return os.Rename(partial, dist)
}

func copyJars(tr *tar.Reader, lib string) error {
	n := 0
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		name := path.Base(h.Name)
		if h.Typeflag != tar.TypeReg || !strings.HasSuffix(path.Dir(h.Name), "/deps/lib") || path.Ext(name) != ".jar" {
			continue
		}
		if err := writeFile(filepath.Join(lib, name), tr); err != nil {
			return err
		}
		n++
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
