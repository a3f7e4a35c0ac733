package simulated

import (
	"context"
	"fmt"
	"sync"

	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin"
)

// Sessions are the simulated session clusters of a server.
type Sessions struct {
	// Server serves them.
	Server *flinksim.Server
	// Named tells the FlinkDeployments that are session clusters by their names.
	Named func(name string) bool
	// Cases finds the case of a FlinkSessionJob by its name.
	Cases func(name string) (flinksim.Case, bool)

	mu       sync.Mutex
	clusters map[string]*sessionCluster
}

// Factory makes the session clusters, and leaves the others to another factory.
func (s *Sessions) Factory(others standin.Factory) standin.Factory {
	return func(ctx context.Context, spec standin.Spec) (standin.Cluster, error) {
		if !s.Named(spec.Name) {
			return others(ctx, spec)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.clusters == nil {
			s.clusters = map[string]*sessionCluster{}
		}
		made := &sessionCluster{session: s.Server.AddSession(spec.Namespace, spec.Name), cases: s.Cases}
		s.clusters[spec.Namespace+"/"+spec.Name] = made
		return made, nil
	}
}

// Cluster finds the session cluster of a FlinkDeployment; false while its JobManager does not run.
func (s *Sessions) Cluster(namespace, name string) (standin.SessionCluster, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.clusters[namespace+"/"+name]
	return found, found != nil && found.session.Answers()
}

// sessionCluster is a simulated session cluster as the stand-in sees it.
type sessionCluster struct {
	session *flinksim.Session
	cases   func(name string) (flinksim.Case, bool)
}

// Deploy starts the JobManager and the jobs that ran on it, as high availability has it.
func (c *sessionCluster) Deploy(_ context.Context, spec standin.Spec) error {
	return c.session.Deploy(flinksim.Settings{Config: spec.Config, CPU: spec.CPU, Memory: spec.MemoryBytes})
}

// Stop ends the JobManager and with it every job.
func (c *sessionCluster) Stop(context.Context) error {
	c.session.Stop()
	return nil
}

// Ready tells whether the JobManager runs.
func (c *sessionCluster) Ready(context.Context) (bool, error) { return c.session.Answers(), nil }

// Submit runs the job of the case of that name.
func (c *sessionCluster) Submit(_ context.Context, name string, config map[string]string, restore bool) (string, error) {
	job, ok := c.cases(name)
	if !ok {
		return "", fmt.Errorf("FlinkSessionJob %s: there is no case of that name to simulate", name)
	}
	return c.session.Submit(name, job, config, restore)
}

// Cancel ends a job.
func (c *sessionCluster) Cancel(_ context.Context, name string) error {
	c.session.Cancel(name)
	return nil
}

// CancelWithSavepoint ends a job with a savepoint.
func (c *sessionCluster) CancelWithSavepoint(_ context.Context, name string) error {
	return c.session.StopWithSavepoint(name)
}
