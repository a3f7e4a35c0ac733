package flinklocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Where the kernel shows CPU groups: version 1 has a tree for it, version 2 one tree for all.
const (
	cgroupRoot = "/sys/fs/cgroup"
	cgroupV1   = cgroupRoot + "/cpu"
)

// quotaPeriod is the kernel's default, in microseconds: a quota of half a core is 50 ms of every 100.
const quotaPeriod = 100_000

// cgroup bounds the CPU of the processes in it.
type cgroup struct {
	dir string
	v1  bool
}

// newCgroup makes an empty group without a bound.
func newCgroup(name string) (*cgroup, error) {
	g := &cgroup{dir: filepath.Join(cgroupRoot, name)}
	if _, err := os.Stat(cgroupV1); err == nil {
		g.dir, g.v1 = filepath.Join(cgroupV1, name), true
	} else if err := delegateCPU(); err != nil {
		return nil, err
	}
	if err := os.Mkdir(g.dir, 0o755); err != nil {
		return nil, fmt.Errorf("%w: cgroups that may be written (root): %w", ErrMissing, err)
	}
	return g, nil
}

// delegateCPU lets groups below the root bound CPU, which version 2 has to be told.
func delegateCPU() error {
	controllers, err := os.ReadFile(filepath.Join(cgroupRoot, "cgroup.controllers"))
	if err != nil || !strings.Contains(string(controllers), "cpu") {
		return fmt.Errorf("%w: cgroups with a CPU controller in %s", ErrMissing, cgroupRoot)
	}
	if err := os.WriteFile(filepath.Join(cgroupRoot, "cgroup.subtree_control"), []byte("+cpu"), 0o644); err != nil {
		return fmt.Errorf("%w: cgroups that may be written (root): %w", ErrMissing, err)
	}
	return nil
}

// set bounds the group to so many cores from now on; 0 and less: no bound.
func (g *cgroup) set(cores float64) error {
	quota := int(cores * quotaPeriod)
	switch {
	case g.v1 && cores <= 0:
		return g.write("cpu.cfs_quota_us", "-1")
	case g.v1:
		return g.write("cpu.cfs_quota_us", strconv.Itoa(quota))
	case cores <= 0:
		return g.write("cpu.max", "max")
	}
	return g.write("cpu.max", fmt.Sprintf("%d %d", quota, quotaPeriod))
}

// add moves a process with all its threads into the group.
func (g *cgroup) add(pid int) error { return g.write("cgroup.procs", strconv.Itoa(pid)) }

func (g *cgroup) write(file, text string) error {
	return os.WriteFile(filepath.Join(g.dir, file), []byte(text), 0o644)
}

// remove waits until the kernel has let go of the processes that ended.
func (g *cgroup) remove() error {
	if g == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	var last error
	err := until(ctx, 50*time.Millisecond, func(context.Context) (bool, error) {
		last = os.Remove(g.dir)
		return last == nil || errors.Is(last, os.ErrNotExist), nil
	})
	if err != nil {
		return last
	}
	return nil
}
