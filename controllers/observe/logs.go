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

// readLogs reads what the logs say of checkpoints: the JobManager's, and those of the TaskManagers with the most missing subtasks.
func (p *pass) readLogs() {
	if !p.opts.Replayed && !p.memory.logsAt.IsZero() && p.now.Sub(p.memory.logsAt) < logsEvery {
		return
	}
	p.memory.logsAt, p.memory.versions = p.now, nil
	var reports []*LogReport
	read := func(process string, list func() ([]flink.LogFile, error), get getLog) {
		report, why := p.readLog(process, list, get)
		if report == nil {
			p.gapText(model.GapLogs, "log of "+process, why)
			return
		}
		reports = append(reports, report)
		p.useVersion(process, report)
	}
	read(jobManagerProcess,
		func() ([]flink.LogFile, error) { return p.client.JobManagerLogs(p.ctx) },
		func(name string, use func(io.Reader) error) (flink.Received, error) {
			return p.client.JobManagerLog(p.ctx, name, use)
		})
	for _, id := range p.logTargets() {
		if p.outOfTime() {
			p.gapText(model.GapLogs, "log of TaskManager "+id, "not asked: the JobManager answers slowly")
			break
		}
		read(id,
			func() ([]flink.LogFile, error) { return p.client.TaskManagerLogs(p.ctx, id) },
			func(name string, use func(io.Reader) error) (flink.Received, error) {
				return p.client.TaskManagerLog(p.ctx, id, name, use)
			})
	}
	shareZone(reports) // a TaskManager's log does not tell how far its clock is from UTC
	p.memory.logs = nil
	for _, report := range reports {
		p.memory.logs = append(p.memory.logs, report.Signals...)
	}
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
		return nil, err.Error()
	}
	var report *LogReport
	_, err := get(name, func(log io.Reader) (err error) {
		report, err = scanLog(log, process, restEvents)
		return err
	})
	if err != nil {
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

// logTargets are the TaskManagers with the most missing subtasks; where none is known to miss any, the first.
func (p *pass) logTargets() []string {
	var ids []string
	for i := range p.snapshot.TaskManagers {
		if len(ids) < maxLogReaders {
			ids = append(ids, p.snapshot.TaskManagers[i].ID)
		}
	}
	return ids
}

// useVersion takes a TaskManager's version from its log: no REST answer has it.
func (p *pass) useVersion(process string, report *LogReport) {
	for i := range p.snapshot.TaskManagers {
		if p.snapshot.TaskManagers[i].ID == process && report.Version != "" {
			p.snapshot.TaskManagers[i].Version = report.Version
		}
	}
}
