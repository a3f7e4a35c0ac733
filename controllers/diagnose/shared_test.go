package diagnose

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// sharing is something that so many jobs share, of which so many others are sick of a cause.
func sharing(kind model.SharedKind, name string, jobs int, cause api.Cause, sick int) model.SharedThing {
	thing := model.SharedThing{Kind: kind, Name: name, Jobs: jobs, Sick: map[api.Cause]model.SickJobs{}}
	for i := range sick {
		thing.Sick[cause] = thing.Sick[cause].Add("job-"+string(rune('a'+i)), time.Date(2026, 3, 1, 9, 50+i, 0, 0, time.UTC))
	}
	return thing
}

func TestSharedDependencies(t *testing.T) {
	storage, node, version, policy := model.SharedStorage, model.SharedNode, model.SharedVersion, model.SharedPolicy
	slow := api.CauseSlowStateBackend
	for _, c := range []struct {
		name  string
		cause api.Cause
		score int
		share []model.SharedThing
		want  string // the thing that is named; "" for a job's own cause
	}{
		{"three of four on one bucket", slow, 80, []model.SharedThing{sharing(storage, "s3://acme", 4, slow, 2)}, "s3://acme"},
		{"two of two are chance", slow, 80, []model.SharedThing{sharing(storage, "s3://acme", 2, slow, 1)}, ""},
		{"three of thirteen are no quarter", slow, 80, []model.SharedThing{sharing(storage, "s3://acme", 13, slow, 2)}, ""},
		{"three of twelve are", slow, 80, []model.SharedThing{sharing(storage, "s3://acme", 12, slow, 2)}, "s3://acme"},
		{"the others have another cause", slow, 80, []model.SharedThing{sharing(storage, "s3://acme", 4, api.CauseSlowCleanup, 3)}, ""},
		{"a bucket does not make a network slow", api.CauseNetworkLatency, 80, []model.SharedThing{sharing(storage, "s3://acme", 4, api.CauseNetworkLatency, 3)}, ""},
		{"a node does", api.CauseNetworkLatency, 80, []model.SharedThing{sharing(node, "n7", 4, api.CauseNetworkLatency, 3)}, "n7"},
		{"a version has bugs and nothing else", slow, 80, []model.SharedThing{sharing(version, "1.20.1", 4, slow, 3)}, ""},
		{"a version's bug", api.CauseFlinkVersionBug, 80, []model.SharedThing{sharing(version, "1.20.1", 4, api.CauseFlinkVersionBug, 3)}, "1.20.1"},
		{"a policy's jobs have sinks in common", api.CauseSinkFlush, 80, []model.SharedThing{sharing(policy, "prod", 8, api.CauseSinkFlush, 3)}, "prod"},
		{"state is a job's own", api.CauseCheckpointPressure, 80, []model.SharedThing{sharing(policy, "prod", 4, api.CauseCheckpointPressure, 3)}, ""},
		{"not likely in the job itself", slow, 49, []model.SharedThing{sharing(storage, "s3://acme", 4, slow, 3)}, ""},
		{"the narrowest is named", slow, 80, []model.SharedThing{sharing(storage, "s3://acme", 4, slow, 3), sharing(policy, "prod", 12, slow, 3)}, "s3://acme"},
		{"nobody looked", slow, 80, nil, ""},
	} {
		f := &features{s: &model.Snapshot{Shared: c.share}, now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)}
		found, ok := sharedDependency(f, &model.Finding{Cause: c.cause, Score: c.score, Verdict: api.VerdictConfirmed})
		if ok != (c.want != "") {
			t.Errorf("%s: shared %v", c.name, ok)
			continue
		}
		if ok && (!strings.Contains(found.Summary, c.want) || found.Score < likelyScore || found.Cause != api.CauseSharedDependencyDegraded) {
			t.Errorf("%s: %+v, want %q named", c.name, found, c.want)
		}
	}
}

// The evidence says who, since when, and what is shared.
func TestASharedDependencySaysWho(t *testing.T) {
	f := &features{s: &model.Snapshot{Shared: []model.SharedThing{sharing(model.SharedStorage, "s3://acme", 9, api.CauseSlowStateBackend, 7)}}, now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)}
	found, _ := sharedDependency(f, &model.Finding{Cause: api.CauseSlowStateBackend, Score: 90, Verdict: api.VerdictConfirmed})
	if len(found.Evidence) != 1 {
		t.Fatalf("%+v", found)
	}
	for _, want := range []string{"job-a, job-b, job-c, job-d, job-e and 2 more", "09:50 UTC", "s3://acme", "9 jobs"} {
		if !strings.Contains(found.Evidence[0].Observed, want) {
			t.Errorf("%q does not say %q", found.Evidence[0].Observed, want)
		}
	}
	if found.Verdict != api.VerdictConfirmed || found.Score != 100 || !found.Since.Equal(time.Date(2026, 3, 1, 9, 50, 0, 0, time.UTC)) {
		t.Errorf("%s, %d, since %s; want confirmed, 50 + 5 x 10, since the first", found.Verdict, found.Score, found.Since)
	}
}
