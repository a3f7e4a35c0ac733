package model

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// health is a CheckpointHealth of FlinkDeployment pay, so many minutes old.
func health(name string, age int, change ...func(*api.CheckpointHealth)) api.CheckpointHealth {
	born := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).Add(-time.Duration(age) * time.Minute)
	h := api.CheckpointHealth{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, CreationTimestamp: metav1.NewTime(born)}}
	h.Spec.TargetRef = api.TargetReference{APIVersion: "flink.apache.org/v1beta1", Kind: "FlinkDeployment", Name: "pay"}
	for _, f := range change {
		f(&h)
	}
	return h
}

// Exactly one is in charge of a job, and all who look say the same of it.
func TestOneIsInChargeOfAJob(t *testing.T) {
	now := metav1.Now()
	deleted := func(h *api.CheckpointHealth) { h.DeletionTimestamp = &now }
	target := func(version, kind, name string) func(*api.CheckpointHealth) {
		return func(h *api.CheckpointHealth) {
			h.Spec.TargetRef = api.TargetReference{APIVersion: version, Kind: kind, Name: name}
		}
	}
	job := func(name, id string) func(*api.CheckpointHealth) {
		return func(h *api.CheckpointHealth) { h.Spec.JobSelector = api.JobSelector{Name: name, ID: id} }
	}
	one, many := Snapshot{Job: Job{ID: "a1", Name: "clicks"}}, Snapshot{Job: Job{ID: "a1", Name: "clicks"}, Session: SessionCluster{Running: 3}}
	down := Snapshot{Target: Target{SessionCluster: true}}
	for _, c := range []struct {
		name  string
		own   api.CheckpointHealth
		other api.CheckpointHealth
		seen  Snapshot
		first string
	}{
		{"the older", health("b", 1), health("c", 2), one, "c"},
		{"the younger", health("b", 2), health("a", 1), one, ""},
		{"of one second, by name", health("b", 1), health("a", 1), one, "a"},
		{"of one second, the first", health("a", 1), health("b", 1), one, ""},
		{"an older that goes", health("b", 1), health("c", 2, deleted), one, ""},
		{"one that goes itself", health("b", 2, deleted), health("c", 1), one, "c"},
		{"another version", health("b", 1), health("c", 2, target("flink.apache.org/v1", "FlinkDeployment", "pay")), one, "c"},
		{"another group", health("b", 1), health("c", 2, target("apps/v1", "FlinkDeployment", "pay")), one, ""},
		{"another kind", health("b", 1), health("c", 2, target("flink.apache.org/v1beta1", "FlinkSessionJob", "pay")), one, ""},
		{"another name", health("b", 1), health("c", 2, target("flink.apache.org/v1beta1", "FlinkDeployment", "ship")), one, ""},
		{"another namespace", health("b", 1), health("c", 2, func(h *api.CheckpointHealth) { h.Namespace = "ship" }), one, ""},
		{"the same job by name", health("b", 1, job("clicks", "")), health("c", 2, job("clicks", "")), many, "c"},
		{"the same job by id", health("b", 1, job("clicks", "")), health("c", 2, job("", "a1")), many, "c"},
		{"another job by name", health("b", 1, job("clicks", "")), health("c", 2, job("views", "")), many, ""},
		{"another job by id", health("b", 1, job("clicks", "")), health("c", 2, job("", "b2")), many, ""},
		{"the only job", health("b", 1, job("clicks", "")), health("c", 2), one, "c"},
		{"any of several jobs", health("b", 1, job("clicks", "")), health("c", 2), many, ""},
		{"a job that is not there", health("b", 1, job("clicks", "")), health("c", 2, job("views", "")), down, ""},
		{"the job of a cluster that is down", health("b", 1), health("c", 2, job("clicks", "")), Snapshot{}, "c"},
	} {
		got := LookedAfter(&c.own, []api.CheckpointHealth{c.own, health("z", 0), c.other}, &c.seen)
		if c.first == "" && got != "" || !strings.Contains(got, c.first) {
			t.Errorf("%s: %q, want %q", c.name, got, c.first)
		}
		if c.first != "" && !strings.HasPrefix(got, "FlinkDeployment/pay is looked after by CheckpointHealth "+c.first+"; this one only watches") {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
