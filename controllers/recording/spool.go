package recording

import (
	"encoding/gob"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// unfinished is a file beside the one that it becomes.
type unfinished struct {
	*os.File
	// path is the file's name once it is finished; empty for a pipe or device, which is written to at once.
	path string
}

func newUnfinished(path string) (*unfinished, error) {
	if there, err := os.Stat(path); err == nil && !there.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		return &unfinished{File: f}, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, err
	}
	return &unfinished{File: f, path: path}, nil
}

// finish gives the file its name, in place of one that has it.
func (f *unfinished) finish() error {
	if f == nil {
		return nil
	}
	if f.path == "" {
		return f.Close()
	}
	if err := f.Close(); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), f.path)
}

// discard removes the file.
func (f *unfinished) discard() error {
	if f == nil {
		return nil
	}
	if f.path == "" {
		return f.Close()
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// spool keeps entries in a file: minutes of a large job are hundreds of megabytes. Secrets are out of them already.
type spool struct {
	file *os.File
	out  *gob.Encoder
}

// add writes an entry, into a file next to an unfinished one where there is one.
func (s *spool) add(e Entry, beside *unfinished) error {
	if s.file == nil {
		dir := ""
		if beside != nil && beside.path != "" {
			dir = filepath.Dir(beside.path)
		}
		f, err := os.CreateTemp(dir, ".checkpoint-health-*")
		if err != nil {
			return err
		}
		s.file, s.out = f, gob.NewEncoder(f)
	}
	return s.out.Encode(&e)
}

// each reads the entries in the order in which they were added.
func (s *spool) each(use func(Entry)) error {
	if s == nil || s.file == nil {
		return nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	in := gob.NewDecoder(s.file)
	for {
		var e Entry
		switch err := in.Decode(&e); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		use(e)
	}
}

// close removes the file.
func (s *spool) close() error {
	if s == nil || s.file == nil {
		return nil
	}
	f := s.file
	s.file = nil
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
