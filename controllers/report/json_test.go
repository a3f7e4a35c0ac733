package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A document says since when, why, and which clocks disagree; that of a status says the same as that of the pass it was made from.
func TestDocumentsSayWhy(t *testing.T) {
	for name, situation := range situations {
		pass := situation()
		pass.Snapshot.Gaps = append(pass.Snapshot.Gaps, model.Gap{Kind: model.GapClocks, Signal: "the JobManager's clock", Why: "it is 4m behind"})
		fromPass := NewDocument(pass)
		status := Status(object(), pass)
		fromStatus := StatusDocument(&status)
		if fromPass.Reason == "" || fromPass.Message == "" && fromPass.Health != api.HealthHealthy || fromPass.Health == api.HealthUnhealthy && fromPass.Since == "" {
			t.Errorf("%s: %s since %q, reason %q, message %q", name, fromPass.Health, fromPass.Since, fromPass.Reason, fromPass.Message)
		}
		want, got := []string{string(fromPass.Health), fromPass.Reason, fromPass.Since}, []string{string(fromStatus.Health), fromStatus.Reason, fromStatus.Since}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: health, reason and since of the status (-pass +status):\n%s", name, diff)
		}
		for which, clocks := range map[string][]string{"pass": fromPass.Clocks, "status": fromStatus.Clocks} {
			if !slices.Contains(clocks, "the JobManager's clock (it is 4m behind)") {
				t.Errorf("%s: clocks of the %s: %q", name, which, clocks)
			}
		}
	}
}

// Of an object whose pass failed the reason and the whole message are there.
func TestTheDocumentOfAFailure(t *testing.T) {
	message := "FlinkDeployment payments of namespace prod does not exist. " + strings.Repeat("Create it, or change spec.targetRef. ", 5)
	status := Failed(object(), Failure{Reason: api.ReasonTargetNotFound, Message: message}, at)
	got := StatusDocument(&status)
	if got.Health != api.HealthUnknown || got.Reason != api.ReasonTargetNotFound || !strings.HasPrefix(message, strings.TrimSuffix(got.Message, "…")) {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{}, got.Missing); diff != "" {
		t.Error(diff)
	}
}

func TestStamp(t *testing.T) {
	if got := stamp(time.Time{}); got != "" {
		t.Errorf("no time is %q", got)
	}
	if got := stamp(time.Date(2026, 11, 26, 4, 0, 0, 0, time.FixedZone("CET", 3600))); got != "2026-11-26T03:00:00Z" {
		t.Errorf("%q", got)
	}
}
