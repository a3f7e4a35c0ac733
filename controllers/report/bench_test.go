package report

import (
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// BenchmarkHealthyAtRest is what a healthy job costs report at every poll: a status that is made, compared and not written.
func BenchmarkHealthyAtRest(b *testing.B) {
	o := object()
	o.Status = Status(o, base())
	pass := base()
	b.ReportAllocs()
	for b.Loop() {
		next := Status(o, pass)
		if _, changed := Merge(&o.Status, &next, false); changed {
			b.Fatal("written at rest")
		}
	}
}

// BenchmarkSick is the same for a sick job whose figures moved.
func BenchmarkSick(b *testing.B) {
	o := object()
	o.Status = Status(o, slowStorage())
	pass := slowStorage()
	b.ReportAllocs()
	for b.Loop() {
		next := Status(o, pass)
		if next.Health != api.HealthUnhealthy || Changed(&o.Status, &next) {
			b.Fatal("changed at rest")
		}
	}
}

// atRest is how many allocations a status that says nothing new may cost: 47 when it was last looked at, with lines put together in
// one buffer. It is paid at every poll of every job.
const atRest = 60

func TestAHealthyJobAtRestCostsLittle(t *testing.T) {
	o, pass := object(), base()
	o.Status = Status(o, pass)
	got := testing.AllocsPerRun(100, func() {
		next := Status(o, pass)
		if _, changed := Merge(&o.Status, &next, false); changed {
			t.Error("written at rest")
		}
	})
	if got > atRest {
		t.Errorf("%.0f allocations a poll, want at most %d", got, atRest)
	}
}
