package diagnose

import (
	"fmt"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// network is what a probe pod measured between a TaskManager's node and the JobManager, added up over the JobManager's ports.
type network struct {
	// known tells that something was measured and came through.
	known bool
	// why is what a measurement that says nothing lacks; empty where there is none.
	why string
	// sent, lost and again are connects and requests: how many, how many nobody answered, how many packets the kernel sent again.
	sent, lost, again int
	// p95 and longest are of the slowest port's connects.
	p95, longest time.Duration
	node         string
	hops         int
}

// The figures by which the network between two nodes of one cluster is judged.
const (
	// farRoundTrip is no distance any more: light needs 5 µs for a kilometre of fibre, so 100 ms there and back are 10,000 km.
	farRoundTrip = 100 * time.Millisecond
	// repeatedRoundTrip is the first repetition of a packet that opens a connection (RFC 6298: 1 s): a connect that takes longer was lost once.
	// As a 95th percentile one in twenty connects was.
	repeatedRoundTrip = time.Second
	// nearRoundTrip is 1,000 km, farther than the nodes of a region are apart; within a zone 0.1 to 2 ms are measured.
	nearRoundTrip = 10 * time.Millisecond
	// lossy is a loss of 2 %: TCP then carries 1460 bytes / round trip * 1.22 / sqrt(0.02) (Mathis), 250 kB/s over 50 ms, by which an
	// acknowledgement of a whole frame of 10 MiB takes 42 s. A sound network loses less than one packet in ten thousand. accidents are how
	// many may be lost of the 90 connects of a measurement before that is looked at.
	lossy     = 0.02
	accidents = 1
)

// addUpNetwork takes the ports together that answered at all: one that does not is closed, or behind a policy, and no measurement.
func addUpNetwork(p *model.NetworkProbe) network {
	if !p.Measured() {
		return network{}
	}
	n := network{node: p.Node, hops: len(p.Hops)}
	tried := 0
	for i := range p.RoundTrips {
		r := &p.RoundTrips[i]
		tried += r.Sent
		if r.Answered() <= 0 {
			continue
		}
		n.known = true
		n.sent += r.Sent
		n.lost += r.Lost
		if r.Retransmits.Known {
			n.again += int(r.Retransmits.Value)
		}
		if r.Name != model.RoundTripsRESTRequest { // which also takes the JobManager's own time
			n.p95, n.longest = max(n.p95, r.P95), max(n.longest, r.Max)
		}
	}
	if !n.known {
		n.why = fmt.Sprintf("%s (none of %d connects of the probe pod came through: a NetworkPolicy or a closed port looks like that as well)",
			model.NetworkSignal, tried)
	}
	return n
}

// bad is how many were lost or sent again.
func (n *network) bad() int { return n.lost + n.again }

// losing tells a loss that is no accident.
func (n *network) losing() bool {
	return n.bad() > accidents && float64(n.bad()) >= lossy*float64(n.sent)
}

// from says where it was measured.
func (n *network) from() string {
	var parts []string
	if n.node != "" {
		parts = append(parts, "from node "+named(n.node))
	}
	if n.hops > 0 {
		parts = append(parts, fmt.Sprintf("%d hops", n.hops))
	}
	return strings.Join(parts, ", ")
}

// probed returns a sign of the measurement, or that it is missing where one was wanted.
func probed(f *features, s sign) sign {
	switch {
	case f.net.known:
		return s
	case f.net.why != "":
		return sign{state: unknownSign, missing: f.net.why}
	case f.s.Missing(model.GapNetworkProbe):
		return missing(model.GapNetworkProbe)
	}
	return no // the policy asks for none
}

// roundTripsFar looks for a network that is slow.
func roundTripsFar(f *features) sign {
	n := &f.net
	text := strings.TrimSuffix(fmt.Sprintf("95%% within %s, longest %s, %s", roundTrip(n.p95), roundTrip(n.longest), n.from()), ", ")
	switch {
	case n.p95 >= repeatedRoundTrip:
		return probed(f, yes(text, "below "+roundTrip(farRoundTrip)))
	case n.p95 >= farRoundTrip:
		return probed(f, weighing(20, text, "below "+roundTrip(farRoundTrip)))
	}
	return probed(f, no)
}

// roundTripsLost looks for a network that loses packets.
func roundTripsLost(f *features) sign {
	n := &f.net
	text := fmt.Sprintf("%d of %d not answered, %d packets sent again, %s", n.lost, n.sent, n.again, n.from())
	return probed(f, when(n.losing(), strings.TrimSuffix(text, ", "), fmt.Sprintf("below %g%%", 100*lossy)))
}

// roundTripsClean is a network that is neither slow nor loses anything. It says nothing of the network between TaskManagers.
func roundTripsClean(f *features) sign {
	n := &f.net
	if !n.known || n.p95 >= nearRoundTrip || n.bad() > 0 || f.betweenTasks() && !f.residualBroad() {
		return no
	}
	return yes(strings.TrimSuffix(fmt.Sprintf("95%% within %s, none of %d lost, %s", roundTrip(n.p95), n.sent, n.from()), ", "), "")
}

// roundTrip writes a round trip: 0.4ms, 212ms, 1.2s.
func roundTrip(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1fms", d.Seconds()*1e3)
	case d < time.Second:
		return fmt.Sprintf("%.0fms", d.Seconds()*1e3)
	}
	return fmt.Sprintf("%.1fs", d.Seconds())
}
