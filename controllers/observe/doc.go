// Package observe reads the world and says what it saw: a model.Snapshot of one job, or a model.Target. It judges nothing.
//
// One source a file:
//
//	flink.go        one pass over a JobManager's REST API, and what a healthy job costs (three GETs)
//	job.go          which job; what cannot be judged
//	facts.go        what one run does not change, read at first sight and after a restart; facttry.go when what failed is asked again
//	topology.go     vertices and their roles
//	history.go      the checkpoint history
//	ledger.go       where the time of each subtask went
//	details.go      which checkpoints are worth their details
//	depth.go        when a pass reads deeper; deep.go in which order
//	baseline.go     how fast the job uploads while it is well
//	jobmanager.go   the JobManager's CPU, heap and garbage collection
//	taskmanagers.go the same of the TaskManagers
//	pressure.go     back pressure, and where subtasks run
//	threads.go      what threads were doing while a checkpoint was pending
//	exceptions.go   why the job restarted
//	logs.go         logs over REST
//	logscan.go      log lines, from wherever they come: logline.go takes a line apart, logpatterns.go knows it, logledger.go the checkpoints
//	                and logfailures.go the failures it tells of; fromlogs.go a snapshot from logs alone
//	                logjobs.go tells jobs apart; logkeep.go leaves out what tells nothing
//	settings.go     the values in force and where each comes from; keys.go which configuration keys may be kept,
//	                keyversions.go which of them the running Flink reads
//	target.go       the Kubernetes object: flinkstatus.go, flatten.go, owners.go and receipts.go read its parts, apps.go workloads without
//	                the Flink operator
//	endpoint.go     the address of the REST API
//	pods.go         pods, and usage.go what they use
//	memory.go       what earlier passes of the same job remember
//
// What could not be read is a named gap, never a guess.
package observe
