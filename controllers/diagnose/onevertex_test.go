package diagnose

import (
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// chained makes a job of vertices that are source and sink at once, of which three checkpoints expired in the same way.
func chained(n int, each ...func(int) model.SubtaskLedger) *model.Snapshot {
	s := jobOf(n)
	whole := s.Vertices[source]
	s.Vertices = nil
	var quickly shares
	for v := range each {
		whole.ID, whole.Name = string(rune('a'+v)), "Source: orders -> enrich -> Sink: index"
		whole.Pressure = append([]model.SubtaskPressure{}, whole.Pressure...)
		s.Vertices = append(s.Vertices, whole)
		quickly = append(quickly, all(quick))
	}
	one := func() model.Checkpoint { return detailed(expired(), n, each) }
	return add(s, one(), one(), one(), detailed(completed(seconds(20)), n, quickly))
}

func flushThreads(n int, vertices ...int) []model.ThreadStack {
	var threads []model.ThreadStack
	for _, v := range vertices {
		for i := range n {
			threads = append(threads, taskThreadOf(v, i, flushFrames, "org.apache.flink.connector.elasticsearch.sink.ElasticsearchWriter.flush"))
		}
	}
	return threads
}

// A job in one chain has one vertex: a source that is a sink as well. Its flush leaves the same trace as the network, and only the stack tells.
func TestOneVertex(t *testing.T) {
	afterwards := all(entry(mib, 0.1, 0, 0, 0.2, 660))
	tests := []struct {
		name  string
		cause api.Cause
		make  func(n int) *model.Snapshot
		not   []api.Cause
	}{
		{"flushes", api.CauseSinkFlush, func(n int) *model.Snapshot {
			s := chained(n, afterwards)
			press(s, 0, 0, 1)
			dumps(s, flushThreads(n, 0)...)
			return s
		}, []api.Cause{api.CauseNetworkLatency, api.CauseSourceBlocked, api.CauseJobManagerOverload}},
		{"flushes without end", api.CauseSinkFlush, func(n int) *model.Snapshot {
			s := chained(n, absentAll)
			press(s, 0, 0, 1)
			dumps(s, flushThreads(n, 0)...)
			return s
		}, []api.Cause{api.CauseNetworkLatency, api.CauseCoordinatorBlocked}},
		{"two pipelines that flush", api.CauseSinkFlush, func(n int) *model.Snapshot {
			s := chained(n, afterwards, all(entry(mib, 0.1, 0, 0, 0.2, 640)))
			dumps(s, flushThreads(n, 0, 1)...)
			return s
		}, []api.Cause{api.CauseNetworkLatency}},
		{"acknowledgements on the way", api.CauseNetworkLatency, func(n int) *model.Snapshot {
			s := chained(n, afterwards)
			dumps(s, idleThreads(0, n)...)
			return s
		}, []api.Cause{api.CauseSinkFlush}},
		{"nobody looked", api.CauseUndetermined, func(n int) *model.Snapshot { return chained(n, afterwards) }, nil},
		{"one call of user code in the chain", api.CauseUserCodeBlocking, func(n int) *model.Snapshot {
			s := chained(n, absentFirst)
			press(s, 0, 0, 1, 0)
			dumps(s, taskThreadOf(0, 0, elementFrames, "okhttp3.internal.connection.RealCall.execute", "com.shop.Enrich.processElement"))
			return s
		}, []api.Cause{api.CauseNetworkLatency, api.CauseSinkFlush}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, n := range []int{2, 4, 128} {
				d := diagnosed(t, tt.make(n))
				if top := d.Top(); top.Cause != tt.cause {
					t.Errorf("parallelism %d: got %s %s: %s\nwant %s\n%s", n, top.Cause, top.Verdict, top.Summary, tt.cause, ranking(d.Findings))
				}
				for _, cause := range tt.not {
					if f := findingOf(&d, cause); f != nil && f.Score >= likelyScore {
						t.Errorf("parallelism %d: %s as well, with %d:\n%s", n, cause, f.Score, ranking(d.Findings))
					}
				}
			}
		})
	}
}

// findingOf is the first finding of a cause; nil if there is none.
func findingOf(d *model.Diagnosis, cause api.Cause) *model.Finding {
	for i := range d.Findings {
		if d.Findings[i].Cause == cause {
			return &d.Findings[i]
		}
	}
	return nil
}

// Nothing tells the two apart yet, so both are named, and what would tell.
func TestOneVertexWithoutStacksNamesBoth(t *testing.T) {
	d := diagnosed(t, chained(4, all(entry(mib, 0.1, 0, 0, 0.2, 660))))
	for _, cause := range []api.Cause{api.CauseSinkFlush, api.CauseNetworkLatency} {
		if f := findingOf(&d, cause); f == nil || f.Verdict != api.VerdictPossible {
			t.Errorf("%s is %+v, want it possible", cause, f)
		}
	}
	if d.Findings[0].NextMeasurement == "" {
		t.Error("nothing says how to tell them apart")
	}
}

// What a stack shows speaks against the network also where acknowledgements are late on all kinds of vertices.
func TestAFlushSpeaksAgainstTheNetwork(t *testing.T) {
	late := all(entry(mib, 0.1, 0, 0, 0.2, 660))
	s := expiredThrice(4, shares{late, late, late})
	press(s, sink, 0, 1)
	dumps(s, flushThreads(4, sink)...)
	d := diagnosed(t, s)
	found := 0
	for _, e := range findingOf(&d, api.CauseNetworkLatency).Evidence {
		found += count(e.Weight < 0)
	}
	if found < 2 || d.Top().Cause == api.CauseNetworkLatency {
		t.Errorf("the flush and the busy sink say nothing against the network:\n%s", ranking(d.Findings))
	}
}
