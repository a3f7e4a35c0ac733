package report

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// measured is a finished probe.
func measured() *model.NetworkProbe {
	return &model.NetworkProbe{
		StartedAt: minutesAgo(3), FinishedAt: minutesAgo(2), Node: "node-7", Hops: []string{"10.0.0.1", "?", "10.0.1.7"},
		RoundTrips: []model.RoundTrips{
			{Name: model.RoundTripsRPC, Address: "10.0.1.7:6123", Sent: 30, Lost: 1, P50: 400 * time.Microsecond, P95: 900 * time.Microsecond, Max: 1031 * time.Millisecond, Retransmits: model.Measured(2)},
			{Name: model.RoundTripsBlob, Address: "10.0.1.7:6124", Sent: 30, Failed: 30},
		},
	}
}

// What status keeps is what a manager that is started again knows.
func TestTheProbeComesBackFromStatus(t *testing.T) {
	gone := &model.NetworkProbe{StartedAt: minutesAgo(3), FinishedAt: minutesAgo(1), Node: "node-7", Why: "the image cannot be pulled"}
	for name, probe := range map[string]*model.NetworkProbe{"measured": measured(), "gap": gone, "running": {StartedAt: minutesAgo(1), Node: "node-7"}} {
		p := slowStorage()
		p.Snapshot.Network = probe
		s := Status(object(), p)
		valid(t, &s)
		if diff := cmp.Diff(probe, Network(&s.NetworkProbe), cmp.Transformer("UTC", time.Time.UTC)); diff != "" {
			t.Errorf("%s: (-before +after):\n%s", name, diff)
		}
	}
	if Network(&api.NetworkProbeStatus{}) != nil {
		t.Error("an empty status holds a probe")
	}
}

// The measurement belongs to its spell: what cannot be judged keeps it, Healthy ends it, and a new one is worth a write.
func TestTheProbeLastsAsLongAsTheSpell(t *testing.T) {
	p := slowStorage()
	o := object()
	o.Status = Status(o, p)
	p.Snapshot.Network = &model.NetworkProbe{StartedAt: minutesAgo(1), Node: "node-7"}
	next := Status(o, p)
	if !Changed(&o.Status, &next) {
		t.Error("a probe that was started is not written")
	}
	o.Status = next
	p.Snapshot.Network = measured()
	if next = Status(o, p); !Changed(&o.Status, &next) {
		t.Error("a result is not written")
	}
	o.Status = next
	kept := next.NetworkProbe
	lost := &model.Pass{Now: at, Policy: p.Policy, Snapshot: &model.Snapshot{At: at}, Diagnosis: model.Diagnosis{Health: api.HealthUnknown}}
	if got := Status(o, lost).NetworkProbe; !cmp.Equal(got, kept) {
		t.Errorf("a job that cannot be judged loses it: %+v", got)
	}
	if got := Failed(o, Failure{Reason: api.ReasonPolicyNotFound, Message: "x"}, at).NetworkProbe; !cmp.Equal(got, kept) {
		t.Errorf("a failed pass loses it: %+v", got)
	}
	if got := Status(o, base()).NetworkProbe; !cmp.Equal(got, api.NetworkProbeStatus{}) {
		t.Errorf("a healthy job keeps it: %+v", got)
	}
}

func TestHostileMeasurementsAreBounded(t *testing.T) {
	evil := strings.Repeat("wörld\x1b[31m\x00 ", 200)
	p := slowStorage()
	probe := &model.NetworkProbe{StartedAt: at, FinishedAt: at, Node: evil, Why: evil}
	for i := range 40 {
		name := string(rune('a'+i%26)) + evil
		probe.Hops = append(probe.Hops, evil)
		probe.RoundTrips = append(probe.RoundTrips, model.RoundTrips{Name: name, Address: evil, Sent: 1000, P50: math.MaxInt64, P95: -1, Max: math.MaxInt64, Retransmits: model.Measured(1e300)})
	}
	p.Snapshot.Network = probe
	s := Status(object(), p)
	valid(t, &s)
}
