package trial

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"checkpointhealth.dev/operator/controllers/recording"
)

// labeled is a recording in the order of time.
var labeled = filepath.Join("..", "..", "..", "controllers", "recording", "testdata", "flink", "1.20.5", "slow-storage.har.gz")

func TestAPackedRecordingIsReadAsTheOneBefore(t *testing.T) {
	raw, err := os.ReadFile(labeled)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := Pack(raw)
	if err != nil {
		t.Fatal(err)
	}
	before, now := read(t, raw), read(t, packed)
	if !reflect.DeepEqual(before.Entries(), now.Entries()) || before.Base() != now.Base() || !reflect.DeepEqual(before.Passes(), now.Passes()) {
		t.Error("it is read as another")
	}
	if len(packed) >= len(raw) {
		t.Errorf("packed %d bytes of %d, want fewer", len(packed), len(raw))
	}
	again, err := Pack(packed)
	if err != nil || !bytes.Equal(again, packed) {
		t.Errorf("packed twice it is another: %v", err)
	}
}

func read(t *testing.T, raw []byte) *recording.Recording {
	t.Helper()
	r, err := recording.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatIsNoRecordingIsNotPacked(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "unexpected end of JSON input",
		`{"log": {"entries": []}}`: "log.entries is empty",
		`{"log": {"entries": [{"request": {"url": 3}}]}}`:      "log.entries[0]: json",
		`{"log": {"entries": [{"request": {"url": ":"}}, 1]}}`: "log.entries[0]: parse",
	} {
		var zipped bytes.Buffer
		z := gzip.NewWriter(&zipped)
		if _, err := z.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Pack(zipped.Bytes()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := Pack([]byte("{}")); err == nil {
		t.Error("what is not zipped was packed")
	}
}

// The recordings are cloned with the repository.
func TestRecordingsKeepWithinTheirBounds(t *testing.T) {
	found, err := Find(filepath.Join("..", "recordings"))
	if err != nil {
		t.Fatal(err)
	}
	all := int64(0)
	for _, f := range found {
		info, err := os.Stat(f.Recording)
		if err != nil {
			t.Fatal(err)
		}
		if all += info.Size(); info.Size() > MostEach {
			t.Errorf("%s has %d bytes, want at most %d: record it with fewer passes or subtasks", f.Recording, info.Size(), MostEach)
		}
	}
	if all > MostAll {
		t.Errorf("all recordings have %d bytes, want at most %d: evidence pack makes those smaller that were recorded without", all, MostAll)
	}
}
