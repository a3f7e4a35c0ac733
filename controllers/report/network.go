package report

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// networkStatus is what was measured in the present spell. A pass that could not judge the job keeps what was known: a spell ends with
// Healthy only.
func networkStatus(prev *api.CheckpointHealthStatus, pass *model.Pass) api.NetworkProbeStatus {
	switch {
	case pass.Diagnosis.Health == api.HealthHealthy:
		return api.NetworkProbeStatus{}
	case pass.Snapshot == nil || !sickHealth(pass.Diagnosis.Health):
		return prev.NetworkProbe
	case pass.Snapshot.Network == nil:
		return api.NetworkProbeStatus{}
	}
	p := pass.Snapshot.Network
	out := api.NetworkProbeStatus{
		StartTime: moment(p.StartedAt), FinishedTime: moment(p.FinishedAt), Node: clean(p.Node, 253), Message: clean(p.Why, 512),
		Hops: texts(p.Hops, api.MaxHops, 64),
	}
	for i := range p.RoundTrips[:min(len(p.RoundTrips), api.MaxRoundTrips)] {
		out.RoundTrips = append(out.RoundTrips, roundTripsStatus(&p.RoundTrips[i]))
	}
	return out
}

func roundTripsStatus(r *model.RoundTrips) api.RoundTrips {
	out := api.RoundTrips{Name: clean(r.Name, 32), Address: clean(r.Address, 128), Sent: count(r.Sent), Lost: count(r.Lost), Failed: count(r.Failed)}
	if r.Answered() > 0 {
		out.P50Microseconds, out.P95Microseconds, out.MaxMicroseconds = large(r.P50.Microseconds()), large(r.P95.Microseconds()), large(r.Max.Microseconds())
	}
	if r.Retransmits.Known {
		out.Retransmits = large(int64(r.Retransmits.Value))
	}
	return out
}

// Network is what a status keeps of the measurement of its spell, for a manager that was started again; nil where it keeps none.
func Network(s *api.NetworkProbeStatus) *model.NetworkProbe {
	if s.StartTime == nil {
		return nil
	}
	p := &model.NetworkProbe{StartedAt: s.StartTime.Time, FinishedAt: timeOf(s.FinishedTime), Node: s.Node, Why: s.Message, Hops: s.Hops}
	for i := range s.RoundTrips {
		r := &s.RoundTrips[i]
		kept := model.RoundTrips{
			Name: r.Name, Address: r.Address, Sent: valueOf(r.Sent), Lost: valueOf(r.Lost), Failed: valueOf(r.Failed),
			P50: microseconds(r.P50Microseconds), P95: microseconds(r.P95Microseconds), Max: microseconds(r.MaxMicroseconds),
		}
		if r.Retransmits != nil {
			kept.Retransmits = model.Measured(float64(*r.Retransmits))
		}
		p.RoundTrips = append(p.RoundTrips, kept)
	}
	return p
}

func timeOf(t *metav1.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.Time
}

func valueOf(n *int32) int {
	if n == nil {
		return 0
	}
	return int(*n)
}

func microseconds(n *int64) time.Duration {
	if n == nil {
		return 0
	}
	return time.Duration(*n) * time.Microsecond
}
