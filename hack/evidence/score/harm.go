package score

import (
	"fmt"
	"slices"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// alarm tells that a pass calls the job Unhealthy or a cause likely.
func alarm(p *model.Pass) bool {
	top := p.Diagnosis.Top()
	return p.Diagnosis.Health == api.HealthUnhealthy || top != nil && likely(top.Verdict)
}

// harm says why what any pass recommended would have done harm; empty where none would:
//
//   - the remedy was tried and the job got worse with it;
//   - a job that nothing ails would have been restarted: recommended in the last pass, or in one whose history holds no failed checkpoint. (One that
//     did expire long ago was an illness then.)
//   - a longer timeout was recommended although checkpoints had expired and in the whole recording no acknowledgement ever came late, nor did
//     an upload move: then hours would not suffice, and checkpoints fail later. A longer timeout that was tried and cured is none.
func harm(t *trial.Trial, passes []*model.Pass) string {
	for _, m := range t.Remedies() {
		if m.Judged == api.OutcomeHarmful {
			return fmt.Sprintf("%s was tried and the job got worse", m.Lever)
		}
	}
	late := cameLate(passes)
	for i, p := range passes {
		if why := harmOf(t, p, late, i == len(passes)-1); why != "" {
			return why
		}
	}
	return ""
}

// harmOf is what one pass recommended; late tells that acknowledgements came late, last that it is the last pass.
func harmOf(t *trial.Trial, p *model.Pass, late, last bool) string {
	remedy, counts := p.Decision.Remedy, &p.Diagnosis.Counts
	if remedy == nil || p.Decision.Debt != "" {
		return ""
	}
	if t.Healthy() {
		if last || counts.Expired+counts.Failed == 0 {
			return fmt.Sprintf("%s was recommended for a healthy job", remedy.Lever)
		}
		return ""
	}
	if counts.Expired > 0 && !late && longerTimeout(remedy) && !curedBy(t, api.LeverCheckpointTimeout) {
		return "a longer timeout was recommended although no acknowledgement ever came late"
	}
	return ""
}

func curedBy(t *trial.Trial, lever api.Lever) bool {
	return slices.ContainsFunc(t.Remedies(), func(m *trial.Remedy) bool { return m.Lever == lever && m.Cured() })
}

func longerTimeout(remedy *model.Remedy) bool {
	for i := range remedy.Changes {
		if remedy.Changes[i].Lever == api.LeverCheckpointTimeout {
			return true
		}
	}
	return false
}

// cameLate tells whether a subtask acknowledged after the expiry of a checkpoint in any pass, or an upload moved that was cut off by it.
func cameLate(passes []*model.Pass) bool {
	for _, p := range passes {
		if p.Diagnosis.Facts.UploadMoves || len(p.Diagnosis.Facts.LateAcks) > 0 {
			return true
		}
		for i := range p.Snapshot.Checkpoints.History {
			if lateAck(&p.Snapshot.Checkpoints.History[i]) {
				return true
			}
		}
	}
	return false
}

func lateAck(c *model.Checkpoint) bool {
	if !c.Expired() {
		return false
	}
	for i := range c.Tasks {
		for j := range c.Tasks[i].Entries {
			if c.Tasks[i].Entries[j].Late {
				return true
			}
		}
	}
	return false
}
