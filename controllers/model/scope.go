package model

import "strings"

// clusterPrefixes are the fields that belong to the JobManager process: a job on a session cluster cannot set them for itself. The cleaner's
// mode and the number of retained checkpoints are read from the JobManager's configuration (SchedulerBase, Flink 1.15 to 2.3).
var clusterPrefixes = []string{
	"jobManager.", "jobmanager.", "cluster.", "heartbeat.", "pekko.", "akka.", "high-availability", "kubernetes.jobmanager.", "metrics.", "web.", "rest.",
	"execution.checkpointing.cleaner.parallel-mode", "state.checkpoint.cleaner.parallel-mode",
	"execution.checkpointing.num-retained", "state.checkpoints.num-retained",
	"execution.savepoint.cleanup-in-background", // the runbook's flag; whoever sets it sets it for the JobManager
}

// ClusterScoped tells whether a field belongs to the JobManager process, which all jobs of a session cluster share.
func ClusterScoped(field string) bool {
	for _, prefix := range clusterPrefixes {
		if strings.HasPrefix(field, prefix) {
			return true
		}
	}
	return false
}
