package observe

import (
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// watchFor is how long after its verdict a remedy is watched: six looks, ten checkpoints of a job that takes one every three minutes. By then it has
// worked through what it had left behind.
const watchFor = 30 * time.Minute

// readLogsAfter looks at the logs of a healthy job whose remedy is being verified, or was a short while ago: lines that follow a cure badly made
// appear only then. The looks are as far apart as those at a sick job; what they could not read is told meanwhile.
func (p *pass) readLogsAfter() {
	if p.opts.NoLogs || p.opts.Replayed || !p.watching() {
		return
	}
	if p.now.Sub(p.memory.watchedAt) >= logsEvery {
		p.lookAtLogs()
	}
	p.tellLogGaps()
}

// watching tells that a remedy of this CheckpointHealth is in flight, or in force and judged lately.
func (p *pass) watching() bool {
	for i := range p.snapshot.Target.Receipts {
		if r := &p.snapshot.Target.Receipts[i]; ownReceipt(r, p.opts.UID) && watched(r, p.now) {
			return true
		}
	}
	return false
}

func watched(r *model.Receipt, now time.Time) bool {
	return r.Pending() || r.InForce() && r.FinishedAt != nil && now.Sub(*r.FinishedAt) < watchFor
}
