package flink

import "context"

// TaskManager is an entry of GET /taskmanagers, or GET /taskmanagers/:taskmanagerid, which has Metrics and AllocatedSlots.
// No answer of the REST API names a TaskManager's version.
type TaskManager struct {
	Received
	ID string `json:"id"`
	// Path is the RPC address; it names the host.
	Path string `json:"path"`
	// LastHeartbeat is epoch milliseconds, although Flink calls it timeSinceLastHeartbeat (DefaultHeartbeatMonitor, 1.15 to 2.3).
	LastHeartbeat int64 `json:"timeSinceLastHeartbeat"`
	SlotsNumber   int   `json:"slotsNumber"`
	FreeSlots     int   `json:"freeSlots"`
	Blocked       bool  `json:"blocked"` // since 1.16
	Hardware      struct {
		CPUCores       int   `json:"cpuCores"`
		PhysicalMemory int64 `json:"physicalMemory"` // bytes
	} `json:"hardware"`
	// Metrics are nil in the list, and all zero until the JobManager has heard from the TaskManager.
	Metrics *TaskManagerUsage `json:"metrics"`
	// AllocatedSlots name the jobs that hold slots; empty on 1.17 though slots are in use.
	AllocatedSlots []struct {
		JobID string `json:"jobId"`
	} `json:"allocatedSlots"`
}

// TaskManagerUsage are figures of a TaskManager's JVM. Bytes; -1 where the JVM knows no maximum.
type TaskManagerUsage struct {
	HeapUsed         int64              `json:"heapUsed"`
	HeapCommitted    int64              `json:"heapCommitted"`
	HeapMax          int64              `json:"heapMax"`
	NonHeapUsed      int64              `json:"nonHeapUsed"`
	DirectUsed       int64              `json:"directUsed"`
	DirectMax        int64              `json:"directMax"`
	SegmentsFree     int64              `json:"nettyShuffleMemorySegmentsAvailable"` // network buffers
	SegmentsTotal    int64              `json:"nettyShuffleMemorySegmentsTotal"`
	GarbageCollector []GarbageCollector `json:"garbageCollectors"`
}

// GarbageCollector counts since the start of the process. "All" is the sum of the others, since 1.19.
type GarbageCollector struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
	Time  int64  `json:"time"` // milliseconds
}

// TaskManagers asks GET /taskmanagers.
func (c *Client) TaskManagers(ctx context.Context) ([]TaskManager, error) {
	var out []TaskManager
	received, err := c.fetch(ctx, call{template: "/taskmanagers"}, func(b []byte) (err error) { out, err = decodeTaskManagers(b); return })
	for i := range out {
		out[i].Received = received
	}
	return out, err
}

// TaskManager asks GET /taskmanagers/:taskmanagerid. ErrNotFound once it has left.
func (c *Client) TaskManager(ctx context.Context, id string) (TaskManager, error) {
	var out TaskManager
	received, err := c.fetch(ctx, call{template: "/taskmanagers/:taskmanagerid", args: []string{id}},
		func(b []byte) (err error) { out, err = decodeTaskManager(b); return })
	out.Received = received
	return out, err
}

func decodeTaskManagers(data []byte) ([]TaskManager, error) {
	var answer struct {
		TaskManagers []TaskManager `json:"taskmanagers"`
	}
	if err := decodeJSON(data, &answer); err != nil {
		return nil, err
	}
	if answer.TaskManagers == nil {
		return nil, missing("taskmanagers")
	}
	for i := range answer.TaskManagers {
		if err := answer.TaskManagers[i].tidy(); err != nil {
			return nil, err
		}
	}
	return answer.TaskManagers, nil
}

func decodeTaskManager(data []byte) (TaskManager, error) {
	var t TaskManager
	if err := decodeJSON(data, &t); err != nil {
		return TaskManager{}, err
	}
	if err := t.tidy(); err != nil {
		return TaskManager{}, err
	}
	return t, nil
}

func (t *TaskManager) tidy() error {
	if t.ID == "" {
		return missing("id")
	}
	t.ID, t.Path = cleanLine(t.ID, maxName), cleanLine(t.Path, maxName)
	for i := range t.AllocatedSlots {
		t.AllocatedSlots[i].JobID = cleanLine(t.AllocatedSlots[i].JobID, maxName)
	}
	if t.Metrics != nil {
		for i := range t.Metrics.GarbageCollector {
			t.Metrics.GarbageCollector[i].Name = cleanLine(t.Metrics.GarbageCollector[i].Name, maxName)
		}
	}
	return nil
}
