package flinklocal

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Spec is what a FlinkDeployment asks for, as far as a local cluster can give it.
type Spec struct {
	Namespace, Name string
	Version         string            // of Flink; that of the distribution, such as 1.20.5, its minor, 1.20, or empty
	Config          map[string]string // flinkConfiguration, flat keys
	CPU             float64           // of the JobManager, in cores; the JVM sees it rounded up; 0 = 1
	MemoryBytes     int64             // of the JobManager's process; 0 = as configured
	UpgradeMode     string            // last-state or savepoint; stateless, or empty as in the CRD, starts without state
	Parallelism     int               // 0 = the case's
	Files           map[string]string // of the configuration directory, as they are mounted; nil = one is written from Config
}

// stateless tells whether the job starts without its state.
func (s Spec) stateless() bool { return s.UpgradeMode == "" || s.UpgradeMode == "stateless" }

// startPatience bounds one start: two cores that also compile need a minute for three JVMs, and may have more to do.
const startPatience = 5 * time.Minute

// Deploy runs the job as the spec says, replacing the one that runs, and returns when Flink has accepted it (some ten
// seconds; Ready tells when it runs). A second Deploy restores the newest completed checkpoint unless UpgradeMode is
// stateless. The fault goes on.
func (c *Cluster) Deploy(ctx context.Context, spec Spec) error {
	if err := c.runsVersion(spec.Version); err != nil {
		return err
	}
	if spec.Parallelism == 0 {
		spec.Parallelism = c.opts.Case.Parallelism
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errClosed
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	c.halt()
	if err := c.surround(ctx); err != nil {
		return err
	}
	if spec.stateless() && c.starts > 0 && c.opts.Mode == Operated {
		c.renameJob()
	}
	if err := c.launch(ctx, spec); err != nil {
		c.halt()
		return fmt.Errorf("flink %s, %s: %w", c.version, c.opts.Case.Name, err)
	}
	if err := c.bringJob(ctx, spec); err != nil {
		c.halt()
		return fmt.Errorf("flink %s, %s: submit: %w", c.version, c.opts.Case.Name, err)
	}
	c.spec = spec
	if first := !c.submitted; first {
		c.submitted = true
		go c.bringFault()
	}
	return nil
}

// runsVersion refuses a version that the distribution is not of.
func (c *Cluster) runsVersion(version string) error {
	if version == "" || strings.HasPrefix(c.version+".", version+".") {
		return nil
	}
	return fmt.Errorf("version %q: this cluster's distribution is Flink %s", version, c.version)
}

// bringJob submits the job, or waits until the JobManager lists the one that it has of itself.
func (c *Cluster) bringJob(ctx context.Context, spec Spec) error {
	switch {
	case c.opts.Mode == Operated, c.opts.Mode == Session && !c.submitted:
		return c.submit(ctx, spec)
	}
	return waitFor(ctx, c.procs, "the JobManager to have its job", func(ctx context.Context) (bool, string) {
		_, reason, err := c.rest.running(ctx, c.JobID())
		if err != nil {
			reason = err.Error()
		}
		return err == nil, reason
	})
}

// Restart deploys again with another configuration and everything else as it was.
func (c *Cluster) Restart(ctx context.Context, config map[string]string) error {
	c.mu.Lock()
	spec := c.spec
	c.mu.Unlock()
	spec.Config = maps.Clone(config)
	return c.Deploy(ctx, spec)
}

// Stop ends the processes. What they wrote stays until Close, so that a Deploy can restore it.
func (c *Cluster) Stop(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.halt()
	return nil
}

// Ready tells whether all subtasks of the job run. While Flink does not answer it says no, without an error.
func (c *Cluster) Ready(ctx context.Context) (bool, error) {
	if c.life.Err() != nil {
		return false, errClosed
	}
	ok, _, err := c.rest.running(ctx, c.JobID())
	return ok && err == nil, nil
}

// WaitReady returns when all subtasks run.
func (c *Cluster) WaitReady(ctx context.Context) error {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	c.mu.Lock()
	procs := slices.Clone(c.procs)
	c.mu.Unlock()
	return waitFor(ctx, procs, "the job to run", func(ctx context.Context) (bool, string) {
		ok, reason, err := c.rest.running(ctx, c.JobID())
		if err != nil {
			reason = err.Error()
		}
		return ok, reason
	})
}

// bounded ends with the caller's context, with the cluster, and after the patience for one start.
func (c *Cluster) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeoutCause(ctx, startPatience, fmt.Errorf("not within %s", startPatience))
	stop := context.AfterFunc(c.life, cancel)
	return ctx, func() { stop(); cancel() }
}

// waitFor asks until the answer is yes. It gives up at once where a process has ended, with what that left behind.
func waitFor(ctx context.Context, procs []*process, what string, ask func(context.Context) (bool, string)) error {
	reason := "nothing yet"
	err := until(ctx, pollEvery, func(ctx context.Context) (ok bool, err error) {
		for _, p := range procs {
			if !p.alive() {
				return false, fmt.Errorf("%s has ended (%w): %s", p.name, errors.Join(p.err, errEnded), p.lastWords())
			}
		}
		ok, reason = ask(ctx)
		return ok, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for %s (last: %s): %w", what, reason, err)
	}
	return nil
}

var errEnded = errors.New("by itself")

// submit uploads the jar and runs the job, and its neighbour where the case has one.
func (c *Cluster) submit(ctx context.Context, spec Spec) error {
	jar, err := c.rest.upload(ctx, c.opts.Jars.Job)
	if err != nil {
		return err
	}
	job := submission{EntryClass: c.opts.Case.EntryClass, Args: c.arguments(c.opts.Case.Args, spec), Parallelism: spec.Parallelism, JobID: c.JobID()}
	if c.starts > 1 && !spec.stateless() {
		if job.SavepointPath, err = c.restoreFrom(); err != nil {
			return err
		}
	}
	if job.SavepointPath != "" {
		if major, minor := majorMinor(c.version); major == 1 && minor < 20 {
			job.RestoreMode = "CLAIM"
		} else {
			job.ClaimMode = "CLAIM"
		}
		c.opts.Log.line("%s: restoring from %s", c.opts.Case.Name, job.SavepointPath)
	}
	if len(c.opts.Case.Neighbour) > 0 {
		other := submission{EntryClass: c.opts.Case.EntryClass, Args: c.arguments(c.opts.Case.Neighbour, spec), Parallelism: spec.Parallelism}
		if err := c.rest.run(ctx, jar, other); err != nil {
			return fmt.Errorf("neighbour: %w", err)
		}
	}
	if err = c.rest.run(ctx, jar, job); err == nil {
		c.savepoint = ""
	}
	return err
}

// arguments adds what every start decides. From the second start on a fault that waits for its time is there at once.
func (c *Cluster) arguments(args []string, spec Spec) []string {
	all := append([]string{"--parallelism", strconv.Itoa(spec.Parallelism)}, args...)
	if c.starts > 1 {
		all = append(all, "--from-s", "0")
	}
	return all
}

// renameJob gives the job a new id, as a stateless upgrade does.
func (c *Cluster) renameJob() {
	c.jobMu.Lock()
	defer c.jobMu.Unlock()
	c.job = newJobID()
}

// newJobID is 32 hex digits, the form of Flink's JobID.
func newJobID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // crypto/rand.Read never fails (Go 1.24 on)
	return hex.EncodeToString(id)
}
