package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// label is what is known of a recording. Cause is a cause, a cause and sub-cause as JobManagerOverload/Heap, or None for a healthy job;
// Expired is how many checkpoints of its history expired.
type label struct {
	Cause   string `json:"cause"`
	Expired int    `json:"expired"`
}

// labelNone is the label of a healthy job.
const labelNone = "None"

// readLabels reads labels by recording: the path of the recording below the labels or the directory that was given, without .har or
// .har.gz.
func readLabels(path string) (map[string]label, error) {
	if path == "" {
		return map[string]label{}, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--labels: %w", err)
	}
	labels := map[string]label{}
	if err := yaml.Unmarshal(raw, &labels); err != nil {
		return nil, fmt.Errorf("--labels %s: %w; expected lines such as 1.20.5/slow-storage: {cause: SlowStateBackend, expired: 7}", path, err)
	}
	for name, l := range labels {
		if l.Cause == "" {
			return nil, fmt.Errorf("--labels %s: %s has no cause, expected one such as SlowStateBackend, or None", path, name)
		}
	}
	return labels, nil
}

// recordingName is a path as labels name it.
func recordingName(path string) string {
	path = filepath.ToSlash(path)
	path = strings.TrimSuffix(path, ".gz")
	return strings.TrimSuffix(path, ".har")
}

// labelOf finds the label of a recording: the longest name that its path ends in.
func labelOf(labels map[string]label, path string) (label, bool) {
	name := recordingName(path)
	for rest := name; ; {
		if l, ok := labels[rest]; ok {
			return l, true
		}
		_, after, found := strings.Cut(rest, "/")
		if !found {
			return label{}, false
		}
		rest = after
	}
}
