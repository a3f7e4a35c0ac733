package flinksim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// answer is what the JobManager answers to one request.
type answer struct {
	status int
	body   []byte
	plain  bool // text, not JSON
}

func ok(v any) answer { return answer{status: http.StatusOK, body: encoded(v)} }

func refused(status int, message string) answer {
	return answer{status: status, body: encoded(object{"errors": []string{message}})}
}

// cached is an encoded answer and the state of the job that it was made of.
type cached struct {
	changes uint64
	body    []byte
}

// remember encodes an answer once for every state of the job.
func (j *Job) remember(key string, changes uint64, build func() any) []byte {
	if c, found := j.cache[key]; found && c.changes == changes {
		return c.body
	}
	body := encoded(build())
	j.cache[key] = cached{changes: changes, body: body}
	return body
}

// respond computes the job up to now and answers a GET. takes is how long the JobManager needs for it, in milliseconds.
func (j *Job) respond(path string, query url.Values) (a answer, at phase, takes float64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := millis(j.clock.Now())
	j.advance(now)
	at = j.phaseAt(now)
	if at == refusing || at == unavailable {
		return refused(http.StatusServiceUnavailable, "Service temporarily unavailable due to an ongoing leader election. Please refresh."), at, 0
	}
	if slices.ContainsFunc(j.spec.Withheld, func(word string) bool { return strings.Contains(path, word) }) {
		return refused(http.StatusForbidden, "forbidden by the gateway"), at, 0
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	takes = j.engine.RequestTime(now)
	if parts[0] == "taskmanagers" && parts[len(parts)-1] == "thread-dump" {
		p := j.engine.Physics(now)
		takes += ms(p.AckLatency) // there and back over the RPC that acknowledgements take
	}
	return j.route(parts, query, now, at), at, takes
}

// get is one request on its way through the routes.
type get struct {
	now   float64
	query url.Values
}

// route finds the answer by the first part of the path.
func (j *Job) route(parts []string, query url.Values, now float64, at phase) answer {
	g := get{now: now, query: query}
	switch parts[0] {
	case "overview":
		if at == withoutJobs {
			return ok(j.withoutJobsOverview())
		}
		return ok(j.overview(now))
	case "config":
		return ok(j.dashboard())
	case "jobs":
		return j.routeJobs(parts[1:], g, at)
	case "jobmanager":
		return j.routeJobManager(parts[1:], g)
	case "taskmanagers":
		return j.routeTaskManagers(parts[1:], g)
	}
	return notFound()
}

func notFound() answer { return refused(http.StatusNotFound, "Not found.") }

func (j *Job) routeJobs(parts []string, g get, at phase) answer {
	if len(parts) == 0 {
		return ok(object{"jobs": []object{{"id": j.id, "status": j.state()}}})
	}
	if parts[0] == "overview" && len(parts) == 1 {
		if at == withoutJobs {
			return ok(object{"jobs": []object{}})
		}
		return ok(j.jobs(g.now))
	}
	if parts[0] != j.id || at == withoutJobs {
		return refused(http.StatusNotFound, "org.apache.flink.runtime.rest.NotFoundException: Job "+parts[0]+" not found")
	}
	if len(parts) == 1 {
		return ok(j.details(g.now))
	}
	return j.routeJob(parts[1], parts[2:], g)
}

// routeJob is what lies below /jobs/:id.
func (j *Job) routeJob(what string, below []string, g get) answer {
	switch what {
	case "config":
		return ok(j.jobConfig())
	case "exceptions":
		return ok(j.exceptions())
	case "metrics":
		return answer{status: http.StatusOK, body: j.metricList(g.query.Get("get"), g.now, j.jobMetrics)}
	case "checkpoints":
		return j.routeCheckpoints(below)
	case "vertices":
		return j.routeVertices(below, g)
	}
	return notFound()
}

func (j *Job) routeCheckpoints(parts []string) answer {
	switch {
	case j.engine.Settings.Interval <= 0:
		return refused(http.StatusNotFound, "Checkpointing has not been enabled.")
	case len(parts) == 0:
		return answer{status: http.StatusOK, body: j.statistics()}
	case parts[0] == "config":
		return answer{status: http.StatusOK, body: j.checkpointConfig()}
	case parts[0] == "details" && len(parts) > 1:
		return j.routeDetails(parts[1], parts[2:])
	}
	return notFound()
}

// routeDetails is what lies below /jobs/:id/checkpoints/details.
func (j *Job) routeDetails(checkpoint string, below []string) answer {
	id, err := strconv.ParseInt(checkpoint, 10, 64)
	c := j.engine.Find(id)
	if err != nil || c == nil {
		return refused(http.StatusNotFound, "Could not find checkpointing statistics for checkpoint "+checkpoint+".")
	}
	if len(below) == 0 {
		return ok(j.checkpoint(c, true))
	}
	v := j.vertexIndex(below[len(below)-1])
	if len(below) != 2 || below[0] != "subtasks" || v < 0 {
		return refused(http.StatusNotFound, "There is no checkpoint statistics for task "+below[len(below)-1]+".")
	}
	return answer{status: http.StatusOK, body: j.subtaskStats(c, v)}
}

func (j *Job) vertexIndex(id string) int {
	for v, vertex := range j.engine.Topology {
		if vertex.ID == id {
			return v
		}
	}
	return -1
}

func (j *Job) routeVertices(parts []string, g get) answer {
	if len(parts) == 0 {
		return notFound()
	}
	v := j.vertexIndex(parts[0])
	if v < 0 {
		return refused(http.StatusNotFound, "Vertex "+parts[0]+" not found")
	}
	wanted := g.query.Get("get")
	switch strings.Join(parts[1:], "/") {
	case "":
		return ok(j.vertex(v, g.now))
	case "backpressure":
		return ok(j.backpressure(v, g.now))
	case "metrics":
		return answer{status: http.StatusOK, body: j.metricList(wanted, g.now, func(at float64) metricValues { return j.vertexMetrics(v, at) })}
	case "subtasks/metrics":
		return answer{status: http.StatusOK, body: j.aggregatedMetrics(v, wanted, g.now)}
	}
	return notFound()
}

func (j *Job) routeJobManager(parts []string, g get) answer {
	switch strings.Join(parts, "/") {
	case "config":
		return answer{status: http.StatusOK, body: j.jobManagerConfig()}
	case "metrics":
		return answer{status: http.StatusOK, body: j.metricList(g.query.Get("get"), g.now, j.jobManagerMetrics)}
	case "thread-dump":
		return ok(j.jobManagerThreads())
	case "logs":
		return ok(logList(g.now, len(j.jobManagerLog())))
	case "log", "logs/flink.log":
		return answer{status: http.StatusOK, body: []byte(j.jobManagerLog()), plain: true}
	}
	if len(parts) == 2 && parts[0] == "logs" {
		return refused(http.StatusNotFound, "This file does not exist in JobManager log dir.")
	}
	return notFound()
}

func (j *Job) routeTaskManagers(parts []string, g get) answer {
	if len(parts) == 0 {
		return ok(j.taskManagers(g.now))
	}
	i := -1
	for n := range j.registered(g.now) {
		if j.taskManagerID(n) == parts[0] {
			i = n
		}
	}
	if i < 0 {
		return refused(http.StatusNotFound, "Could not find TaskExecutor with id "+parts[0]+".")
	}
	switch strings.Join(parts[1:], "/") {
	case "":
		return ok(j.taskManager(i, g.now))
	case "metrics":
		return answer{status: http.StatusOK, body: j.metricList(g.query.Get("get"), g.now, func(at float64) metricValues { return j.taskManagerMetrics(i, at) })}
	case "thread-dump":
		return ok(j.taskManagerThreads(i, g.now))
	case "logs":
		return ok(logList(g.now, len(j.taskManagerLog(i))))
	case "log", "logs/flink.log":
		return answer{status: http.StatusOK, body: []byte(j.taskManagerLog(i)), plain: true}
	}
	return notFound()
}
