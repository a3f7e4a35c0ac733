package controllers

import (
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/utils/ptr"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
)

// session is what this process remembers of one CheckpointHealth between passes. One worker at a time has it.
type session struct {
	// uid is the object's: one that was deleted and created again starts anew.
	uid types.UID
	// subject is what is looked at: the target, and the job where one is selected. Another one starts anew.
	subject string
	// memory is observe's.
	memory *observe.Memory
	// connection speaks to the JobManager at endpoint, with credentials; it is made anew when either changes.
	connection *observe.Connection
	endpoint   endpointMark
	// due is when the next pass was meant to begin: what is later than that is schedule lag.
	due time.Time
	// refused is what the API server last refused, and when it is worth another try.
	refused refusedWrite
	// written is the object of our last write after it; zero once the cache has caught up with it.
	written struct{ uid, resourceVersion string }
	// charge is who is in charge of the job.
	charge charge
	// metering is the way to the policy's Prometheus.
	metering metering
	// network is what is measured of the network.
	network probing
}

// wrote remembers a write until the cache shows it.
func (s *session) wrote(object *model.Target, written *model.Written) {
	s.written.uid, s.written.resourceVersion = object.UID, written.ResourceVersion
}

// behind tells that a target from the cache, or an object beside it, is older than our own last write. Resource versions of one resource
// are numbers that grow.
func (s *session) behind(target *model.Target) bool {
	if s.written.resourceVersion == "" {
		return false
	}
	object := target
	for i := range target.Others {
		if target.Others[i].UID == s.written.uid {
			object = &target.Others[i]
		}
	}
	if object.UID != s.written.uid {
		return false
	}
	if order, err := resourceversion.CompareResourceVersion(object.ResourceVersion, s.written.resourceVersion); err == nil && order < 0 {
		return true
	}
	s.written.uid, s.written.resourceVersion = "", ""
	return false
}

// sessions holds one session per CheckpointHealth.
type sessions struct {
	mu    sync.Mutex
	byKey map[types.NamespacedName]*session
}

func newSessions() *sessions {
	return &sessions{byKey: map[types.NamespacedName]*session{}}
}

// open returns the object's session, and whether the object is new to this process: then what status kept over the restart is restored into
// it. An object that names another target or job now is known, but nothing of what was learned of the other holds. Replaced is the uid of an
// object of that name that was deleted meanwhile.
func (s *sessions) open(object *api.CheckpointHealth) (opened *session, fresh bool, replaced types.UID) {
	key := types.NamespacedName{Namespace: object.Namespace, Name: object.Name}
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.byKey[key]
	subject := fmt.Sprint(object.Spec.TargetRef, object.Spec.JobSelector)
	if known != nil && known.uid == object.UID && known.subject == subject {
		return known, false, ""
	}
	opened = &session{uid: object.UID, subject: subject, memory: &observe.Memory{}}
	s.byKey[key] = opened
	if known != nil && known.uid == object.UID {
		return opened, false, ""
	}
	restore(opened.memory, &object.Status)
	if sameSubject(object) {
		restoreBaseline(opened.memory, &object.Status.Baseline)
		opened.network = restoreNetwork(&object.Status)
		if at := object.Status.Job.StartTime; at != nil {
			opened.memory.RestoreStart(at.Time)
		}
	}
	if known != nil {
		replaced = known.uid
	}
	return opened, true, replaced
}

// close forgets an object that is gone, and tells the uid it had.
func (s *sessions) close(key types.NamespacedName) types.UID {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.byKey[key]
	delete(s.byKey, key)
	if known == nil {
		return ""
	}
	return known.uid
}

// refusedWrite is a remedy that the API server refused, on one generation of its object.
type refusedWrite struct {
	refusal    model.Refusal
	hash       string
	object     model.ObjectKey
	generation int64
	until      time.Time
}

// refusedFor is how long a refusal stands before the API server is asked again: quotas and admission change rarely.
const refusedFor = 10 * time.Minute

// refuse keeps a refusal.
func (s *session) refuse(refusal model.Refusal, hash string, object *model.Target, now time.Time) {
	s.refused = refusedWrite{refusal: refusal, hash: hash, object: object.Key(), generation: object.Generation, until: now.Add(refusedFor)}
}

// refusal is what still stands of the last one: none on another generation of the target or after a while.
func (s *session) refusal(target *model.Target, now time.Time) (standing model.Refusal, hash string) {
	if s.refused.generation != target.At(s.refused.object).Generation || !now.Before(s.refused.until) {
		return model.Refusal{}, ""
	}
	refusal := s.refused.refusal
	refusal.Retry = s.refused.until.Sub(now)
	return refusal, s.refused.hash
}

// restore gives a new memory what status kept.
func restore(memory *observe.Memory, status *api.CheckpointHealthStatus) {
	var unhealthySince, causeSince time.Time
	if status.UnhealthySince != nil {
		unhealthySince = status.UnhealthySince.Time
	}
	own := ownDiagnosis(status)
	if own.Since != nil {
		causeSince = own.Since.Time
	}
	memory.Restore(status.Health, own.Cause, unhealthySince, causeSince)
}

// sameSubject tells whether status speaks of the target and the job that spec names now: either may have changed while no manager ran.
func sameSubject(object *api.CheckpointHealth) bool {
	wanted, job := &object.Spec.JobSelector, &object.Status.Job
	return object.Status.Target == object.Spec.TargetRef.Kind+"/"+object.Spec.TargetRef.Name &&
		(wanted.Name == "" || wanted.Name == job.Name) && (wanted.ID == "" || wanted.ID == job.ID)
}

// restoreBaseline gives a new memory what the job was like while it was well.
func restoreBaseline(memory *observe.Memory, baseline *api.BaselineStatus) {
	duration := time.Duration(ptr.Deref(baseline.CheckpointDurationMilliseconds, 0)) * time.Millisecond
	var rate model.Measure
	if bytes := ptr.Deref(baseline.UploadBytesPerSecond, 0); bytes > 0 {
		rate = model.Measured(float64(bytes))
	}
	memory.RestoreBaseline(duration, rate, ptr.Deref(baseline.StateSizeBytes, 0))
}

// phase spreads the objects that a starting manager finds over one poll interval, by a hash of their uid: ten thousand JobManagers
// are not asked at once, and the same object always has the same place.
func phase(uid types.UID, poll time.Duration) time.Duration {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(uid)) // a hash never fails
	return time.Duration(hash.Sum64() % uint64(max(poll, 1)))
}
