package cases

import (
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/heldoutjobs"
)

// patientRPC keeps a cluster together whose messages travel for seconds: the defaults of 10 s and 50 s would make it a failover.
const patientRPC = " pekko.ask.timeout=60s heartbeat.timeout=180000"

// late delays what TaskManagers send to the JobManager, in milliseconds.
func late(latency, jitter float64) *flinklocal.Link {
	return &flinklocal.Link{RPC: []flinklocal.Toxic{{Type: "latency", Stream: "upstream", Attributes: map[string]float64{"latency": latency, "jitter": jitter}}}}
}

func heldOutNetwork() []Case {
	creeping := held("settlement-acks-later-and-later", heldoutjobs.Orders, 2, "interval=3s timeout=12s"+patientRPC, "--keys 800 --profile 512",
		"Messages to the JobManager take 1 s, then 3, 6, 9, 12: the timeout is 12 s.").of("NetworkLatency").on(newest).grows()
	for i, ms := range []float64{1000, 3000, 6000, 9000, 12500} {
		creeping = creeping.step(flinklocal.Step{Completed: min(2, 2-i), After: time.Duration(min(i, 1)) * 14 * time.Second, Link: late(ms, ms/10)})
	}
	busy := held("fleet-far-jobmanager", heldoutjobs.Rules, 4, "interval=2s timeout=8s"+patientRPC, "--keys 400",
		"Acknowledgements travel 8.5 to 10.5 s under a timeout of 8 s. Beside it one of the JobManager's two CPUs computes: it delays nothing.").
		of("NetworkLatency").sick(2, "telemetry.fingerprint.threads=1").step(flinklocal.Step{Completed: 2, Link: late(9500, 1000)})
	busy.CPU = 2
	return []Case{
		creeping,
		busy,
		held("settlement-far-taskmanagers", heldoutjobs.Orders, 2, "interval=2s timeout=4s"+patientRPC, "--keys 800 --profile 512",
			"Acknowledgements travel 4.6 to 5.4 s under a timeout of 4 s.").of("NetworkLatency").on(oldest).
			step(flinklocal.Step{Completed: 2, Link: late(5000, 400)}),
		held("rollup-wide-far", heldoutjobs.Rollup, 24, "interval=4s timeout=10s"+patientRPC, "--rate 20 --keys 300",
			"76 subtasks with next to no state; every acknowledgement travels 11 to 13 s.").of("NetworkLatency").on(oldest).
			lab(wideLab).step(flinklocal.Step{Completed: 1, Link: late(12000, 1000)}),
		held("sessions-narrow-link", heldoutjobs.Sessions, 2, "interval=3s timeout=8s", "--rate 300 --keys 500 --body 1500",
			"One TaskManager's link carries 0.7 Mbit/s, the events need some 14 Mbit/s: barriers wait in buffers, and no operator is busy.").
			of("NetworkLatency").step(flinklocal.Step{Completed: 2, Link: &flinklocal.Link{Rate: "700kbit", Burst: "32kbit", Queue: "800ms"}}),
		held("catalogue-lossy-link", heldoutjobs.Catalog, 2, "interval=3s timeout=8s"+patientRPC, "--rate 100 --keys 500 --body 900",
			"Nearly every second packet of one TaskManager is lost: TCP stands still for seconds at a time.").
			of("NetworkLatency").on(newest).step(flinklocal.Step{Completed: 2, Link: &flinklocal.Link{Loss: 0.45}}),
	}
}

// wideLab makes room for the buffers of many subtasks: small ones.
var wideLab = strings.Join([]string{"taskmanager.memory.segment-size=4kb", "taskmanager.memory.network.min=192m", "taskmanager.memory.network.max=192m",
	"taskmanager.network.memory.buffers-per-channel=1", "taskmanager.memory.managed.size=16m"}, " ")
