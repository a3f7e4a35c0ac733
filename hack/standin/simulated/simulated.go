// Package simulated lets the stand-in for the Flink operator run simulated jobs.
package simulated

import (
	"context"
	"fmt"

	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin"
)

// cluster is a simulated job as the stand-in sees it.
type cluster struct{ job *flinksim.Job }

// Factory makes simulated clusters: the case of the FlinkDeployment's name, served by the server. cases may be
// flinksim.CaseNamed or a function of the caller's own.
func Factory(server *flinksim.Server, cases func(name string) (flinksim.Case, bool)) standin.Factory {
	return func(_ context.Context, spec standin.Spec) (standin.Cluster, error) {
		c, ok := cases(spec.Name)
		if !ok {
			return nil, fmt.Errorf("FlinkDeployment %s/%s: there is no case of that name to simulate", spec.Namespace, spec.Name)
		}
		return cluster{job: server.Add(spec.Namespace, spec.Name, c)}, nil
	}
}

// Deploy starts the job; anything but stateless goes on from its last completed checkpoint.
func (c cluster) Deploy(_ context.Context, spec standin.Spec) error {
	s := flinksim.Settings{Config: spec.Config, CPU: spec.CPU, Memory: spec.MemoryBytes}
	return c.job.Deploy(s, spec.UpgradeMode != "stateless")
}

// Stop ends the job.
func (c cluster) Stop(context.Context) error {
	c.job.Stop()
	return nil
}

// Ready tells whether REST lists the job.
func (c cluster) Ready(context.Context) (bool, error) { return c.job.Answers(), nil }

// StopWithSavepoint stops the job with a savepoint, which fails where checkpoints expire.
func (c cluster) StopWithSavepoint(context.Context) error { return c.job.StopWithSavepoint() }

// JobID is Flink's id of the job.
func (c cluster) JobID() string { return c.job.ID() }
