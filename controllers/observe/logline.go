package observe

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// logLine is one line of a log without what a container runtime or a log shipper put around it.
type logLine struct {
	// at is zero for a line without a time of its own: the continuation of the one before.
	at   time.Time
	text string
	// zoned tells that the time came with its zone, or as an epoch: it is UTC here. Any other is the log's own.
	zoned bool
}

var (
	ansiCodes = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")
	// criPrefix is containerd's and CRI-O's "2024-05-28T15:39:37.363456789Z stdout F ".
	criPrefix = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) (?:stdout|stderr) [FP] `)
	// kubectlPrefix is what kubectl logs --prefix and --timestamps put first.
	kubectlPrefix   = regexp.MustCompile(`^\[[^\]\s]+/[^\]\s]+\] `)
	timestampPrefix = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) `)
	// levelHead is how a line goes on behind a time that is the layout's own, such as "2026-11-22T11:44:41.960Z INFO ": with the thread, or a time without a
	// date, before the level. A line of a stack trace has none.
	levelHead = regexp.MustCompile(`^(?:\d\d:\d\d:\d\d\S* )?(?:\[[^\]]{0,200}\] )?\[?(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b`)
	// composePrefix is docker compose's "jobmanager_1  | ".
	composePrefix = regexp.MustCompile(`^[\w.-]+\s*\| `)
)

// logTimes are the times of log4j and logback layouts, searched in the head of a line.
var logTimes = []struct {
	pattern *regexp.Regexp
	layouts []string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]\d{3,9}(?:Z|[+-]\d\d:?\d\d)?`),
		[]string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999"}},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:Z|[+-]\d\d:?\d\d)?`),
		[]string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"}},
	{regexp.MustCompile(`\b\d\d/\d\d/\d\d \d\d:\d\d:\d\d(?:[.,]\d{3})?`), []string{"06/01/02T15:04:05.999999999"}},
	{regexp.MustCompile(`\b\d\d \w{3} \d{4} \d\d:\d\d:\d\d[.,]\d{3}`), []string{"02 Jan 2006T15:04:05.999999999"}},
}

// timeHead is how far into a line its time is looked for, in bytes.
const timeHead = 80

// readLogLine takes a line apart.
func readLogLine(raw string) logLine {
	raw = strings.TrimRight(raw, "\r\n")
	if strings.Contains(raw, "\x1b[") {
		raw = ansiCodes.ReplaceAllString(raw, "")
	}
	if strings.HasPrefix(raw, "{") {
		if line, ok := readJSONLine(raw); ok {
			return line
		}
	}
	text, before := raw, ""
	for _, prefix := range []*regexp.Regexp{composePrefix, kubectlPrefix, criPrefix, timestampPrefix} {
		if at := prefix.FindStringIndex(text); len(at) > 0 && !startsWithTime(text[:at[1]], prefix) {
			before, text = text[:at[1]], text[at[1]:]
		}
	}
	if strings.HasPrefix(text, "{") {
		if line, ok := readJSONLine(text); ok {
			return line
		}
	}
	at, zoned := zonedTimeOf(text)
	if at.IsZero() && levelHead.MatchString(text) {
		at, zoned = zonedTimeOf(before)
	}
	return logLine{at: at, text: text, zoned: zoned}
}

// startsWithTime keeps a time that is the line's only one: --timestamps puts a second one before it.
func startsWithTime(prefix string, pattern *regexp.Regexp) bool {
	return pattern == composePrefix && !timeOf(prefix).IsZero()
}

// timeOf finds the time of a line; a line that begins with a blank, "at" or "Caused by" has none.
func timeOf(text string) time.Time {
	at, _ := zonedTimeOf(text)
	return at
}

// zonedTimeOf is timeOf, and tells whether the time came with its zone.
func zonedTimeOf(text string) (at time.Time, zoned bool) {
	if text == "" || text[0] == '\t' || text[0] == ' ' || strings.HasPrefix(text, "at ") || strings.HasPrefix(text, "Caused by:") {
		return time.Time{}, false
	}
	head := text[:min(len(text), timeHead)]
	for _, known := range logTimes {
		found := known.pattern.FindString(head)
		if found == "" {
			continue
		}
		found = strings.Replace(found, ",", ".", 1)
		if i := strings.LastIndex(found, " "); i > 0 {
			found = found[:i] + "T" + found[i+1:]
		}
		for _, layout := range known.layouts {
			if at, err := time.Parse(layout, found); err == nil {
				return at.UTC(), strings.Contains(layout, "Z07")
			}
		}
	}
	return time.Time{}, false
}

// readJSONLine reads the JSON of a container runtime ({"log":…}) or of a JSON layout (ECS, log4j2's JsonLayout and JsonTemplateLayout).
func readJSONLine(raw string) (logLine, bool) {
	var fields map[string]any
	if json.Unmarshal([]byte(raw), &fields) != nil {
		return logLine{}, false
	}
	if inner, ok := fields["log"].(string); ok {
		return readLogLine(inner), true
	}
	message := firstString(fields, "message", "msg", "Message")
	if message == "" {
		return logLine{}, false
	}
	line := logLine{text: firstString(fields, "loggerName", "log.logger", "logger", "logger_name") + " - " + message}
	for _, name := range []string{"error.stack_trace", "stack_trace", "thrown", "exception"} {
		if stack := stackText(fields[name]); stack != "" {
			line.text += "\n" + stack
		}
	}
	line.at, line.zoned = jsonTime(fields)
	return line, true
}

func firstString(fields map[string]any, names ...string) string {
	for _, name := range names {
		if text, ok := fields[name].(string); ok && text != "" {
			return text
		}
	}
	return ""
}

// stackText reads an exception that is a text, or log4j2's {"extendedStackTrace": …}.
func stackText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case map[string]any:
		return firstString(v, "extendedStackTrace", "stacktrace", "stack_trace", "message")
	}
	return ""
}

// jsonTime is the time of a line of JSON; an epoch is zoned.
func jsonTime(fields map[string]any) (at time.Time, zoned bool) {
	if text := firstString(fields, "@timestamp", "timestamp", "time", "datetime"); text != "" {
		return zonedTimeOf(text)
	}
	if instant, ok := fields["instant"].(map[string]any); ok {
		seconds, okSeconds := instant["epochSecond"].(float64)
		nanos, _ := instant["nanoOfSecond"].(float64)
		if okSeconds {
			return time.Unix(int64(seconds), int64(nanos)).UTC(), true
		}
	}
	for _, name := range []string{"timeMillis", "timestamp", "ts"} {
		if millis, ok := fields[name].(float64); ok && millis > 1e11 {
			return time.UnixMilli(int64(millis)).UTC(), true
		}
	}
	return time.Time{}, false
}

// atoi reads a number that a pattern has found; -1 where it is none.
func atoi(text string) int64 {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return number
}
