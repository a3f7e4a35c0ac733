package score

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// repository is a directory with the files that are given, by path.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const heldOutTrial = "case: joins\nsplit: heldout\nflinkVersion: 2.2.1\ncauses: [SinkFlush]\njob: {name: a, parallelism: 1, operators: 2}\nexpired: 0\n"

func TestLabeledRecordingsAndTrialsAreFound(t *testing.T) {
	sources, err := Sources(repository(t, map[string]string{
		LabeledDir + "/labels.yaml":                   "1.20.5/a/cured: {cause: None}\n1.20.5/a: {cause: JobManagerOverload/CPU, expired: 3}\n",
		LabeledDir + "/1.20.5/a.har.gz":               "",
		LabeledDir + "/1.20.5/a/cured.har.gz":         "",
		RecordingsDir + "/heldout/2.2.1/joins.yaml":   heldOutTrial,
		RecordingsDir + "/heldout/2.2.1/joins.har.gz": "",
	}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range sources {
		got = append(got, sources[i].Name+" "+strings.Join(sources[i].Trial.Causes, "+"))
	}
	want := "heldout/2.2.1/joins SinkFlush, tuning/labeled/1.20.5/a JobManagerOverload/CPU, tuning/labeled/1.20.5/a/cured "
	if strings.Join(got, ", ") != want {
		t.Errorf("got %q", got)
	}
	if sources[1].Trial.Split != trial.Tuning || sources[1].Trial.Expired != 3 {
		t.Errorf("labeled: %+v", sources[1].Trial)
	}
}

func TestSourcesThatDoNotFitAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no recording": {map[string]string{LabeledDir + "/labels.yaml": "1.20.5/a: {cause: None}"}, "1.20.5/a has no recording, expected"},
		"no cause":     {map[string]string{LabeledDir + "/labels.yaml": "1.20.5/a: {expired: 1}"}, `1.20.5/a has cause "", expected`},
		"no version":   {map[string]string{LabeledDir + "/labels.yaml": "a: {cause: None}"}, "expected a version, a case and a cause"},
		"odd field":    {map[string]string{LabeledDir + "/labels.yaml": "1.20.5/a: {reason: None}"}, `unknown field "reason"`},
	} {
		if _, err := Sources(repository(t, c.files)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestWhatCannotBeReadIsAnError(t *testing.T) {
	root := repository(t, map[string]string{RecordingsDir + "/heldout/2.2.1/joins.yaml": heldOutTrial, RecordingsDir + "/heldout/2.2.1/joins.har.gz": "{"})
	if _, err := Gather(t.Context(), root); err == nil || !strings.Contains(err.Error(), "joins.har.gz") {
		t.Errorf("no archive: %v", err)
	}
	if _, err := Gather(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "is it the root of the repository?") {
		t.Errorf("nothing: %v", err)
	}
}
