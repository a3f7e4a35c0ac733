package observe

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"checkpointhealth.dev/operator/controllers/flink"
)

// wideFlink is the healthy job with 5 vertices of 5,000 subtasks and one expired checkpoint.
func wideFlink() *fakeFlink {
	const vertices, parallelism = 5, 5000
	fake := healthyFlink()
	var nodes, tasks []string
	subtasks := make([]string, parallelism)
	for i := range subtasks {
		subtasks[i] = fmt.Sprintf(`{"className":"completed","index":%d,"status":"completed","ack_timestamp":1772365800800,"end_to_end_duration":800,`+
			`"checkpointed_size":4096,"state_size":4096,"checkpoint":{"sync":3,"async":120},"alignment":{"buffered":0,"processed":0,"persisted":0,"duration":10},`+
			`"start_delay":300,"unaligned_checkpoint":false,"aborted":false}`, i)
	}
	base := "/jobs/" + jobID + "/checkpoints/details/8"
	body := `{"id":8,"status":"FAILED","subtasks":[` + strings.Join(subtasks, ",") + `]}`
	for i := range vertices {
		nodes = append(nodes, fmt.Sprintf(`{"id":"v%d","name":"v%d","parallelism":%d,"status":"RUNNING"}`, i, i, parallelism))
		tasks = append(tasks, fmt.Sprintf(`"v%d":{"num_subtasks":%d,"num_acknowledged_subtasks":%d}`, i, parallelism, parallelism))
		fake.answers[fmt.Sprintf("%s/subtasks/v%d", base, i)] = body
	}
	fake.answers["/jobs/"+jobID] = `{"jid":"` + jobID + `","name":"payments","state":"RUNNING","now":1772366400000,"vertices":[` + strings.Join(nodes, ",") + `]}`
	failure := expired(1772365800000)
	fake.answers["/jobs/"+jobID+"/checkpoints"] = checkpoints(failure)
	fake.answers[base] = strings.TrimSuffix(failure, "}") + `,"tasks":{` + strings.Join(tasks, ",") + `}}`
	return fake
}

// BenchmarkDetailsOf25000Subtasks reads one expired checkpoint of a wide job, decoding included.
func BenchmarkDetailsOf25000Subtasks(b *testing.B) {
	clock := &fakeClock{now: time.UnixMilli(1772366400000)}
	connection, err := Connect("http://payments-rest:8081", flink.WithTransport(wideFlink()), flink.WithClock(clock.read))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		snapshot, err := Flink(context.Background(), connection, Options{Now: clock.read, NoLogs: true}, &Memory{})
		if err != nil {
			b.Fatal(err)
		}
		if entries := len(snapshot.Checkpoints.History[0].Tasks[0].Entries); entries != 5000 {
			b.Fatalf("%d entries, want 5000", entries)
		}
	}
}

// BenchmarkHealthyPass is one pass over a healthy job that is known, three answers decoded.
func BenchmarkHealthyPass(b *testing.B) {
	clock := &fakeClock{now: time.UnixMilli(1772366400000)}
	fake := healthyFlink()
	connection, err := Connect("http://payments-rest:8081", flink.WithTransport(fake), flink.WithClock(clock.read))
	if err != nil {
		b.Fatal(err)
	}
	var memory Memory
	for b.Loop() {
		fake.asked = fake.asked[:0]
		if _, err := Flink(context.Background(), connection, Options{Now: clock.read}, &memory); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTarget turns a FlinkDeployment with managedFields into a target, as each pass does.
func BenchmarkTarget(b *testing.B) {
	var deployment unstructured.Unstructured
	if err := yaml.Unmarshal([]byte(paymentsYAML), &deployment.Object); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if target := FlinkDeployment(&deployment); target.Name != "payments" {
			b.Fatal(target.Name)
		}
	}
}

// BenchmarkScanLog reads a JobManager's log of 130,000 lines.
func BenchmarkScanLog(b *testing.B) {
	text := strings.Repeat(jobManagerLog, 10000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if report, err := ScanLog(strings.NewReader(text), "jm"); err != nil || report.Lines != 130000 {
			b.Fatalf("%d lines, %v", report.Lines, err)
		}
	}
}
