package observe

import (
	"io"
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// logsEvery is how often the logs of a sick job are read: Flink sends them whole.
	logsEvery = 5 * time.Minute
	// maxLogFile is the largest log that is asked for, in bytes.
	maxLogFile = 16 << 20
	// restEvents are the events kept of a log that came over REST: the history tells them better, and only the clock's zone is read off them.
	restEvents = 64
	// maxLogReaders bounds the TaskManagers whose logs are read.
	maxLogReaders = 3
)

// logSource is how logs are read.
type logSource string

// The ways to logs; a Memory that has read none yet knows none.
const (
	logsOff            logSource = "Off"
	logsFromFlink      logSource = "Flink"
	logsFromKubernetes logSource = "Kubernetes"
)

// chooseLogs notes how the policy wants logs to be read. What was read in another way is not told again, and would be counted twice; the next
// look begins anew.
func (p *pass) chooseLogs() {
	source := logsFromFlink
	switch {
	case p.opts.NoLogs:
		source = logsOff
	case p.opts.PodLogs != nil:
		source = logsFromKubernetes
	}
	if m := p.memory; m.logSource != source {
		m.logSource, m.logs, m.logGaps, m.podLogs, m.logsAt, m.watchedAt = source, nil, nil, nil, time.Time{}, time.Time{}
	}
}

// readLogs reads what the logs say of checkpoints: the JobManager's, and those of the TaskManagers with the most missing subtasks. What a look
// at them could not read is told until the next one.
func (p *pass) readLogs() {
	if p.opts.Replayed || p.memory.logsAt.IsZero() || p.now.Sub(p.memory.logsAt) >= logsEvery || p.failedSinceLogs() {
		p.memory.logsAt, p.memory.logsSaw = p.now, p.newestFailure()
		p.lookAtLogs()
	}
	p.tellLogGaps()
}

// failedSinceLogs tells whether a checkpoint failed after the last look, which was before the trouble and saw none that had failed lately: what there is
// to be said of a first failure is not in what was read then. It makes one look more a spell, however short the timeout is.
func (p *pass) failedSinceLogs() bool {
	looked := p.jobManagerTime(p.memory.logsAt)
	return p.newestFailure().After(looked) && looked.Sub(p.memory.logsSaw) >= logsEvery
}

// newestFailure is when the newest checkpoint failed, on the JobManager's clock; zero where none did.
func (p *pass) newestFailure() time.Time {
	newest := time.Time{}
	for i := range p.snapshot.Checkpoints.History {
		if failure := p.snapshot.Checkpoints.History[i].Failure; failure != nil && failure.At.After(newest) {
			newest = failure.At
		}
	}
	return newest
}

// tellLogGaps tells what the last look at the logs could not read, until the next one.
func (p *pass) tellLogGaps() {
	for _, gap := range p.memory.logGaps {
		p.gapText(gap.Kind, gap.Signal, gap.Why)
	}
}

// lookAtLogs reads them where the policy says.
func (p *pass) lookAtLogs() {
	p.memory.watchedAt, p.memory.logGaps = p.now, nil
	if p.opts.PodLogs != nil {
		p.readPodLogs()
		return
	}
	p.memory.versions = nil
	reports := p.readFlinkLogs()
	shareZone(reports) // a TaskManager's log does not tell how far its clock is from UTC
	p.memory.logs = nil
	for _, report := range reports {
		p.memory.logs = append(p.memory.logs, report.SignalsOf(p.snapshot.Job.ID)...)
	}
}

// logGap notes what a look at the logs could not read.
func (p *pass) logGap(signal, why string) {
	p.memory.logGaps = addGap(p.memory.logGaps, model.Gap{Kind: model.GapLogs, Signal: signal, Why: why})
}

// readFlinkLogs reads the logs through Flink's REST API, which sends them whole.
func (p *pass) readFlinkLogs() (reports []*LogReport) {
	read := func(process string, list func() ([]flink.LogFile, error), get getLog) {
		report, why := p.readLog(process, list, get)
		if report == nil {
			p.logGap("log of "+process, why)
			return
		}
		delete(p.memory.mismatches, process) // it understands the question
		reports = append(reports, report)
		p.useVersion(process, report)
	}
	read(model.JobManagerProcess,
		func() ([]flink.LogFile, error) { return p.client.JobManagerLogs(p.ctx) },
		func(name string, use func(io.Reader) error) (flink.Received, error) {
			return p.client.JobManagerLog(p.ctx, name, use)
		})
	for _, id := range p.logTargets() {
		if p.outOfTime() {
			p.logGap("log of TaskManager "+id, "not asked: the JobManager answers slowly")
			break
		}
		read(id,
			func() ([]flink.LogFile, error) { return p.client.TaskManagerLogs(p.ctx, id) },
			func(name string, use func(io.Reader) error) (flink.Received, error) {
				return p.client.TaskManagerLog(p.ctx, id, name, use)
			})
	}
	return reports
}

// getLog asks for the log of a name and gives it to use while it comes.
type getLog func(name string, use func(io.Reader) error) (flink.Received, error)

// readLog reads one process's log unless it is too large; it returns why not. A recording may hold the log and not the list.
func (p *pass) readLog(process string, list func() ([]flink.LogFile, error), get getLog) (found *LogReport, whyNot string) {
	name := ""
	if files, err := list(); err == nil {
		file, ok := currentLog(files)
		if !ok {
			return nil, "the process keeps no log file; see where its output goes"
		}
		if file.Size > maxLogFile {
			return nil, "its log is larger than 16 MiB, and Flink sends it whole; use --log"
		}
		name = file.Name
	} else if !p.opts.Replayed {
		p.noteMismatch(process, err)
		return nil, err.Error()
	}
	var report *LogReport
	_, err := get(name, func(log io.Reader) (err error) {
		report, err = scanLog(log, process, restEvents)
		return err
	})
	if err != nil {
		p.noteMismatch(process, err)
		return nil, err.Error()
	}
	return report, ""
}

// currentLog picks the log that is written now: the newest file that ends in .log, without the number of a rotated one.
func currentLog(files []flink.LogFile) (flink.LogFile, bool) {
	logs := slices.DeleteFunc(slices.Clone(files), func(f flink.LogFile) bool { return !strings.HasSuffix(f.Name, ".log") || f.Size == 0 })
	if len(logs) == 0 {
		return flink.LogFile{}, false
	}
	return slices.MaxFunc(logs, func(a, b flink.LogFile) int { return int(a.Time - b.Time) }), true
}

// logTargets are the TaskManagers with the most missing subtasks; where none is known to miss any, the first. A pass that did not list them takes
// those of the look before, or asks.
func (p *pass) logTargets() []string {
	ids := p.memory.logTargets
	if listed := p.snapshot.TaskManagers; len(listed) > 0 {
		ids = nil
		for i := range listed[:min(len(listed), maxLogReaders)] {
			ids = append(ids, listed[i].ID)
		}
	} else if list, err := p.listForLogs(); err == nil {
		ids = list
	}
	p.memory.logTargets = ids
	return ids
}

// listForLogs asks for the TaskManagers where neither this pass nor one before did.
func (p *pass) listForLogs() ([]string, error) {
	if p.snapshot.Deep || len(p.memory.logTargets) > 0 {
		return p.memory.logTargets, nil
	}
	list, err := p.client.TaskManagers(p.ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for i := range list[:min(len(list), maxLogReaders)] {
		ids = append(ids, cleanText(list[i].ID, maxName))
	}
	return ids, nil
}

// useVersion takes a TaskManager's version from its log: no REST answer has it.
func (p *pass) useVersion(process string, report *LogReport) {
	for i := range p.snapshot.TaskManagers {
		if p.snapshot.TaskManagers[i].ID == process && report.Version != "" {
			p.snapshot.TaskManagers[i].Version = report.Version
		}
	}
}
