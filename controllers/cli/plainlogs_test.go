package cli

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"unicode/utf16"

	"checkpointhealth.dev/operator/controllers/recording"
)

const plainJob = "68e2f3afd272682f2746840317535bae"

// plainLog is a log whose times carry no zone, and that prints no epoch: three checkpoints expire after one completed.
var plainLog = strings.Join([]string{
	"2026-11-26 01:00:00,000 INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Completed checkpoint 4 for job " + plainJob + " (1024 bytes, checkpointDuration=59000 ms, finalizationTime=5 ms).",
	"2026-11-26 01:20:00,000 INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Checkpoint 5 of job " + plainJob + " expired before completing.",
	"2026-11-26 01:30:00,000 INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Checkpoint 6 of job " + plainJob + " expired before completing.",
	"2026-11-26 01:40:00,000 INFO  org.apache.flink.runtime.checkpoint.CheckpointCoordinator [] - Checkpoint 7 of job " + plainJob + " expired before completing.",
}, "\n") + "\n"

// What is not known to be UTC is not called so, in the text and in JSON; with a zone in its lines it is.
func TestTimesOfALogWithoutAZone(t *testing.T) {
	s := newShell(t, load(t, "1.20.5/healthy").End())
	file := writeFile(t, "jobmanager.log", plainLog)
	if status := s.run(t, "diagnose", "--log", file); status != StatusSick {
		t.Fatalf("status %d, %s%s", status, s.out.String(), s.err.String())
	}
	narrow(t, s.out.String())
	text := strings.Join(strings.Fields(s.out.String()), " ")
	if strings.Contains(text, "UTC") || !strings.Contains(text, "Unhealthy since 01:20 in the log's own time (20m)") {
		t.Errorf("said: %s", s.out.String())
	}
	if strings.Contains(text, "✗ 0s") || !strings.Contains(text, "✗ duration unknown") {
		t.Errorf("an expired checkpoint of unknown duration took no time: %s", s.out.String())
	}
	s.run(t, "diagnose", "--log", file, "-o", "json")
	if since := document(t, s.out.String())["since"]; since != "2026-11-26T01:20:00" {
		t.Errorf("since %v", since)
	}
	zoned := writeFile(t, "zoned.log", strings.ReplaceAll(plainLog, ",000 INFO", ",000+0100 INFO"))
	s.run(t, "diagnose", "--log", zoned)
	if !strings.Contains(s.out.String(), "Unhealthy since 00:20 UTC (20m)") {
		t.Errorf("said: %s", s.out.String())
	}
	s.run(t, "diagnose", "--log", zoned, "-o", "json")
	if since := document(t, s.out.String())["since"]; since != "2026-11-26T00:20:00Z" {
		t.Errorf("since %v", since)
	}
}

// A time with T and zone is read where it is the layout's own; where none can be read that is said, and nothing is measured against today.
func TestTimesOfOtherLayouts(t *testing.T) {
	s := newShell(t, load(t, "1.20.5/healthy").End())
	iso := strings.ReplaceAll(strings.ReplaceAll(plainLog, "2026-11-26 ", "2026-11-26T"), ",000 INFO ", ".000+01:00 INFO")
	for name, text := range map[string]string{
		"no logger's brackets": iso,
		"thread":               strings.ReplaceAll(iso, " INFO", " [main] INFO"),
		"a stack trace":        iso + "2026-11-26T02:40:00.000+01:00 \tat org.example.Job.map(Job.java:12)\n",
	} {
		s.run(t, "diagnose", "--log", writeFile(t, "iso.log", text))
		if !strings.Contains(s.out.String(), "Unhealthy since 00:20 UTC (20m)") || strings.Contains(s.err.String(), "could not be read") {
			t.Errorf("%s: said: %s%s", name, s.err.String(), s.out.String())
		}
	}
	pending := "2026-11-26 01:41:00,000 INFO  x - Triggering checkpoint 8 @ 1795654860000 for job " + plainJob + ".\n"
	dateless := writeFile(t, "dateless.log", strings.ReplaceAll(plainLog+pending, "2026-11-26 ", ""))
	if status := s.run(t, "diagnose", "--log", dateless); status != StatusSick {
		t.Errorf("status %d", status)
	}
	if want := dateless + ": the times of its lines could not be read (expected such as 2026-11-22 11:44:41,960"; !strings.Contains(s.err.String(), want) {
		t.Errorf("said: %s, want %s", s.err.String(), want)
	}
	if !strings.Contains(s.out.String(), "pending 0s") {
		t.Errorf("measured against now: %s", s.out.String())
	}
}

// An id that was cut is the job's own: in the lines of a log, and behind --job.
func TestACutID(t *testing.T) {
	s := newShell(t, load(t, "1.20.5/healthy").End())
	for _, file := range []string{writeFile(t, "cut.log", strings.ReplaceAll(plainLog, plainJob, plainJob[:8])), writeFile(t, "whole.log", plainLog)} {
		for _, job := range []string{"", plainJob, plainJob[:8], plainJob[:6], strings.ToUpper(plainJob[:7]), plainJob[:10] + "..."} {
			args := []string{"diagnose", "--log", file}
			if job != "" {
				args = append(args, "--job", job)
			}
			if job == plainJob[:10]+"..." && strings.HasSuffix(file, "cut.log") {
				continue // the log has less of it
			}
			if status := s.run(t, args...); status != StatusSick || !strings.Contains(s.out.String(), "the last 3 of 4 checkpoints") {
				t.Errorf("%s --job %q: status %d: %s%s", file, job, status, s.out.String(), s.err.String())
			}
		}
		if status := s.run(t, "diagnose", "--log", file, "--job", plainJob[:5]); status != StatusUnknown {
			t.Errorf("five digits: status %d: %s", status, s.err.String())
		}
		if status := s.run(t, "diagnose", "--log", file, "--job", "0123456"); status != StatusUnknown {
			t.Errorf("another job's: status %d: %s", status, s.err.String())
		}
	}
}

// Of a recording too; what may be of two jobs is refused, and both are named.
func TestTheBeginningOfAnIDInARecording(t *testing.T) {
	r := load(t, "1.20.5/slow-storage")
	id := r.Jobs()[0]
	har, now := recorded(t, "1.20.5/slow-storage")
	s := newShell(t, now)
	if status := s.run(t, "diagnose", "--recording", har, "--job", id[:7]); status != StatusSick {
		t.Errorf("status %d, %s", status, s.err.String())
	}
	if status := s.run(t, "diagnose", "--recording", har, "--job", "0000000"); status != StatusUnknown || !strings.Contains(s.err.String(), id) {
		t.Errorf("status %d, %s", status, s.err.String())
	}
	alike := id[:8] + strings.Repeat("0", 24)
	two := writeHAR(t, r.Entries(), each(r.Entries(), func(e recording.Entry) recording.Entry { return instead(e, id, alike) }))
	status := s.run(t, "diagnose", "--recording", two, "--job", id[:8])
	if said := s.err.String(); status != StatusUnknown || !strings.Contains(said, id) || !strings.Contains(said, alike) || !strings.Contains(said, "give more of it") {
		t.Errorf("status %d, %s", status, said)
	}
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// What is no text is named for what it is, zipped or not; beside a log it is left out. A log that begins with zeros, has colors or strange bytes is one.
func TestBinaryFilesAsLogs(t *testing.T) {
	s := newShell(t, load(t, "1.20.5/healthy").End())
	program := "\x7fELF\x02\x01\x01" + strings.Repeat("\x00\x03\x90", 3000)
	var wide strings.Builder
	for _, unit := range utf16.Encode([]rune(plainLog)) {
		wide.WriteByte(byte(unit))
		wide.WriteByte(byte(unit >> 8))
	}
	log := writeFile(t, "good.log", plainLog)
	for text, want := range map[string]string{
		program:                    "is a program (ELF) and no log",
		gzipped(t, program):        "is a program (ELF) and no log",
		"PK\x03\x04\x14\x00":       "is a zip archive: unpack it",
		"\xff\xfe" + wide.String(): "is text in UTF-16",
		gzipped(t, strings.Repeat("\x00a", 128)+strings.Repeat("\x00", 1)+"ustar\x0000"): "is a tar archive",
		gzipped(t, gzipped(t, plainLog)):                                                 "is gzipped twice",
		strings.Repeat("\x01\x02\xff\xfe8", 900):                                         "is no text",
	} {
		file := writeFile(t, "strange.log", text)
		if status := s.run(t, "diagnose", "--log", file); status != StatusUnknown || s.out.Len() > 0 || !strings.Contains(s.err.String(), "--log "+file+" "+want) {
			t.Errorf("%.12q: status %d, stdout %q, stderr %q", text, status, s.out.String(), s.err.String())
		}
		if status := s.run(t, "diagnose", "--log", file, "--log", log); status != StatusSick || !strings.Contains(s.err.String(), want) || !strings.Contains(s.err.String(), ": left out") {
			t.Errorf("%.12q beside a log: status %d, stderr %q", text, status, s.err.String())
		}
	}
	for name, text := range map[string]string{
		"zeros": strings.Repeat("\x00", 9000) + "\n" + plainLog, "colors": "\x1b[32m" + plainLog, "Latin-1": "M\xfcller\n" + plainLog, "gzip": gzipped(t, plainLog),
	} {
		if status := s.run(t, "diagnose", "--log", writeFile(t, "a.log", text)); status != StatusSick {
			t.Errorf("%s: status %d, stderr %q", name, status, s.err.String())
		}
	}
}
