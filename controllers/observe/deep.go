package observe

import "checkpointhealth.dev/operator/controllers/model"

// readDeep reads what tells why: in the order of what it decides, as a slow JobManager may not leave time for all of it.
func (p *pass) readDeep() {
	p.snapshot.Deep = true
	p.readDetails()
	if p.memory.topology.known {
		p.readPlacement()
	}
	p.readStacks()
	p.readPressure()
	p.readWork()
	p.readExceptions() // before the TaskManagers: those on which tasks fail are suspects
	p.readTaskManagers()
	p.readLibraries()
	p.readRestarts()
	if p.opts.NoLogs {
		p.gapText(model.GapLogs, "logs", "the policy turns them off")
	} else {
		p.readLogs()
	}
	p.keepVersions()
	p.dumpAgain()
	p.askJobManagerAgain()
}

// askJobManagerAgain takes the values that the first request of this pass made Flink fetch; the first answer was a pass old.
func (p *pass) askJobManagerAgain() {
	latest := p.memory.fetches.latest
	if p.opts.Replayed || latest.IsZero() || p.opts.Now().Sub(latest) < fetchTakes || p.outOfTime() {
		return
	}
	answer, err := p.client.JobManagerMetrics(p.ctx, p.memory.jobManager.ask()...)
	if err != nil {
		return // the first answer stands, or its gap
	}
	p.useJobManager(&answer)
}
