package observe

import (
	"context"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// SessionJobs are the FlinkSessionJobs of one session cluster, as one listing has them. One of them carries the receipts of a CheckpointHealth
// that picked its job on the cluster, and that is told without Flink: whatever becomes of the job, a remedy on it is not forgotten. A nil one
// has none.
type SessionJobs struct {
	cluster *model.Target
	objects []*unstructured.Unstructured
	problem string
	// orphaned tells of the uid of a CheckpointHealth that it answers for nothing here any more; may be nil.
	orphaned func(uid string) bool
}

// picksJobs tells that a target is a session cluster of the Flink operator: its CheckpointHealth picks one of the jobs.
func picksJobs(target *model.Target) bool {
	return target.Kind == kindFlinkDeployment && target.SessionCluster && target.Standalone == nil
}

// ListSessionJobs lists the FlinkSessionJobs of a session cluster; nil for any other target. That they cannot be listed is kept: it is not known
// then what was written before. The target must outlive what is returned.
func ListSessionJobs(ctx context.Context, reader client.Reader, target *model.Target) *SessionJobs {
	if !picksJobs(target) {
		return nil
	}
	jobs := &SessionJobs{cluster: target}
	objects, err := sessionJobsOf(ctx, reader, target)
	if err != nil && !meta.IsNoMatchError(err) { // without the kind there is none
		jobs.problem = quotedText(err.Error(), maxMessage) + "; allow the operator to list them"
	}
	jobs.objects = objects
	return jobs
}

// Each calls see with each of them, as far as it is identity and version, until see returns false.
func (j *SessionJobs) Each(see func(*model.Target) bool) {
	if j == nil {
		return
	}
	for _, object := range j.objects {
		if !see(&model.Target{UID: string(object.GetUID()), ResourceVersion: object.GetResourceVersion()}) {
			return
		}
	}
}

// running finds the one whose job has the id; nil where none does, as for a job that was submitted by hand.
func (j *SessionJobs) running(jobID string) *model.Target {
	if j == nil || jobID == "" {
		return nil
	}
	for _, object := range j.objects {
		if text(object, "status", "jobStatus", "jobId") == jobID {
			return j.target(object)
		}
	}
	return nil
}

func (j *SessionJobs) target(object *unstructured.Unstructured) *model.Target {
	target := sessionJob(object)
	target.NotPatchable = sessionJobNotPatchable(j.cluster)
	for i := range target.Receipts {
		if r := &target.Receipts[i]; r.Pending() && r.UID != "" && j.orphaned != nil && j.orphaned(r.UID) {
			r.UID = "" // whoever's that looks
		}
	}
	return &target
}

// WithOrphans lets a CheckpointHealth that was deleted and created again, and has another uid since, find what it began: orphaned tells of a uid
// that no CheckpointHealth that looks here has.
func (j *SessionJobs) WithOrphans(orphaned func(uid string) bool) *SessionJobs {
	if j != nil {
		j.orphaned = orphaned
	}
	return j
}

// carrier finds the one that carries the receipts of the CheckpointHealth with the uid. One with a remedy in flight goes first, then one of the job
// that it means with a remedy that nobody answers for, then the one of the name, which was beside the cluster last, then the one that was written
// last. Nil where none was written.
func (j *SessionJobs) carrier(uid, name string, means Selector) *model.Target {
	if j == nil {
		return nil
	}
	var best *model.Target
	for _, object := range j.objects {
		next := j.candidate(object, uid, name, means)
		if next != nil && (best == nil || carries(next, uid, name).before(carries(best, uid, name))) {
			best = next
		}
	}
	return best
}

// candidate is a FlinkSessionJob that has the name, speaks of the CheckpointHealth, or is the job that it means and has a remedy that nobody answers
// for; nil for any other.
func (j *SessionJobs) candidate(object *unstructured.Unstructured, uid, name string, means Selector) *model.Target {
	receipts := object.GetAnnotations()[api.AnnotationReceipts]
	if object.GetName() == name || uid != "" && strings.Contains(receipts, uid) {
		return j.target(object)
	}
	if receipts == "" || !means.mayMean(object, receipts) {
		return nil
	}
	if next := j.target(object); inFlight(next, uid) {
		return next
	}
	return nil
}

// mayMean tells whether a FlinkSessionJob's job may be the one that is selected, by what its status said last, or was before a remedy.
// Where it never told a name it may be any.
func (s Selector) mayMean(object *unstructured.Unstructured, receipts string) bool {
	id, name := text(object, "status", "jobStatus", "jobId"), text(object, "status", "jobStatus", "jobName")
	return (s.ID == "" || s.ID == id || strings.Contains(receipts, `"`+s.ID+`"`)) && (s.Name == "" || name == "" || s.Name == name)
}

// carriage is how much a FlinkSessionJob matters to a CheckpointHealth.
type carriage struct {
	rank   int
	newest int64
}

func (c carriage) before(other carriage) bool {
	return c.rank > other.rank || c.rank == other.rank && c.newest > other.newest
}

// carries ranks one. Receipts that cannot be read may hold a remedy in flight.
func carries(target *model.Target, uid, name string) carriage {
	var c carriage
	named := false
	for i := range target.Receipts {
		if r := &target.Receipts[i]; ownReceipt(r, uid) {
			c.newest = max(c.newest, r.AppliedAt.Unix())
			named = named || r.Pending() && r.UID == uid
		}
	}
	switch {
	case named, target.ReceiptsError != "":
		c.rank = 3
	case inFlight(target, uid):
		c.rank = 2
	case target.Name == name:
		c.rank = 1
	}
	return c
}

// ownReceipt tells whether a receipt is the CheckpointHealth's; one without a uid is whoever's that looks.
func ownReceipt(r *model.Receipt, uid string) bool { return r.UID == uid || r.UID == "" }

// inFlight tells whether a target carries a remedy of the CheckpointHealth that is not judged yet.
func inFlight(target *model.Target, uid string) bool {
	for i := range target.Receipts {
		if r := &target.Receipts[i]; r.Pending() && ownReceipt(r, uid) {
			return true
		}
	}
	return false
}

// AttachCarrier puts the FlinkSessionJob with the receipts of a CheckpointHealth beside its session cluster, without a word of Flink's.
func (j *SessionJobs) AttachCarrier(target *model.Target, uid string, means Selector) {
	j.attach(target, j.carrier(uid, "", means))
}

// attach puts a FlinkSessionJob beside the cluster, if there is one, or says why it is not known whether there is.
func (j *SessionJobs) attach(target, job *model.Target) {
	if j == nil {
		return
	}
	if j.problem != "" && target.ReceiptsError == "" {
		target.ReceiptsError = j.problem
	}
	if job != nil {
		target.Attach(*job)
	}
}

// held is the FlinkSessionJob that is known before Flink is asked.
func (p *pass) held() *model.Target {
	return p.opts.SessionJobs.carrier(p.opts.UID, p.memory.sessionJob, p.opts.Selector)
}

// follows tells that the job is that of the FlinkSessionJob, and not what answers to the selector: a remedy in flight is judged by the job that it
// was written for, and an id of before a remedy means the job that the Flink operator submitted in its place.
func (p *pass) follows(held *model.Target) bool {
	if held == nil {
		return false
	}
	for i := range held.Receipts {
		r := &held.Receipts[i]
		if ownReceipt(r, p.opts.UID) && (r.Pending() || p.opts.Selector.ID != "" && r.Baseline.JobID == p.opts.Selector.ID) {
			return true
		}
	}
	return false
}

// attachSessionJob puts the job's FlinkSessionJob beside the cluster: the one that runs it, or the one known before where a remedy is in flight on
// it or no job was found. It is remembered by name.
func (p *pass) attachSessionJob(held *model.Target, jobID string) {
	jobs := p.opts.SessionJobs
	found := jobs.running(jobID)
	if held != nil && (inFlight(held, p.opts.UID) || found == nil && (jobID == "" || held.Upgrading())) {
		found = held
	}
	if found != nil {
		p.memory.sessionJob = found.Name
	}
	jobs.attach(&p.snapshot.Target, found)
}
