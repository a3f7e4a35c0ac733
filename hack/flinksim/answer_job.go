package flinksim

import (
	"fmt"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

// taskStates are the states that counts of tasks list, lower case in the overview.
var taskStates = []string{"CREATED", "SCHEDULED", "DEPLOYING", "INITIALIZING", "RUNNING", "FINISHED", "CANCELING", "CANCELED", "FAILED", "RECONCILING"}

// jobStates are the states that a job's timestamps list.
var jobStates = []string{"INITIALIZING", "CREATED", "RUNNING", "FAILING", "FAILED", "CANCEL" + "LING", "CANCELED", "FINISHED", "RESTARTING", "SUSPENDED", "RECONCILING"}

// canceledJobs is the key of /overview; Flink spells it the British way here.
const canceledJobs = "jobs-cancel" + "led"

// major2 tells whether this is Flink 2, whose answers differ in a few keys.
func (j *Job) major2() bool { return j.engine.Settings.Major >= 2 }

// taskState is the state that all tasks are in.
func (j *Job) taskState(now float64) string {
	_, run := j.engine.Started()
	switch {
	case j.engine.Physics(now).Unscheduled:
		return "SCHEDULED"
	case j.engine.Restarting():
		return "CREATED"
	case now < run-300:
		return "DEPLOYING"
	case now < run:
		return "INITIALIZING"
	}
	return "RUNNING"
}

func (j *Job) state() string {
	if j.engine.Restarting() {
		return "RESTARTING"
	}
	return "RUNNING"
}

func (j *Job) registered(now float64) int {
	if j.engine.Physics(now).Unscheduled {
		return j.engine.TaskManagers - 1
	}
	return j.engine.TaskManagers
}

func (j *Job) slotsEach() int {
	widest := 0
	for _, v := range j.engine.Topology {
		widest = max(widest, v.Parallelism)
	}
	return (widest + j.engine.TaskManagers - 1) / j.engine.TaskManagers
}

// overview is /overview.
func (j *Job) overview(now float64) object {
	slots := j.slotsEach() * j.registered(now)
	return object{
		"taskmanagers": j.registered(now), "slots-total": slots, "slots-available": 0, "jobs-running": 1, "jobs-finished": 0,
		canceledJobs: 0, "jobs-failed": 0, "flink-version": j.spec.Version, "flink-commit": "0980485",
	}
}

// withoutJobsOverview is /overview while the JobManager has not loaded the job.
func (j *Job) withoutJobsOverview() object {
	return object{
		"taskmanagers": 0, "slots-total": 0, "slots-available": 0, "jobs-running": 0, "jobs-finished": 0,
		canceledJobs: 0, "jobs-failed": 0, "flink-version": j.spec.Version, "flink-commit": "0980485",
	}
}

// dashboard is /config.
func (j *Job) dashboard() object {
	features := object{"web-submit": false, "web-cancel": false, "web-history": false}
	if j.engine.Settings.AtLeast(1, 18) {
		features["web-rescale"] = false
	}
	return object{
		"refresh-interval": 3000, "timezone-name": "Coordinated Universal Time", "timezone-offset": 0,
		"flink-version": j.spec.Version, "flink-revision": "0980485 @ 2026-06-08T09:21:06+02:00", "features": features,
	}
}

func (j *Job) counted(state string, n int, lower bool) map[string]int {
	counts := make(map[string]int, len(taskStates)+1)
	for _, s := range taskStates {
		value := 0
		if s == state {
			value = n
		}
		if lower {
			s = lowerCase(s)
		}
		counts[s] = value
	}
	return counts
}

func lowerCase(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] |= 0x20
	}
	return string(b)
}

// jobs is /jobs/overview.
func (j *Job) jobs(now float64) object {
	start, _ := j.engine.Started()
	tasks := j.counted(j.taskState(now), j.engine.Topology.Subtasks(), true)
	tasks["total"] = j.engine.Topology.Subtasks()
	entry := object{
		"jid": j.id, "name": j.Name, "start-time": whole(start), "end-time": -1, "duration": whole(now - start),
		"state": j.state(), "last-modification": whole(j.lastChange(start)), "tasks": tasks,
	}
	if j.major2() {
		entry["pending-operators"] = 0
	}
	return object{"jobs": []object{entry}}
}

// lastChange is when a task last changed its state: after the start, or when it was stopped by a failover.
func (j *Job) lastChange(start float64) float64 {
	if failovers := j.engine.Failovers; len(failovers) > 0 {
		return failovers[0].Time
	}
	return start + 300
}

// details is /jobs/:id.
func (j *Job) details(now float64) object {
	start, run := j.engine.Started()
	stamps := make(map[string]int64, len(jobStates))
	for _, s := range jobStates {
		stamps[s] = 0
	}
	stamps["INITIALIZING"], stamps["CREATED"], stamps["RUNNING"] = whole(start), whole(start+120), whole(max(start+260, j.engine.Resumed()))
	vertices := make([]object, len(j.engine.Topology))
	counts := j.counted(j.taskState(now), len(vertices), false)
	for v := range j.engine.Topology {
		vertices[v] = j.vertexEntry(v, now, run)
	}
	out := object{
		"jid": j.id, "name": j.Name, "isStoppable": false, "state": j.state(), "start-time": whole(start), "end-time": -1,
		"duration": whole(now - start), "maxParallelism": -1, "now": whole(now), "timestamps": stamps, "vertices": vertices,
		"status-counts": counts, "plan": j.plan(),
	}
	if j.engine.Settings.AtLeast(1, 20) {
		out["job-type"] = "STREAMING"
	}
	if j.major2() {
		out["pending-operators"] = 0
	}
	return out
}

func (j *Job) vertexEntry(v int, now, run float64) object {
	vertex := j.engine.Topology[v]
	state := j.taskState(now)
	out := object{
		"id": vertex.ID, "name": vertex.Name, "maxParallelism": 128, "parallelism": vertex.Parallelism, "status": state,
		"end-time": -1, "tasks": j.counted(state, vertex.Parallelism, false),
		"metrics": j.ioMetrics(v, vertex.Parallelism, now),
	}
	out["start-time"], out["duration"] = deployedSince(run, now)
	if j.engine.Settings.AtLeast(1, 20) {
		out["slotSharingGroupId"] = engine.HexID(j.spec.Seed, 977)
	}
	return out
}

func deployedSince(run, now float64) (start, duration int64) {
	if now < run-2000 {
		return -1, -1
	}
	return whole(run - 2000), whole(now - run + 2000)
}

// plan is the job's graph, sinks first as Flink lists it.
func (j *Job) plan() object {
	nodes := make([]object, 0, len(j.engine.Topology))
	for v := len(j.engine.Topology) - 1; v >= 0; v-- {
		vertex := j.engine.Topology[v]
		node := object{
			"id": vertex.ID, "parallelism": vertex.Parallelism, "operator": "", "operator_strategy": "",
			"description": vertex.Name + "<br/>", "optimizer_properties": object{},
		}
		if v > 0 {
			ship := "REBALANCE"
			if vertex.Kind == engine.Stateful {
				ship = "HASH"
			}
			node["inputs"] = []object{{"num": 0, "id": j.engine.Topology[v-1].ID, "ship_strategy": ship, "exchange": "pipelined_bounded"}}
		}
		nodes = append(nodes, node)
	}
	return object{"jid": j.id, "name": j.Name, "type": "STREAMING", "nodes": nodes}
}

// jobConfig is /jobs/:id/config.
func (j *Job) jobConfig() object {
	execution := object{
		"restart-strategy": "Cluster level default restart strategy", "job-parallelism": j.slotsEach() * j.engine.TaskManagers,
		"object-reuse-mode": false, "user-config": object{},
	}
	if !j.major2() {
		execution["execution-mode"] = "PIPELINED"
	}
	return object{"jid": j.id, "name": j.Name, "execution-config": execution}
}

// taskManagerID is the name of the pod, as native Kubernetes clusters have it.
func (j *Job) taskManagerID(i int) string { return fmt.Sprintf("%s-taskmanager-1-%d", j.Name, i+1) }

func (j *Job) endpoint(i int) string { return fmt.Sprintf("10.244.0.%d:6122", 20+i) }
