package flink_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/testkit"
)

// BenchmarkPoll compares one poll of a healthy job with a plain loop that asks and decodes the same.
func BenchmarkPoll(b *testing.B) {
	server := testkit.NewFlinkServer(b)
	server.ServeRecording("../recording/testdata/flink/1.20.5/healthy.har.gz")
	job := recordedJob(b, server.URL)
	for _, path := range []string{"/jobs/overview", "/jobs/" + job + "/checkpoints"} {
		server.On(path, testkit.JSON(200, string(answer(b, server.URL+path))))
	}
	b.Run("client", func(b *testing.B) {
		c, err := flink.New(server.URL)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Jobs(b.Context()); err != nil {
				b.Fatal(err)
			}
			if _, err := c.Checkpoints(b.Context(), job); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var jobs struct{ Jobs []flink.JobOverview }
			var checkpoints flink.Checkpoints
			if err := json.Unmarshal(answer(b, server.URL+"/jobs/overview"), &jobs); err != nil {
				b.Fatal(err)
			}
			if err := json.Unmarshal(answer(b, server.URL+"/jobs/"+job+"/checkpoints"), &checkpoints); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSubtaskDetails reads one vertex of 25,000 subtasks.
func BenchmarkSubtaskDetails(b *testing.B) {
	var list strings.Builder
	for i := range 25_000 {
		if i > 0 {
			list.WriteByte(',')
		}
		fmt.Fprintf(&list, `{"className":"completed","index":%d,"ack_timestamp":1795347279305,"end_to_end_duration":8728,"checkpointed_size":1331521,`+
			`"state_size":1331521,"checkpoint":{"sync":22,"async":8637},"alignment":{"buffered":0,"processed":851,"persisted":0,"duration":10},"start_delay":50,`+
			`"unaligned_checkpoint":false,"aborted":false,"status":"completed"}`, i)
	}
	server := testkit.NewFlinkServer(b)
	server.On("/jobs/"+job+"/checkpoints/details/1/subtasks/"+vertex, testkit.JSON(200, `{"id":1,"status":"COMPLETED","subtasks":[`+list.String()+`]}`))
	c, err := flink.New(server.URL)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		got, err := c.SubtaskDetails(b.Context(), job, 1, vertex)
		if err != nil || len(got.Subtasks) != 25_000 {
			b.Fatalf("%d subtasks, %v", len(got.Subtasks), err)
		}
	}
}

func recordedJob(b *testing.B, url string) string {
	b.Helper()
	var jobs struct{ Jobs []flink.JobOverview }
	if err := json.Unmarshal(answer(b, url+"/jobs/overview"), &jobs); err != nil {
		b.Fatal(err)
	}
	return jobs.Jobs[0].ID
}

func answer(b *testing.B, url string) []byte {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		b.Fatal(err)
	}
	return data
}
