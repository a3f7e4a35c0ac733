package flinksim

import (
	"compress/gzip"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// recorded is one answer of a real Flink.
type recorded struct {
	path   string // with the query
	status int
	body   string
}

// recordingsDir holds HTTP Archives of real Flinks, a folder for each version.
var recordingsDir = filepath.Join("..", "..", "controllers", "recording", "testdata", "flink")

// recordingsOf returns the answers of every recording of a Flink version by case, or skips the test.
func recordingsOf(t *testing.T, version string) map[string][]recorded {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(recordingsDir, version, "*.har.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("NOT CHECKED: there are no recordings of Flink %s in %s", version, recordingsDir)
	}
	all := map[string][]recorded{}
	for _, file := range files {
		all[strings.TrimSuffix(filepath.Base(file), ".har.gz")] = readArchive(t, file)
	}
	return all
}

func readArchive(t *testing.T, file string) []recorded {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var archive struct {
		Log struct {
			Entries []struct {
				Request  struct{ URL string }
				Response struct {
					Status  int
					Content struct{ Text string }
				}
			}
		}
	}
	if err := json.NewDecoder(unzipped).Decode(&archive); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var answers []recorded
	for _, e := range archive.Log.Entries {
		u, err := url.Parse(e.Request.URL)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		answers = append(answers, recorded{path: u.RequestURI(), status: e.Response.Status, body: e.Response.Content.Text})
	}
	return answers
}

var (
	hexID      = regexp.MustCompile(`[0-9a-f]{32}`)
	detailsID  = regexp.MustCompile(`/details/\d+`)
	managersID = regexp.MustCompile(`/taskmanagers/[^/?]+`)
)

// endpointOf is a path without its ids: which answer it is.
func endpointOf(path string) string {
	path, query, _ := strings.Cut(path, "?")
	path = hexID.ReplaceAllString(path, "ID")
	path = detailsID.ReplaceAllString(path, "/details/N")
	path = managersID.ReplaceAllString(path, "/taskmanagers/TM")
	if strings.HasPrefix(query, "get=") {
		path += "?get"
	}
	return path
}
