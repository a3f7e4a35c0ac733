package observe

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// Bounds of a log that is read. Lines beyond maxLineBytes are cut, not refused.
const (
	maxLogBytes    = 4 << 30
	maxLineBytes   = 16 << 10
	maxRecordBytes = 32 << 10
	maxLogSignals  = 64
	maxLogEvents   = 20000
	maxLogStacks   = 32
	maxLogJobs     = 1000
)

// LogReport is what the log of one process tells.
type LogReport struct {
	// Process is the name the caller gave; "jobmanager" for a JobManager's.
	Process string
	// Signals are the lines that concern checkpoints, counted by kind.
	Signals []model.LogSignal
	// Version is Flink's as the process wrote it at its start, vendor's additions included; empty where that is not in the log.
	Version string
	// Component is what the process is, where the log tells.
	Component model.Component
	// Config is what the process printed of its configuration at its start, allow-listed keys only.
	Config map[string]string
	// Exceptions are the newest failures of tasks and of the job, newest first.
	Exceptions []model.JobException
	// Lines and Records count what was read: a record is a line with a time and what follows it.
	Lines, Records int
	// First and Last are the times of the first and the last record; zero where the log has no times.
	First, Last time.Time

	events []checkpointEvent
	// taskEvents are failures that tasks' exceptions tell; they count where there are no events.
	taskEvents []checkpointEvent
	stacks     []stuckTask
	names      map[string]taskName // by vertex id
	job        model.Job
	// restarts counts transitions to RESTARTING, and jobs holds the names, by job id.
	restarts map[string]int
	jobs     map[string]string
	// begun is when a job last left RUNNING, by its id, and when the process started, under "".
	begun map[string]time.Time
	// ahead is how far the log's clock was ahead of UTC before its times were moved, where zoned tells that it is known.
	ahead time.Duration
	zoned bool
	// bare tells that times came without their zone. Where all came with it they are UTC, and say nothing of another log's.
	bare bool
	// whole tells that the log has the beginning of a run: no checkpoint came before it.
	whole bool
	// most is how many events are kept, the newest.
	most int
}

// stuckTask is a task that did not stop when it was told to, and where it was.
type stuckTask struct {
	at     time.Time
	name   string
	frames []string
}

// ScanLog reads the log of one process: plain or gzipped, with or without a container runtime's prefixes, in any layout that has the
// message on the line. Lines it does not know are passed over; the error is the reader's.
func ScanLog(reader io.Reader, process string) (*LogReport, error) {
	return scanLog(reader, process, maxLogEvents)
}

// scanLog is ScanLog with a bound of the events kept.
func scanLog(reader io.Reader, process string, most int) (*LogReport, error) {
	buffered := bufio.NewReaderSize(io.LimitReader(reader, maxLogBytes), 64<<10)
	if magic, err := buffered.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("log %s is not a whole gzip file: %w", process, err)
		}
		buffered = bufio.NewReaderSize(io.LimitReader(unzipped, maxLogBytes), 64<<10)
	}
	s := newLogScanner(process, most)
	if err := s.read(buffered); err != nil {
		return nil, fmt.Errorf("log %s: %w", process, err)
	}
	return s.report, nil
}

// logScanner puts lines together to records.
type logScanner struct {
	report *LogReport
	at     time.Time
	record strings.Builder
	open   bool
	// stamps takes the times off that Kubernetes puts before each line; nil where there are none.
	stamps *logStamps
}

func newLogScanner(process string, most int) *logScanner {
	return &logScanner{report: newLogReport(process, most)}
}

// read takes all lines there are, and settles what they tell. The error is the reader's; what came before it counts.
func (s *logScanner) read(buffered *bufio.Reader) error {
	var raw string
	var err error
	for err == nil {
		raw, err = readBounded(buffered)
		if keep := (raw != "" || err == nil) && !s.stamps.leaves(err); keep {
			if s.stamps != nil {
				raw, keep = s.stamps.line(raw)
			}
			if keep {
				s.line(raw)
			}
		}
	}
	s.flush()
	if s.stamps != nil {
		s.report.ahead, s.report.zoned = s.stamps.ahead, s.stamps.zoned
	}
	s.report.settle()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func newLogReport(process string, most int) *LogReport {
	return &LogReport{Process: process, Config: map[string]string{}, names: map[string]taskName{}, restarts: map[string]int{},
		jobs: map[string]string{}, begun: map[string]time.Time{}, most: most}
}

// readBounded reads one line and drops what is beyond maxLineBytes.
func readBounded(reader *bufio.Reader) (string, error) {
	var line strings.Builder
	for {
		part, err := reader.ReadSlice('\n')
		if room := maxLineBytes - line.Len(); room > 0 {
			line.Write(part[:min(len(part), room)])
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line.String(), err
		}
	}
}

func (s *logScanner) line(raw string) {
	s.report.Lines++
	line := readLogLine(raw)
	if line.at.IsZero() && s.open && continues(line.text) {
		if s.record.Len()+len(line.text) < maxRecordBytes {
			s.record.WriteByte('\n')
			s.record.WriteString(line.text)
		}
		return
	}
	s.flush()
	if !line.at.IsZero() {
		s.at = line.at
		s.report.bare = s.report.bare || !line.zoned
	} else if at := s.stamps.time(); !at.IsZero() {
		s.at = at
	}
	s.open = true
	s.record.WriteString(line.text)
}

// exceptionHead is the first line of a printed exception: "java.io.IOException: text".
var exceptionHead = regexp.MustCompile(`^(?:Caused by: |Suppressed: )?([a-zA-Z_$][\w$]*(?:\.[\w$]+)+(?:Exception|Error|Throwable|Failure)\b)`)

// plainFrame is a frame as Flink prints it of a stuck task: "org.example.Job.map(Job.java:12)", without "at".
var plainFrame = regexp.MustCompile(`^[\w.$/@-]+\.[\w$<>]+\([^)]{0,200}\)$`)

// continues tells whether a line without a time belongs to the record before it.
func continues(text string) bool {
	if text == "" || text[0] == ' ' || text[0] == '\t' || strings.HasPrefix(text, "at ") || strings.HasPrefix(text, "...") {
		return true
	}
	return exceptionHead.MatchString(text) || plainFrame.MatchString(text)
}

// flush reads the record that is complete now.
func (s *logScanner) flush() {
	if !s.open {
		return
	}
	text := withoutStamp(s.record.String())
	s.record.Reset()
	s.open = false
	r := s.report
	r.Records++
	if !s.at.IsZero() {
		if r.First.IsZero() {
			r.First = s.at
		}
		r.Last = s.at
	}
	s.signals(text)
	r.checkpointLine(s.at, text)
	r.taskLine(s.at, text)
	r.startLine(s.at, text)
	r.failureLine(s.at, text)
}

// signals counts the kinds of a record, each once.
func (s *logScanner) signals(text string) {
	found := map[model.LogKind]bool{}
	for i := range logPatterns {
		pattern := &logPatterns[i]
		if found[pattern.kind] || !pattern.matches(text) || passedOver(pattern.kind, text) {
			continue
		}
		found[pattern.kind] = true
		s.report.count(kindIn(pattern.kind, text), s.at, text, pattern.detailOf(text))
	}
	if !found[model.LogExpired] && strings.Contains(text, expiredMessage) && !strings.Contains(text, "Failed to trigger or complete checkpoint") {
		s.report.bareExpiry(s.at, text)
	}
}

// expiredMessage is the exception's text: it follows the coordinator's own line, or stands alone in a quotation.
const expiredMessage = "Checkpoint expired before completing."

// bareExpiry counts the exception's text where the coordinator's own line is nowhere; settle decides.
func (r *LogReport) bareExpiry(at time.Time, text string) {
	r.count(bareExpired, at, text, "")
}

// bareExpired is a kind of its own until the whole log is read.
const bareExpired = model.LogKind("checkpoint expired, exception only")

// namedJob is the id of the job that a line of the coordinator is about.
var namedJob = regexp.MustCompile(` (?:of|for) job ` + anyID + `(?:[\s.,:;)]|$)`)

func (r *LogReport) count(kind model.LogKind, at time.Time, text, detail string) {
	first, _, _ := strings.Cut(text, "\n")
	job := ""
	if m := namedJob.FindStringSubmatch(first); m != nil {
		job = m[1]
	}
	for i := range r.Signals {
		signal := &r.Signals[i]
		if signal.Kind != kind || signal.Job != job {
			continue
		}
		signal.Count++
		if !at.IsZero() {
			signal.Last = at
			if signal.First.IsZero() {
				signal.First = at
			}
		}
		if signal.Detail == "" {
			signal.Detail = detail
		}
		return
	}
	if len(r.Signals) < maxLogSignals {
		r.Signals = append(r.Signals, model.LogSignal{Kind: kind, Process: r.Process, Job: job, Count: 1, First: at, Last: at,
			Sample: quotedText(sampleOf(kind, text), maxSample), Detail: detail})
	}
}

// sampleOf is the line of a record that made it count: its first, or the one with the exception.
func sampleOf(kind model.LogKind, text string) string {
	first, _, _ := strings.Cut(text, "\n")
	for line := range strings.SplitSeq(text, "\n") {
		for i := range logPatterns {
			if logPatterns[i].kind == kind && logPatterns[i].matches(line) {
				return line
			}
		}
	}
	return first
}

// SignalsOf are the signals of one job and those that name none: a session cluster's JobManager logs all its jobs into one file.
func (r *LogReport) SignalsOf(job string) []model.LogSignal {
	var found []model.LogSignal
	for i := range r.Signals {
		if of := r.Signals[i].Job; of == "" || job == "" || of == job {
			found = append(found, r.Signals[i])
		}
	}
	return found
}

// settle decides what only the whole log tells: whether the bare exception stands for expiries, and the clock's zone.
func (r *LogReport) settle() {
	expired := slices.ContainsFunc(r.Signals, func(s model.LogSignal) bool { return s.Kind == model.LogExpired })
	if expired {
		r.Signals = slices.DeleteFunc(r.Signals, func(s model.LogSignal) bool { return s.Kind == bareExpired })
	}
	for i := range r.Signals {
		if r.Signals[i].Kind == bareExpired {
			r.Signals[i].Kind = model.LogExpired
		}
	}
	r.settleMemory()
	r.events = newestEvents(r.events, r.most)
	if !r.zoned {
		r.ahead, r.zoned = r.zone()
	}
	r.shift(r.ahead)
}
