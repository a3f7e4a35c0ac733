package model

import (
	"slices"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// When several jobs that share something sicken together, the cause is what they share.
const (
	// SharedWindow is how close together they must have sickened: one quarter of an hour is one and a half times Flink's default
	// checkpoint timeout of ten minutes, the time within which all of them notice the same fault.
	SharedWindow = 15 * time.Minute
	// SharedLeast is how many others must sicken of the same cause within that time: two may be chance, three of a kind are not.
	SharedLeast = 2
	// SharedPart is the least part of those that share it, 1/4, that must be sick: three of a thousand are no fleet.
	SharedPart = 4
)

// SharedKind is a kind of thing that jobs share.
type SharedKind string

// The kinds, from the narrowest to the widest.
const (
	SharedNode    SharedKind = "node"
	SharedStorage SharedKind = "checkpoint storage"
	SharedVersion SharedKind = "Flink version"
	SharedPolicy  SharedKind = "RemediationPolicy"
)

// sharedBy are the causes that something which jobs share can have at its root, by what it is. A node gives its network, its disk and its CPU;
// a storage its latency and its errors; a version its bugs. A policy is only who operates the jobs: together with the same cause it stands
// for a network, a service or an image that cannot be seen from here. A JobManager short of CPU or a job with too much state is sick by itself.
var sharedBy = map[SharedKind][]api.Cause{
	SharedNode:    {api.CauseNetworkLatency, api.CauseTaskManagerPressure, api.CauseSlowStateBackend, api.CauseSlowSyncPhase},
	SharedStorage: {api.CauseSlowStateBackend, api.CauseSlowCleanup, api.CauseStorageFailure},
	SharedVersion: {api.CauseFlinkVersionBug},
	SharedPolicy: {api.CauseNetworkLatency, api.CauseSlowStateBackend, api.CauseSlowCleanup, api.CauseStorageFailure, api.CauseSinkFlush,
		api.CauseFlinkVersionBug},
}

// SharedThing is something that this job shares with others of its namespace, and who of them is sick.
type SharedThing struct {
	Kind SharedKind
	// Name is the thing's, such as s3://acme-flink.
	Name string
	// Jobs is how many jobs share it, this one included.
	Jobs int
	// Sick are the others that became unhealthy or at risk within SharedWindow of this one, by the cause that was found in each.
	Sick map[api.Cause]SickJobs
	// Untold is how many others sickened within SharedWindow of this one, and of what is not found yet, by the causes that are not ruled out in them.
	Untold map[api.Cause]int
}

// SickJobs are jobs that are sick of one cause.
type SickJobs struct {
	Count int
	// First is when the first of them sickened.
	First time.Time
	// Names are the first of them by the alphabet, MaxSickNames at most.
	Names []string
}

// MaxSickNames is how many sick jobs are named.
const MaxSickNames = 5

// Add counts another sick job.
func (s SickJobs) Add(name string, since time.Time) SickJobs {
	s.Count++
	if s.First.IsZero() || since.Before(s.First) {
		s.First = since
	}
	at, _ := slices.BinarySearch(s.Names, name)
	s.Names = slices.Insert(s.Names, at, name)
	s.Names = s.Names[:min(len(s.Names), MaxSickNames)]
	return s
}

// CanCause tells whether the thing can be at the root of a cause.
func (t *SharedThing) CanCause(cause api.Cause) bool { return slices.Contains(sharedBy[t.Kind], cause) }

// Enough tells whether so many others sickened of a cause that it is what they share.
func (t *SharedThing) Enough(cause api.Cause) bool { return SharedByMany(t.Sick[cause].Count, t.Jobs) }

// MayBeEnough tells whether they may become enough, once it is found what those are sick of whose cause is not known yet.
func (t *SharedThing) MayBeEnough(cause api.Cause) bool {
	return SharedByMany(t.Sick[cause].Count+t.Untold[cause], t.Jobs)
}

// Causes are those that the thing can be at the root of.
func (t *SharedThing) Causes() []api.Cause { return sharedBy[t.Kind] }

// SharedByMany tells whether so many others, of so many jobs with this one included, are enough.
func SharedByMany(others, jobs int) bool {
	return others >= SharedLeast && (others+1)*SharedPart >= jobs
}
