package observe

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
)

// fakeFlink answers paths (without query) from a map; what is not in it is a 404.
type fakeFlink struct {
	answers map[string]string
	// forbidden are paths that a gateway answers with 403.
	forbidden []string
	asked     []string
	failure   error
}

func (f *fakeFlink) RoundTrip(request *http.Request) (*http.Response, error) {
	f.asked = append(f.asked, request.URL.Path)
	if f.failure != nil {
		return nil, f.failure
	}
	status, body := http.StatusOK, f.answers[request.URL.Path]
	if body == "" {
		status, body = http.StatusNotFound, `{"errors":["not found"]}`
	}
	if slices.Contains(f.forbidden, request.URL.Path) {
		status, body = http.StatusForbidden, `{"errors":["the gateway says no"]}`
	}
	if strings.Contains(body, "has not been enabled") {
		status = http.StatusNotFound
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: request}, nil
}

func (f *fakeFlink) count(prefix string) int {
	n := 0
	for _, path := range f.asked {
		if strings.HasPrefix(path, prefix) {
			n++
		}
	}
	return n
}

const jobID = "0ee9c1ce5758c6d072f133fc27bfc50e"

// healthyFlink runs one job of two vertices with a completed checkpoint.
func healthyFlink() *fakeFlink {
	return &fakeFlink{answers: map[string]string{
		"/jobs/overview": `{"jobs":[{"jid":"` + jobID + `","name":"payments","state":"RUNNING","start-time":1772366000000,"end-time":-1,` +
			`"last-modification":1772366001000,"tasks":{"total":4,"running":4}}]}`,
		"/config": `{"refresh-interval":3000,"flink-version":"1.20.5"}`,
		"/jobs/" + jobID: `{"jid":"` + jobID + `","name":"payments","state":"RUNNING","start-time":1772366000000,"now":1772366400000,` +
			`"timestamps":{"RUNNING":1772366001000},"vertices":[{"id":"v0","name":"Source: orders","parallelism":2,"status":"RUNNING"},` +
			`{"id":"v1","name":"ledger: Writer","parallelism":2,"status":"RUNNING"}],"plan":{"nodes":[{"id":"v1","inputs":[{"id":"v0"}]},{"id":"v0"}]}}`,
		"/jobs/" + jobID + "/checkpoints/config": `{"mode":"exactly_once","interval":60000,"timeout":600000,"min_pause":0,"max_concurrent":1,` +
			`"externalization":{"enabled":true,"delete_on_cancellation":false},"state_backend":"EmbeddedRocksDBStateBackend",` +
			`"checkpoint_storage":"FileSystemCheckpointStorage","unaligned_checkpoints":false,"tolerable_failed_checkpoints":3,"aligned_checkpoint_timeout":0}`,
		"/jobmanager/config": `[{"key":"execution.checkpointing.timeout","value":"10 min"},{"key":"s3.secret-key","value":"hunter2"},` +
			`{"key":"execution.checkpointing.interval","value":"30 s"},{"key":"jobmanager.io-pool.size","value":"4"}]`,
		"/jobs/" + jobID + "/checkpoints": checkpoints(completed(7, 1772366390000)),
		"/jobmanager/metrics":             metrics(1e9, 100, 40<<20),
	}}
}

func checkpoints(history ...string) string {
	latest := "null"
	for _, c := range history {
		if strings.Contains(c, `"COMPLETED"`) {
			latest = c
			break
		}
	}
	return `{"counts":{"restored":0,"total":9,"in_progress":0,"completed":7,"failed":0},"summary":{},"latest":{"completed":` + latest +
		`,"savepoint":null,"failed":null,"restored":null},"history":[` + strings.Join(history, ",") + `]}`
}

func completed(id int, trigger int64) string {
	return sprintf(`{"className":"completed","id":%d,"status":"COMPLETED","is_savepoint":false,"trigger_timestamp":%d,"latest_ack_timestamp":%d,`+
		`"end_to_end_duration":800,"state_size":4096,"checkpointed_size":4096,"num_subtasks":4,"num_acknowledged_subtasks":4,"checkpoint_type":"CHECKPOINT"}`,
		id, trigger, trigger+800)
}

// expired is checkpoint 8.
func expired(trigger int64) string {
	return sprintf(`{"className":"failed","id":8,"status":"FAILED","is_savepoint":false,"trigger_timestamp":%d,"latest_ack_timestamp":-1,`+
		`"end_to_end_duration":600004,"num_subtasks":4,"num_acknowledged_subtasks":2,"checkpoint_type":"CHECKPOINT",`+
		`"failure_timestamp":%d,"failure_message":"Checkpoint expired before completing."}`, trigger, trigger+600004)
}

func pending(id int, trigger int64) string {
	return sprintf(`{"className":"in_progress","id":%d,"status":"IN_PROGRESS","is_savepoint":false,"trigger_timestamp":%d,"latest_ack_timestamp":-1,`+
		`"end_to_end_duration":-1,"num_subtasks":4,"num_acknowledged_subtasks":2,"checkpoint_type":"CHECKPOINT"}`, id, trigger)
}

func metrics(cpu, gc, heap int64) string {
	return sprintf(`[{"id":"Status.JVM.CPU.Time","value":"%d"},{"id":"Status.JVM.GarbageCollector.Copy.Time","value":"%d"},`+
		`{"id":"Status.JVM.GarbageCollector.Copy.Count","value":"%d"},{"id":"Status.JVM.Memory.Heap.Used","value":"%d"},`+
		`{"id":"Status.JVM.Memory.Heap.Max","value":"104857600"},{"id":"Status.JVM.CPU.Load","value":"0.01"}]`, cpu, gc, gc/10, heap)
}

// fakeClock is our clock and the JobManager's.
type fakeClock struct{ now time.Time }

func (c *fakeClock) read() time.Time { return c.now }

func connect(t *testing.T, fake *fakeFlink, clock *fakeClock) *Connection {
	t.Helper()
	connection, err := Connect("http://payments-rest:8081", flink.WithTransport(fake), flink.WithClock(clock.read))
	if err != nil {
		t.Fatal(err)
	}
	return connection
}
