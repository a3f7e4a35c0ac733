package report

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Status is what a pass says of an object: a pure function of the object (its spec, generation and previous status) and the pass. Every
// text is bounded to what the schema takes. Whether it is worth a write is Merge's to say.
func Status(obj *api.CheckpointHealth, pass *model.Pass) api.CheckpointHealthStatus {
	prev := &obj.Status
	health := pass.Diagnosis.Health
	if health == "" {
		health = api.HealthUnknown
	}
	snap := pass.Snapshot
	if snap == nil {
		snap = &model.Snapshot{}
	}
	history := receipts(pass)
	out := api.CheckpointHealthStatus{
		ObservedGeneration: obj.Generation,
		Target:             target(obj),
		Health:             health,
		UnhealthySince:     unhealthySince(prev, pass),
		Mode:               modeInForce(obj, allowed(pass)),
		Job:                jobStatus(&snap.Job),
		Remediations:       remediations(history),
	}
	out.LastRemedy, out.LastOutcome = newest(history)
	if unreadable(pass) {
		out.Remediations, out.LastRemedy, out.LastOutcome = prev.Remediations, prev.LastRemedy, prev.LastOutcome
	}
	if out.Job == (api.JobStatus{}) {
		out.Job = keptJob(prev.Job)
	}
	if snap.Availability.Judgeable() && health != api.HealthUnknown {
		out.Checkpoints = checkpointsStatus(pass)
		out.Settings = settingsStatus(&snap.Settings)
	}
	if sickHealth(health) {
		out.Cause = topCause(pass)
		out.SlowestSubtask = phasesStatus(&pass.Diagnosis.Slowest)
		out.Diagnoses = diagnoses(pass.Diagnosis.Findings)
	}
	out.Baseline = baselineStatus(&prev.Baseline, &snap.Past, pass.Now)
	out.NetworkProbe = networkStatus(prev, pass)
	out.Recommendation = recommendation(pass)
	out.Assessment = Assessment(pass, spellBegan(&out), describeColumns)
	if health != api.HealthHealthy {
		out.Assessment = withStamp(out.Assessment, pass.Now)
	}
	out.Conditions = conditions(obj, pass, &out)
	out.Assessment = withAnnotations(obj, out.Assessment, toApprove(&pass.Decision))
	return out
}

// stampPrefix begins the last line of an assessment whose figures move.
const stampPrefix = "As of "

// withStamp ends an assessment with the time its figures are of. They are renewed when something changes, else every quarter of an hour.
func withStamp(lines []string, now time.Time) []string {
	keep := min(len(lines), api.MaxAssessmentLines-1)
	return append(lines[:keep:keep], stampPrefix+now.UTC().Format("2 Jan 2006 15:04 UTC")+".")
}

func target(obj *api.CheckpointHealth) string {
	return clean(obj.Spec.TargetRef.Kind+"/"+obj.Spec.TargetRef.Name, 320)
}

func sickHealth(h api.Health) bool { return h == api.HealthUnhealthy || h == api.HealthAtRisk }

// unhealthySince is when the present spell began. A spell ends with Healthy; neither AtRisk nor Unknown ends one. What status remembers
// outlives a restart of the manager, so it goes first.
func unhealthySince(prev *api.CheckpointHealthStatus, pass *model.Pass) *metav1.Time {
	switch {
	case pass.Diagnosis.Health == api.HealthHealthy:
		return nil
	case prev.UnhealthySince != nil:
		return prev.UnhealthySince
	case pass.Diagnosis.Health != api.HealthUnhealthy:
		return nil
	}
	if known := spell(pass); !known.IsZero() {
		return moment(known)
	}
	return moment(pass.Now)
}

func spellBegan(s *api.CheckpointHealthStatus) time.Time {
	if s.UnhealthySince == nil || s.Health != api.HealthUnhealthy {
		return time.Time{}
	}
	return s.UnhealthySince.Time
}

// newest is the list view's words for the newest remedy.
func newest(history []model.Receipt) (string, api.Outcome) {
	if len(history) == 0 {
		return "", ""
	}
	return listText(&history[0]), history[0].Outcome
}

// keptJob is the job that was seen last, without the state it is no longer known to be in.
func keptJob(j api.JobStatus) api.JobStatus {
	if j != (api.JobStatus{}) {
		j.State = "UNKNOWN"
	}
	return j
}
