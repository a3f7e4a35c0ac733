package report

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Reasons of the events of a ConfigMap with known issues.
const (
	reasonAdvisoriesLoaded  = "AdvisoriesLoaded"
	reasonAdvisoriesSkipped = "AdvisoriesSkipped"
	actionLoadAdvisories    = "LoadAdvisories"
)

// AdvisoryEvents is the event for a ConfigMap of known issues that was read: how many of its entries are used and, as a warning, which are not.
// The notes name entry, field, value and what would be right.
func AdvisoryEvents(used, skipped int, notes []string) []Event {
	e := Event{Type: corev1.EventTypeNormal, Reason: reasonAdvisoriesLoaded, Action: actionLoadAdvisories,
		Note: fmt.Sprintf("%d known issues of users are in use", used)}
	if skipped > 0 {
		e.Type, e.Reason = corev1.EventTypeWarning, reasonAdvisoriesSkipped
		e.Note += fmt.Sprintf(", %d entries are not", skipped)
	}
	if len(notes) > 0 {
		e.Note += ": " + strings.Join(notes, "; ")
	}
	e.Note = clean(e.Note, maxNote)
	return []Event{e}
}

// Advisories shows how many known issues are in use, and how many entries of users were left out.
func (m *Metrics) Advisories(builtIn, own, skipped int) {
	for state, n := range map[string]int{"built-in": builtIn, "own": own, "skipped": skipped} {
		m.gauges[&metricAdvisories].WithLabelValues(state).Set(float64(n))
	}
}
