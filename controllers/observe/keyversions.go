package observe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// release is a release line of Flink, such as 1.20.
type release struct{ major, minor int }

// releaseOf reads the release line of a version such as 1.20.5; a vendor's additions to it do not matter. ok is false where it is not known.
func releaseOf(version string) (r release, ok bool) {
	major, rest, found := strings.Cut(version, ".")
	if !found {
		return release{}, false
	}
	minor := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
	var noMajor, noMinor error
	r.major, noMajor = strconv.Atoi(major)
	r.minor, noMinor = strconv.Atoi(minor)
	return r, noMajor == nil && noMinor == nil
}

func (r release) String() string { return fmt.Sprintf("%d.%d", r.major, r.minor) }

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

// lastRead is the last release line that reads a key, for keys that went and whose value no other key takes over. Most old names are not among
// them: akka.*, state.backend and the like are read as their successors' to this day. 2.0 dropped the JobManager's old sizes.
var lastRead = map[string]release{
	"jobmanager.heap.mb":   {1, 20},
	"jobmanager.heap.size": {1, 20},
}

// reads tells whether the running version knows a key; a version that is not known may know any.
func (l lookups) reads(key string) bool {
	running, known := releaseOf(l.version)
	last, went := lastRead[key]
	tooYoung, tooOld := running.before(firstRead[key]), went && last.before(running)
	return !known || !tooYoung && !tooOld
}

// ignored says which of some keys is set although the running version does not read it, and to something else than value, which is in force;
// empty where there is none. It begins with the reason of that name.
func (l lookups) ignored(keys []string, value string) string {
	for _, config := range []map[string]string{l.job, l.cluster, l.target} {
		for _, key := range keys {
			set, there := config[key]
			if !there || l.reads(key) || set == value {
				continue
			}
			return fmt.Sprintf("%s: %s: %s, for Flink %s does not read that key: %s", api.ReasonIgnoredByFlink, key, cleanText(set, 64), l.version, l.whenRead(key, keys))
		}
	}
	return ""
}

// whenRead says which versions read a key, and what is right for the running one.
func (l lookups) whenRead(key string, keys []string) string {
	when := "it came with " + firstRead[key].String()
	if last, went := lastRead[key]; went {
		when = last.String() + " was the last to"
	}
	if i := slices.IndexFunc(keys, l.reads); i >= 0 {
		return when + "; set " + keys[i]
	}
	return when
}
