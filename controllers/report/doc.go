// Package report is the only writer of our own status, conditions, events and metrics, and the same decision as text, JSON or YAML for
// the command line. It decides nothing: a model.Pass goes in, words come out.
//
//	assessment.go, causes.go, remedy.go, unknown.go   the whole story, at most 40 lines
//	status.go, facts.go, history.go                   a pass as CheckpointHealthStatus, bounded
//	stable.go, essence.go, gaps.go                    when a new status is worth a write, and which one is at rest
//	conditions.go, failure.go                         the only place that sets conditions
//	events.go, emit.go                                one event a change, as values, and the recorder that sends them
//	metrics.go                                        Prometheus metrics; docs/metrics.md lists them
//	write.go                                          the one status write of a pass
//	advisories.go, policy.go, prometheus.go           what is said of known issues that cannot be read, of policies, of a Prometheus
//	baseline.go, network.go, watch.go                 the job's healthy past, what a probe measured, what to watch after a remedy
//	text.go, picture.go, json.go                      the command line's views
//
// Words: durations as 9m52s, sizes and rates in binary units (1.1 MiB/s), times in UTC. Texts that came from Flink are bounded and their
// control characters dropped before they are shown.
package report
