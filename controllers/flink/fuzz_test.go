package flink

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// odd are answers no Flink gives, and shapes that have broken readers before: every decoder is tried with them.
var odd = []string{
	``, ` `, `null`, `{}`, `[]`, `[null]`, `""`, `0`, `true`, `{"`, `[{"id":`, "\xff\xfe", `<html></html>`, `{"a":1}{"b":2}`,
	`{"jobs":null}`, `{"jobs":[null]}`, `{"jobs":{}}`, `{"jobs":[{"jid":7,"tasks":"x"}]}`, `{"history":[[]]}`, `{"history":[{"status":null}]}`,
	`{"subtasks":[{"index":-1,"status":"completed"}]}`, `{"subtasks":[{"index":1e300,"status":"completed","checkpoint":null}]}`,
	`{"subtasks":[{"index":"3","status":"completed","end_to_end_duration":"NaN","checkpoint":{"sync":1.5,"async":null}}]}`,
	`[{"id":"a","value":"NaN"},{"id":"b","value":-1},{"id":"c","value":1e999},{"id":"\u0007","value":"Infinity"}]`,
	`{"threadInfos":[{"threadName":"a\" b","stringifiedThreadInfo":"\"a\" b\" Id=1 BLOCKED on x owned by \"y\" Id= \n\tat (\n\tat /\n\tat a/\n\tat /0.\n\t- locked\n\t-\n\t..."}]}`,
	`{"errors":["a","b\n\tat c"]}`, `{"errors":null}`, `{"errors":[1]}`,
}

// seeds adds the recorded answers of every version, and the odd ones.
func seeds(f *testing.F, name string) {
	f.Helper()
	files, err := filepath.Glob("testdata/*/" + name + ".json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no recorded answer testdata/*/%s.json (%v)", name, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, s := range odd {
		f.Add([]byte(s))
	}
}

// fuzz holds a decoder to its promise: an error of this package, short and on one line, or a value within bounds.
func fuzz[T any](f *testing.F, name string, decode func([]byte) (T, error)) {
	f.Helper()
	seeds(f, name)
	f.Fuzz(func(t *testing.T, data []byte) {
		before := string(data)
		v, err := decode(data)
		if string(data) != before {
			t.Fatal("the decoder changed its input")
		}
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatalf("error %v is not ErrMalformed", err)
			}
			checkString(t, "error", err.Error(), 1000, false)
			return
		}
		checkValue(t, name, reflect.ValueOf(v))
	})
}

func FuzzOverview(f *testing.F)          { fuzz(f, "overview", decodeOverview) }
func FuzzDashboardConfig(f *testing.F)   { fuzz(f, "config", decodeDashboardConfig) }
func FuzzJobs(f *testing.F)              { fuzz(f, "jobs-overview", decodeJobs) }
func FuzzJob(f *testing.F)               { fuzz(f, "job", decodeJob) }
func FuzzJobConfig(f *testing.F)         { fuzz(f, "job-config", decodeJobConfig) }
func FuzzCheckpoints(f *testing.F)       { fuzz(f, "checkpoints", decodeCheckpoints) }
func FuzzCheckpointConfig(f *testing.F)  { fuzz(f, "checkpoints-config", decodeCheckpointConfig) }
func FuzzCheckpointDetails(f *testing.F) { fuzz(f, "checkpoint-*", decodeCheckpointDetails) }
func FuzzSubtaskDetails(f *testing.F)    { fuzz(f, "subtasks-*", decodeSubtaskDetails) }
func FuzzVertex(f *testing.F)            { fuzz(f, "vertex", decodeVertex) }
func FuzzBackPressure(f *testing.F)      { fuzz(f, "backpressure", decodeBackPressure) }
func FuzzExceptions(f *testing.F)        { fuzz(f, "exceptions*", decodeExceptions) }
func FuzzMetricNames(f *testing.F)       { fuzz(f, "jobmanager-metric-names", decodeMetricNames) }
func FuzzJobManagerConfig(f *testing.F)  { fuzz(f, "jobmanager-config", decodeJobManagerConfig) }
func FuzzTaskManagers(f *testing.F)      { fuzz(f, "taskmanagers", decodeTaskManagers) }
func FuzzTaskManager(f *testing.F)       { fuzz(f, "taskmanager", decodeTaskManager) }
func FuzzThreads(f *testing.F)           { fuzz(f, "thread-dump*", decodeThreads) }
func FuzzLogFiles(f *testing.F)          { fuzz(f, "logs", decodeLogFiles) }

func FuzzMetrics(f *testing.F) {
	fuzz(f, "*-metrics", func(data []byte) (map[int]map[string]float64, error) {
		values := map[string]float64{}
		err := decodeMetrics(data, values)
		for id, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) || v == -1 {
				return nil, errors.New("a value that is absent is there: " + id)
			}
		}
		return bySubtask(values), err
	})
}

func FuzzStatusError(f *testing.F) {
	seeds(f, "exceptions")
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, status := range []int{302, 401, 404, 500, 503} {
			err := (&Client{base: "http://jobmanager:8081"}).newStatusError("/jobs/overview", answer{status: status}, body)
			checkString(t, "error", err.Error(), 1000, false)
		}
	})
}

// checkValue walks v: text is bounded and clean, indexes are not negative, nothing is infinite.
func checkValue(t *testing.T, name string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			checkValue(t, name, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.Name != "Received" {
				checkValue(t, name+"."+field.Name, v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkValue(t, name, v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			checkValue(t, name+" key", key)
			checkValue(t, name, v.MapIndex(key))
		}
	default:
		checkScalar(t, name, v)
	}
}

func checkScalar(t *testing.T, name string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		checkString(t, name, v.String(), maxStack, true)
	case reflect.Float64:
		if math.IsInf(v.Float(), 0) {
			t.Fatalf("%s is infinite", name)
		}
	case reflect.Int:
		if v.Int() < 0 && strings.HasSuffix(name, ".Index") {
			t.Fatalf("%s is %d", name, v.Int())
		}
	default: // any value of the other kinds will do
	}
}

func checkString(t *testing.T, name, s string, bound int, lines bool) {
	t.Helper()
	if len(s) > bound {
		t.Fatalf("%s is %d bytes long, bound is %d", name, len(s), bound)
	}
	if !utf8.ValidString(s) {
		t.Fatalf("%s is not UTF-8: %q", name, s)
	}
	for _, r := range s {
		if unicode.IsControl(r) && (!lines || r != '\n' && r != '\t') {
			t.Fatalf("%s has the control character %q: %q", name, r, s)
		}
	}
}
