// Package observe reads the world and says what it saw: a model.Snapshot of one job, or a model.Target. It judges nothing.
//
// One source a file:
//
//	flink.go        one pass over a JobManager's REST API, and what a healthy job costs (three GETs)
//	job.go          which job; what cannot be judged
//	topology.go     vertices, their roles and where their subtasks run
//	history.go      the checkpoint history
//	ledger.go       where the time of each subtask went
//	details.go      which checkpoints are worth their details
//	depth.go        when a pass reads deeper
//	jobmanager.go   the JobManager's CPU, heap and garbage collection
//	taskmanagers.go the same of the TaskManagers
//	pressure.go     back pressure
//	threads.go      what threads were doing while a checkpoint was pending
//	exceptions.go   why the job restarted
//	logs.go         logs over REST
//	logscan.go      log lines, from wherever they come; logledger.go the checkpoints they tell of
//	settings.go     the values in force and where each comes from; keys.go which configuration keys may be kept
//	target.go       the Kubernetes object; flatten.go, owners.go, receipts.go what it says beside its spec
//	endpoint.go     the address of the REST API
//	pods.go         pods, and usage.go what they use
//	memory.go       what earlier passes of the same job remember
//
// What could not be read is a named gap, never a guess.
package observe
