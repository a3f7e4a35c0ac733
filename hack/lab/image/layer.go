package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// layerFile returns the tar file of a layer: itself, or one made in work from a directory.
func layerFile(layer, work string) (string, error) {
	info, err := os.Stat(layer)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return layer, nil
	}
	f, err := os.CreateTemp(work, "layer-*.tar")
	if err != nil {
		return "", err
	}
	return f.Name(), errors.Join(pack(layer, f), f.Close())
}

// pack writes what is in dir, sorted by path: all of it root's, with the permissions it has and without times.
func pack(dir string, out io.Writer) error {
	tw := tar.NewWriter(out)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		return packOne(tw, dir, path, entry)
	})
	return errors.Join(err, tw.Close())
}

func packOne(tw *tar.Writer, dir, path string, entry fs.DirEntry) (err error) {
	info, err := entry.Info()
	if err != nil {
		return err
	}
	name, err := filepath.Rel(dir, path)
	if err != nil {
		return err
	}
	header := &tar.Header{Name: filepath.ToSlash(name), Mode: int64(info.Mode().Perm())}
	switch {
	case info.IsDir():
		header.Typeflag, header.Name = tar.TypeDir, header.Name+"/"
		return tw.WriteHeader(header)
	case info.Mode()&fs.ModeSymlink != 0:
		header.Typeflag = tar.TypeSymlink
		if header.Linkname, err = os.Readlink(path); err != nil {
			return err
		}
		return tw.WriteHeader(header)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: a layer may hold files, directories and symbolic links, not %s", path, info.Mode().Type())
	}
	header.Typeflag, header.Size = tar.TypeReg, info.Size()
	if err := tw.WriteHeader(header); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.Copy(tw, f)
	return err
}
