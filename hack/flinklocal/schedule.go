package flinklocal

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// schedule is what the case does to its surroundings, in order.
func (c Case) schedule() []Step {
	var steps []Step
	if len(c.Delays) > 0 {
		steps = append(steps, Step{Completed: c.Onset, Delays: c.Delays})
	}
	return append(steps, c.Steps...)
}

// bringFault takes the steps of the case as their time comes, so that the job has a healthy past.
func (c *Cluster) bringFault() {
	var last time.Time
	for _, s := range c.opts.Case.schedule() {
		err := until(c.life, pollEvery, func(ctx context.Context) (bool, error) { return c.due(ctx, s, &last), nil })
		if err != nil {
			return // closed before the step came
		}
		last = time.Now()
		if err := c.take(s); err != nil {
			if c.life.Err() == nil {
				c.opts.Log.line("%s: the fault could not be made: %v", c.opts.Case.Name, err)
			}
			return
		}
		c.around.begin(last)
		c.opts.Log.line("%s: the fault: %s", c.opts.Case.Name, s)
	}
}

// due tells whether a step's time has come. The first one counts from when all subtasks are seen to run.
func (c *Cluster) due(ctx context.Context, s Step, last *time.Time) bool {
	if last.IsZero() && s.After > 0 {
		if ok, err := c.Ready(ctx); !ok || err != nil {
			return false
		}
		*last = time.Now()
	}
	if time.Since(*last) < s.After {
		return false
	}
	if s.Completed == 0 {
		return true
	}
	seen, err := c.Checkpoints(ctx)
	return err == nil && seen.Counts.Completed >= s.Completed
}

// take changes what the step names.
func (c *Cluster) take(s Step) error {
	if s.Delays != nil {
		if err := c.SetDelays(s.Delays); err != nil {
			return err
		}
	}
	if s.Link != nil {
		if err := c.around.setLink(c.life, s.Link); err != nil {
			return err
		}
	}
	c.mu.Lock()
	cpu := c.spec.CPU
	c.mu.Unlock()
	if err := c.around.setQuotas(s.JobManagerCPU, s.TaskManagerCPU, cpu); err != nil {
		return err
	}
	if s.Savepoint {
		if err := c.rest.post(c.life, "/jobs/"+c.JobID()+"/savepoints", "application/json", []byte(`{"cancel-job":false}`), nil); err != nil {
			return err
		}
	}
	if s.KillTaskManager {
		return c.replaceLast()
	}
	return nil
}

// replaceLast kills the last TaskManager and starts it again, as a container that was evicted.
func (c *Cluster) replaceLast() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errClosed
	}
	lost, staying := partition(c.procs, func(p *process) bool { return p.name == c.lastName() })
	for _, p := range lost {
		p.signal(syscall.SIGKILL)
		<-p.done
	}
	c.procs = staying
	conf := c.configuration(c.spec)
	heap, err := taskManagerHeap(conf)
	if err != nil {
		return err
	}
	return c.startTaskManagers(c.spec, conf, heap)
}

// lastName is the last TaskManager's.
func (c *Cluster) lastName() string { return taskManagerName(c.opts.Case.taskManagers()) }

func taskManagerName(i int) string { return fmt.Sprintf("tm-%d", i) }

// String is the step on one line.
func (s Step) String() string {
	var text string
	add := func(is bool, format string, args ...any) {
		if is {
			text += fmt.Sprintf(" "+format, args...)
		}
	}
	add(s.Delays != nil, "storage {%s}", describe(s.Delays))
	add(s.Link != nil, "network %+v", s.Link)
	add(s.JobManagerCPU != 0, "JobManager CPU %g", s.JobManagerCPU)
	add(s.TaskManagerCPU != 0, "TaskManager CPU %g", s.TaskManagerCPU)
	add(s.Savepoint, "savepoint")
	add(s.KillTaskManager, "TaskManager killed")
	if text == "" {
		return "nothing"
	}
	return text[1:]
}
