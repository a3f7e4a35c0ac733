package flinklocal

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// StopWithSavepoint stops the job as upgradeMode savepoint does; the next Deploy restores that savepoint. An error means that
// the savepoint failed (it expires as checkpoints do, after the timeout in force): Flink then restarts the job from its last
// completed checkpoint.
func (c *Cluster) StopWithSavepoint(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	location, err := c.rest.stop(ctx, c.JobID())
	if err != nil {
		return fmt.Errorf("stop with savepoint: %w", err)
	}
	c.savepoint = location
	c.halt()
	return nil
}

// stop asks for a stop with savepoint and waits for what comes of it: the savepoint's path, or Flink's reason.
func (r *rest) stop(ctx context.Context, job string) (location string, err error) {
	var request struct {
		ID string `json:"request-id"`
	}
	if err := r.post(ctx, "/jobs/"+job+"/stop", "application/json", []byte(`{"drain":false}`), &request); err != nil {
		return "", err
	}
	err = until(ctx, pollEvery, func(ctx context.Context) (bool, error) {
		var answer struct {
			Status struct {
				ID string `json:"id"`
			} `json:"status"`
			Operation struct {
				Location string `json:"location"`
				Failure  *struct {
					Trace string `json:"stack-trace"`
				} `json:"failure-cause"`
			} `json:"operation"`
		}
		if err := r.get(ctx, "/jobs/"+job+"/savepoints/"+request.ID, &answer); err != nil {
			return false, err
		}
		if answer.Status.ID != "COMPLETED" {
			return false, nil
		}
		if answer.Operation.Failure != nil {
			reason, _, _ := strings.Cut(answer.Operation.Failure.Trace, "\n") // the rest are stack frames
			return false, fmt.Errorf("%.300s", reason)
		}
		if location = answer.Operation.Location; location == "" {
			return false, errors.New("completed without a location")
		}
		return true, nil
	})
	return location, err
}

// restoreFrom is the savepoint the job was stopped with, else its newest completed checkpoint, else "".
func (c *Cluster) restoreFrom() (string, error) {
	if c.savepoint != "" {
		return c.savepoint, nil
	}
	return restorePath(c.place.scheme, c.place.checkpoints(), c.JobID())
}
