package flinksim

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"strings"
	"sync"
	"time"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

// Settings are what a deployment gives to Flink.
type Settings struct {
	Config map[string]string // flat flinkConfiguration
	CPU    float64           // cores of the JobManager
	Memory int64             // bytes of the JobManager's process
}

// Startup is how long each step of a start takes. REST refuses connections while the job is stopped, then answers 503, then
// {"jobs":[]}, then calls the job RUNNING before any task runs.
type Startup struct {
	Unavailable time.Duration // 503
	NoJobs      time.Duration // {"jobs":[]}
	TasksDeploy time.Duration // RUNNING, and no task runs
}

// QuickStartup is a start of 3.5 s; a real one takes one to two minutes with the same steps.
func QuickStartup() Startup {
	return Startup{Unavailable: 700 * time.Millisecond, NoJobs: 400 * time.Millisecond, TasksDeploy: 2400 * time.Millisecond}
}

// phase is what the JobManager's REST endpoint does.
type phase int

const (
	refusing phase = iota
	unavailable
	withoutJobs
	serving
)

// Job is one simulated application cluster: a JobManager with one job.
type Job struct {
	Namespace, Name string

	spec    Case
	clock   Clock
	startup Startup

	mu          sync.Mutex
	settings    Settings
	engine      *engine.Engine // nil until deployed
	id          string
	incarnation uint64 // grows with every start without state
	starts      uint64
	born        float64 // first start, 0 before
	deployed    float64 // this start, 0 while stopped
	lastDone    *engine.Checkpoint
	nextID      int64
	metrics     fetcher
	cache       map[string]cached
	ofCluster   map[string]string // the JobManager's configuration on a session cluster; nil for a cluster of one job
}

// NewJob makes a job of a case; it refuses connections until it is deployed.
func NewJob(namespace, name string, c Case, clock Clock, startup Startup) *Job {
	return &Job{Namespace: namespace, Name: name, spec: c, clock: clock, startup: startup, cache: map[string]cached{}}
}

// Deploy starts the job with settings. With restore it goes on under the same id from the last completed checkpoint, as high
// availability and upgradeMode last-state have it; without, it begins anew under a new id.
func (j *Job) Deploy(s Settings, restore bool) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := millis(j.clock.Now())
	j.advance(now)
	return j.deploy(now, s, restore)
}

// resubmit starts the job under a new id, as on a session cluster; with restore from its last completed checkpoint.
func (j *Job) resubmit(s Settings, restore bool) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := millis(j.clock.Now())
	j.advance(now)
	if restore {
		j.incarnation++
	}
	return j.deploy(now, s, restore)
}

// asOf tells which configuration the JobManager of the session cluster started with.
func (j *Job) asOf(cluster map[string]string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ofCluster = maps.Clone(cluster)
}

// deploy starts the job at a moment; the caller holds the lock.
func (j *Job) deploy(now float64, s Settings, restore bool) error {
	read, err := engine.ReadSettings(j.spec.Version, s.Config, s.CPU, s.Memory)
	if err != nil {
		return fmt.Errorf("job %s/%s: %w", j.Namespace, j.Name, err)
	}
	j.keepState()
	if !restore {
		j.lastDone, j.nextID = nil, 0
		j.incarnation++
	}
	if j.born == 0 {
		j.born = now
	}
	j.starts++
	j.settings = Settings{Config: maps.Clone(s.Config), CPU: s.CPU, Memory: s.Memory}
	j.id = engine.HexID(j.seed(), j.incarnation)
	j.deployed = now
	start := now + ms(j.startup.Unavailable+j.startup.NoJobs)
	j.engine = engine.New(engine.Options{
		Seed: j.seed() + j.starts, Topology: engine.NewTopology(j.spec.Seed, append([]engine.Vertex(nil), j.spec.Vertices...)...),
		TaskManagers: j.spec.TaskManagers, Settings: read, Conditions: j.spec.Conditions, Born: j.born, Start: start,
		TasksRun: start + ms(j.startup.TasksDeploy), NextID: j.nextID, Restored: j.restored(start),
	})
	j.metrics = fetcher{}
	clear(j.cache)
	return nil
}

// DeployedFor starts the job as if it had been deployed a while ago, so that its history is full at once.
func (j *Job) DeployedFor(age time.Duration, s Settings) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.deploy(millis(j.clock.Now().Add(-age)), s, true)
}

// InitialSettings are the settings that the case starts with.
func (j *Job) InitialSettings() (Settings, error) {
	memory, err := engine.ParseMemory(j.spec.Memory)
	return Settings{Config: maps.Clone(j.spec.Config), CPU: j.spec.CPU, Memory: memory}, err
}

// Stop ends the JobManager; its last completed checkpoint is kept.
func (j *Job) Stop() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.advance(millis(j.clock.Now()))
	j.keepState()
	j.deployed = 0
}

// ErrNotRunning is that a stopped job was asked for what only a running one can do.
var ErrNotRunning = errors.New("the job is not running")

// StopWithSavepoint stops the job with a savepoint. Where checkpoints expire the savepoint does too: the job stays, and its
// tasks restart from the last completed checkpoint.
func (j *Job) StopWithSavepoint() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := millis(j.clock.Now())
	j.advance(now)
	if j.phaseAt(now) != serving {
		return ErrNotRunning
	}
	if err := j.engine.StopWithSavepoint(); err != nil {
		return err
	}
	j.keepState()
	j.deployed = 0
	return nil
}

// Answers tells whether the REST endpoint answers and lists the job.
func (j *Job) Answers() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.phaseAt(millis(j.clock.Now())) == serving
}

// ID is Flink's id of the job, empty before the first deployment.
func (j *Job) ID() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.id
}

// Case is the case that the job was made of.
func (j *Job) Case() Case { return j.spec }

// Recent lists the status of the checkpoints that ended last, newest first, and how many there have been since the last start.
// It is for programs that watch the simulation, not for the doctor.
func (j *Job) Recent() (statuses []engine.Status, ended int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.advance(millis(j.clock.Now()))
	if j.engine == nil {
		return nil, 0
	}
	for _, c := range j.engine.History() {
		if c.Status != engine.InProgress {
			statuses = append(statuses, c.Status)
		}
	}
	return statuses, j.engine.Counts.Completed + j.engine.Counts.Failed
}

func (j *Job) keepState() {
	if j.engine == nil {
		return
	}
	if j.engine.LatestDone != nil {
		j.lastDone = j.engine.LatestDone
	}
	j.nextID = j.engine.NextID()
}

func (j *Job) restored(at float64) *engine.Restored {
	if j.lastDone == nil {
		return nil
	}
	return &engine.Restored{ID: j.lastDone.ID, Time: at, Path: j.path(j.lastDone.ID)}
}

func (j *Job) path(checkpoint int64) string {
	base := j.settings.Config["execution.checkpointing.dir"]
	if base == "" {
		base = j.settings.Config["state.checkpoints.dir"]
	}
	return fmt.Sprintf("%s/%s/chk-%d", strings.TrimRight(base, "/"), j.id, checkpoint)
}

func (j *Job) seed() uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(j.Namespace + "/" + j.Name)) // a hash never fails to write
	return h.Sum64() ^ j.spec.Seed
}

func (j *Job) advance(now float64) {
	if j.deployed != 0 {
		j.engine.Advance(now)
	}
}

func (j *Job) phaseAt(now float64) phase {
	since := now - j.deployed
	switch {
	case j.deployed == 0 || since < 0:
		return refusing
	case since < ms(j.startup.Unavailable):
		return unavailable
	case since < ms(j.startup.Unavailable+j.startup.NoJobs):
		return withoutJobs
	}
	return serving
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
