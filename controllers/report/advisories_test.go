package report

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/prometheus/client_golang/prometheus"
)

func TestAdvisoryEventsNameWhatIsWrong(t *testing.T) {
	good := AdvisoryEvents(2, 0, nil)
	if len(good) != 1 || good[0].Type != corev1.EventTypeNormal || good[0].Note != "2 known issues of users are in use" {
		t.Errorf("got %+v", good)
	}
	bad := AdvisoryEvents(1, 1, []string{"ConfigMap a/b, key c: advisory X-1: weight is 0, must be 1 to 100; skipped", strings.Repeat("x", 5000)})
	if len(bad) != 1 || bad[0].Type != corev1.EventTypeWarning || bad[0].Reason != "AdvisoriesSkipped" || len([]rune(bad[0].Note)) > maxNote ||
		!strings.HasPrefix(bad[0].Note, "1 known issues of users are in use, 1 entries are not: ConfigMap a/b, key c: advisory X-1: weight is 0") {
		t.Errorf("got %+v", bad)
	}
}

func TestMetricsCountAdvisories(t *testing.T) {
	registry := prometheus.NewRegistry()
	m, err := NewMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	m.Advisories(51, 2, 1)
	for name, want := range map[string]float64{
		"checkpointhealth_advisories{built-in}": 51, "checkpointhealth_advisories{own}": 2, "checkpointhealth_advisories{skipped}": 1,
	} {
		if got, ok := series(t, registry)[name]; !ok || got != want {
			t.Errorf("%s is %v in %v, want %v", name, got, series(t, registry), want)
		}
	}
}
