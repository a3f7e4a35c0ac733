package observe

import (
	"bytes"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"checkpointhealth.dev/operator/controllers/recording"
)

// What is kept of a log tells all that the whole log does.
func TestTellingRecordsTellAll(t *testing.T) {
	files, err := filepath.Glob("../recording/testdata/flink/*/*.har.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	whole, kept := 0, 0
	for _, file := range files {
		archive, err := recording.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range archive.Entries() {
			if !strings.HasSuffix(e.Path, "/log") {
				continue
			}
			telling := TellingRecords(e.Body)
			whole, kept = whole+len(e.Body), kept+len(telling)
			want, got := scanned(t, e.Body), scanned(t, telling)
			for _, r := range []*LogReport{want, got} {
				r.Lines, r.Records = 0, 0
				r.First, r.Last = r.First.Truncate(0), r.Last.Truncate(0)
			}
			got.First, got.Last = want.First, want.Last // of records that tell nothing
			if !reflect.DeepEqual(want, got) {
				t.Errorf("%s %s: what is kept tells\n\t%+v\nwant\n\t%+v", file, e.Path, got, want)
			}
		}
	}
	if kept == 0 || kept >= whole {
		t.Errorf("%d of %d bytes are kept", kept, whole)
	}
}

func scanned(t *testing.T, log []byte) *LogReport {
	t.Helper()
	report, err := ScanLog(bytes.NewReader(log), "x")
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// Names, addresses and arguments that a process prints at its start are no evidence.
func TestTellingRecordsLeaveOutTheRest(t *testing.T) {
	const head = "2025-01-31 12:00:00,000 INFO  x [] - "
	log := head + "Loading configuration property: kubernetes.cluster-id, payments\n" +
		head + "Loading configuration property: execution.checkpointing.timeout, 10 min\n" +
		head + "Program Arguments:\n" + head + "    --customer acme\n" +
		head + "Customer acme is late\n\tat com.acme.Job.run(Job.java:1)\n" +
		head + "Checkpoint 5 of job 0ee9c1ce5758c6d072f133fc27bfc50e expired before completing.\n"
	want := head + "Loading configuration property: execution.checkpointing.timeout, 10 min\n" +
		head + "Checkpoint 5 of job 0ee9c1ce5758c6d072f133fc27bfc50e expired before completing.\n"
	if got := string(TellingRecords([]byte(log))); got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
	if got := TellingRecords(nil); len(got) != 0 {
		t.Errorf("kept %q of nothing", got)
	}
}
