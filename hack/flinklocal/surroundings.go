package flinklocal

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// surroundings are what stands around the processes to make them sick. They outlive restarts of Flink, and so does the fault.
type surroundings struct {
	made  bool
	proxy *proxy
	space *namespace

	mu         sync.Mutex
	jobManager *cgroup
	last       *cgroup   // of the last TaskManager
	quota      float64   // of the JobManager with one CPU, in cores; 0 and less = none
	began      time.Time // when the fault came
}

// link, jobManagerQuota and lastQuota tell what the case needs.
func (c Case) link(of func(*Link) bool) bool {
	return slices.ContainsFunc(c.Steps, func(s Step) bool { return s.Link != nil && of(s.Link) })
}
func (c Case) proxied() bool {
	return c.link(func(l *Link) bool { return len(l.RPC) > 0 })
}
func (c Case) apart() bool {
	return c.link(func(l *Link) bool { return l.Rate != "" || l.Loss > 0 })
}
func (c Case) jobManagerQuota() bool {
	return slices.ContainsFunc(c.Steps, func(s Step) bool { return s.JobManagerCPU > 0 })
}
func (c Case) lastQuota() bool {
	return slices.ContainsFunc(c.Steps, func(s Step) bool { return s.TaskManagerCPU > 0 })
}

var errTwoWays = errors.New("steps: RPC toxics and a narrow or lossy link in one case; want one of them")

// surround makes what the case needs before the first process starts.
func (c *Cluster) surround(ctx context.Context) (err error) {
	s, theCase := &c.around, c.opts.Case
	if s.made {
		return nil
	}
	s.made = true
	if theCase.proxied() && theCase.apart() {
		return errTwoWays
	}
	if theCase.apart() {
		if s.space, err = newNamespace(ctx); err != nil {
			return err
		}
		c.place.host = s.space.address
	}
	if err := c.groupProcesses(); err != nil || !theCase.proxied() {
		return err
	}
	ports, err := freePorts(ctx, 2)
	if err != nil {
		return err
	}
	c.place.rpcBind = ports[0]
	s.proxy, err = c.startProxy(ctx, c.place.rpc, ports[0], ports[1])
	return err
}

// groupProcesses makes the CPU groups that the case needs.
func (c *Cluster) groupProcesses() (err error) {
	s, name := &c.around, filepath.Base(c.place.dir)
	if c.opts.Case.jobManagerQuota() {
		if s.jobManager, err = newCgroup(name + "-" + jobManager); err != nil {
			return err
		}
	}
	if c.opts.Case.lastQuota() {
		s.last, err = newCgroup(name + "-tm")
	}
	return err
}

// remove takes all of it away.
func (s *surroundings) remove() error {
	s.proxy.stop()
	return errors.Join(s.space.remove(), s.jobManager.remove(), s.last.remove())
}

// setLink changes the network, as far as the case has one.
func (s *surroundings) setLink(ctx context.Context, l *Link) error {
	var err error
	if s.proxy != nil {
		err = s.proxy.set(ctx, l.RPC)
	}
	if s.space != nil {
		err = errors.Join(err, s.space.set(ctx, l))
	}
	return err
}

// setQuotas bounds the CPU; 0 leaves it as it is.
func (s *surroundings) setQuotas(jobManager, last, cpu float64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if jobManager != 0 && s.jobManager != nil {
		s.quota = jobManager
		err = s.jobManager.set(s.quota * max(cpu, 1))
	}
	if last != 0 && s.last != nil {
		err = errors.Join(err, s.last.set(last))
	}
	return err
}

// rescale gives the JobManager as many times its quota as it has CPUs: what more CPU for its container means where a core is a slice of one.
func (s *surroundings) rescale(cpu float64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jobManager == nil || s.quota <= 0 {
		return nil
	}
	return s.jobManager.set(s.quota * max(cpu, 1))
}

// group is where a process of that name belongs; nil where nothing bounds it.
func (c *Cluster) group(name string) *cgroup {
	switch name {
	case jobManager:
		return c.around.jobManager
	case c.lastName():
		return c.around.last
	}
	return nil
}

// begin notes when the fault came.
func (s *surroundings) begin(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.began.IsZero() {
		s.began = at
	}
}

// FaultBegan is when the first delay or step of the case came; zero where none has yet.
func (c *Cluster) FaultBegan() time.Time {
	c.around.mu.Lock()
	defer c.around.mu.Unlock()
	return c.around.began
}
