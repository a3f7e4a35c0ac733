package verify

import "time"

// downtime is from the patch until all tasks ran again, at most: the earlier of the pass that first saw them running and the trigger of the
// first checkpoint of the new run, for none is triggered before all tasks run. 0 where neither was seen.
func (c *verdict) downtime() time.Duration {
	began, ok := c.began()
	if !ok || !c.restarts() {
		return 0
	}
	up := c.s.Job.TasksRunningSince
	if !up.IsZero() {
		up = c.s.JobManagerTime(up)
	}
	if up.Before(began) {
		up = time.Time{} // of the run before
	}
	for i := range c.s.Checkpoints.History {
		if trigger := c.s.Checkpoints.History[i].Trigger; !trigger.Before(began) && (up.IsZero() || trigger.Before(up)) {
			up = trigger
		}
	}
	if up.IsZero() {
		return 0
	}
	return max(up.Sub(c.applied()), 0)
}
