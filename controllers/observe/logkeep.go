package observe

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// TellingRecords keeps of a log the records that ScanLog takes something from, as they were written: whatever else a process logs, a
// library's chatter and the user's own words among it, is no evidence.
func TellingRecords(log []byte) []byte {
	k := &logKeeper{}
	buffered := bufio.NewReaderSize(bytes.NewReader(log), 64<<10)
	for {
		raw, err := readBounded(buffered)
		if raw != "" {
			k.line(raw)
		}
		if err != nil {
			k.flush()
			if !errors.Is(err, io.EOF) {
				return nil // what is in memory is read to its end
			}
			return k.kept.Bytes()
		}
	}
}

// logKeeper puts lines together to records, as logScanner does, and holds how they were written.
type logKeeper struct {
	kept         bytes.Buffer
	raw, message strings.Builder
	open         bool
	// timed tells that the record has a time of its own; at is the time of the last line that had one, and written that of the last that was kept.
	timed       bool
	at, written time.Time
}

func (k *logKeeper) line(raw string) {
	line := readLogLine(raw)
	if line.at.IsZero() && k.open && continues(line.text) {
		if k.message.Len()+len(line.text) < maxRecordBytes {
			k.message.WriteString("\n" + line.text)
			k.raw.WriteString(raw)
		}
		return
	}
	k.flush()
	k.timed = !line.at.IsZero()
	if k.timed {
		k.at = line.at
	}
	k.open = true
	k.message.WriteString(line.text)
	k.raw.WriteString(raw)
}

func (k *logKeeper) flush() {
	if k.open && tells(k.message.String()) {
		if !k.timed && k.at != k.written {
			// A record without a time has that of the one before it, which was left out.
			k.kept.WriteString(k.at.Format("2006-01-02 15:04:05,000") + " (left out)\n")
		}
		k.written = k.at
		k.kept.WriteString(k.raw.String())
	}
	k.open = false
	k.raw.Reset()
	k.message.Reset()
}

// tells reports whether a record says something that a LogReport holds.
func tells(text string) bool {
	first, _, _ := strings.Cut(text, "\n")
	if _, _, ok := readEvent(first, text); ok || taskFails.MatchString(text) || strings.Contains(text, expiredMessage) {
		return true
	}
	if m := configLine.FindStringSubmatch(first); m != nil {
		return KeptKey(m[1])
	}
	for _, line := range []*regexp.Regexp{startLine, restoreLine, restartLine, submitLine, stuckLine} {
		if line.MatchString(first) {
			return true
		}
	}
	if namedTask.MatchString(first) && strings.Contains(first, " switched from ") {
		return true
	}
	if slices.ContainsFunc(failureWords, func(word string) bool { return strings.Contains(first, word) }) {
		return true
	}
	return slices.ContainsFunc(logPatterns, func(l logPattern) bool { return l.matches(text) })
}
