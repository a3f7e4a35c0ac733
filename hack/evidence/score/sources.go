package score

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"sigs.k8s.io/yaml"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// Where things are, below the root of the repository.
const (
	// RecordingsDir holds the trials of both halves.
	RecordingsDir = "hack/evidence/recordings"
	// LabeledDir holds the recordings that the rules were made with, before there were trials. They count as tuning.
	LabeledDir = "controllers/recording/testdata/flink"
	// labelsFile tells their true causes.
	labelsFile = "labels.yaml"
	// labelNone is the label of a healthy one.
	labelNone = "None"
)

// Source is a recording with what was true of it.
type Source struct {
	// Name is unique: the split, the version and the case, such as tuning/1.20.5/slow-storage; tuning/labeled/1.20.5/slow-storage for one that was
	// recorded before there were trials.
	Name  string
	Trial trial.Trial
	// Recording is the path of the HTTP Archive.
	Recording string
}

// Sources are all recordings below the root of the repository: the labeled ones and the trials, by name.
func Sources(root string) ([]Source, error) {
	sources, err := labeled(filepath.Join(root, LabeledDir))
	if err != nil {
		return nil, err
	}
	found, err := trial.Find(filepath.Join(root, RecordingsDir))
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		sources = append(sources, Source{Name: string(f.Trial.Split) + "/" + f.Trial.Name(), Trial: *f.Trial, Recording: f.Recording})
	}
	slices.SortFunc(sources, func(a, b Source) int { return compareText(a.Name, b.Name) })
	return sources, nil
}

// labeled are the recordings of a directory with a file of labels; none where there is no such directory.
func labeled(dir string) ([]Source, error) {
	path := filepath.Join(dir, labelsFile)
	raw, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var labels map[string]struct {
		Cause   string `json:"cause"`
		Expired int    `json:"expired"`
	}
	if err := yaml.UnmarshalStrict(raw, &labels); err != nil {
		return nil, fmt.Errorf("%s: %w; expected lines such as 1.20.5/slow-storage: {cause: SlowStateBackend, expired: 7}", path, err)
	}
	var sources []Source
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		version, rest, ok := cutPath(name)
		if !ok || labels[name].Cause == "" {
			return nil, fmt.Errorf("%s: %s has cause %q, expected a version, a case and a cause, such as 1.20.5/slow-storage: {cause: SlowStateBackend}",
				path, name, labels[name].Cause)
		}
		t := trial.Trial{Case: rest, Split: trial.Tuning, FlinkVersion: version, Expired: labels[name].Expired}
		if cause := labels[name].Cause; cause != labelNone {
			t.Causes = []string{cause}
		}
		recording := filepath.Join(dir, filepath.FromSlash(name)) + trial.RecordingSuffix
		if _, err := os.Stat(recording); err != nil {
			return nil, fmt.Errorf("%s: %s has no recording, expected %s", path, name, recording)
		}
		sources = append(sources, Source{Name: string(trial.Tuning) + "/labeled/" + name, Trial: t, Recording: recording})
	}
	return sources, nil
}
