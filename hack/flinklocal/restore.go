package flinklocal

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// restorePath is what to restore the job from: its newest completed checkpoint below dir, or "" where it never completed one.
//
// The disk is asked, not Flink, for it is right even where Flink was ended between completing one checkpoint and deleting the
// one before: files of a checkpoint are deleted only after a newer one has its metadata, so the highest number is whole.
func restorePath(scheme, dir, job string) (string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, job))
	if os.IsNotExist(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	best := int64(-1)
	for _, e := range entries {
		id, ok := checkpointNumber(e)
		if !ok || id < best {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, job, e.Name(), "_metadata"))
		if err != nil || info.Size() == 0 {
			continue // expired, or still being written: not restorable
		}
		best = id
	}
	if best < 0 {
		return "", nil
	}
	return scheme + "://" + filepath.Join(dir, job, "chk-"+strconv.FormatInt(best, 10)), nil
}

// checkpointNumber reads a folder named chk-<number>.
func checkpointNumber(e fs.DirEntry) (int64, bool) {
	text, ok := strings.CutPrefix(e.Name(), "chk-")
	if !ok || !e.IsDir() {
		return 0, false
	}
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id >= 0
}
