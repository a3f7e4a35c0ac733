package observe

import "fmt"

// release is a release line of Flink, such as 1.20.
type release struct{ major, minor int }

// releaseOf reads the release line of a version such as 1.20.5; a vendor's additions to it do not matter. ok is false where it is not known.
func releaseOf(version string) (r release, ok bool) {
	n, err := fmt.Sscanf(version, "%d.%d", &r.major, &r.minor)
	return r, err == nil && n == 2
}

// before tells whether r is older.
func (r release) before(other release) bool {
	return r.major < other.major || r.major == other.major && r.minor < other.minor
}

// firstRead is the first release line that reads a key, for keys that came after 1.15: an older one shows the key in its configuration and
// does nothing with it. From the option classes of each release: 1.17 gave a suffix to keys that were a prefix of others (FLINK-29372), 1.18
// went from Akka to Pekko, 1.19 got the cleaner's mode (FLINK-33090), and 1.20 gathered what belongs to checkpoints under one prefix.
var firstRead = map[string]release{
	"execution.checkpointing.unaligned.enabled":     {1, 17},
	"high-availability.type":                        {1, 17},
	"kubernetes.jobmanager.cpu.amount":              {1, 17},
	"state.backend.type":                            {1, 17},
	"pekko.ask.timeout":                             {1, 18},
	"pekko.framesize":                               {1, 18},
	"state.checkpoint.cleaner.parallel-mode":        {1, 19},
	"execution.checkpointing.cleaner.parallel-mode": {1, 20},
	"execution.checkpointing.data-inline-threshold": {1, 20},
	"execution.checkpointing.dir":                   {1, 20},
	"execution.checkpointing.incremental":           {1, 20},
	"execution.checkpointing.num-retained":          {1, 20},
	"execution.checkpointing.storage":               {1, 20},
}

// reads tells whether the running version knows a key; a version that is not known may know any.
func (l lookups) reads(key string) bool {
	running, known := releaseOf(l.version)
	return !known || !running.before(firstRead[key])
}
