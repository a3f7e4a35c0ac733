package plan

import (
	"fmt"
	"math"
	"strconv"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// targetUtilization is where a JobManager should run: 60 % leaves the other 40 % for bursts such as a large checkpoint's acknowledgements.
	targetUtilization = 0.6
	// pegged is the share of the limit from which usage says nothing of the need any more: the limit cuts it.
	pegged = 0.95
	// peggedGrowth is the least growth then. Usage / 60 % alone would give 1.67 at the limit and 1.58 just below; 1.5 holds for a throttled
	// JobManager whose average looks lower as well.
	peggedGrowth = 1.5
	// throttledFrom is the share of throttled periods from which a JobManager counts as held back by its limit.
	throttledFrom = 0.1
	// mostCores bounds nonsense: no JobManager has a thousand cores.
	mostCores = 1024
)

// proposeCPU sizes the JobManager's CPU as usage / target utilization, and at least half as much again where the limit cuts the usage.
func proposeCPU(v *view) proposal {
	factor := v.limitFactor("kubernetes.jobmanager.cpu.limit-factor")
	limit := v.cpuLimit(factor)
	if !limit.Known {
		return proposal{skip: refuse(api.ReasonSnapshotIncomplete, "the JobManager's CPU limit is not known")}
	}
	if skip := v.gaugeAlone(); skip.Refused() {
		return proposal{skip: skip}
	}
	want, why := wantedCores(v, limit.Value)
	to, present := tidyCores(want/factor), limit.Value/factor
	if to <= present {
		return proposal{skip: refuse(api.ReasonNoRemedyLeft, why+", which it has already")}
	}
	most := v.p.Lever(api.LeverJobManagerCPU).Max
	if present >= most {
		return proposal{skip: boundReached(fmt.Sprintf("%s cores are at the policy's bound remedies.jobManagerCPU.max of %s already", numberText(present), numberText(most)))}
	}
	capped := min(to, most)
	p := proposal{changes: v.resourceChanges(api.LeverJobManagerCPU, "cpu", coresText(present), coresText(capped)), reason: why, notes: v.overwritten()}
	if capped < to {
		for i := range p.changes {
			p.changes[i].Uncapped = coresText(to)
		}
		p.reason += fmt.Sprintf("; the policy allows up to %s", numberText(most))
	}
	if !v.s.Settings.IOPoolSize.Known {
		p.reason += "; the io pool grows with the CPUs"
	}
	return p
}

// gaugeAlone refuses where this pass does not know what the JobManager uses, and what tells of its CPU is the JVM's load: one moment, with our own reads
// in it. The use is the difference of two answers, and a pass that gets the same one twice has none; the next has.
func (v *view) gaugeAlone() model.Refusal {
	load := v.s.JobManager.CPULoad
	if v.cpuUsage().Known || !load.Known || v.s.JobManager.ThrottledShare.AtLeast(throttledFrom) {
		return model.Refusal{}
	}
	return refuse(api.ReasonSnapshotIncomplete, fmt.Sprintf("how much CPU the JobManager uses is not known yet, and its JVM's load of %s is of one moment", numberText(load.Value)))
}

func (v *view) cpuUsage() model.Measure {
	return firstMeasure(v.d.Facts.CPUUsage, v.s.JobManager.CPUUsage)
}

// wantedCores is the limit that the JobManager needs, and the arithmetic.
func wantedCores(v *view, limit float64) (cores float64, arithmetic string) {
	usage := v.cpuUsage()
	least := limit * peggedGrowth
	switch {
	case !usage.Known:
		return least, fmt.Sprintf("its usage is not known and it is overloaded: %s cores x %s = %s", numberText(limit), numberText(peggedGrowth), numberText(least))
	case usage.Value >= limit*pegged, v.s.JobManager.ThrottledShare.AtLeast(throttledFrom):
		want := min(max(least, usage.Value/targetUtilization), mostCores)
		return want, fmt.Sprintf("it uses %s of %s cores and its limit holds it there, so at least %s x %s and usage / %s = %s",
			numberText(usage.Value), numberText(limit), numberText(limit), numberText(peggedGrowth), percent(targetUtilization), numberText(want))
	}
	want := min(usage.Value/targetUtilization, mostCores)
	return want, fmt.Sprintf("it uses %s of %s cores: %s / %s = %s", numberText(usage.Value), numberText(limit), numberText(usage.Value),
		percent(targetUtilization), numberText(want))
}

// cpuLimit is the JobManager's limit in cores.
func (v *view) cpuLimit(factor float64) model.Measure {
	limit := firstMeasure(v.s.JobManager.CPULimit)
	if !limit.Known && v.s.Settings.JobManagerCPU.Known {
		limit = firstMeasure(model.Measured(v.s.Settings.JobManagerCPU.Value))
	}
	if !limit.Known && v.jobManager().JobManagerCPU.Known {
		limit = firstMeasure(model.Measured(v.jobManager().JobManagerCPU.Value * factor))
	}
	return limit
}

// limitFactor is limit / request of the JobManager's container, 1 by default (Flink's KubernetesConfigOptions). An operator's default stands
// in no target and shows in the configuration that the JobManager runs with. Where requests and limits are written as such, the Flink
// operator makes the factor of them, and each is sized as it is.
func (v *view) limitFactor(key string) float64 {
	text, set := v.written(key)
	if !set && v.jobManager().ResourceField != "resources" {
		text = v.s.Settings.Cluster[key]
	}
	factor, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(factor) || factor < 1 || factor > mostCores {
		return 1
	}
	return factor
}

// firstMeasure is the first measure that is known and makes sense.
func firstMeasure(measures ...model.Measure) model.Measure {
	for _, m := range measures {
		if m.Known && m.Value > 0 && !math.IsInf(m.Value, 0) && !math.IsNaN(m.Value) {
			return m
		}
	}
	return model.Measure{}
}
