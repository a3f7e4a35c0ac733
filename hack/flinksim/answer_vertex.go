package flinksim

import (
	"math"
	"slices"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

// rates are what a vertex does at a moment.
type rates struct {
	busy, backpressured, idle float64 // shares of time
	records                   float64 // a second
}

// rate is what one subtask of a vertex does now: its usual rate, and nothing but work while its main thread is taken.
func (j *Job) rate(v, index int, now float64) rates {
	r := j.usualRate(v, index, now)
	if j.engine.MainThread(v, index) != engine.Waiting {
		return rates{busy: 1}
	}
	return r
}

// usualRate is what the physics say of a vertex's kind, and nothing but work where a subtask is held.
func (j *Job) usualRate(v, index int, now float64) rates {
	p := j.engine.Physics(now)
	kind := j.engine.Topology[v].Kind
	r := rates{busy: p.Busy[kind], backpressured: p.Backpressured[kind]}
	if j.engine.HeldAt(v, index, now) {
		return rates{busy: 1}
	}
	if p.SlowTasks > 1 && j.engine.TaskManagerOf(v, index) == j.engine.TaskManagers-1 {
		r.busy = min(1, r.busy*p.SlowTasks/4)
	}
	r.backpressured = min(r.backpressured, 1-r.busy)
	r.idle = thousandths(max(0, 1-r.busy-r.backpressured))
	r.records = 490 * (1 - r.backpressured)
	if kind == engine.Sink && p.Busy[kind] == 1 && p.QueueTime > 0 {
		r.records = 10 // 100 ms a record
	}
	return r
}

func thousandths(v float64) float64 { return math.Round(v*1000) / 1000 }

// totals are a subtask's counters since the tasks run: before the onset at one rate, since then at another.
func (j *Job) totals(v, index int, now float64) (records, busy, idle, backpressured float64) {
	_, run := j.engine.Started()
	onset := min(max(j.engine.Onset(), run), max(now, run))
	for _, part := range []struct{ from, to, at float64 }{{run, onset, run}, {onset, now, now}} {
		if part.to <= part.from {
			continue
		}
		r := j.usualRate(v, index, part.at)
		seconds := (part.to - part.from) / 1000
		records += r.records * seconds
		busy += r.busy * seconds * 1000
		idle += r.idle * seconds * 1000
		backpressured += r.backpressured * seconds * 1000
	}
	return records, busy, idle, backpressured
}

type ioMetricsJSON struct {
	ReadBytes       int64  `json:"read-bytes"`
	ReadBytesDone   bool   `json:"read-bytes-complete"`
	WriteBytes      int64  `json:"write-bytes"`
	WriteBytesDone  bool   `json:"write-bytes-complete"`
	ReadRecords     int64  `json:"read-records"`
	ReadRecsDone    bool   `json:"read-records-complete"`
	WriteRecords    int64  `json:"write-records"`
	WriteRecsDone   bool   `json:"write-records-complete"`
	Backpressured   int64  `json:"accumulated-backpressured-time"`
	Idle            int64  `json:"accumulated-idle-time"`
	AccumulatedBusy double `json:"accumulated-busy-time"`
}

// ioMetrics are the counters of the first n subtasks of a vertex together.
func (j *Job) ioMetrics(v, n int, now float64) ioMetricsJSON {
	var out ioMetricsJSON
	for i := range n {
		out.plus(j.subtaskIO(v, i, now))
	}
	return out
}

func (m *ioMetricsJSON) plus(o ioMetricsJSON) {
	m.ReadBytes += o.ReadBytes
	m.WriteBytes += o.WriteBytes
	m.ReadRecords += o.ReadRecords
	m.WriteRecords += o.WriteRecords
	m.Backpressured += o.Backpressured
	m.Idle += o.Idle
	m.AccumulatedBusy += o.AccumulatedBusy
	m.ReadBytesDone, m.WriteBytesDone, m.ReadRecsDone, m.WriteRecsDone = o.ReadBytesDone, o.WriteBytesDone, o.ReadRecsDone, o.WriteRecsDone
}

func (j *Job) subtaskIO(v, index int, now float64) ioMetricsJSON {
	running := j.taskState(now) == "RUNNING"
	out := ioMetricsJSON{ReadBytesDone: running, WriteBytesDone: running, ReadRecsDone: running, WriteRecsDone: running}
	if !running {
		return out
	}
	records, busy, idle, backpressured := j.totals(v, index, now)
	kind := j.engine.Topology[v].Kind
	if kind != engine.Source {
		out.ReadRecords, out.ReadBytes = whole(records), whole(records*37)
	}
	if kind != engine.Sink {
		out.WriteRecords, out.WriteBytes = whole(records), whole(records*36)
	}
	out.Backpressured, out.Idle, out.AccumulatedBusy = whole(backpressured), whole(idle), double(whole(busy))
	return out
}

// vertex is /jobs/:id/vertices/:v.
func (j *Job) vertex(v int, now float64) object {
	vertex := j.engine.Topology[v]
	subtasks := make([]object, vertex.Parallelism)
	io := make([]ioMetricsJSON, vertex.Parallelism)
	for i := range subtasks {
		io[i] = j.subtaskIO(v, i, now)
		subtasks[i] = j.subtaskEntry(v, i, io[i], now)
	}
	return object{
		"id": vertex.ID, "name": vertex.Name, "parallelism": vertex.Parallelism, "maxParallelism": 128, "now": whole(now),
		"subtasks": subtasks, "aggregated": object{"metrics": aggregatedIO(io), "status-duration": j.stateDurations(len(io), now)},
	}
}

func (j *Job) subtaskEntry(v, i int, io ioMetricsJSON, now float64) object {
	_, run := j.engine.Started()
	start, duration := deployedSince(run, now)
	manager := j.engine.TaskManagerOf(v, i)
	id, host, endpoint := j.taskManagerID(manager), "10-244-0-"+text(20+manager), j.endpoint(manager)
	if j.engine.Physics(now).Unscheduled {
		start, duration = -1, -1
		if manager >= j.registered(now) {
			id, host, endpoint = "(unassigned)", "(unassigned)", "(unassigned)"
		}
	}
	out := object{
		"subtask": i, "status": j.taskState(now), "attempt": j.engine.Attempt(), "start-time": start, "end-time": -1,
		"duration": duration, "metrics": io, "taskmanager-id": id, "status-duration": j.stateTimes(now), "start_time": start,
	}
	if !j.major2() {
		out["host"] = host
	}
	if j.engine.Settings.AtLeast(1, 20) {
		out["endpoint"] = endpoint
	}
	return out
}

// stateTimes is how long a task has been in each state, -1 for states it has not been in.
func (j *Job) stateTimes(now float64) map[string]int64 {
	start, run := j.engine.Started()
	out := map[string]int64{"CREATED": 120, "SCHEDULED": 400, "DEPLOYING": 500, "INITIALIZING": 300, "RUNNING": max(0, whole(now-run))}
	if j.engine.Physics(now).Unscheduled {
		out = map[string]int64{"CREATED": 120, "SCHEDULED": whole(now - start - 120), "DEPLOYING": -1, "INITIALIZING": -1, "RUNNING": -1}
	}
	return out
}

type aggregate struct {
	Min    int64 `json:"min"`
	Max    int64 `json:"max"`
	Avg    int64 `json:"avg"`
	Sum    int64 `json:"sum"`
	Median int64 `json:"median"`
	P25    int64 `json:"p25"`
	P75    int64 `json:"p75"`
	P95    int64 `json:"p95"`
}

func aggregated(values []int64) aggregate {
	slices.Sort(values)
	at := func(q float64) int64 { return values[int(q*float64(len(values)-1))] }
	a := aggregate{Min: values[0], Max: values[len(values)-1], Median: at(0.5), P25: at(0.25), P75: at(0.75), P95: at(0.95)}
	for _, v := range values {
		a.Sum += v
	}
	a.Avg = a.Sum / int64(len(values))
	return a
}

func aggregatedIO(io []ioMetricsJSON) map[string]aggregate {
	pick := func(of func(ioMetricsJSON) int64) aggregate {
		values := make([]int64, len(io))
		for i, m := range io {
			values[i] = of(m)
		}
		return aggregated(values)
	}
	return map[string]aggregate{
		"read-bytes":                     pick(func(m ioMetricsJSON) int64 { return m.ReadBytes }),
		"write-bytes":                    pick(func(m ioMetricsJSON) int64 { return m.WriteBytes }),
		"read-records":                   pick(func(m ioMetricsJSON) int64 { return m.ReadRecords }),
		"write-records":                  pick(func(m ioMetricsJSON) int64 { return m.WriteRecords }),
		"accumulated-backpressured-time": pick(func(m ioMetricsJSON) int64 { return m.Backpressured }),
		"accumulated-idle-time":          pick(func(m ioMetricsJSON) int64 { return m.Idle }),
		"accumulated-busy-time":          pick(func(m ioMetricsJSON) int64 { return int64(m.AccumulatedBusy) }),
	}
}

func (j *Job) stateDurations(n int, now float64) map[string]aggregate {
	out := map[string]aggregate{}
	for state, d := range j.stateTimes(now) {
		values := make([]int64, n)
		for i := range values {
			values[i] = d
		}
		out[state] = aggregated(values)
	}
	return out
}

// backpressure is /jobs/:id/vertices/:v/backpressure.
func (j *Job) backpressure(v int, now float64) object {
	if j.taskState(now) != "RUNNING" {
		return object{"status": "deprecated"}
	}
	worst := 0.0
	subtasks := make([]object, j.engine.Topology[v].Parallelism)
	for i := range subtasks {
		r := j.rate(v, i, now)
		worst = max(worst, r.backpressured)
		level := levelOf(r.backpressured)
		subtasks[i] = object{
			"subtask": i, "backpressureLevel": level, "backpressure-level": level,
			"ratio": double(r.backpressured), "idleRatio": double(r.idle), "busyRatio": double(r.busy),
		}
	}
	level := levelOf(worst)
	return object{"status": "ok", "backpressureLevel": level, "backpressure-level": level, "end-timestamp": whole(now), "subtasks": subtasks}
}

// levelOf is JobVertexBackPressureHandler's: ok up to 0.1, low up to 0.5.
func levelOf(ratio float64) string {
	switch {
	case ratio <= 0.1:
		return "ok"
	case ratio <= 0.5:
		return "low"
	}
	return "high"
}
