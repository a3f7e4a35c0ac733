package observe

import (
	"net/url"
	"strings"
)

// exactKeys are the configuration keys that may be kept and shown. flinkConfiguration holds secrets: nothing else leaves this package.
var exactKeys = map[string]bool{
	"blob.server.port":                                                      true,
	"cluster.io-pool.size":                                                  true,
	"cluster.thread-dump.stacktrace-max-depth":                              true,
	"execution.savepoint.cleanup-in-background":                             true, // the runbook's flag; no Flink version reads it
	"execution.runtime-mode":                                                true,
	"high-availability":                                                     true,
	"high-availability.type":                                                true,
	"job.autoscaler.enabled":                                                true,
	"job.autoscaler.scaling.enabled":                                        true,
	"jobmanager.future-pool.size":                                           true,
	"jobmanager.heap.mb":                                                    true,
	"jobmanager.heap.size":                                                  true,
	"jobmanager.io-pool.size":                                               true,
	"jobmanager.rpc.port":                                                   true,
	"kubernetes.jobmanager.cpu":                                             true,
	"kubernetes.jobmanager.cpu.amount":                                      true,
	"kubernetes.jobmanager.cpu.limit-factor":                                true,
	"kubernetes.jobmanager.memory.limit-factor":                             true,
	"kubernetes.jobmanager.replicas":                                        true,
	"kubernetes.taskmanager.cpu":                                            true,
	"kubernetes.taskmanager.cpu.amount":                                     true,
	"kubernetes.taskmanager.cpu.limit-factor":                               true,
	"metrics.fetcher.update-interval":                                       true,
	"parallelism.default":                                                   true,
	"rest.port":                                                             true,
	"restart-strategy":                                                      true,
	"restart-strategy.type":                                                 true,
	"s3.connection.max":                                                     true,
	"s3.entropy.key":                                                        true,
	"s3.entropy.length":                                                     true,
	"s3.upload.max.concurrent.uploads":                                      true,
	"s3.upload.min.part.size":                                               true,
	"state.backend":                                                         true,
	"state.backend.async":                                                   true,
	"state.backend.incremental":                                             true,
	"state.backend.local-recovery":                                          true,
	"state.backend.type":                                                    true,
	"state.checkpoint-storage":                                              true,
	"state.checkpoint.cleaner.parallel-mode":                                true,
	"state.checkpoints.dir":                                                 true,
	"state.checkpoints.num-retained":                                        true,
	"state.savepoints.dir":                                                  true,
	"state.storage.fs.memory-threshold":                                     true,
	"state.storage.fs.write-buffer-size":                                    true,
	"taskmanager.cpu.cores":                                                 true,
	"taskmanager.numberOfTaskSlots":                                         true,
	"taskmanager.slot.timeout":                                              true,
	"web.checkpoints.history":                                               true,
	"web.refresh-interval":                                                  true,
	"akka.ask.timeout":                                                      true,
	"akka.framesize":                                                        true,
	"pekko.ask.timeout":                                                     true,
	"pekko.framesize":                                                       true,
	"kubernetes.operator.savepoint.cleanup.enabled":                         true,
	"kubernetes.operator.savepoint.dispose-on-delete":                       true,
	"kubernetes.operator.cluster.health-check.enabled":                      true,
	"kubernetes.operator.deployment.readiness.timeout":                      true,
	"kubernetes.operator.deployment.rollback.enabled":                       true,
	"kubernetes.operator.jm-deployment-recovery.enabled":                    true,
	"kubernetes.operator.periodic.savepoint.interval":                       true,
	"kubernetes.operator.periodic.checkpoint.interval":                      true,
	"kubernetes.operator.savepoint.history.max.count":                       true,
	"kubernetes.operator.savepoint.history.max.age":                         true,
	"kubernetes.operator.job.upgrade.ignore-pending-savepoint":              true,
	"kubernetes.operator.job.upgrade.last-state-fallback.enabled":           true,
	"kubernetes.operator.job.upgrade.last-state.job-cancel.enabled":         true,
	"kubernetes.operator.job.upgrade.last-state.max.allowed.checkpoint.age": true,
	"kubernetes.operator.cluster.health-check.checkpoint-progress.enabled":  true,
	"kubernetes.operator.cluster.health-check.checkpoint-progress.window":   true,
}

// keyPrefixes are the families that may be kept whole.
var keyPrefixes = []string{
	"execution.checkpointing.",
	"heartbeat.",
	"jobmanager.memory.",
	"state.backend.changelog.",
	"state.backend.forst.",
	"state.backend.rocksdb.",
	"state.changelog.",
	"taskmanager.memory.",
}

// secretWords never leave, whatever the family.
var secretWords = []string{"password", "passwd", "secret", "token", "credential", "access-key", "accesskey", "apikey", "api-key", "private"}

// maxValue bounds a configuration value that is kept, in bytes.
const maxValue = 512

// KeptKey tells whether a configuration key may be kept and shown.
func KeptKey(key string) bool {
	lower := strings.ToLower(key)
	for _, word := range secretWords {
		if strings.Contains(lower, word) {
			return false
		}
	}
	if exactKeys[key] {
		return true
	}
	if strings.HasPrefix(key, "fs.") && (strings.HasSuffix(key, ".limit.total") || strings.HasSuffix(key, ".limit.input") || strings.HasSuffix(key, ".limit.output")) {
		return true
	}
	for _, prefix := range keyPrefixes {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// keepKnown copies the keys that may be kept. Values that Flink masked are left out, and user and password are taken out of URIs.
func keepKnown(config map[string]string) map[string]string {
	kept := make(map[string]string, len(config))
	for key, value := range config {
		if !KeptKey(key) || value == "******" {
			continue
		}
		kept[key] = withoutUser(cleanText(value, maxValue))
	}
	return kept
}

// containers are the schemes in which what stands before the @ is a container of Azure's storage, and no user: abfss://container@account/path.
var containers = map[string]bool{"abfs": true, "abfss": true, "wasb": true, "wasbs": true}

// withoutUser takes user and password out of a URI; other values stay.
func withoutUser(value string) string {
	if !strings.Contains(value, "://") || !strings.Contains(value, "@") {
		return value
	}
	parsed, err := url.Parse(value)
	if err != nil {
		return ""
	}
	user := parsed.User
	parsed.User = nil
	if containers[parsed.Scheme] && user != nil {
		parsed.User = url.User(user.Username())
	}
	return parsed.String()
}
