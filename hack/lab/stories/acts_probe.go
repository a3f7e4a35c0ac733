package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// probeOf is the label of a probe's pod, with the UID of the CheckpointHealth that it belongs to; see docs/probe.md.
const probeOf = "flink.checkpointhealth.dev/probe-of"

// probed has the network measured by a pod of the operator's: each of the JobManager's ports answers, and the pod is removed. The delay stands
// behind the port, so that a connect, which the kernel answers, is as quick as ever.
func probed(delays map[string]string) func(context.Context, *scene) error {
	return func(ctx context.Context, s *scene) error {
		if err := s.network(ctx, delays); err != nil {
			return err
		}
		s.history.fault = time.Now()
		err := s.until(ctx, "the network is measured", sickWithin, func(v *view) bool {
			return v.health.Status.NetworkProbe.FinishedTime != nil
		})
		if err != nil {
			return err
		}
		if err := s.allAnswered(&s.last.health.Status.NetworkProbe); err != nil {
			return err
		}
		return s.until(ctx, "the probe's pod is removed", sickWithin, func(*view) bool {
			var pods corev1.PodList
			err := s.List(ctx, &pods, client.InNamespace(s.options.namespace), client.MatchingLabels{probeOf: string(s.last.health.UID)})
			return err == nil && len(pods.Items) == 0
		})
	}
}

// allAnswered holds a measurement against a network that loses nothing.
func (s *scene) allAnswered(probe *api.NetworkProbeStatus) error {
	if probe.Message != "" || len(probe.RoundTrips) == 0 {
		return fmt.Errorf("the network was not measured: %s", probe.Message)
	}
	for i := range probe.RoundTrips {
		r := &probe.RoundTrips[i]
		s.say("from %s, %s %s: %d sent, median %d µs, longest %d µs", probe.Node, r.Name, r.Address, ptr.Deref(r.Sent, 0),
			ptr.Deref(r.P50Microseconds, 0), ptr.Deref(r.MaxMicroseconds, 0))
		if ptr.Deref(r.Sent, 0) == 0 || ptr.Deref(r.Lost, 0) > 0 || ptr.Deref(r.Failed, 0) > 0 {
			return fmt.Errorf("%s: %d sent, %d lost, %d failed; expected answers alone", r.Name, ptr.Deref(r.Sent, 0), ptr.Deref(r.Lost, 0), ptr.Deref(r.Failed, 0))
		}
	}
	return nil
}
