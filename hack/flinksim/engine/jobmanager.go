package engine

// Work is what a thread of the JobManager did or will do, for thread dumps.
type Work uint8

// What an io thread may be doing.
const (
	Idle Work = iota
	Triggering
	Acknowledging
	WritingMetadata
	DiscardingCompleted
	DiscardingPending
	DiscardingShared
)

// span is a stretch of time that a thread spends on one piece of work.
type span struct {
	from, to float64
	work     Work
}

// ioPool is a fixed thread pool, "jobmanager-io" or "cluster-io": first come, first served.
type ioPool struct {
	free  []float64 // when each thread has nothing left to do
	spans [][]span  // its work, for thread dumps; old spans are dropped
	cpu   float64   // when the cores have nothing left to do
}

func newIOPool(threads int, now float64) ioPool {
	p := ioPool{free: make([]float64, threads), spans: make([][]span, threads)}
	for i := range p.free {
		p.free[i] = now
	}
	return p
}

// run gives a piece of work to the thread that is free first and returns when it ends. Work must be given in time order.
func (p *ioPool) run(now, takes float64, work Work) float64 {
	return p.compute(now, takes, 0, work)
}

// compute is run for work that needs the CPU: all threads together get no more of it than there is. share is how long the
// work would take if it had all the cores to itself.
func (p *ioPool) compute(now, takes, share float64, work Work) float64 {
	thread := 0
	for i, free := range p.free {
		if free < p.free[thread] {
			thread = i
		}
	}
	from := max(now, p.free[thread])
	ends := from + takes
	if share > 0 {
		p.cpu = max(p.cpu, from) + share
		ends = max(ends, p.cpu)
	}
	p.free[thread] = ends
	kept := p.spans[thread]
	for len(kept) > 0 && kept[0].to < now {
		kept = kept[1:]
	}
	p.spans[thread] = append(kept, span{from: from, to: ends, work: work})
	return ends
}

// doing tells what a thread does at a moment that is not before the last run.
func (p *ioPool) doing(thread int, at float64) Work {
	for _, s := range p.spans[thread] {
		if s.from <= at && at < s.to {
			return s.work
		}
	}
	return Idle
}

// minSpeed is the share of a core that a starved JobManager's own threads still get.
const minSpeed = 0.02

// Speed is how fast a thread of the JobManager works: the cores its other load leaves it, at most one, times the share of
// time that garbage collection leaves.
func (e *Engine) Speed(p *Physics) float64 { return min(e.cores(p), 1-e.GCShare(p)) }

// cores is what all threads together get.
func (e *Engine) cores(p *Physics) float64 {
	return max(minSpeed, e.Settings.CPU-p.Load) * (1 - e.GCShare(p))
}

// compute runs work that costs CPU time (in ms) in the io pool.
func (e *Engine) compute(at, cost float64, p *Physics, work Work) float64 {
	return e.pool.compute(at, cost/e.Speed(p), cost/e.cores(p), work)
}

// GCShare is the share of time that the JobManager's collector stops it. The collector's work is proportional to the live
// set and its frequency inversely to the room that is left, so the share rises with a power of live set over room:
// a quarter full 0.1 %, half full 1 %, three quarters full 7 %, 94 % full 95 %.
func (e *Engine) GCShare(p *Physics) float64 {
	room := float64(e.Settings.Heap - p.LiveSet)
	if room <= 0 {
		return 0.95
	}
	fullness := float64(p.LiveSet) / room
	return min(0.95, 0.012*fullness*fullness)
}

// CPUUse is the cores that the JobManager uses: its load, its collector, and no more than its limit.
func (e *Engine) CPUUse(p *Physics) float64 {
	return min(e.Settings.CPU*0.985, p.Load+e.GCShare(p)+0.01)
}

// RequestTime is how long the JobManager takes to answer a REST request at a moment, in milliseconds.
func (e *Engine) RequestTime(at float64) float64 {
	p := e.physics(at)
	return millis(p.RequestWork) / e.Speed(p)
}

// replace deletes a completed checkpoint that a newer one replaces. Files that incremental checkpoints share are deleted by the JobManager's io pool,
// one task each, and no gate waits for them (SharedStateRegistryImpl.scheduleAsyncDelete). All else is deleted by the pool of the completed
// checkpoint store: with high availability that is cluster-io, which no acknowledgement goes through (ZooKeeperCheckpointRecoveryFactory,
// KubernetesCheckpointRecoveryFactory: the executor of the high-availability services), without it the io pool.
func (e *Engine) replace(at float64, files int, place uint64) {
	if e.Settings.Incremental && e.Settings.RocksDB {
		each := millis(e.physics(at).DeleteTime)
		for i := range files {
			e.pool.run(at, e.noise.around(each, 0.1, place, uint64(i), placeDelete), DiscardingShared)
		}
		files = 0
	}
	pool := &e.pool
	if e.Settings.HA {
		pool = &e.clusterPool
	}
	e.discard(at, pool, files+1, place, DiscardingCompleted) // its metadata, too
}

// discard hands the deletes of a checkpoint to a pool and frees the cleaning gate when they are done. With the parallel mode each file is a task of
// its own (CompletedCheckpoint.discardAsync, 1.19 and later), without it one task has them all.
func (e *Engine) discard(at float64, pool *ioPool, files int, place uint64, work Work) {
	if files == 0 {
		return
	}
	each := millis(e.physics(at).DeleteTime)
	ends := at
	if e.Settings.ParallelMode {
		for i := range files {
			ends = max(ends, pool.run(at, e.noise.around(each, 0.1, place, uint64(i), placeDelete), work))
		}
	} else {
		ends = pool.run(at, e.noise.around(each*float64(files), 0.1, place, 0, placeDelete), work)
	}
	e.cleaning++
	e.queue.push(event{at: ends, kind: evCleaned})
}
