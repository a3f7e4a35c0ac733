package observe

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// readFacts makes sure of what one run of the job does not change: version, settings in force, configuration, graph. It asks only at
// first sight, after a restart, rarely while it fails, and the graph also when a task changed state.
func (p *pass) readFacts() {
	mark := jobMark{id: p.overview.ID, start: p.overview.StartTime, modified: p.overview.LastModification}
	before := p.memory.job
	if before.id != mark.id || before.start != mark.start {
		if before.id != "" {
			p.memory.forget()
		}
		p.memory.facts = clusterFacts{}
		p.restarted = true
	}
	p.readClusterFacts()
	changed := before.modified != mark.modified
	if changed || p.memory.topology.tried == (factTry{}) {
		p.memory.askRestarts = 2 // now, and when the fetch that this begins has come
	}
	switch {
	case changed || p.due(&p.memory.topology.tried):
		p.readTopology()
	case p.clockIsOld():
		p.readClock()
	}
	if before.id == "" {
		p.memory.askRestarts = 1
	}
	p.memory.job = mark
	p.useFacts()
}

// useFacts puts what is known of this run into the snapshot.
func (p *pass) useFacts() {
	p.snapshot.Job.FlinkVersion = p.memory.facts.version
	p.snapshot.Job.Type = p.memory.topology.jobType
	p.snapshot.Job.RunningSince = p.memory.topology.runningSince
	p.snapshot.Vertices = p.memory.topology.copyVertices()
	p.snapshot.Settings = p.settings()
	p.factGaps()
}

// factGaps names what of the facts could not be read.
func (p *pass) factGaps() {
	if p.memory.facts.config == nil {
		p.gapText(model.GapConfiguration, "cluster configuration", p.memory.facts.configTried.why)
	}
	if !p.memory.facts.hasInForce {
		p.gapText(model.GapConfiguration, "checkpoint settings in force", p.memory.facts.inForceTried.why)
	}
	if !p.memory.topology.known {
		p.gapText(model.GapVertices, "vertices", p.memory.topology.tried.why)
	}
}

// settingsMemory are the settings of one reading of the facts and one version of the target.
type settingsMemory struct {
	triedAt time.Time
	version string
	value   model.Settings
}

// settings puts the settings together, or takes those of the pass before where nothing changed.
func (p *pass) settings() model.Settings {
	known, version := &p.memory.settings, ""
	target := p.opts.Target
	if target != nil {
		target = &p.snapshot.Target // with what was found beside it
		version = target.UID + "/" + target.ResourceVersion
		for i := range target.Others {
			version += " " + target.Others[i].UID + "/" + target.Others[i].ResourceVersion
		}
	}
	if p.memory.facts.triedAt.IsZero() || !known.triedAt.Equal(p.memory.facts.triedAt) || known.version != version {
		*known = settingsMemory{triedAt: p.memory.facts.triedAt, version: version, value: settingsOf(&p.memory.facts, target)}
	}
	return known.value
}

// readClusterFacts asks version, checkpoint settings and configuration, each where it is due: one that fails makes nobody ask the others.
func (p *pass) readClusterFacts() {
	facts := &p.memory.facts
	if p.due(&facts.versionTried) {
		p.readVersion()
	}
	if p.due(&facts.inForceTried) {
		inForce, err := p.client.CheckpointConfig(p.ctx, p.overview.ID)
		if p.tried(&facts.inForceTried, err) {
			facts.inForce, facts.hasInForce = inForce, true
		}
	}
	if p.due(&facts.configTried) {
		config, err := p.client.JobManagerConfig(p.ctx)
		if p.tried(&facts.configTried, err) {
			facts.config = keepKnown(config)
		}
	}
}

// readVersion takes the version from the dashboard's configuration, or else from the overview.
func (p *pass) readVersion() {
	dashboard, err := p.client.DashboardConfig(p.ctx)
	version := dashboard.Version
	if err != nil {
		overview, second := p.client.Overview(p.ctx)
		version, err = overview.Version, second
	}
	if p.tried(&p.memory.facts.versionTried, err) {
		p.memory.facts.version = version
	}
}

func (p *pass) readTopology() {
	job, err := p.client.Job(p.ctx, p.overview.ID)
	if !p.tried(&p.memory.topology.tried, err) {
		return
	}
	tried := p.memory.topology.tried
	p.memory.topology = topologyOf(&job)
	p.memory.topology.tried = tried
	p.memory.clock.measure(&job, p.now)
	p.job = &job
}
