package flinksim

import (
	"fmt"
	"maps"
	"slices"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
	"checkpointhealth.dev/operator/hack/flinksim/stacks"
)

// jobManagerConfig is /jobmanager/config: the cluster's configuration, as the Flink operator passes it on.
func (j *Job) jobManagerConfig() []byte {
	return j.remember("jobmanager/config", 1, func() any {
		config := map[string]string{
			"jobmanager.memory.process.size":   fmt.Sprintf("%dm", j.settings.Memory>>20),
			"kubernetes.jobmanager.cpu.amount": text(j.settings.CPU),
			"kubernetes.cluster-id":            j.Name,
			"kubernetes.namespace":             j.Namespace,
			"rest.port":                        "8081",
			"jobmanager.rpc.address":           j.Name + "." + j.Namespace,
			"kubernetes.container.image.ref":   "flink:" + j.spec.Version,
			"execution.target":                 "kubernetes-application",
		}
		own := j.settings.Config
		if j.ofCluster != nil {
			own = j.ofCluster
		}
		maps.Copy(config, own)
		entries := make([]object, 0, len(config))
		for _, key := range slices.Sorted(maps.Keys(config)) {
			entries = append(entries, object{"key": key, "value": config[key]})
		}
		return entries
	})
}

func (j *Job) resource(full bool) object {
	out := object{"cpuCores": double(0), "taskHeapMemory": 0, "taskOffHeapMemory": 0, "managedMemory": 0, "networkMemory": 0, "extendedResources": object{}}
	if full {
		out["cpuCores"], out["taskHeapMemory"], out["managedMemory"], out["networkMemory"] = double(1), 384, 128, 64
	}
	return out
}

// taskManagerEntry is a TaskManager as the list has it.
func (j *Job) taskManagerEntry(i int, now float64) object {
	const mib = 1 << 20
	system := "pekko"
	if !j.engine.Settings.AtLeast(1, 18) {
		system = "akka"
	}
	return object{
		"id": j.taskManagerID(i), "path": fmt.Sprintf("%s.tcp://flink@10.244.0.%d:6122/user/rpc/taskmanager_0", system, 20+i),
		"dataPort": 40000 + i, "jmxPort": -1, "timeSinceLastHeartbeat": whole(now) - 4000 - whole(now)%1000, "slotsNumber": j.slotsEach(), "freeSlots": 0,
		"totalResource": j.resource(true), "freeResource": j.resource(false),
		"hardware": object{"cpuCores": 2, "physicalMemory": int64(25276510208), "freeMemory": int64(518979584), "managedMemory": int64(134217728)},
		"memoryConfiguration": object{
			"frameworkHeap": 64 * mib, "taskHeap": 384 * mib, "frameworkOffHeap": 64 * mib, "taskOffHeap": 0, "networkMemory": 64 * mib,
			"managedMemory": 128 * mib, "jvmMetaspace": 128 * mib, "jvmOverhead": 64 * mib, "totalFlinkMemory": 704 * mib, "totalProcessMemory": 896 * mib,
		},
	}
}

// taskManagers is /taskmanagers.
func (j *Job) taskManagers(now float64) object {
	list := make([]object, j.registered(now))
	for i := range list {
		list[i] = j.taskManagerEntry(i, now)
	}
	return object{"taskmanagers": list}
}

// taskManager is /taskmanagers/:id.
func (j *Job) taskManager(i int, now float64) object {
	out := j.taskManagerEntry(i, now)
	v := j.taskManagerMetrics(i, now)
	used := func(name string) int64 { return int64(number(v["Status.JVM.Memory."+name])) }
	metrics := object{
		"heapUsed": used("Heap.Used"), "heapCommitted": used("Heap.Committed"), "heapMax": used("Heap.Max"),
		"nonHeapUsed": used("NonHeap.Used"), "nonHeapCommitted": used("NonHeap.Committed"), "nonHeapMax": -1,
		"directCount": used("Direct.Count"), "directUsed": used("Direct.MemoryUsed"), "directMax": used("Direct.TotalCapacity"),
		"mappedCount": 0, "mappedUsed": 0, "mappedMax": 0, "nettyShuffleMemorySegmentsAvailable": 2031, "nettyShuffleMemorySegmentsUsed": 17,
		"nettyShuffleMemorySegmentsTotal": 2048, "nettyShuffleMemoryAvailable": 66551808, "nettyShuffleMemoryUsed": 557056, "nettyShuffleMemoryTotal": 67108864,
	}
	if !j.major2() {
		metrics["memorySegmentsAvailable"], metrics["memorySegmentsTotal"] = 2031, 2048
	}
	collectors := []object{}
	for _, name := range []string{"All", "G1_Young_Generation", "G1_Old_Generation"} {
		if count, ok := v["Status.JVM.GarbageCollector."+name+".Count"]; ok {
			collectors = append(collectors, object{"name": name, "count": count, "time": v["Status.JVM.GarbageCollector."+name+".Time"]})
		}
	}
	metrics["garbageCollectors"] = collectors
	out["metrics"] = metrics
	out["allocatedSlots"] = []object{}
	if j.engine.Settings.AtLeast(1, 20) {
		out["allocatedSlots"] = []object{{"jobId": j.id, "resource": j.resource(true)}}
	}
	return out
}

func dumpOf(threads []stacks.Thread) object {
	infos := make([]object, len(threads))
	for i, t := range threads {
		infos[i] = object{"threadName": t.Name, "stringifiedThreadInfo": t.Stringified()}
	}
	return object{"threadInfos": infos}
}

// jobManagerThreads is /jobmanager/thread-dump.
func (j *Job) jobManagerThreads() object {
	jm := stacks.JobManager{Source: j.engine.Topology[0].Name, CoordinatorBusy: j.engine.CoordinatorBusy()}
	for i := range j.engine.Settings.IOPool {
		jm.IO = append(jm.IO, ioOf(j.engine.IOThread(i)))
	}
	for i := range j.engine.Settings.ClusterPool {
		jm.Cluster = append(jm.Cluster, ioOf(j.engine.ClusterThread(i)))
	}
	return dumpOf(jm.Threads(j.spec.Flavor))
}

func ioOf(w engine.Work) stacks.IO {
	switch w {
	case engine.DiscardingCompleted:
		return stacks.IODeletesCompleted
	case engine.DiscardingPending:
		return stacks.IODeletesPending
	case engine.DiscardingShared:
		return stacks.IODeletesShared
	case engine.WritingMetadata:
		return stacks.IOWritesMetadata
	case engine.Acknowledging, engine.Triggering:
		return stacks.IOProcessesAck
	default:
		return stacks.IOIdle
	}
}

// taskManagerThreads is /taskmanagers/:id/thread-dump.
func (j *Job) taskManagerThreads(manager int, now float64) object {
	var tasks []stacks.Task
	if j.taskState(now) == "RUNNING" {
		for v, vertex := range j.engine.Topology {
			for i := range vertex.Parallelism {
				if j.engine.TaskManagerOf(v, i) == manager {
					tasks = append(tasks, stacks.Task{
						Name: vertex.Name, Index: i, Parallelism: vertex.Parallelism, Attempt: j.engine.Attempt(),
						Doing: j.doing(v, i, now), Uploading: j.engine.AsyncPart(v, i) == engine.Uploading,
					})
				}
			}
		}
	}
	return dumpOf(stacks.TaskManagerThreads(j.spec.Flavor, tasks))
}

// doing is what a subtask's main thread is found in.
func (j *Job) doing(v, i int, now float64) stacks.Doing {
	kind := j.engine.Topology[v].Kind
	p := j.engine.Physics(now)
	if j.engine.HeldAt(v, i, now) {
		if kind == engine.Source {
			return stacks.HeldSource
		}
		return stacks.HeldUser
	}
	switch j.engine.MainThread(v, i) {
	case engine.Flushing:
		return stacks.Flushing
	case engine.Snapshotting:
		return stacks.Snapshotting
	case engine.Committing:
		return stacks.Committing
	default: // neither waiting nor uploading takes the main thread
	}
	if kind == engine.Sink && p.QueueTime > 0 && p.Busy[kind] >= 1 {
		return stacks.SlowSink
	}
	return stacks.Waiting
}
