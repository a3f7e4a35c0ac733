package plan

import (
	"net"
	"slices"
	"strconv"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// MeasureNetwork decides whether a probe pod is to measure the network now, from which node and to which ports. Where none is, the reason
// says why; it is for tests and logs, as nothing is lost by not measuring. It does not depend on the policy's mode: networkProbe says by
// itself that a pod may be started.
func MeasureNetwork(in Input) (order model.ProbeOrder, whyNot string) {
	v := look(in)
	for _, hold := range probeHolds {
		if hold.holds(v) {
			return model.ProbeOrder{}, hold.why
		}
	}
	return v.probeOrder()
}

// probeHolds are the reasons not to measure, in the order in which they are asked.
var probeHolds = []struct {
	why   string
	holds func(*view) bool
}{
	{"the policy's networkProbe is Off", func(v *view) bool { return v.p.NetworkProbe != api.NetworkProbePod }},
	{"the job cannot be judged", func(v *view) bool { return !v.s.Availability.Judgeable() }},
	{"the job is not as sick as the policy treats", func(v *view) bool { return !v.treated() }},
	{"it was measured in this spell", func(v *view) bool { return v.s.Network != nil }},
	{"the manager has just started", func(v *view) bool { return !v.in.Controls.Warm }},
	{"paused", func(v *view) bool { return v.in.Controls.Paused != "" }},
	{"another CheckpointHealth is in charge", func(v *view) bool { return v.in.Controls.LookedAfter != "" }},
	{"the stop switch is on", func(v *view) bool { return v.in.Controls.Stopped != "" }},
	{"the target is being upgraded", func(v *view) bool { return v.target().Upgrading() }},
	// A cause that is likely and a network that is ruled out leave nothing to be measured. Undetermined comes first where no cause is likely.
	{"the network is ruled out", func(v *view) bool {
		return (v.top == nil || v.top.Cause != api.CauseUndetermined) && !slices.ContainsFunc(v.d.Findings, suspected)
	}},
}

// treated tells whether the job is sick enough for the policy to do something.
func (v *view) treated() bool {
	return v.d.Health == api.HealthUnhealthy || v.d.Health == api.HealthAtRisk && v.p.Detection.Treat == api.TreatAtRisk
}

// suspected tells whether a finding leaves the network in question.
func suspected(f model.Finding) bool {
	return f.Cause == api.CauseNetworkLatency && f.Verdict != api.VerdictRuledOut
}

// The JobManager's ports where its configuration does not say otherwise: jobmanager.rpc.port and rest.port (JobManagerOptions, RestOptions, 1.15
// to 2.3), and the port that Flink's native Kubernetes mode and the Flink operator give the blob server (Constants.BLOB_SERVER_PORT).
const (
	defaultRPCPort  = 6123
	defaultBlobPort = 6124
	defaultRESTPort = 8081
)

// restPath is a small answer that no thread of the JobManager's has to be asked for: the dashboard's configuration.
const restPath = "/config"

// probedPorts are the JobManager's ports, with the keys under which its configuration may say otherwise.
var probedPorts = []struct {
	name, key, path string
	standard        int
}{
	{model.RoundTripsRPC, "jobmanager.rpc.port", "", defaultRPCPort},
	{model.RoundTripsBlob, "blob.server.port", "", defaultBlobPort},
	{model.RoundTripsREST, "rest.port", restPath, defaultRESTPort},
}

// probeOrder chooses where to measure from and to.
func (v *view) probeOrder() (order model.ProbeOrder, whyNot string) {
	jobManager := v.findPod(func(p *model.Pod) bool { return p.Component == model.ComponentJobManager && p.Ready && p.IP != "" })
	if jobManager == nil {
		return model.ProbeOrder{}, "no JobManager pod with an address is ready"
	}
	taskManager := v.probeFrom(jobManager)
	if taskManager == nil {
		return model.ProbeOrder{}, "no TaskManager pod is on a node"
	}
	order = model.ProbeOrder{Node: taskManager.Node, TaskManager: taskManager.Name}
	for _, port := range probedPorts {
		if number := v.port(port.key, port.standard); number > 0 {
			order.Targets = append(order.Targets, model.ProbeTarget{Name: port.name, Address: net.JoinHostPort(jobManager.IP, strconv.Itoa(number)), Path: port.path})
		}
	}
	if len(order.Targets) == 0 {
		return model.ProbeOrder{}, "the JobManager's ports are chosen at its start"
	}
	return order, ""
}

// probeFrom is the TaskManager of the slowest subtask, else one on another node than the JobManager, else any.
func (v *view) probeFrom(jobManager *model.Pod) *model.Pod {
	slowest := v.slowestTaskManager()
	for _, fits := range []func(*model.Pod) bool{
		func(p *model.Pod) bool { return v.runs(p, slowest) },
		func(p *model.Pod) bool { return p.Node != jobManager.Node },
		func(*model.Pod) bool { return true },
	} {
		found := v.findPod(func(p *model.Pod) bool { return p.Component == model.ComponentTaskManager && p.Node != "" && fits(p) })
		if found != nil {
			return found
		}
	}
	return nil
}

// port is a port of the JobManager; 0 where it is a range or left to the system.
func (v *view) port(key string, standard int) int {
	text, ok := v.s.Settings.Cluster[key]
	if !ok {
		return standard
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 || number > 65535 {
		return 0
	}
	return number
}

// findPod is the first pod that fits, by component and name.
func (v *view) findPod(fits func(*model.Pod) bool) *model.Pod {
	for i := range v.s.Pods {
		if fits(&v.s.Pods[i]) {
			return &v.s.Pods[i]
		}
	}
	return nil
}

// slowestTaskManager is the id of the TaskManager that runs the slowest subtask; empty where it is not known.
func (v *view) slowestTaskManager() string {
	slow := &v.d.Slowest
	for i := range v.s.Vertices {
		vertex := &v.s.Vertices[i]
		if slow.Known && vertex.Name == slow.Vertex && slow.Subtask >= 0 && slow.Subtask < len(vertex.Placement) {
			return vertex.Placement[slow.Subtask]
		}
	}
	return ""
}

// runs tells whether a TaskManager runs in a pod: native Kubernetes names it like the pod, others by their address.
func (v *view) runs(pod *model.Pod, id string) bool {
	if id == "" {
		return false
	}
	if pod.Name == id {
		return true
	}
	for i := range v.s.TaskManagers {
		if t := &v.s.TaskManagers[i]; t.ID == id {
			return pod.IP != "" && t.Host == pod.IP
		}
	}
	return false
}
