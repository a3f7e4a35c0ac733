package incidents

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// The bar: none confidently wrong but those of toldWrong, a next measurement wherever no cause is likely, and no longer timeout where no
// acknowledgement ever came late.
func TestIncidents(t *testing.T) {
	rows, err := Run(t.Context(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 20 {
		t.Errorf("%d incidents, at least 20 were asked for", len(rows))
	}
	count := map[Result]int{}
	for i := range rows {
		r := &rows[i]
		count[r.Result]++
		switch why := toldWrong[r.Incident.ID]; {
		case r.Result == Wrong && why == "":
			t.Errorf("%s: %s, %s %s, next %q; it is %v", r.Incident.ID, r.Health, r.Cause, r.Verdict, r.Next, r.Incident.Causes)
		case r.Result != Wrong && why != "":
			t.Errorf("%s is told %s: take it out of toldWrong", r.Incident.ID, r.Result)
		}
		if strings.Contains(r.Next, os.TempDir()) {
			t.Errorf("%s: what is missing names a file of this run: %s", r.Incident.ID, r.Next)
		}
		if r.NeedlessTimeout() {
			t.Errorf("%s: a longer timeout is proposed, and no acknowledgement ever came late", r.Incident.ID)
		}
		t.Logf("%-16s %-12s %-10s %-24s %-9s it is %s; next: %s", r.Incident.ID, r.Result, r.Health, r.Cause, r.Verdict, strings.Join(r.Incident.Causes, ", "), r.Next)
	}
	if count[Right] < leastRight {
		t.Errorf("%d of %d incidents are told right, at least %d were: %v", count[Right], len(rows), leastRight, count)
	}
}

// leastRight is how many incidents were told right when this was last changed: fewer is a step back.
const leastRight = 3

// toldWrong are the incidents that are told wrong, with the reason; the page counts them as wrong. There is none, and none may come.
var toldWrong = map[string]string{}

// causes are those that a diagnosis can name.
var causes = []api.Cause{
	api.CauseNetworkLatency, api.CauseJobManagerOverload, api.CauseSlowCleanup, api.CauseSlowStateBackend, api.CauseCheckpointPressure,
	api.CauseFlinkVersionBug, api.CauseBackpressure, api.CauseSinkFlush, api.CauseSlowSyncPhase, api.CauseDataSkew, api.CauseTaskManagerPressure,
	api.CauseStorageFailure, api.CauseOversizedAck, api.CauseSourceBlocked, api.CauseUserCodeBlocking, api.CauseCommitBlocksTask,
	api.CauseCoordinatorBlocked, api.CauseTaskFailure,
}

// Each cause is one that there is, and each incident differs from the others in its source.
func TestIncidentsAreWellFormed(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{}
	for i := range all {
		for _, name := range append(all[i].Causes, all[i].Acceptable...) {
			if cause, _, _ := strings.Cut(name, "/"); !slices.Contains(causes, api.Cause(cause)) {
				t.Errorf("%s: %q is no cause", all[i].ID, name)
			}
		}
		if other := sources[all[i].Source]; other != "" {
			t.Errorf("%s and %s have one source", all[i].ID, other)
		}
		sources[all[i].Source] = all[i].ID
	}
}
