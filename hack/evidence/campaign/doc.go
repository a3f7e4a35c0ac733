// Package campaign runs cases on real Flink and keeps what they left: a recording by the real client, and the trial.
//
//	campaign.go  which trials there are, how many at a time, and what became of them
//	run.go       one trial: healthy, sick, and with the remedy
//	patient.go   a pass as the manager makes it: observe, diagnose, verify, plan
//	tally.go     the checkpoints that ended, counted from Flink's own history
//	remedy.go    Flink restarted with what the plan recommends, and how that was judged
//
// A remedy is judged by package verify, as in production. It is taken back where it is Ineffective or Harmful, and then the next one is tried.
package campaign
