// Package verify judges the remedy in flight by the checkpoints that came after it. It is pure: values in, a model.Verification out.
//
// The criterion was frozen in the receipt before the patch. Only checkpoints triggered after the restart count; Flink's own counters do
// not, for they restart with the JobManager and grow by triggers that never became a checkpoint. What is transient during a redeploy
// (FINISHED, CANCELED, ERROR with a FailedMount, STABLE a minute late) is no failure: the deadline is. Missing data is neither cure nor
// harm.
//
//	verify.go   which receipt, and the order of the questions
//	aligned.go  does the target still hold our values, and does Flink run with them?
//	harm.go     did it make the job worse?
//	tally.go    the checkpoints that count
//	judge.go    the criterion
package verify
