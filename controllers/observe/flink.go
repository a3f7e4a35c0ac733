package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// Options say what a pass looks for and how far it goes.
type Options struct {
	// Selector picks the job; the zero value picks the only one.
	Selector Selector
	// Target is the Kubernetes object, nil where no cluster was asked. It explains where settings come from and why a JobManager may
	// not answer.
	Target *model.Target
	// SessionJobs are the FlinkSessionJobs of the session cluster that is the target; nil for any other target.
	SessionJobs *SessionJobs
	// UID is that of the CheckpointHealth: by it its receipts are told from others'.
	UID string
	// Now is our clock; it must be set.
	Now func() time.Time
	// Deep reads everything in every pass, healthy or not: for the command line, where somebody waits for an answer.
	Deep bool
	// Replayed tells that the answers come from a recording: they carry their own times, and nothing new comes of asking again.
	Replayed bool
	// StackEvery is how long to wait between two looks at the stacks; 0 means three minutes. Replays take all there are.
	StackEvery time.Duration
	// Pause waits, or returns early where ctx ends; nil where the pass must not wait. The second of two dumps needs it: what is the same a few
	// seconds later is stuck, and in a single dump anybody may be caught at one of many elements.
	Pause func(ctx context.Context, d time.Duration)
	// Patience bounds the deep reads of one pass; 0 means 90 s. A JobManager short of CPU answers in 5 s, at worst in 37 s.
	Patience time.Duration
	// NoLogs leaves logs alone, as the policy says; a deep pass names the gap.
	NoLogs bool
	// PodLogs, if set, is where logs are read; nil means Flink's REST API.
	PodLogs *PodLogs
}

// errNoClock is a mistake of the caller's.
var errNoClock = errors.New("options of a pass have no clock, expected Now to be set")

const (
	defaultStackEvery = 3 * time.Minute
	defaultPatience   = 90 * time.Second
)

// Connection is a client of one REST API that takes the time of its requests. One pass at a time may use it.
type Connection struct {
	// Client asks.
	Client *flink.Client
	// OnReport, if set, hears of every request as well. It may be called from several goroutines.
	OnReport func(flink.Report)

	mu      sync.Mutex
	reports []flink.Report
}

// maxReports bounds the requests of one pass that are remembered.
const maxReports = 1000

// Connect makes a connection to the REST API at base, such as http://payments-rest.shop.svc:8081. A flink.WithReport among the options is
// overridden: set OnReport instead.
func Connect(base string, options ...flink.Option) (*Connection, error) {
	connection := &Connection{}
	client, err := flink.New(base, append(slices.Clone(options), flink.WithReport(connection.record))...)
	if err != nil {
		return nil, err
	}
	connection.Client = client
	return connection, nil
}

func (c *Connection) record(report flink.Report) {
	c.mu.Lock()
	if len(c.reports) < maxReports {
		c.reports = append(c.reports, report)
	}
	c.mu.Unlock()
	if c.OnReport != nil {
		c.OnReport(report)
	}
}

// smallRoutes are the answers that every pass asks for and that are small whatever the job: by them a JobManager is slow or not.
var smallRoutes = []string{"/jobs/overview", "/jobs/:jobid/checkpoints", "/jobmanager/metrics"}

// requestTimes sums up the requests since the last call.
func (c *Connection) requestTimes() model.RequestTimes {
	c.mu.Lock()
	defer c.mu.Unlock()
	times := model.RequestTimes{Count: len(c.reports)}
	took := make([]time.Duration, 0, len(c.reports))
	for i := range c.reports {
		r := &c.reports[i]
		if r.Status == 0 || r.Status >= 500 {
			times.Failed++
		}
		if !slices.Contains(smallRoutes, r.Template) {
			continue
		}
		took = append(took, r.Took)
		if r.Took > times.Max {
			times.Max, times.SlowestRoute = r.Took, r.Template
		}
	}
	if len(took) > 0 {
		slices.Sort(took)
		times.Median = took[len(took)/2]
	}
	c.reports = c.reports[:0]
	return times
}

// pass is one look at one job.
type pass struct {
	ctx      context.Context
	client   *flink.Client
	opts     *Options
	memory   *Memory
	snapshot *model.Snapshot
	now      time.Time

	overview flink.JobOverview
	// job is the answer of /jobs/:id, nil where this pass did not ask.
	job *flink.Job
	// asked is when the checkpoint statistics came, on our clock.
	asked time.Time
	// restarted tells that this run of the job is seen for the first time.
	restarted          bool
	jobManagerAnswered bool
	countersStale      bool
	// dumpedFirst is when this pass dumped stacks; zero if it did not.
	dumpedFirst time.Time
	// dumped are the TaskManagers of that dump.
	dumped []string
	// placed are the vertices that this pass read for the placement of their subtasks.
	placed []placedVertex
	// deadline ends the deep reads.
	deadline time.Time
}

// Flink looks at one job once. A healthy job costs three small GETs, and some more at first sight and after a restart. What is wrong with
// the answers is in the snapshot: Availability where there is nothing to judge, Gaps where something is missing. The error is the context's,
// or a mistake in the options.
func Flink(ctx context.Context, connection *Connection, opts Options, memory *Memory) (model.Snapshot, error) {
	if opts.Now == nil {
		return model.Snapshot{}, errNoClock
	}
	now := opts.Now()
	snapshot := model.Snapshot{At: now}
	p := &pass{ctx: ctx, client: connection.Client, opts: &opts, memory: memory, snapshot: &snapshot, now: now,
		deadline: now.Add(orDefault(opts.Patience, defaultPatience))}
	if opts.Target != nil {
		snapshot.Target = *opts.Target
		if standalone := opts.Target.Standalone; standalone != nil {
			snapshot.Gaps = standaloneGaps(standalone)
		}
	}
	connection.requestTimes() // whatever was asked between the passes is not this pass's
	memory.passes++
	p.look()
	snapshot.Requests = connection.requestTimes()
	snapshot.Past = memory.past()
	snapshot.Past.Passes--
	snapshot.Past.Downtime = measuredDowntime(snapshot.Target.Receipts)
	snapshot.Past.DownSince = memory.downSince(&snapshot, now)
	snapshot.Past.TasksDownSince = memory.tasksDown
	return snapshot, ctx.Err()
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// look reads what every pass reads, and decides on more.
func (p *pass) look() {
	if !p.findJob() {
		return
	}
	p.readFacts()
	answer, err := p.client.Checkpoints(p.ctx, p.overview.ID)
	if err != nil {
		p.snapshot.Availability = unavailable(err, p.upgraded(p.opts.Target))
		if p.snapshot.Availability.Reason == api.ReasonMalformedAnswer && errors.Is(err, flink.ErrNotFound) {
			p.snapshot.Availability = model.Availability{Reason: api.ReasonJobNotFound, Message: "the job is gone since it was listed"}
		}
		return
	}
	p.asked = answer.At
	p.memory.readings++
	p.useCheckpoints(&answer)
	p.useClock()
	measure := p.measuresRate()
	if measure && !p.restarted {
		p.snapshot.JobManager = p.memory.lastJobManager
		p.jobManagerAnswered = true
	} else {
		p.readJobManager()
	}
	p.sizeJobManager()
	p.chooseLogs()
	switch {
	case p.needsDepth():
		p.readDeep()
	case measure:
		p.readBaseline()
		fallthrough
	default:
		p.countRestarts()
		p.readLogsAfter()
	}
	p.finish()
}

// findJob asks which jobs there are and picks one.
func (p *pass) findJob() bool {
	held := p.held()
	job, availability := p.askForJob(held)
	id := ""
	if job != nil {
		id = job.ID
		p.overview = *job
		p.memory.started = moment(job.StartTime)
		p.snapshot.Job = model.Job{ID: job.ID, Name: cleanText(job.Name, maxMessage), State: job.State, StartTime: moment(job.StartTime),
			TasksTotal: job.Tasks.Total - job.Tasks.Finished, TasksRunning: job.Tasks.Running}
		p.snapshot.Job.TasksRunningSince = p.memory.tasksRunningSince(&p.snapshot.Job, p.now)
	}
	p.attachSessionJob(held, id)
	if at := p.atWorkOn(held); at != nil && !availability.Judgeable() && availability.Reason != api.ReasonUpgrading {
		availability = underway(at, availability.Message)
	}
	p.snapshot.Availability = availability
	return availability.Judgeable()
}

// askForJob lists the jobs and picks the one that is meant.
func (p *pass) askForJob(held *model.Target) (*flink.JobOverview, model.Availability) {
	if target := p.opts.Target; target != nil && target.Suspended {
		return nil, model.Availability{Reason: api.ReasonJobNotRunning, Message: suspendedText(target)}
	}
	jobs, err := p.jobs()
	if err != nil {
		return nil, unavailable(err, p.upgraded(p.opts.Target))
	}
	job, availability := p.pick(jobs, held)
	if job != nil && (p.snapshot.Target.SessionCluster || p.snapshot.Target.Kind == kindFlinkSessionJob) {
		p.countRunning(jobs)
	}
	return job, availability
}

// atWorkOn is what the Flink operator is upgrading: the target, or the FlinkSessionJob that a remedy is in flight on. Nil where it is none.
func (p *pass) atWorkOn(held *model.Target) *model.Target {
	switch target := p.opts.Target; {
	case p.upgraded(target) != nil && !target.Suspended:
		return target
	case held != nil && inFlight(held, p.opts.UID) && held.Upgrading() && !held.Suspended:
		return held
	}
	return nil
}

// pick finds the job: the one of a FlinkSessionJob is the one that its status names, whatever else runs on the cluster.
func (p *pass) pick(jobs []flink.JobOverview, held *model.Target) (*flink.JobOverview, model.Availability) {
	of := p.opts.Target
	if p.follows(held) {
		of = held
	}
	if of == nil || of.Kind != kindFlinkSessionJob {
		return pickJob(jobs, p.opts.Selector)
	}
	if of.JobID == "" {
		return nil, model.Availability{Reason: api.ReasonJobNotFound,
			Message: fmt.Sprintf("%s/%s was not submitted yet: its status names no job", of.Kind, of.Name)}
	}
	return pickJob(jobs, Selector{ID: of.JobID})
}

// countRunning notes what else runs on a session cluster.
func (p *pass) countRunning(jobs []flink.JobOverview) {
	for i := range jobs {
		if jobs[i].State == "RUNNING" {
			p.snapshot.Session.Running++
		}
	}
}

// useCheckpoints takes the history into the snapshot and recalls the details that were read before.
func (p *pass) useCheckpoints(answer *flink.Checkpoints) {
	ledger := ledgerOf(answer)
	if ledger.Counts.Total < p.memory.total {
		p.memory.forget() // counters restart with the JobManager
		p.restarted = true
	}
	p.memory.total = ledger.Counts.Total
	for i := range ledger.History {
		c := &ledger.History[i]
		if known := p.memory.recall(c.ID); known != nil && known.checkpoint.Trigger.Equal(c.Trigger) {
			c.Tasks = known.checkpoint.Tasks
		}
	}
	ledger.Earlier = p.memory.row.note(ledger.History)
	p.snapshot.Checkpoints = ledger
	facts := &p.memory.facts
	if facts.hasInForce && !facts.inForce.Periodic() && len(ledger.History) == 0 {
		p.snapshot.Availability = model.Availability{Reason: api.ReasonCheckpointingDisabled,
			Message: "the job takes no periodic checkpoints; set execution.checkpointing.interval"}
	}
}

// finish puts what is remembered into the snapshot.
func (p *pass) finish() {
	ledger := &p.snapshot.Checkpoints
	p.memory.last = *ledger
	p.memory.loadBefore = p.memory.lastJobManager.CPULoad
	p.memory.lastJobManager = p.snapshot.JobManager
	p.keepFirstExpiry()
	ledger.Detailed = p.memory.detailed
	if timeout := p.snapshot.Settings.Timeout; timeout.Known && !mayBear(p.snapshot) {
		p.memory.learnFromQuick(ledger, timeout.Value)
	}
	p.snapshot.Stacks = slices.Clone(p.memory.stacks)
	p.snapshot.Logs = slices.Clone(p.memory.logs)
	p.compareClocks()
	if p.countersStale && p.snapshot.Deep {
		p.gapText(model.GapCounters, "JobManager CPU and collections between passes", "two different samples of its counters are needed")
	}
	if !p.jobManagerAnswered && !p.snapshot.Missing(model.GapJobManagerMetrics) {
		p.gapText(model.GapJobManagerMetrics, "JobManager metrics", "the answer is empty; Flink fetches them once somebody asks")
	}
}

func (p *pass) metricsInterval() time.Duration {
	l := lookups{cluster: p.memory.facts.config}
	setting := configured(l, keysMetricsInterval, model.ParseDuration, defaultMetrics, true)
	if !setting.Known || setting.Value <= 0 {
		return defaultMetrics
	}
	return setting.Value
}

// outOfTime tells that the deep reads took long enough, or that nobody waits any more.
func (p *pass) outOfTime() bool {
	return p.ctx.Err() != nil || p.opts.Now().After(p.deadline)
}

// gap names what an error kept from us.
func (p *pass) gap(kind model.GapKind, signal string, err error) {
	p.gapText(kind, signal, err.Error())
}

// maxGapsOfAKind bounds the gaps of a snapshot that are of one kind: that something of the kind was not read is what counts, and a job of very many
// vertices that fail to answer hides no other kind.
const maxGapsOfAKind = 16

// addGap adds a gap that is not there yet.
func addGap(gaps []model.Gap, gap model.Gap) []model.Gap {
	kind := 0
	for i := range gaps {
		if gaps[i] == gap {
			return gaps
		}
		if gaps[i].Kind == gap.Kind {
			kind++
		}
	}
	if kind >= maxGapsOfAKind {
		return gaps
	}
	return append(gaps, gap)
}

func (p *pass) gapText(kind model.GapKind, signal, why string) {
	gap := model.Gap{Kind: kind, Signal: cleanText(signal, maxName), Why: quotedText(why, maxMessage)}
	p.snapshot.Gaps = addGap(p.snapshot.Gaps, gap)
}
