package diagnose

import (
	"sync"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Doctor diagnoses. It holds the compiled advisories and the data of stacks; it is safe for use by several goroutines.
type Doctor struct {
	advisories []compiled
	stacks     *stackData
}

// NewDoctor makes a Doctor with the built-in advisories. An error is a fault of the binary's own data.
func NewDoctor() (*Doctor, error) {
	d, _, err := NewDoctorWith()
	return d, err
}

// NewDoctorWith makes a Doctor with the built-in advisories and more of them, such as those of a ConfigMap. One with the id of an earlier one
// replaces it. An entry that is wrong is left out; the notes say so, and what was replaced. An error is a fault of the binary's own data.
func NewDoctorWith(more ...AdvisoryFile) (*Doctor, []AdvisoryNote, error) {
	advisories, notes, err := loadAdvisories(append([]AdvisoryFile{{Name: builtInFile, Data: advisoriesYAML}}, more...)...)
	if err != nil {
		return nil, nil, err
	}
	stacks, err := parseStackData(stacksYAML)
	if err != nil {
		return nil, nil, err
	}
	return &Doctor{advisories: advisories, stacks: stacks}, notes, nil
}

// Advisories is how many known issues are in use, and how many of them come with the binary.
func (d *Doctor) Advisories() (all, builtIn int) {
	for i := range d.advisories {
		builtIn += count(d.advisories[i].file == builtInFile)
	}
	return len(d.advisories), builtIn
}

// builtIn is the Doctor with nothing but what is in the binary. Its data are tested, so that it cannot fail.
var builtIn = sync.OnceValues(NewDoctor)

// Diagnose says what a snapshot means, with the built-in advisories.
func Diagnose(s *model.Snapshot, p *model.Policy, now time.Time) model.Diagnosis {
	d, err := builtIn()
	if err != nil {
		d = &Doctor{stacks: &stackData{}}
	}
	return d.Diagnose(s, p, now)
}

// Diagnose says what a snapshot means: health first, and causes only where the job is not healthy. now is on our clock; what Flink says is as old
// as the JobManager's tells.
func (d *Doctor) Diagnose(s *model.Snapshot, p *model.Policy, now time.Time) model.Diagnosis {
	now = s.JobManagerTime(now)
	q := &patient{s: s, p: p, now: now, w: countWindow(s, p, now)}
	if s.Availability.Judgeable() {
		q.g = measureGaps(s, &q.w)
	}
	out := model.Diagnosis{Counts: q.w.counts}
	out.Health, out.Reason, out.Message = judge(q)
	if out.Health != api.HealthUnhealthy && out.Health != api.HealthAtRisk {
		out.Facts = windowFacts(&q.w, q.g)
		out.Slowest = newestDetails(s)
		return out
	}
	f := newFeatures(q, out.Health == api.HealthUnhealthy, newClassifier(d.stacks))
	f.advisories, f.untold = matchAdvisories(d.advisories, f)
	out.Findings = diagnoseCauses(f)
	out.Slowest = slowestSubtask(f)
	out.Facts = f.facts
	for i := range f.advisories {
		out.Facts.Advisories = append(out.Facts.Advisories, f.advisories[i].AdvisoryMatch)
	}
	out.Facts.EndsByItself = endsByItself(f, out.Findings)
	return out
}

// endsByItself says whether the cause is known to pass: the stack shows a source in the full read of a table. A source that sleeps, waits for a
// lock or hangs in a query need not come back.
func endsByItself(f *features, findings []model.Finding) string {
	if len(findings) == 0 || findings[0].Cause != api.CauseSourceBlocked || findings[0].Score < likelyScore || !f.readsInFull() {
		return ""
	}
	return "a source that reads a table for the first time lets checkpoints through when the read ends"
}
