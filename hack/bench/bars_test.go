package main

import (
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestFiguresBeyondTheirBarsAreNamed(t *testing.T) {
	if got := beyond([]figure{{"poll_ratio", 1.3}, {"rss_mib", 1e6}, {"api_writes_at_rest", 0}}); len(got) != 0 {
		t.Errorf("%v, want nothing: at the bar, without one, none", got)
	}
	if got := beyond([]figure{{"poll_ratio", 1.31}, {"api_writes_at_rest", 1}}); len(got) != 2 {
		t.Errorf("%v, want both", got)
	}
}

// The jobs of the benchmark are what they are meant to be: else it measures nothing of worth.
func TestTheJobsOfTheBenchmark(t *testing.T) {
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		t.Fatal(err)
	}
	policy := model.ResolvePolicy("", nil)
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	if pass := stages(doctor, healthyJob(now, 20), &policy); pass.Diagnosis.Health != "Healthy" {
		t.Errorf("the healthy job is %s", pass.Diagnosis.Health)
	}
	pass := stages(doctor, sickJob(now, 10, 50), &policy)
	if top := pass.Diagnosis.Top(); top == nil || top.Cause != "SlowStateBackend" || pass.Decision.Remedy == nil {
		t.Errorf("the sick job: %+v, remedy %+v", top, pass.Decision.Remedy)
	}
}
