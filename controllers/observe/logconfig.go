package observe

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// flinkRoots are what the keys of Flink's own configuration begin with (1.15 to 2.3). A file without any such key is no Flink configuration.
var flinkRoots = []string{
	"akka.", "blob.", "classloader.", "client.", "cluster.", "containerized.", "env.", "execution.", "fs.", "heartbeat.", "high-availability",
	"historyserver.", "io.tmp.dirs", "jobmanager.", "job-result-store.", "kubernetes.", "metrics.", "parallelism.", "pekko.", "pipeline.",
	"queryable-state.", "resourcemanager.", "rest.", "restart-strategy", "s3.", "security.", "slot.", "slotmanager.", "state.", "table.",
	"task.", "taskmanager.", "web.", "yarn.", "zookeeper.",
}

// configKey is how a key of a Flink configuration is spelled.
var configKey = regexp.MustCompile(`^[A-Za-z$][\w.$-]*$`)

// ParseConfig reads a Flink configuration file, flink-conf.yaml (flat, one key: value a line) or config.yaml (YAML, nested or flat), and
// keeps the allow-listed keys. A file that is something else is refused: the error says what it looks like.
func ParseConfig(data []byte) (map[string]string, error) {
	values, err := configValues(data)
	if err != nil {
		return nil, err
	}
	return checkedConfig(values)
}

// ConfigKeys are all keys of a configuration file that ParseConfig takes, sorted, those included of which no value is kept.
func ConfigKeys(data []byte) []string {
	values, err := configValues(data)
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(values))
}

// configValues reads a configuration file whole.
func configValues(data []byte) (map[string]string, error) {
	const most = 4 << 20
	switch {
	case len(data) > most:
		return nil, fmt.Errorf("the Flink configuration has %d bytes, expected at most %d", len(data), most)
	case !utf8.Valid(data):
		return nil, fmt.Errorf("it is not text, expected Flink's flink-conf.yaml or config.yaml")
	}
	var tree map[string]any
	if err := yaml.Unmarshal(data, &tree); err == nil {
		if kind, ok := tree["kind"].(string); ok && tree["apiVersion"] != nil {
			return nil, fmt.Errorf("it is a Kubernetes %s, expected Flink's own flink-conf.yaml or config.yaml: of a FlinkDeployment that is what stands below spec.flinkConfiguration", cleanText(kind, 64))
		}
		return flatten(tree).values, nil
	}
	values, strange := readFlat(string(data))
	if len(strange) > len(values) {
		return nil, fmt.Errorf("%d of its lines are not of the form key: value, the first %q; expected Flink's flink-conf.yaml or config.yaml", len(strange), cleanText(strange[0], 60))
	}
	return values, nil
}

// readFlat reads lines of the form "key: value" and returns what is neither that nor blank nor a comment beside them. Flink warns of such lines
// and goes on, so that a few of them are no reason to refuse a file.
func readFlat(text string) (values map[string]string, strange []string) {
	values = map[string]string{}
	for line := range strings.SplitSeq(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		key, value, ok := strings.Cut(line, ":")
		switch {
		case line == "" || line == "---":
		case !ok || !configKey.MatchString(key) || value != "" && value[0] != ' ':
			strange = append(strange, line)
		default:
			values[key] = strings.TrimSpace(value)
		}
	}
	return values, strange
}

// checkedConfig keeps what may be kept of values that hold at least one key of Flink's.
func checkedConfig(values map[string]string) (map[string]string, error) {
	for key := range values {
		if slices.ContainsFunc(flinkRoots, func(root string) bool { return strings.HasPrefix(key, root) }) {
			return keepKnown(values), nil
		}
	}
	return nil, fmt.Errorf("none of its %d keys is one of Flink's, such as execution.checkpointing.timeout; expected Flink's flink-conf.yaml or config.yaml", len(values))
}
