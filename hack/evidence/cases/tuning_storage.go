package cases

import (
	"strings"
	"time"

	"checkpointhealth.dev/operator/hack/flinklocal"
)

func tuningStorage() []Case {
	return []Case{
		{
			Case: flinklocal.Case{
				Name:   "slow-storage-wide",
				Why:    "4 MiB a subtask at 350 KiB/s take 11.7 s, more than the timeout of 10 s.",
				Config: map[string]string{"execution.checkpointing.interval": "3s", "execution.checkpointing.timeout": "10s"},
				Args:   strings.Fields("--keys 4000 --value-bytes 4096 --rate 500"), Parallelism: 4,
				Delays: map[string]string{"write.kbps": "350"}, Onset: 3,
			},
			Causes: []string{"SlowStateBackend"}, Until: Until{Expired: 4},
		},
		{
			Case: flinklocal.Case{
				Name:   "network-delay",
				Why:    "Messages to the JobManager take 9 s and up to 3 s more: most acknowledgements come after the timeout of 10 s.",
				Config: map[string]string{"execution.checkpointing.interval": "3s", "execution.checkpointing.timeout": "10s", "pekko.ask.timeout": "60 s"},
				Args:   strings.Fields("--keys 2000 --value-bytes 2048 --rate 500"), Parallelism: 2,
				Steps: []flinklocal.Step{{Completed: 3, Link: &flinklocal.Link{RPC: []flinklocal.Toxic{
					{Type: "latency", Stream: "upstream", Attributes: map[string]float64{"latency": 9000, "jitter": 3000}}}}}},
			},
			Causes: []string{"NetworkLatency"}, Until: Until{Expired: 4, Time: 100 * time.Second},
		},
	}
}
