package plan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"checkpointhealth.dev/operator/controllers/model"
)

// changing is a remedy of those fields and values.
func changing(pairs ...string) *model.Remedy {
	r := &model.Remedy{}
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Changes = append(r.Changes, model.Change{Field: pairs[i], To: pairs[i+1]})
	}
	return r
}

var payments = model.Target{Kind: "FlinkDeployment", Name: "payments"}

var patches = []struct {
	name   string
	target *model.Target
	remedy *model.Remedy
	want   string
}{
	{"flat", &payments, changing(keyTimeout, "22m"), `# merge into FlinkDeployment/payments; everything else stays as it is
spec:
  flinkConfiguration:
    execution.checkpointing.timeout: 22m
`},
	{"nested as the user has it, text stays text", &model.Target{Kind: "FlinkDeployment", Name: "payments", Nested: map[string][]string{keyTimeout: strings.Split(keyTimeout, ".")}},
		changing(keyTimeout, "22m", keyIOPool, "4", keyCleaner, "true"), `# merge into FlinkDeployment/payments; everything else stays as it is
spec:
  flinkConfiguration:
    execution:
      checkpointing:
        timeout: 22m
    execution.checkpointing.cleaner.parallel-mode: "true"
    jobmanager.io-pool.size: "4"
`},
	{"resources and upgrade mode", &payments, changing(fieldCPU, "1.5", fieldMemory, "2g", fieldUpgradeMode, "last-state"),
		`# merge into FlinkDeployment/payments; everything else stays as it is
spec:
  job:
    upgradeMode: last-state
  jobManager:
    resource:
      cpu: 1.5
      memory: 2g
`},
	{"the parent of a blue/green child", &model.Target{Kind: "FlinkDeployment", Name: "pay-blue", Parent: "FlinkBlueGreenDeployment/pay"}, changing(keyTimeout, "22m"),
		`# merge into FlinkBlueGreenDeployment/pay; everything else stays as it is
spec:
  template:
    spec:
      flinkConfiguration:
        execution.checkpointing.timeout: 22m
`},
	{"no cluster", nil, changing(keyInterval, "5m"), `# merge into the FlinkDeployment of this job; everything else stays as it is
spec:
  flinkConfiguration:
    execution.checkpointing.interval: 5m
`},
	{"a plain Deployment", &model.Target{Kind: "Deployment", Name: "jm"}, changing(keyTimeout, "22m", fieldMemory, "2Gi", "jobManager.resources.limits.cpu", "1.5"),
		`# into the Flink configuration (config.yaml, flink-conf.yaml before Flink 2) of Deployment/jm; then restart the JobManager
execution.checkpointing.timeout: 22m
jobmanager.memory.process.size: 2g
# memory of the JobManager's container: 2Gi
# resources.limits.cpu of the JobManager's container: 1.5
`},
	{"nothing", &payments, changing(), ""},
	{"no remedy", &payments, nil, ""},
}

func TestPatch(t *testing.T) {
	for _, c := range patches {
		if diff := cmp.Diff(c.want, Patch(c.target, c.remedy)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestPatchNeverLosesAChange(t *testing.T) {
	target := &model.Target{Kind: "FlinkDeployment", Name: "x", Nested: map[string][]string{"a.b": {"a", "b"}, "a.b.c": {"a", "b", "c"}}}
	r := &model.Remedy{Changes: []model.Change{{Field: "a.b", To: "1"}, {Field: "a.b.c", To: "2"}}}
	want := `# merge into FlinkDeployment/x; everything else stays as it is
spec:
  flinkConfiguration:
    a:
      b: "1"
      b.c: "2"
`
	if diff := cmp.Diff(want, Patch(target, r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
