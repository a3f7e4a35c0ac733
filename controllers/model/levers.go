package model

import (
	"k8s.io/apimachinery/pkg/api/resource"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// resolveLevers fills in the defaults of every lever.
func resolveLevers(r *api.RemediesSpec) map[api.Lever]LeverLimit {
	if r == nil { // an empty block is allowed, so it can be told from none; both are the defaults
		r = &api.RemediesSpec{}
	}
	timeout, interval := r.CheckpointTimeout, r.CheckpointInterval
	cpu, heap := r.JobManagerCPU, r.JobManagerHeap
	concurrent, threads, pool := r.MaxConcurrentCheckpoints, r.TransferThreads, r.IOPoolSize
	limit := func(action, otherwise api.LeverAction, most float64) LeverLimit {
		return LeverLimit{Action: or(action, otherwise), Max: most}
	}
	levers := map[api.Lever]LeverLimit{
		api.LeverCheckpointTimeout:        limit(timeout.Action, api.LeverApply, float64(number(timeout.MaxSeconds, defaultTimeoutMax))),
		api.LeverCheckpointInterval:       limit(interval.Action, api.LeverApply, float64(number(interval.MaxSeconds, defaultIntervalMax))),
		api.LeverJobManagerCPU:            limit(cpu.Action, api.LeverApply, quantity(cpu.Max, defaultCPUMax)),
		api.LeverJobManagerHeap:           limit(heap.Action, api.LeverApply, quantity(heap.Max, defaultMemoryMax)),
		api.LeverBackgroundCleanup:        limit(r.BackgroundCleanup.Action, api.LeverApply, 0),
		api.LeverMaxConcurrentCheckpoints: limit(concurrent.Action, api.LeverRecommend, float64(number(concurrent.Max, defaultConcurrentMax))),
		api.LeverIncrementalCheckpoints:   limit(r.IncrementalCheckpoints.Action, api.LeverRecommend, 0),
		api.LeverUnalignedCheckpoints:     limit(r.UnalignedCheckpoints.Action, api.LeverOff, 0),
		api.LeverTransferThreads:          limit(threads.Action, api.LeverRecommend, float64(number(threads.Max, defaultTransferMax))),
		api.LeverIOPoolSize:               limit(pool.Action, api.LeverApply, float64(number(pool.Max, defaultIOPoolMax))),
		api.LeverAdvisoryWorkarounds:      limit(r.AdvisoryWorkarounds.Action, api.LeverRecommend, 0),
	}
	t := levers[api.LeverCheckpointTimeout]
	t.Growth = 1 + float64(number(timeout.GrowthPercent, defaultTimeoutGrowth))/100
	levers[api.LeverCheckpointTimeout] = t
	return levers
}

func quantity(q *resource.Quantity, otherwise float64) float64 {
	if q == nil {
		return otherwise
	}
	return q.AsApproximateFloat64()
}
