package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// wideJob is a job of some vertices in a chain.
func wideJob(vertices, parallelism int) *model.Snapshot {
	s := jobOf(parallelism)
	middle := s.Vertices[state]
	chain := []model.Vertex{s.Vertices[source]}
	for i := 1; i < vertices-1; i++ {
		v := middle
		v.Inputs = []int{i - 1}
		chain = append(chain, v)
	}
	last := s.Vertices[sink]
	last.Inputs = []int{vertices - 2}
	chain = append(chain, last)
	s.Vertices = chain
	return s
}

func healthyWide() *model.Snapshot {
	s := wideJob(20, 4)
	s.Past.HealthyDuration = time.Second
	s.Checkpoints.Summary = model.DurationSummary{P50: time.Second, P95: 2 * time.Second}
	return add(s, times(10, completed(time.Second))...)
}

// sickWide has 25,000 subtasks, 20 vertices of 1,250, and details of more checkpoints than observe reads of a job that wide.
func sickWide() *model.Snapshot {
	s := wideJob(20, 1250)
	slow := all(entry(66*mib, 0.1, 0.1, 0.1, 675.84, 0.1))
	each := make(shares, 20)
	for v := range each {
		each[v] = all(quick)
	}
	each[7], each[12] = slow, absentAll
	one := func() model.Checkpoint { return detailed(expired(), 1250, each) }
	add(s, one(), one(), one(), one(), completed(time.Second))
	var threads []model.ThreadStack
	for i := range 256 {
		threads = append(threads, idleThread(12, i), uploadThread(i))
	}
	dumps(s, threads...)
	return s
}

func BenchmarkHealthy20Vertices(b *testing.B) {
	s, p := healthyWide(), testPolicy()
	if d := Diagnose(s, p, testNow); d.Health != api.HealthHealthy {
		b.Fatalf("%s: %s", d.Health, d.Message)
	}
	b.ReportAllocs()
	for b.Loop() {
		Diagnose(s, p, testNow)
	}
}

func BenchmarkSick25000Subtasks(b *testing.B) {
	s, p := sickWide(), testPolicy()
	if d := Diagnose(s, p, testNow); d.Health != api.HealthUnhealthy {
		b.Fatalf("%s: %s", d.Health, d.Message)
	}
	b.ReportAllocs()
	for b.Loop() {
		Diagnose(s, p, testNow)
	}
}

// A healthy pass must not cost what only a sick one needs: advisories, stacks and subtasks are not looked at.
func TestAHealthyPassAllocatesLittle(t *testing.T) {
	s, p := healthyWide(), testPolicy()
	Diagnose(s, p, testNow)
	// A third of the 100 that diagnose, verify and plan may allocate together.
	if n := testing.AllocsPerRun(100, func() { Diagnose(s, p, testNow) }); n > 33 {
		t.Errorf("%.0f allocations", n)
	}
}
