package observe

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// Selector picks one job of a cluster; the zero value picks the only one. Name and ID exclude each other.
type Selector struct {
	Name, ID string
	// IDPrefix is how the id may begin instead, at least LeastID hexadecimal digits: people cut ids. Only a person at the command line is given so much.
	IDPrefix string
}

// LeastID is how many digits of a job's id must be given: of 16^6 beginnings a cluster of a thousand jobs has two alike once in some 30 clusters, and
// then it is said.
const LeastID = 6

// wholeID is how many digits a job's id has: a Java AbstractID's 16 bytes.
const wholeID = 32

func (s Selector) String() string {
	if s.ID != "" {
		return "id " + s.ID
	}
	if s.IDPrefix != "" {
		return fmt.Sprintf("name or beginning of an id %q", s.Name)
	}
	return fmt.Sprintf("name %q", s.Name)
}

func (s Selector) empty() bool { return s.Name == "" && s.ID == "" && s.IDPrefix == "" }

func (s Selector) matches(job *flink.JobOverview) bool {
	return s.empty() || s.ID != "" && job.ID == s.ID || s.Name != "" && job.Name == s.Name || s.means(job.ID)
}

// means tells whether the id begins as the selector says.
func (s Selector) means(id string) bool {
	return len(s.IDPrefix) >= LeastID && strings.HasPrefix(id, s.IDPrefix)
}

// Meant tells whether a job that was found is the one that the selector picks.
func (s Selector) Meant(job *model.Job) bool {
	return s.empty() || s.ID == job.ID && s.ID != "" || cutOf(job.ID, s.ID) || s.Name == job.Name && s.Name != "" || s.means(job.ID)
}

// jobMark tells one run of a job from the next: the id may stay over a restart of the JobManager, the start time does not.
type jobMark struct {
	id       string
	start    int64
	modified int64
}

// terminal are the states from which a job does not come back (JobStatus, Flink 1.15 to 2.3).
var terminal = []string{"FINISHED", "CANCELED", "FAILED", "SUSPENDED"}

// starting are the states before a job first runs.
var starting = []string{"INITIALIZING", "CREATED", "RECONCILING"}

// pickJob finds the job to judge. RUNNING, RESTARTING and FAILING jobs are judged: a job that restarts has a history that says why.
func pickJob(jobs []flink.JobOverview, selector Selector) (*flink.JobOverview, model.Availability) {
	var alive, ended []*flink.JobOverview
	for i := range jobs {
		job := &jobs[i]
		switch {
		case !selector.matches(job):
		case slices.Contains(terminal, job.State):
			ended = append(ended, job)
		default:
			alive = append(alive, job)
		}
	}
	switch {
	case len(alive) == 1:
		return alive[0], startable(alive[0])
	case len(alive) > 1:
		return nil, model.Availability{Reason: api.ReasonJobAmbiguous, Message: ambiguous(alive, selector)}
	case len(ended) > 0:
		return newest(ended), model.Availability{Reason: api.ReasonJobNotRunning, Message: endedMessage(newest(ended))}
	}
	return nil, model.Availability{Reason: api.ReasonJobNotFound, Message: notFound(jobs, selector)}
}

func startable(job *flink.JobOverview) model.Availability {
	if !slices.Contains(starting, job.State) {
		return model.Availability{}
	}
	return model.Availability{Reason: api.ReasonJobNotRunning,
		Message: fmt.Sprintf("job %q is %s; it takes checkpoints once it is RUNNING", cleanText(job.Name, 80), job.State)}
}

func newest(jobs []*flink.JobOverview) *flink.JobOverview {
	return slices.MaxFunc(jobs, func(a, b *flink.JobOverview) int { return int(a.StartTime - b.StartTime) })
}

func endedMessage(job *flink.JobOverview) string {
	text := fmt.Sprintf("job %q is %s", cleanText(job.Name, 80), job.State)
	if end := moment(job.EndTime); !end.IsZero() {
		text += " since " + end.Format(time.RFC3339)
	}
	return text + "; it takes no checkpoints"
}

func ambiguous(jobs []*flink.JobOverview, selector Selector) string {
	if selector.empty() {
		return fmt.Sprintf("the cluster runs %d jobs: %s; set spec.jobSelector to the name or id of one (--job on the command line)",
			len(jobs), listJobs(jobs))
	}
	return fmt.Sprintf("%d jobs match %s: %s; select one by id", len(jobs), selector, listJobs(jobs))
}

func notFound(jobs []flink.JobOverview, selector Selector) string {
	if len(jobs) == 0 {
		return "the cluster runs no job"
	}
	all := make([]*flink.JobOverview, len(jobs))
	for i := range jobs {
		all[i] = &jobs[i]
	}
	return fmt.Sprintf("no job matches %s; the cluster knows %s", selector, listJobs(all))
}

// listJobs names at most five jobs.
func listJobs(jobs []*flink.JobOverview) string {
	const most = 5
	var names []string
	for i, job := range jobs {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(jobs)-most))
			break
		}
		names = append(names, fmt.Sprintf("%q (%s)", cleanText(job.Name, 60), job.ID))
	}
	return strings.Join(names, ", ")
}

// unavailable says why an answer that everything else needs did not come; target is what the Flink operator is at work on, nil where it is not.
func unavailable(err error, target *model.Target) model.Availability {
	message := quotedText(err.Error(), maxMessage)
	switch {
	case errors.Is(err, flink.ErrCheckpointingNotEnabled):
		return model.Availability{Reason: api.ReasonCheckpointingDisabled,
			Message: "the job has no checkpointing; set execution.checkpointing.interval"}
	case target != nil:
		return underway(target, "the JobManager does not answer yet")
	case errors.Is(err, flink.ErrMalformed), errors.Is(err, flink.ErrTooLarge), errors.Is(err, flink.ErrNotFound):
		return model.Availability{Reason: api.ReasonMalformedAnswer, Message: message}
	}
	return model.Availability{Reason: api.ReasonJobManagerUnreachable, Message: message}
}

// underway says that the Flink operator is at work on an object, and what of the job is seen meanwhile. A first deployment that does not come up is told
// from one that is on its way.
func underway(at *model.Target, seen string) model.Availability {
	if at.NeverCame() {
		return model.Availability{Reason: api.ReasonJobNotRunning, Message: fmt.Sprintf("%s/%s was deployed for the first time and does not come up: %s", at.Kind, at.Name, at.Error)}
	}
	doing := "is being upgraded"
	if at.NeverRan {
		doing = "is being deployed for the first time"
	}
	return model.Availability{Reason: api.ReasonUpgrading, Message: fmt.Sprintf("%s/%s %s (%s); %s", at.Kind, at.Name, doing, upgradeState(at), seen)}
}

// suspendedText says by what a target is suspended.
func suspendedText(target *model.Target) string {
	if target.Standalone != nil {
		return fmt.Sprintf("%s/%s has spec.replicas 0", target.Kind, target.Name)
	}
	return fmt.Sprintf("%s/%s is suspended (spec.job.state)", target.Kind, target.Name)
}

func upgradeState(target *model.Target) string {
	if target.Lifecycle != "" {
		return "lifecycle state " + target.Lifecycle
	}
	if target.Standalone != nil && target.Standalone.Rolling != "" {
		return target.Standalone.Rolling
	}
	return fmt.Sprintf("generation %d, observed %d", target.Generation, target.ObservedGeneration)
}

// jobs asks which jobs there are.
func (p *pass) jobs() ([]flink.JobOverview, error) {
	jobs, err := p.client.Jobs(p.ctx)
	if id := p.opts.Selector.ID; p.opts.Replayed && id != "" && errors.Is(err, flink.ErrNotFound) {
		return p.jobFromItsPages(id), nil
	}
	return jobs, err
}

// jobFromItsPages makes up the list of jobs where a recording has none: a browser on the pages of one job asks for that job alone.
func (p *pass) jobFromItsPages(id string) []flink.JobOverview {
	const signal = "list of jobs"
	overview := flink.JobOverview{ID: id, State: "RUNNING", EndTime: -1}
	job, err := p.client.Job(p.ctx, id)
	if err != nil {
		p.gapText(model.GapVertices, signal, "neither it nor the job itself was recorded; it is taken to be running")
		return []flink.JobOverview{overview}
	}
	p.gapText(model.GapVertices, signal, "it was not recorded; the job's own answer stands in for it")
	overview.Name, overview.State, overview.StartTime, overview.EndTime, overview.Duration = job.Name, job.State, job.StartTime, job.EndTime, job.Duration
	for _, at := range job.Timestamps {
		overview.LastModification = max(overview.LastModification, at)
	}
	for i := range job.Vertices {
		tasks := job.Vertices[i].Tasks
		overview.Tasks.Total += job.Vertices[i].Parallelism
		overview.Tasks.Running += tasks["RUNNING"]
		overview.Tasks.Finished += tasks["FINISHED"]
	}
	return []flink.JobOverview{overview}
}
