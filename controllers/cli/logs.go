package cli

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
)

// whichLogs says what --log reads.
const whichLogs = "give the log of the JobManager and, if you have them, those of the TaskManagers, such as kubectl logs of their pods writes them"

// readTimes are examples of the times that are read, the first of Flink's default pattern.
const readTimes = "2026-11-22 11:44:41,960 or 2026-11-22T11:44:41.960Z"

// fromLogs makes a snapshot of log files and, where there is one, the Flink configuration, and tells the time of the checkpoints in them. A file that
// holds no line of Flink's is named.
func fromLogs(env *Environment, paths []string, config, job string) (model.Snapshot, observe.Span, error) {
	reports, err := scanFiles(env, paths)
	if err != nil {
		return model.Snapshot{}, observe.Span{}, err
	}
	settings, err := readConfig(env, config)
	if err != nil {
		return model.Snapshot{}, observe.Span{}, err
	}
	s := readLogs(env, reports, config, settings, selector(job))
	checkpoints := sayApart(env, reports)
	switch {
	case s.Availability.Reason == api.ReasonMalformedAnswer:
		return model.Snapshot{}, checkpoints, fmt.Errorf("--log %s: %s; %s", strings.Join(paths, ", "), s.Availability.Message, whichLogs)
	case s.Availability.Judgeable() && !selector(job).Meant(&s.Job):
		return model.Snapshot{}, checkpoints, fmt.Errorf("--job %q: the logs name no job; they tell of one only, %s: name it by that id, or leave --job out", job, orElse(s.Job.ID, "without an id"))
	}
	return s, checkpoints, nil
}

// scanFiles reads the logs among the files, and says which are none.
func scanFiles(env *Environment, paths []string) ([]*observe.LogReport, error) {
	var reports []*observe.LogReport
	var strange []string
	read := map[logDigest]string{}
	for _, path := range paths {
		report, digest, why, err := scanFile(env, path)
		if err != nil {
			return nil, err
		}
		if why == "" && isNoLog(report) {
			why = whyNoLog(report)
		}
		if same, twice := read[digest]; twice && why == "" {
			say(env.Err, "--log %s: holds the same as %s: read once\n", path, same)
			continue
		}
		read[digest] = path
		if why != "" {
			strange = append(strange, path+" "+why)
			continue
		}
		if report.First.IsZero() {
			say(env.Err, "--log %s: the times of its lines could not be read (expected such as %s); durations are unknown\n", path, readTimes)
		}
		reports = append(reports, report)
	}
	if len(strange) == len(paths) {
		return nil, fmt.Errorf("--log %s; %s", strings.Join(strange, ", "), whichLogs)
	}
	for _, path := range strange {
		say(env.Err, "--log %s: left out\n", path)
	}
	return reports, nil
}

// isNoLog tells of a file that has neither times nor a line of Flink's. A TaskManager may have nothing to say of checkpoints.
func isNoLog(r *observe.LogReport) bool {
	return r.First.IsZero() && observe.FromLogs([]*observe.LogReport{r}, nil, time.Time{}, observe.Selector{}).Availability.Reason == api.ReasonMalformedAnswer
}

func whyNoLog(r *observe.LogReport) string {
	if r.Lines == 0 {
		return "is empty"
	}
	return "has no line that Flink logs"
}

// archiveHead is how an HTTP Archive begins; a line of a container runtime has a text behind "log".
var archiveHead = regexp.MustCompile(`^\s*\{\s*"log"\s*:\s*\{`)

// isArchive tells whether what is to be read begins as a recording does.
func isArchive(head []byte) bool { return archiveHead.Match(head) }

// noTimeout is why a job whose checkpoints complete cannot be called healthy by its logs.
var noTimeout = model.Availability{Reason: api.ReasonLogsIncomplete,
	Message: "the newest checkpoints complete, but the timeout in force is in no log: whether they come near it cannot be told"}

// untimed tells of a job that passes for a healthy one only because the timeout is not known.
func untimed(pass *model.Pass) bool {
	return pass.Diagnosis.Health == api.HealthHealthy && !pass.Snapshot.Settings.Timeout.Known
}

// readConfig reads the file of --config; nil without one. A value that Flink would not take is refused, a key that is nearly one remarked.
func readConfig(env *Environment, path string) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	settings, err := observe.ParseConfig(raw)
	if err != nil {
		return nil, fmt.Errorf("--config %s: %w", path, err)
	}
	if wrong := wrongValues(settings); len(wrong) > 0 {
		return nil, fmt.Errorf("--config %s: %s", path, strings.Join(wrong, "; "))
	}
	for _, remark := range misspelled(observe.ConfigKeys(raw)) {
		say(env.Err, "--config %s: %s\n", path, remark)
	}
	return settings, nil
}

// stdin is the name of what is piped into the command, as --log - reads it.
const stdin = "-"

// openLog opens a file of --log, and says what its process is called.
func openLog(env *Environment, path string) (file io.ReadCloser, process string, err error) {
	if path == stdin {
		return io.NopCloser(env.In), "stdin", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", fmt.Errorf("--log: %w", err)
	}
	return f, filepath.Base(path), nil
}

// logDigest tells two logs apart.
type logDigest [sha256.Size]byte

// scanFile reads one log; why says what is no text, of which nothing is read.
func scanFile(env *Environment, path string) (report *observe.LogReport, digest logDigest, why string, err error) {
	f, process, err := openLog(env, path)
	if err != nil {
		return nil, digest, "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sum := sha256.New()
	// A pipe is read as well, so nothing is read twice.
	buffered := bufio.NewReaderSize(io.TeeReader(f, sum), 64<<10)
	head, err := buffered.Peek(4 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, digest, "", fmt.Errorf("--log: %w", err)
	}
	head = unzipped(head)
	if isArchive(head) {
		return nil, digest, "", fmt.Errorf("--log %s is an HTTP Archive and no log: diagnose it with --recording %s", path, path)
	}
	if why := noText(head); why != "" {
		return nil, digest, why, nil
	}
	report, err = observe.ScanLog(buffered, process)
	return report, logDigest(sum.Sum(nil)), "", err
}

// sayApart names the logs that are of another time than the checkpoints, and returns the time of these.
func sayApart(env *Environment, reports []*observe.LogReport) observe.Span {
	checkpoints, apart := observe.Apart(reports)
	for _, r := range apart {
		say(env.Err, "--log %s: its lines are of %s, none of the time of the checkpoints (%s): not used\n", r.Process,
			spanText(observe.Span{From: r.First, To: r.Last}, ""), spanText(checkpoints, ""))
	}
	return checkpoints
}

// seenInLogs is when the checkpoints of logs were taken; empty where the logs have no times.
func seenInLogs(s *model.Snapshot, checkpoints observe.Span) string {
	switch {
	case checkpoints.From.IsZero():
		return ""
	case s.ZoneUnknown:
		return spanText(checkpoints, " in the log's own time")
	}
	return spanText(checkpoints, " UTC")
}

// spanText writes a span with its date, and with a second one where it ends on another day; within one minute it is that.
func spanText(s observe.Span, zone string) string {
	const day, hour = "2 Jan 2006", "15:04"
	from, to := s.From.UTC(), s.To.UTC()
	text := from.Format(day + " " + hour)
	switch {
	case text == to.Format(day+" "+hour):
		return text + zone
	case from.Format(day) != to.Format(day):
		return text + " to " + to.Format(day+" "+hour) + zone
	}
	return text + " to " + to.Format(hour) + zone
}
