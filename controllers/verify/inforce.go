package verify

import (
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// inForce is the value that Flink runs with, as far as its REST API shows it: what the job's code can set is in the job's checkpoint
// configuration, the rest in the configuration that the JobManager runs with.
func (c *verdict) inForce(field string) (string, api.SettingOrigin, bool) {
	s := &c.s.Settings
	switch field {
	case model.KeyTimeout:
		return say(s.Timeout.Value), s.Timeout.Origin, s.Timeout.Known
	case model.KeyInterval:
		return say(s.Interval.Value), s.Interval.Origin, s.Interval.Known
	case "execution.checkpointing.max-concurrent-checkpoints":
		return strconv.Itoa(s.MaxConcurrent.Value), s.MaxConcurrent.Origin, s.MaxConcurrent.Known
	case "execution.checkpointing.unaligned", "execution.checkpointing.unaligned.enabled":
		return strconv.FormatBool(s.Unaligned.Value), s.Unaligned.Origin, s.Unaligned.Known
	}
	if c.object().Kind == "FlinkSessionJob" && !model.ClusterScoped(field) {
		return "", "", false // its configuration is submitted with the job and not the JobManager's
	}
	if c.object().Standalone != nil && strings.HasPrefix(field, "jobManager.") {
		return "", "", false // a container's size and Flink's are two things where no operator makes one of the other
	}
	value, known := clusterValue(s.Cluster, field)
	return value, "", known
}

// codeSets tells that a field is read from the job's checkpoint configuration, which the job's code can set.
func codeSets(field string) bool {
	switch field {
	case model.KeyTimeout, model.KeyInterval, "execution.checkpointing.max-concurrent-checkpoints",
		"execution.checkpointing.unaligned", "execution.checkpointing.unaligned.enabled":
		return true
	}
	return false
}

// The keys that the Flink operator makes of the JobManager's resources (FlinkConfigBuilder, operator 1.7 to 1.15): the amount is the
// request, and the factor says how much more the limit is.
var clusterCPU = []string{"kubernetes.jobmanager.cpu.amount", "kubernetes.jobmanager.cpu"}

const (
	clusterCPUFactor    = "kubernetes.jobmanager.cpu.limit-factor"
	clusterMemory       = "jobmanager.memory.process.size"
	clusterMemoryFactor = "kubernetes.jobmanager.memory.limit-factor"
)

// clusterValue is a field in the configuration that the JobManager runs with; known is false where that does not hold it.
func clusterValue(cluster map[string]string, field string) (value string, known bool) {
	switch field {
	case "jobManager.resource.cpu", "jobManager.resources.requests.cpu":
		for _, key := range clusterCPU {
			if value, known = cluster[key]; known {
				return value, true
			}
		}
		return "", false
	case "jobManager.resources.limits.cpu":
		request, known := clusterValue(cluster, "jobManager.resource.cpu")
		return scaled(cluster, clusterCPUFactor, request, known)
	case "jobManager.resource.memory", "jobManager.resources.requests.memory":
		value, known = cluster[clusterMemory]
		return value, known
	case "jobManager.resources.limits.memory":
		return scaled(cluster, clusterMemoryFactor, cluster[clusterMemory], cluster[clusterMemory] != "")
	case keyRunbookFlag:
		return "", false
	}
	if restartFree(field) {
		return "", false // the Flink operator reads it, not Flink
	}
	value, known = cluster[field]
	return value, known
}

// scaled is a request times its limit factor; not known where a factor above 1 stands before a size with a unit.
func scaled(cluster map[string]string, key, request string, known bool) (string, bool) {
	factor, ok := number(orElse(cluster[key], "1"))
	switch amount, plain := number(request); {
	case !known || !ok:
		return "", false
	case factor == 1:
		return request, true
	case plain:
		return strconv.FormatFloat(amount*factor, 'f', -1, 64), true
	}
	return "", false
}

// agree tells whether Flink runs with what was written. Cores are compared as quantities, to a thousandth: 500m is 0.5.
func agree(field, value, written string) bool {
	if same(value, written) {
		return true
	}
	if !strings.HasSuffix(field, ".cpu") {
		return false
	}
	a, errA := resource.ParseQuantity(value)
	b, errB := resource.ParseQuantity(written)
	return errA != nil || errB != nil || a.MilliValue() == b.MilliValue()
}
