package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// label is what is known of a recording. Cause is a cause, a cause and sub-cause as JobManagerOverload/Heap, or None for a healthy job;
// Expired is how many checkpoints of its history expired.
type label struct {
	Cause   string `json:"cause"`
	Expired int    `json:"expired"`
}

// UnmarshalJSON reads a label, or a cause alone: "None" is {"cause": "None"}.
func (l *label) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		return json.Unmarshal(raw, &l.Cause)
	}
	type fields label // without this method
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode((*fields)(l))
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
	if err := yaml.UnmarshalStrict(raw, &labels); err != nil {
		return nil, fmt.Errorf("--labels %s: %w; expected lines such as 1.20.5/slow-storage: {cause: SlowStateBackend, expired: 7}", path, err)
	}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if wrong := labels[name].check(); wrong != "" {
			return nil, fmt.Errorf("--labels %s: %s: %s", path, name, wrong)
		}
	}
	return labels, nil
}

// causes are the causes a label may name, each with its sub-causes.
var causes = map[api.Cause][]api.SubCause{
	api.CauseNetworkLatency: nil, api.CauseJobManagerOverload: {api.SubCauseCPU, api.SubCauseHeap}, api.CauseSlowCleanup: nil, api.CauseSlowStateBackend: nil,
	api.CauseCheckpointPressure: nil, api.CauseFlinkVersionBug: {api.SubCauseKnownIssue, api.SubCauseVersionMismatch}, api.CauseBackpressure: nil,
	api.CauseSinkFlush: nil, api.CauseSlowSyncPhase: nil, api.CauseDataSkew: nil, api.CauseTaskManagerPressure: nil, api.CauseStorageFailure: nil,
	api.CauseOversizedAck: nil, api.CauseSourceBlocked: nil, api.CauseUserCodeBlocking: nil, api.CauseCommitBlocksTask: nil,
	api.CauseCoordinatorBlocked: nil, api.CauseTaskFailure: nil, api.CauseSharedDependencyDegraded: nil, api.CauseUndetermined: nil,
}

// check says what is wrong with a label; empty where nothing is.
func (l label) check() string {
	cause, sub, _ := strings.Cut(l.Cause, "/")
	subs, known := causes[api.Cause(cause)]
	switch {
	case l.Cause == "":
		return "it has no cause, expected one such as SlowStateBackend, or None"
	case l.Expired < 0:
		return fmt.Sprintf("expired is %d, expected how many checkpoints of the history expired", l.Expired)
	case l.Cause == labelNone:
		return ""
	case !known:
		return fmt.Sprintf("cause is %q, expected None or one of %s", l.Cause, strings.Join(causeNames(), ", "))
	case strings.Contains(l.Cause, "/") && !slices.Contains(subs, api.SubCause(sub)):
		return fmt.Sprintf("cause is %q, expected %s%s", l.Cause, cause, subNames(subs))
	}
	return ""
}

// causeNames are all causes by name.
func causeNames() []string {
	var names []string
	for cause := range causes {
		names = append(names, string(cause))
	}
	slices.Sort(names)
	return names
}

// subNames goes on from a cause with the sub-causes it may have.
func subNames(subs []api.SubCause) string {
	if len(subs) == 0 {
		return " alone: it has no sub-causes"
	}
	var text strings.Builder
	for _, sub := range subs {
		fmt.Fprintf(&text, " or with /%s", sub)
	}
	return text.String()
}

// unmatched says which labels are of none of the recordings and which recordings have none; empty where all match. Where no label matches it is an
// error: then the names are of another directory.
func unmatched(labels map[string]label, files []recordingFile) (string, error) {
	if len(labels) == 0 {
		return "", nil
	}
	left := maps.Clone(labels)
	var bare []string
	for _, file := range files {
		name, _, ok := labelOfFile(labels, file)
		delete(left, name)
		if !ok {
			bare = append(bare, file.name)
		}
	}
	if len(left) == len(labels) {
		return "", fmt.Errorf("--labels: none of the %d labels, such as %s, is of one of the %d recordings, such as %s", len(labels), someOf(slices.Sorted(maps.Keys(left))), len(files), files[0].name)
	}
	var said []string
	if len(left) > 0 {
		said = append(said, fmt.Sprintf("%d of %d labels are of none of the recordings: %s", len(left), len(labels), someOf(slices.Sorted(maps.Keys(left)))))
	}
	if len(bare) > 0 {
		said = append(said, fmt.Sprintf("%d of %d recordings have no label: %s", len(bare), len(files), someOf(bare)))
	}
	return strings.Join(said, "; "), nil
}

// someOf names the first few of many.
func someOf(names []string) string {
	const most = 5
	text := strings.Join(names[:min(len(names), most)], ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// recordingName is a path as labels name it.
func recordingName(path string) string {
	path = filepath.ToSlash(path)
	path = strings.TrimSuffix(path, ".gz")
	return strings.TrimSuffix(path, ".har")
}

// labelOfFile finds the label of a recording by its path or, where that tells nothing, by the name it is shown by.
func labelOfFile(labels map[string]label, file recordingFile) (name string, l label, ok bool) {
	if name, l, ok = labelOf(labels, file.path); ok {
		return name, l, ok
	}
	return labelOf(labels, file.name)
}

// labelOf finds the label of a recording and the name it stands by: the longest that the path ends in.
func labelOf(labels map[string]label, path string) (name string, l label, ok bool) {
	for rest := recordingName(path); ; {
		if l, ok := labels[rest]; ok {
			return rest, l, true
		}
		_, after, found := strings.Cut(rest, "/")
		if !found {
			return "", label{}, false
		}
		rest = after
	}
}
