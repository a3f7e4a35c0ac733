package observe

import (
	"os"
	"strings"
	"testing"
)

// What is no configuration of Flink's is refused, and the error says what it looks like.
func TestParseConfigRefuses(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ text, want string }{
		"README":            {string(readme), "not of the form key: value"},
		"a log":             {jobManagerLog, "not of the form key: value"},
		"empty":             {"", "none of its 0 keys"},
		"comments":          {"# nothing\n\n# at all\n", "none of its 0 keys"},
		"JSON":              {`{"name": "x", "version": "1.0.0"}`, "none of its 2 keys is one of Flink's"},
		"another program":   {"server.port: 8080\nspring.application.name: x\n", "none of its 2 keys"},
		"a FlinkDeployment": {"apiVersion: flink.apache.org/v1beta1\nkind: FlinkDeployment\nspec: {flinkConfiguration: {execution.checkpointing.timeout: 10m}}\n", "a Kubernetes FlinkDeployment"},
		"binary":            {"\x1f\x8b\x08\xff\xfe", "is not text"},
	} {
		if _, err := ParseConfig([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// A line that Flink warns of and passes over does not make a file something else.
func TestParseConfigWithAStrangeLine(t *testing.T) {
	config, err := ParseConfig([]byte("---\nenv.java.opts: -Dx=a: b: c\nnonsense\nexecution.checkpointing.timeout: 15 min\nstate.backend.type:\n"))
	if err != nil || config["execution.checkpointing.timeout"] != "15 min" {
		t.Errorf("%v, %v", config, err)
	}
}
