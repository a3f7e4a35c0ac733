// Command stories tells users' stories on the real cluster of `make lab`: a real Kubernetes, the real Flink operator, real Flink, and the
// operator of this project as it is installed. It talks to nothing but Kubernetes and Flink's REST API (through the API server's proxy).
// `make lab-test` runs it. Its last line is `lab: N passed, M failed`; the timelines go to hack/lab/timelines.yaml, of which docs/evidence.md
// is made.
//
//	main.go     flags, running, the last line
//	cluster.go  Kubernetes and Flink as the stories see them
//	operator.go the operator of this project: ending it, and its rights
//	job.go      the FlinkDeployment, or FlinkSessionJob, of a story
//	scene.go    what one story has on the cluster, and waiting
//	steps.go    how far a story came, and when
//	table.go    the stories; acts_*.go: what happens in them
package main
