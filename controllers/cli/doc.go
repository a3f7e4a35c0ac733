// Package cli holds the commands beside `manager`: diagnose, record, backtest, probe and version. They are thin: each but probe walks a snapshot through the
// same rooms as the manager does (observe, diagnose, verify, plan, report), with no cluster and nothing written.
//
//	root.go      the commands put together; environment.go: what they touch of the world
//	exit.go      what a status of 0, 1 and 2 means
//	walk.go      a snapshot through the rooms
//	diagnose.go  the command; sources.go: what it is made of, and which flags go with that; live.go, replay.go, logs.go, cluster.go
//	show.go      the result as text, JSON or YAML
//	policy.go    a policy from a file, held against the kind's schema (policyschema.go); configvalues.go: a configuration's values
//	record.go    a REST API into an HTTP Archive
//	backtest.go  verdicts over recordings; labels.go, score.go: how right they are
//	probe.go     the network from here to some ports
package cli
