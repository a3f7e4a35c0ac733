package model

import "time"

// NetworkSignal names the measurement under what is missing.
const NetworkSignal = "round trips from a TaskManager's node to the JobManager"

// NetworkProbe is one measurement of the network between a TaskManager's node and the JobManager, by a pod of ours. There is at most one in
// each unhealthy spell.
type NetworkProbe struct {
	// StartedAt is when the pod was created, FinishedAt when its result came or it was given up; zero while it is measured.
	StartedAt, FinishedAt time.Time
	// Node is where the pod ran.
	Node string
	// Why is why there is no result; empty where there is one or one may still come.
	Why string
	// RoundTrips are what was measured.
	RoundTrips []RoundTrips
	// Hops is the path, nearest first; "?" where nobody answered.
	Hops []string
}

// Measured tells whether there is a result.
func (p *NetworkProbe) Measured() bool { return p != nil && len(p.RoundTrips) > 0 }

// Running tells whether a pod was started whose result has not come yet.
func (p *NetworkProbe) Running() bool { return p != nil && p.FinishedAt.IsZero() }

// The kinds of round trips, by the JobManager's port.
const (
	RoundTripsRPC         = "rpc"
	RoundTripsBlob        = "blob"
	RoundTripsREST        = "rest"
	RoundTripsRESTRequest = "restRequest"
)

// RoundTrips are round trips of one kind; the times are over those that were answered.
type RoundTrips struct {
	// Name is the kind, and Address where they went.
	Name, Address string
	// Sent is how many were tried, Lost how many of them nobody answered in time, Failed how many were refused.
	Sent, Lost, Failed int
	P50, P95, Max      time.Duration
	// Retransmits is how many packets the kernel sent again.
	Retransmits Measure
}

// Answered is how many were answered.
func (r *RoundTrips) Answered() int { return r.Sent - r.Lost - r.Failed }

// AnnotationProbeTargets on a probe pod tells the kinds of what it measures, as KIND=TARGET separated by blanks, so that a manager that was
// started again can read its result.
const AnnotationProbeTargets = "flink.checkpointhealth.dev/probe-targets"

// ProbeOrder is what a probe pod is to measure, and from where.
type ProbeOrder struct {
	// Node is the node to measure from, and TaskManager the pod that runs there.
	Node, TaskManager string
	// Targets are what to measure, by kind.
	Targets []ProbeTarget
}

// ProbeTarget is one port of the JobManager.
type ProbeTarget struct {
	// Name is the kind of its round trips.
	Name string
	// Address is HOST:PORT.
	Address string
	// Path is what to ask for, with its slash; empty where only connects are measured.
	Path string
}

// Text is the target as the probe takes it, and names it in its result: HOST:PORT or http://HOST:PORT/PATH.
func (t *ProbeTarget) Text() string {
	if t.Path == "" {
		return t.Address
	}
	return "http://" + t.Address + t.Path
}
