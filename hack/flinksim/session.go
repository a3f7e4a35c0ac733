package flinksim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// ofJobManager are the keys of the configuration that Flink's JobManager process reads, whatever a job says.
var ofJobManager = []string{
	"jobmanager.", "cluster.", "heartbeat.", "pekko.", "akka.", "high-availability", "kubernetes.", "metrics.", "web.", "rest.",
	"execution.checkpointing.cleaner.", "state.checkpoint.cleaner.", "execution.checkpointing.num-retained", "state.checkpoints.num-retained",
}

func readByJobManager(key string) bool {
	return slices.ContainsFunc(ofJobManager, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

// Session is a simulated session cluster: one JobManager with the jobs that were submitted to it. What belongs to the JobManager comes from
// the cluster's settings and counts from its next start; the rest is what each job was submitted with, which outlives a restart of the
// JobManager as the job graph does under high availability.
type Session struct {
	namespace, name string
	server          *Server

	mu      sync.Mutex
	cluster Settings
	up      bool
	jobs    []*submitted
}

// submitted is a job and the configuration that it was submitted with.
type submitted struct {
	job    *Job
	config map[string]string
	runs   bool
}

// AddSession makes a session cluster and serves it; it refuses connections until it is deployed.
func (s *Server) AddSession(namespace, name string) *Session {
	x := &Session{namespace: namespace, name: name, server: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[name+"-rest."+namespace] = x
	return x
}

// Deploy starts the JobManager with settings, and the jobs that ran on it from their last completed checkpoints, under the ids they had.
func (x *Session) Deploy(settings Settings) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.cluster = Settings{Config: maps.Clone(settings.Config), CPU: settings.CPU, Memory: settings.Memory}
	x.up = true
	for _, j := range x.jobs {
		if !j.runs {
			continue
		}
		if err := j.job.Deploy(x.settings(j.config), true); err != nil {
			return err
		}
		j.job.asOf(x.cluster.Config)
	}
	return nil
}

// Stop ends the JobManager and with it every job.
func (x *Session) Stop() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.up = false
	for _, j := range x.jobs {
		j.job.Stop()
	}
}

// Answers tells whether the JobManager runs.
func (x *Session) Answers() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.up
}

// Submit runs a job of a case with the cluster's configuration and its own on top of it, under a new id; with restore from its last
// completed checkpoint. It returns the id.
func (x *Session) Submit(name string, c Case, config map[string]string, restore bool) (string, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.up {
		return "", ErrNotRunning
	}
	j := x.find(name)
	if j == nil {
		j = &submitted{job: NewJob(x.namespace, name, c, x.server.clock, x.server.startup)}
		x.jobs = append(x.jobs, j)
	}
	// What the cluster had at this moment goes with the job.
	j.config = maps.Clone(x.cluster.Config)
	maps.Copy(j.config, config)
	if err := j.job.resubmit(x.settings(j.config), restore); err != nil {
		return "", fmt.Errorf("submit %s: %w", name, err)
	}
	j.job.asOf(x.cluster.Config)
	j.runs = true
	return j.job.ID(), nil
}

// Cancel ends a job; its last completed checkpoint is kept.
func (x *Session) Cancel(name string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if j := x.find(name); j != nil {
		j.job.Stop()
		j.runs = false
	}
}

// StopWithSavepoint ends a job with a savepoint, as Job.StopWithSavepoint does.
func (x *Session) StopWithSavepoint(name string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	j := x.find(name)
	if j == nil {
		return ErrNotRunning
	}
	if err := j.job.StopWithSavepoint(); err != nil {
		return err
	}
	j.runs = false
	return nil
}

func (x *Session) find(name string) *submitted {
	for _, j := range x.jobs {
		if j.job.Name == name {
			return j
		}
	}
	return nil
}

// settings are what a job runs with: its own, but for what belongs to the JobManager.
func (x *Session) settings(job map[string]string) Settings {
	s := Settings{Config: maps.Clone(job), CPU: x.cluster.CPU, Memory: x.cluster.Memory}
	maps.DeleteFunc(s.Config, func(key, _ string) bool { return readByJobManager(key) })
	for key, value := range x.cluster.Config {
		if readByJobManager(key) {
			s.Config[key] = value
		}
	}
	return s
}

// running lists the jobs that run, oldest first.
func (x *Session) running() (jobs []*Job, up bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, j := range x.jobs {
		if j.runs {
			jobs = append(jobs, j.job)
		}
	}
	return jobs, x.up
}

// serve answers for the job that the path names, for all jobs in /jobs/overview, and else as the JobManager of the first.
func (x *Session) serve(w http.ResponseWriter, r *http.Request, wait Wait) {
	jobs, up := x.running()
	if !up {
		hangUp(w)
		return
	}
	if r.URL.Path == "/jobs/overview" {
		write(w, ok(overviewOf(jobs, r)))
		return
	}
	for _, j := range jobs {
		if strings.HasPrefix(r.URL.Path, "/jobs/"+j.ID()) || !strings.HasPrefix(r.URL.Path, "/jobs/") {
			serveJob(w, r, j, wait)
			return
		}
	}
	write(w, notFound())
}

// overviewOf joins what /jobs/overview says of each job.
func overviewOf(jobs []*Job, r *http.Request) object {
	all := []any{}
	for _, j := range jobs {
		a, _, _ := j.respond(r.URL.Path, r.URL.Query())
		var one struct {
			Jobs []any `json:"jobs"`
		}
		if a.status == http.StatusOK && json.Unmarshal(a.body, &one) == nil {
			all = append(all, one.Jobs...)
		}
	}
	return object{"jobs": all}
}
