package observe

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// factsAge is how long what a run does not change is trusted: a JobManager that was replaced without our noticing is noticed then.
const factsAge = 6 * time.Hour

// readFacts makes sure of what one run of the job does not change: version, settings in force, configuration, graph. It asks only at
// first sight, after a restart, and the graph also when a task changed state.
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
	if p.memory.facts.readAt.IsZero() || p.now.Sub(p.memory.facts.readAt) > factsAge {
		p.readClusterFacts()
	}
	if !p.memory.topology.known || before.modified != mark.modified {
		p.readTopology()
		p.memory.askRestarts = 2 // now, and when the fetch that this begins has come
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
		p.gapText(model.GapConfiguration, "cluster configuration", "/jobmanager/config could not be read")
	}
	if !p.memory.facts.hasInForce {
		p.gapText(model.GapConfiguration, "checkpoint settings in force", "/jobs/:jobid/checkpoints/config could not be read")
	}
	if !p.memory.topology.known {
		p.gapText(model.GapVertices, "vertices", "/jobs/:jobid could not be read")
	}
}

// settingsMemory are the settings of one reading of the facts and one version of the target.
type settingsMemory struct {
	readAt  time.Time
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
	if p.memory.facts.readAt.IsZero() || !known.readAt.Equal(p.memory.facts.readAt) || known.version != version {
		*known = settingsMemory{readAt: p.memory.facts.readAt, version: version, value: settingsOf(&p.memory.facts, target)}
	}
	return known.value
}

// readClusterFacts asks version, checkpoint settings and configuration. Whatever fails is asked again in the next pass.
func (p *pass) readClusterFacts() {
	facts := &p.memory.facts
	whole := true
	if dashboard, err := p.client.DashboardConfig(p.ctx); err == nil {
		facts.version = dashboard.Version
	} else if overview, err := p.client.Overview(p.ctx); err == nil {
		facts.version = overview.Version
	} else {
		whole = false
	}
	if inForce, err := p.client.CheckpointConfig(p.ctx, p.overview.ID); err == nil {
		facts.inForce, facts.hasInForce = inForce, true
	} else {
		whole = false
	}
	if config, err := p.client.JobManagerConfig(p.ctx); err == nil {
		facts.config = keepKnown(config)
	} else {
		whole = false
	}
	if whole || p.opts.Replayed {
		facts.readAt = p.now
	}
}

func (p *pass) readTopology() {
	job, err := p.client.Job(p.ctx, p.overview.ID)
	if err != nil {
		return
	}
	p.memory.topology = topologyOf(&job)
	if job.Now > 0 && !p.opts.Replayed {
		// Half of the round trip is a good guess of how old its clock is when we read ours.
		p.memory.clock = moment(job.Now).Sub(job.At.Add(-job.Took / 2))
	}
}
