package plan

import (
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// view is one input, ready to be asked. It is read only.
type view struct {
	in      Input
	s       *model.Snapshot
	d       *model.Diagnosis
	p       *model.Policy
	top     *model.Finding
	version version
	// beside is the interval that is written along with what is sized; 0 where the present one stays.
	beside time.Duration
}

// look makes a view. What is missing altogether becomes a value that says so, so that no question has to ask for nil.
func look(in Input) *view {
	if in.Snapshot == nil {
		in.Snapshot = &model.Snapshot{Availability: model.Availability{Reason: api.ReasonSnapshotIncomplete, Message: "nothing was read of the job yet"}}
	}
	if in.Diagnosis == nil {
		in.Diagnosis = &model.Diagnosis{Health: api.HealthUnknown}
	}
	if in.Policy == nil {
		builtIn := model.ResolvePolicy("", nil)
		in.Policy = &builtIn
	}
	return &view{
		in: in, s: in.Snapshot, d: in.Diagnosis, p: in.Policy, top: in.Diagnosis.Top(),
		version: parseVersion(in.Snapshot.Job.FlinkVersion),
	}
}

// target is the object that would be patched; hasTarget is false for the command line, which asks no cluster.
func (v *view) target() *model.Target { return &v.s.Target }
func (v *view) hasTarget() bool       { return v.s.Target.Kind != "" }

// home is the object that a field is written to: the narrowest one that works. On a session cluster that is the FlinkSessionJob for
// what a job may set for itself, and the FlinkDeployment for what belongs to the JobManager.
func (v *view) home(field string) *model.Target {
	t := v.target()
	want := kindSessionJob
	if model.ClusterScoped(field) {
		want = kindFlinkDeployment
	}
	for i := range t.Others {
		if t.Others[i].Kind == want {
			return &t.Others[i]
		}
	}
	return t
}

// jobManager is the object that holds the JobManager's resources.
func (v *view) jobManager() *model.Target { return v.home("jobManager.resource") }

// object is where a remedy is written.
func (v *view) object(r *model.Remedy) *model.Target { return v.target().At(r.Object) }

// written is a key of the configuration of the object that holds it; without a target, of the one that the JobManager runs with.
func (v *view) written(key string) (string, bool) {
	if v.hasTarget() {
		text, ok := v.home(key).Config[key]
		return text, ok
	}
	text, ok := v.s.Settings.Cluster[key]
	return text, ok
}

// change makes a change of a Flink key. from is the value in force as text, for where the target does not set the key itself.
func (v *view) change(lever api.Lever, key, from, to string, origin api.SettingOrigin) model.Change {
	c := model.Change{Lever: lever, Field: key, From: from, To: to, Origin: origin}
	if raw, ok := v.written(key); ok {
		c.From, c.WasSet = raw, v.hasTarget() || origin == api.OriginTarget
	}
	return c
}

// lastCompleted is when the newest completed checkpoint was triggered: what came after it would be processed again. Without one, it is
// when the job was restored, which is the least that would be.
func (v *view) lastCompleted() (time.Time, bool) {
	l := &v.s.Checkpoints
	if l.LatestCompleted != nil && !l.LatestCompleted.Savepoint && !l.LatestCompleted.Trigger.IsZero() {
		return l.LatestCompleted.Trigger, true
	}
	for i := range l.History {
		c := &l.History[i]
		if c.Status == model.CheckpointCompleted && !c.Savepoint {
			return c.Trigger, true
		}
	}
	if l.LatestRestored != nil && !l.LatestRestored.At.IsZero() {
		return l.LatestRestored.At, true
	}
	return time.Time{}, false
}

// replay is how much would be processed again after a restart now; Unknown where nothing ever completed.
func (v *view) replay() time.Duration {
	at, ok := v.lastCompleted()
	if !ok {
		return model.Unknown
	}
	return max(v.s.JobManagerTime(v.in.Now).Sub(at), 0)
}

// rocksDB and incrementalBackend tell which state backend is in force: RocksDB; RocksDB or ForSt, the ones with incremental checkpoints.
func (v *view) rocksDB() bool {
	return strings.Contains(strings.ToLower(v.s.Settings.StateBackend.Value), "rocksdb")
}

func (v *view) incrementalBackend() bool {
	return v.rocksDB() || strings.Contains(strings.ToLower(v.s.Settings.StateBackend.Value), "forst")
}

// neverLate tells that a longer timeout would not help: the same subtasks stay missing, nothing ever comes late, no upload moves.
func (v *view) neverLate() bool { return v.d.Facts.NeverLate && !v.d.Facts.UploadMoves }
