package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/recording"
)

// epochs are moments in the bodies of answers, in milliseconds.
var epochs = regexp.MustCompile(`\b1[78]\d{11}\b`)

// later is an entry as it would have been some time later, its moments included.
func later(e recording.Entry, by time.Duration) recording.Entry {
	e.Start = e.Start.Add(by)
	e.Body = epochs.ReplaceAllFunc(e.Body, func(number []byte) []byte {
		at, err := strconv.ParseInt(string(number), 10, 64)
		if err != nil {
			return number
		}
		return strconv.AppendInt(nil, at+by.Milliseconds(), 10)
	})
	return e
}

// instead puts one text into the place of another in path and body.
func instead(e recording.Entry, old, replacement string) recording.Entry {
	e.Path = string(bytes.ReplaceAll([]byte(e.Path), []byte(old), []byte(replacement)))
	e.Body = bytes.ReplaceAll(e.Body, []byte(old), []byte(replacement))
	return e
}

// writeHAR writes entries into a file, as one JobManager's answers.
func writeHAR(t *testing.T, entries ...[]recording.Entry) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "built.har")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := recording.NewWriter(f, recording.Base("http://localhost:8081"))
	for _, some := range entries {
		for _, e := range some {
			if err := w.Write(e); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// each changes every entry of a recording.
func each(entries []recording.Entry, change func(recording.Entry) recording.Entry) []recording.Entry {
	out := make([]recording.Entry, 0, len(entries))
	for _, e := range entries {
		out = append(out, change(e))
	}
	return out
}

// moved is a recording at another time, its moments included, with the job of another id.
func moved(r *recording.Recording, by time.Duration, job string) []recording.Entry {
	return each(r.Entries(), func(e recording.Entry) recording.Entry { return instead(later(e, by), r.Jobs()[0], job) })
}

// refused fails where a recording is not refused with words, by diagnose and by backtest, before anything is said of it.
func refused(t *testing.T, path string, words ...string) {
	t.Helper()
	s := newShell(t, time.UnixMilli(0))
	status := s.run(t, "diagnose", "--recording", path)
	if status != StatusUnknown || s.out.Len() > 0 {
		t.Errorf("diagnose: status %d, stdout %q", status, s.out.String())
	}
	said := s.err.String()
	status = s.run(t, "backtest", path)
	if status != StatusUnknown {
		t.Errorf("backtest: status %d", status)
	}
	for _, word := range append(words, filepath.Base(strings.TrimSuffix(path, ".gz"))[:5]) {
		if !strings.Contains(said, word) || !strings.Contains(s.err.String(), word) {
			t.Errorf("%q is not in what diagnose says (%q) and backtest (%q)", word, said, s.err.String())
		}
	}
}

// A recording that breaks off, as a copy out of a pod that died does, is diagnosed as far as it goes, and that is said; one that holds no look at the job
// is refused, and one that is damaged. What counts verdicts takes whole recordings only.
func TestRecordingsThatBreakOff(t *testing.T) {
	zipped, err := os.ReadFile(recordings + "1.20.5/slow-storage.har.gz")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := os.ReadFile(writeHAR(t, load(t, "1.20.5/slow-storage").Entries()))
	if err != nil {
		t.Fatal(err)
	}
	s := newShell(t, load(t, "1.20.5/slow-storage").End())
	for name, data := range map[string][]byte{"plain.har": plain[:len(plain)*4/5], "zipped.har.gz": zipped[:len(zipped)-2000]} {
		path := writeFile(t, name, string(data))
		status := s.run(t, "diagnose", "--recording", path)
		narrow(t, s.out.String())
		said := strings.Join(strings.Fields(s.out.String()), " ")
		if status != StatusSick || !strings.Contains(said, "Not recorded: anything after 11:3") || !strings.Contains(said, "(the recording breaks off after ") {
			t.Errorf("%s: status %d: %s%s", name, status, s.out.String(), s.err.String())
		}
		if status := s.run(t, "backtest", path); status != StatusUnknown || !strings.Contains(s.err.String(), "breaks off or is damaged after ") {
			t.Errorf("backtest %s: status %d, %q", name, status, s.err.String())
		}
	}
}

// What holds no look at the job, or is damaged, is refused.
func TestRecordingsThatAreDamaged(t *testing.T) {
	zipped, err := os.ReadFile(recordings + "1.20.5/slow-storage.har.gz")
	if err != nil {
		t.Fatal(err)
	}
	s := newShell(t, load(t, "1.20.5/slow-storage").End())
	damaged := bytes.Clone(zipped)
	for i := len(damaged) / 2; i < len(damaged)/2+64; i++ {
		damaged[i] ^= 0x55
	}
	for name, data := range map[string][]byte{"early.har.gz": zipped[:200], "damaged.har.gz": damaged, "head.har.gz": zipped[:20]} {
		path := writeFile(t, name, string(data))
		if status := s.run(t, "diagnose", "--recording", path); status != StatusUnknown || s.out.Len() > 0 {
			t.Errorf("%s: status %d: %s%s", name, status, s.out.String(), s.err.String())
		}
	}
}

// What is no HTTP Archive is refused by both commands.
func TestRecordingsThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"": "the file is empty", "<html>login</html>": "not an HTTP Archive", `{"version": 1}`: `the JSON has no "log"`,
		`{"log": {"entries": {}}}`: "log.entries is not a list", `{"log": {"entries": [{"startedDateTime": 5}]}}`: "startedDateTime is a number",
		`{"log": {"entries": []}}`: "none of the 0 entries is an answer of a Flink REST API",
	} {
		refused(t, writeFile(t, "built.har", text), want)
	}
}

// Two jobs of one cluster in a recording: each is named and none is judged until one is picked. One that is not known is refused.
func TestRecordingOfTwoJobs(t *testing.T) {
	healthy, sick := load(t, "1.20.5/healthy"), load(t, "1.20.5/slow-storage")
	path := writeHAR(t, healthy.Entries(), moved(sick, healthy.Start().Sub(sick.Start()), sick.Jobs()[0]))
	refused(t, path, healthy.Jobs()[0], sick.Jobs()[0], "2 jobs", "--job")
	s := newShell(t, healthy.End())
	if status := s.run(t, "diagnose", "--recording", path, "--job", healthy.Jobs()[0]); status != StatusHealthy {
		t.Errorf("the healthy one picked: status %d, %q", status, s.err.String())
	}
	if status := s.run(t, "diagnose", "--recording", path, "--job", "nobody"); status != StatusUnknown || !strings.Contains(s.err.String(), "nobody") {
		t.Errorf("a job that is not there: status %d, %q", status, s.err.String())
	}
}

// A hole of an hour: what was before it does not count as of now, and the hole is named.
func TestRecordingWithAHole(t *testing.T) {
	healthy, sick := load(t, "1.20.5/healthy"), load(t, "1.20.5/slow-storage")
	path := writeHAR(t, healthy.Entries(), moved(sick, healthy.End().Add(time.Hour).Sub(sick.Start()), healthy.Jobs()[0]))
	text := saidOf(t, path)
	if !strings.Contains(text, "Not recorded: ") || !strings.Contains(text, "hole of 1h") {
		t.Errorf("the hole is not named:\n%s", text)
	}
	narrow(t, text)
	if text := saidOf(t, recordings+"1.20.5/slow-storage.har.gz"); strings.Contains(text, "Not recorded") {
		t.Errorf("a hole is named where there is none:\n%s", text)
	}
}

// Stacks and metrics of an hour ago say nothing of checkpoints now.
func TestRecordingWithOldFigures(t *testing.T) {
	path := writeHAR(t, each(load(t, "1.20.5/slow-storage").Entries(), func(e recording.Entry) recording.Entry {
		if strings.Contains(e.Path, "checkpoints") || strings.Contains(e.Path, "overview") {
			return later(e, time.Hour)
		}
		return e
	}))
	text := saidOf(t, path)
	if strings.Contains(text, "confirmed") || strings.Contains(text, "stacks of missing subtasks: ") {
		t.Errorf("old stacks confirm a cause:\n%s", text)
	}
}

// Two versions of Flink one after the other: the newer one is judged, and the change is named.
func TestRecordingOfTwoVersions(t *testing.T) {
	before, after := load(t, "1.17.2/backpressure"), load(t, "1.20.5/slow-storage")
	path := writeHAR(t, moved(before, 0, after.Jobs()[0]), moved(after, before.End().Add(time.Minute).Sub(after.Start()), after.Jobs()[0]))
	text := saidOf(t, path)
	if !strings.Contains(text, "Not recorded: ") || !strings.Contains(text, "Flink 1.17.2") {
		t.Errorf("the change of version is not named:\n%s", text)
	}
}

// A clock that is set five minutes on in the middle of a recording: the cause stays, and that the clocks disagree is said.
func TestRecordingWhoseClockIsSet(t *testing.T) {
	sick := load(t, "1.20.5/slow-storage")
	middle := sick.Start().Add(sick.End().Sub(sick.Start()) / 2)
	text := saidOf(t, writeHAR(t, each(sick.Entries(), func(e recording.Entry) recording.Entry {
		if e.Start.After(middle) {
			e.Start = e.Start.Add(5 * time.Minute)
		}
		return e
	})))
	if !strings.Contains(text, "Clocks disagree: ") {
		t.Errorf("it is not said that the clocks disagree:\n%s", text)
	}
}

// saidOf is what diagnose says of a sick recording; slow storage must be the first cause, and backtest must name it, too.
func saidOf(t *testing.T, path string) string {
	t.Helper()
	const cause = "SlowStateBackend"
	s := newShell(t, time.UnixMilli(0))
	status := s.run(t, "diagnose", "--recording", path)
	text := s.out.String()
	if status != StatusSick || !strings.Contains(text, "Cause: "+cause) {
		t.Errorf("status %d, stderr %q, want %s:\n%s", status, s.err.String(), cause, text)
	}
	if status := s.run(t, "backtest", path); status != StatusHealthy || !strings.Contains(s.out.String(), cause) {
		t.Errorf("backtest: status %d, stderr %q:\n%s", status, s.err.String(), s.out.String())
	}
	return text
}

// A recording of 100 MB: the answers are held once, and reading it takes seconds. Measured: 635 MB allocated
// by both commands together, and 8 s on two cores that had much else to do.
func TestRecordingOf100MB(t *testing.T) {
	sick := load(t, "1.20.5/slow-storage")
	const dumps = 100
	stack := strings.Repeat("\tat org.example.Job.map(Job.java:12)\n", 26<<10)
	dump := recording.Entry{Path: "/taskmanagers/tm-9/thread-dump", Status: 200, Type: "application/json",
		Body: []byte(`{"threadInfos":[{"threadName":"x","stringifiedThreadInfo":` + strconv.Quote(stack) + `}]}`)}
	padding := make([]recording.Entry, dumps)
	for i := range padding {
		padding[i] = dump
		padding[i].Start = sick.Start().Add(time.Duration(i) * time.Second)
	}
	path := writeHAR(t, sick.Entries(), padding)
	info, err := os.Stat(path)
	if err != nil || info.Size() < 100_000_000 {
		t.Fatalf("%v bytes, %v", info, err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	saidOf(t, path)
	runtime.ReadMemStats(&after)
	// Twice: diagnose and backtest. Each reads the file once, into a text and from that into bytes: 4 times the size each.
	allocated := int64(after.TotalAlloc - before.TotalAlloc)
	t.Logf("%d MB: %d MB allocated by both commands", info.Size()>>20, allocated>>20)
	if most := 12 * info.Size(); allocated > most {
		t.Errorf("%d bytes were allocated, at most %d were expected", allocated, most)
	}
}
