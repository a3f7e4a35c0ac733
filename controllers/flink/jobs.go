package flink

import "context"

// JobOverview is one entry of GET /jobs/overview. Times are epoch milliseconds, durations milliseconds.
type JobOverview struct {
	ID        string `json:"jid"`
	Name      string `json:"name"`
	State     string `json:"state"` // RUNNING, RESTARTING, FAILING, FAILED, FINISHED, CANCELED, …
	StartTime int64  `json:"start-time"`
	EndTime   int64  `json:"end-time"` // -1 while it runs
	Duration  int64  `json:"duration"`
	// LastModification is when the state last changed.
	LastModification int64 `json:"last-modification"`
	Tasks            struct {
		Total    int `json:"total"`
		Running  int `json:"running"`
		Finished int `json:"finished"` // of bounded sources and what follows them; they do not come back
	} `json:"tasks"`
}

// Job is GET /jobs/:jobid. Times are epoch milliseconds on the JobManager's clock, durations milliseconds.
type Job struct {
	Received
	ID        string `json:"jid"`
	Name      string `json:"name"`
	State     string `json:"state"`
	JobType   string `json:"job-type"` // STREAMING or BATCH, since 1.20; empty before
	StartTime int64  `json:"start-time"`
	EndTime   int64  `json:"end-time"`
	Duration  int64  `json:"duration"`
	// Now is the JobManager's clock when it answered.
	Now int64 `json:"now"`
	// Timestamps say when the job last entered a state; 0 means never.
	Timestamps map[string]int64 `json:"timestamps"`
	// Vertices come in topological order, sources first.
	Vertices []JobVertex `json:"vertices"`
}

// JobVertex is one task of the job graph: a chain of operators.
type JobVertex struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	Parallelism    int    `json:"parallelism"`
	MaxParallelism int    `json:"maxParallelism"`
	Status         string `json:"status"`
	StartTime      int64  `json:"start-time"` // -1 before it runs
	Duration       int64  `json:"duration"`
	// Tasks counts subtasks by state.
	Tasks map[string]int `json:"tasks"`
	// Work is of all its subtasks together.
	Work Work `json:"metrics"`
	// Inputs are the ids of the vertices it reads from, taken from the plan; none for a source.
	Inputs []string `json:"-"`
}

// JobConfig is GET /jobs/:jobid/config: the execution configuration.
type JobConfig struct {
	Name      string `json:"name"`
	Execution struct {
		RestartStrategy string `json:"restart-strategy"`
		Parallelism     int    `json:"job-parallelism"`
		ObjectReuse     bool   `json:"object-reuse-mode"`
		// UserConfig are the job's global parameters. They may hold secrets: show none of them but known keys.
		UserConfig map[string]string `json:"user-config"`
	} `json:"execution-config"`
}

// Jobs asks GET /jobs/overview.
func (c *Client) Jobs(ctx context.Context) ([]JobOverview, error) {
	var out []JobOverview
	_, err := c.fetch(ctx, call{template: "/jobs/overview"}, func(b []byte) (err error) { out, err = decodeJobs(b); return })
	return out, err
}

// Job asks GET /jobs/:jobid.
func (c *Client) Job(ctx context.Context, job string) (Job, error) {
	var out Job
	received, err := c.fetch(ctx, call{template: "/jobs/:jobid", args: []string{job}},
		func(b []byte) (err error) { out, err = decodeJob(b); return })
	out.Received = received
	return out, err
}

// JobConfig asks GET /jobs/:jobid/config.
func (c *Client) JobConfig(ctx context.Context, job string) (JobConfig, error) {
	var out JobConfig
	_, err := c.fetch(ctx, call{template: "/jobs/:jobid/config", args: []string{job}},
		func(b []byte) (err error) { out, err = decodeJobConfig(b); return })
	return out, err
}

func decodeJobs(data []byte) ([]JobOverview, error) {
	var answer struct {
		Jobs []JobOverview `json:"jobs"`
	}
	if err := decodeJSON(data, &answer); err != nil {
		return nil, err
	}
	if answer.Jobs == nil {
		return nil, missing("jobs")
	}
	for i := range answer.Jobs {
		j := &answer.Jobs[i]
		if j.ID == "" {
			return nil, missing("jid")
		}
		j.ID, j.Name, j.State = cleanLine(j.ID, maxName), cleanLine(j.Name, maxName), cleanLine(j.State, 100)
	}
	return answer.Jobs, nil
}

func decodeJob(data []byte) (Job, error) {
	var answer struct {
		Job
		Plan plan `json:"plan"`
	}
	if err := decodeJSON(data, &answer); err != nil {
		return Job{}, err
	}
	j := answer.Job
	if j.ID == "" {
		return Job{}, missing("jid")
	}
	j.ID, j.Name, j.State, j.JobType = cleanLine(j.ID, maxName), cleanLine(j.Name, maxName), cleanLine(j.State, 100), cleanLine(j.JobType, 100)
	j.Timestamps = cleanKeys(j.Timestamps)
	inputs := answer.Plan.inputs()
	for i := range j.Vertices {
		v := &j.Vertices[i]
		if v.Parallelism < 0 {
			return Job{}, malformed("answered with parallelism %d of vertex %d, expected 0 or more", v.Parallelism, i)
		}
		v.Inputs = inputs[v.ID]
		v.ID, v.Name, v.Status = cleanLine(v.ID, maxName), cleanLine(v.Name, maxName), cleanLine(v.Status, 100)
		v.Tasks = cleanKeys(v.Tasks)
	}
	return j, nil
}

// plan is read for what the vertices read from.
type plan struct {
	Nodes []struct {
		ID     string `json:"id"`
		Inputs []struct {
			ID string `json:"id"`
		} `json:"inputs"`
	} `json:"nodes"`
}

func (p plan) inputs() map[string][]string {
	out := make(map[string][]string, len(p.Nodes))
	for _, node := range p.Nodes {
		for _, in := range node.Inputs {
			out[node.ID] = append(out[node.ID], cleanLine(in.ID, maxName))
		}
	}
	return out
}

func decodeJobConfig(data []byte) (JobConfig, error) {
	var j JobConfig
	if err := decodeJSON(data, &j); err != nil {
		return JobConfig{}, err
	}
	j.Name, j.Execution.RestartStrategy = cleanLine(j.Name, maxName), cleanLine(j.Execution.RestartStrategy, maxLine)
	j.Execution.UserConfig = cleanKeys(j.Execution.UserConfig)
	for key, value := range j.Execution.UserConfig {
		j.Execution.UserConfig[key] = cleanLine(value, maxLine)
	}
	return j, nil
}
