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
