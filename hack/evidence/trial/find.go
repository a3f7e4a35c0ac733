package trial

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Ends of the names of a trial's two files.
const (
	RecordingSuffix = ".har.gz"
	TrialSuffix     = ".yaml"
)

// Found is a trial with its recording.
type Found struct {
	Trial *Trial
	// Recording is the path of the HTTP Archive.
	Recording string
}

// Paths are where a trial and its recording belong below the directory of all recordings.
func Paths(root string, t *Trial) (recording, file string) {
	base := filepath.Join(root, string(t.Split), t.FlinkVersion, t.Case)
	return base + RecordingSuffix, base + TrialSuffix
}

// Find reads all trials below a directory, in the order of their paths; none where there is no such directory. A trial without a recording, a
// recording without a trial, a file in the wrong place and a case that is in both halves are errors.
func Find(root string) ([]Found, error) {
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var found []Found
	splits := map[string]Split{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err // a hidden file is a recording that is being written
		}
		if base, ok := strings.CutSuffix(path, RecordingSuffix); ok {
			if _, err := os.Stat(base + TrialSuffix); err != nil {
				return fmt.Errorf("%s has no trial beside it, expected %s", path, base+TrialSuffix)
			}
			return nil
		}
		if !strings.HasSuffix(path, TrialSuffix) {
			return fmt.Errorf("%s is no file of a trial, expected one that ends in %s or %s", path, RecordingSuffix, TrialSuffix)
		}
		f, err := findOne(root, path)
		if err != nil {
			return err
		}
		if split, known := splits[f.Trial.Case]; known && split != f.Trial.Split {
			return fmt.Errorf("%s: case %s is in both halves, expected a name that the other half does not have", path, f.Trial.Case)
		}
		splits[f.Trial.Case] = f.Trial.Split
		found = append(found, f)
		return nil
	})
	return found, err
}

func findOne(root, path string) (Found, error) {
	t, err := Read(path)
	if err != nil {
		return Found{}, err
	}
	recording, file := Paths(root, t)
	if filepath.Clean(path) != filepath.Clean(file) {
		return Found{}, fmt.Errorf("%s tells of %s, Flink %s, case %s, expected it at %s", path, t.Split, t.FlinkVersion, t.Case, file)
	}
	if _, err := os.Stat(recording); err != nil {
		return Found{}, fmt.Errorf("%s has no recording beside it, expected %s", path, recording)
	}
	return Found{Trial: t, Recording: recording}, nil
}
