// Package play puts a demonstration on: a control plane with the project's CRDs and RBAC, the manager as users run it (its own process,
// its own ServiceAccount's token), a cast of jobs with what should become of each, a live table, and the count at the end.
//
// make demo plays with simulated jobs, make demo-flink with real Flink processes; the stage is the same.
package play
