// Package controllers is the map of the flow. One pass over a CheckpointHealth walks through six rooms, one after the other, and never back:
//
//	observe → diagnose → verify → plan → apply → report
//
// Where do I change what?
//
//	which jobs are looked at, when, and in what order of stages   checkpointhealth_controller.go, stages.go
//	what is kept of the API server's objects                      cache.go, cache_workloads.go
//	how a JobManager is reached                                   connect.go
//	how logs of pods are reached                                  podlogs.go
//	whether and how a Prometheus is asked about the pods          prometheus.go, prometheus/
//	what is read of Flink and Kubernetes                          observe/ (one source a file), flink/ (the REST client)
//	how a standalone JobManager is configured, and edited         observe/standalone_*.go, configfile/, apply/draft.go
//	what it means: causes, evidence, health                       diagnose/ (one cause family a file)
//	whether a remedy worked                                       verify/
//	which remedy, how large, and what forbids it                  plan/ (ladders, sizing, guards)
//	how a target is patched and undone                            apply/ (the only writer of workloads)
//	when and how a pod of ours measures the network               plan/network.go, apply/probe.go, network.go, probe/
//	what people see: status, conditions, events, metrics, text    report/ (the only writer of our own status)
//	which of several CheckpointHealths is in charge of a job      charge.go, model/charge.go
//	what a policy's defaults are                                  model/policy.go
//	what a policy counts                                          remediationpolicy_controller.go, fleet.go
//	what sick jobs share                                          fleet_shared.go
//	which known issues users add                                  advisories.go, diagnose/advisories*.go
//	what tests share                                              testkit/
//	what is taken out of texts as secret                          secrets/
//	the commands beside the manager                               cli/, recording/
//	what may import what                                          layering_test.go
//
// The stages meet in package model: values only. A story_*_test.go tells one user's story against a real API server.
package controllers
