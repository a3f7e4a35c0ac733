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
//	work.go         records and busy time of subtasks between two readings
//	threads.go      what threads were doing while a checkpoint was pending
//	exceptions.go   why the job restarted
//	logs.go         logs over REST
//	logscan.go      log lines, from wherever they come: logline.go takes a line apart, logpatterns.go knows it, logledger.go the checkpoints
//	                and logfailures.go the failures it tells of; fromlogs.go a snapshot from logs alone
//	                logjobs.go tells jobs apart; logkeep.go leaves out what tells nothing; logtasks.go tasks' own exceptions, logends.go
//	                checkpoints whose end is in no log, logconfig.go the configuration that a process prints
//	podlogs.go      logs through the Kubernetes API; logsafter.go when logs are read after a remedy
//	settings.go     the values in force and where each comes from; keys.go which configuration keys may be kept,
//	                keyversions.go which of them the running Flink reads
//	target.go       the Kubernetes object: flinkstatus.go, flatten.go, podtemplate.go, owners.go and receipts.go read its parts; bluegreen.go,
//	                sessionjob.go, sessionjobs.go and flinkcluster.go the other kinds, apps.go workloads without the Flink operator
//	standalone.go   how a standalone JobManager is configured, one source a file: standalone_volumes.go, standalone_configmaps.go,
//	                standalone_environment.go, standalone_container.go and standalone_commandline.go; standalone_settings.go what comes of it,
//	                standalone_owners.go whose it is, standalone_rollout.go whether it is rolled out, standalone_halfway.go what never was
//	endpoint.go     the address of the REST API
//	pods.go         pods, and usage.go what they use; nodes.go the pressure of their nodes, prometheus.go how much they were throttled
//	network.go      what a probe pod measured
//	versions.go     versions of Flink and of connectors, by class path and image
//	clock.go        how far the JobManager's clock is from ours, and downtime.go when tasks ran again
//	memory.go       what earlier passes of the same job remember
//
// What could not be read is a named gap, never a guess.
package observe
