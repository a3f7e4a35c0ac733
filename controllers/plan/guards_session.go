package plan

import (
	"fmt"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// wrongScope refuses what an object of a session cluster cannot set: the JobManager's settings on one job, and a job's settings on the
// cluster. Flink keeps what a job was submitted with, so a new default of the cluster reaches no job that runs.
func wrongScope(t *model.Target, r *model.Remedy) model.Refusal {
	for i := range r.Changes {
		field := r.Changes[i].Field
		switch {
		case restartFree(field) || field == fieldUpgradeMode:
		case t.Kind == kindSessionJob && model.ClusterScoped(field):
			return saying("%s belongs to the JobManager of a session cluster, and spec.deploymentName of FlinkSessionJob %s names none", field, t.Name)
		case t.SessionCluster && !model.ClusterScoped(field):
			return saying("%s is the job's own and no FlinkSessionJob of session cluster %s runs this job: submit the job again with %s set to %s",
				field, t.Name, field, r.Changes[i].To)
		}
	}
	return model.Refusal{}
}

// sessionCluster lets a change of the session cluster pass only with the policy's leave: every job on it restarts.
func sessionCluster(v *view, r *model.Remedy) model.Refusal {
	if r.Cost != api.CostClusterRestart || v.p.Guards.ClusterChanges == api.ClusterChangesApply {
		return model.Refusal{}
	}
	return saying("%s, and the policy only recommends that: set guards.clusterChanges to Apply, or commit the patch yourself", v.clusterRestart(r))
}

// clusterRestart says what a change of the session cluster interrupts.
func (v *view) clusterRestart(r *model.Remedy) string {
	return fmt.Sprintf("a change of session cluster %s restarts %s", v.object(r).Name, jobsOf(v.s.Session.Running))
}

// wide says what a proposal restarts beyond the job; nothing where it does not lie on a session cluster.
func (v *view) wide(p *proposal) string {
	if !v.home(p.changes[0].Field).SessionCluster {
		return ""
	}
	return ", which restarts " + jobsOf(v.s.Session.Running)
}

func jobsOf(n int) string {
	if n == 0 {
		return "every job on it"
	}
	return "all its jobs, " + countOf(n, "running job")
}

// sessionJobs refuses a change of the session cluster while one of its jobs is not safe to restart, and says which.
func sessionJobs(v *view, r *model.Remedy) model.Refusal {
	if r.Cost != api.CostClusterRestart || v.standalone() != nil {
		return model.Refusal{} // the jobs of a standalone cluster are no objects: high availability brings all of them back
	}
	if !v.s.Session.Known {
		return saying("the FlinkSessionJobs of session cluster %s could not be listed, so whether its jobs may restart is not known", v.object(r).Name)
	}
	if job, why := v.s.Session.Unsafe(); job != nil {
		return saying("FlinkSessionJob %s of session cluster %s %s", job.Name, v.object(r).Name, why)
	}
	return model.Refusal{}
}

// onOneObject keeps those changes of a proposal that lie on the object of the first: a remedy is one request. The others become notes.
func (v *view) onOneObject(p proposal) proposal {
	if len(p.changes) == 0 {
		return p
	}
	object := v.home(p.changes[0].Field)
	kept := p.changes[:0:0]
	for _, c := range p.changes {
		if home := v.home(c.Field); home != object {
			p.notes = append(p.notes, fmt.Sprintf("%s: %s -> %s would go with it, on %s", c.Field, orElse(c.From, "not set"), c.To, home.Key()))
			continue
		}
		kept = append(kept, c)
	}
	p.changes = kept
	return p
}
