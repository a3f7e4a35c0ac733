package observe

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/probe"
)

// ProbePatience is how long a probe pod may take from its creation to its result, unless a kubelet ends it before: the measurement takes up to
// 30 s (probe.DefaultDeadline), and a minute is enough to schedule a pod and to pull an image of some tens of megabytes.
const ProbePatience = 90 * time.Second

// ProbePod reads a probe pod: what was measured, or why it was not. A probe that still runs is returned as it was. The pod is nil where it is
// gone.
func ProbePod(begun model.NetworkProbe, pod *corev1.Pod, now time.Time) model.NetworkProbe {
	out := begun
	waits := ""
	if pod == nil {
		out.Why = "the probe pod was deleted before it was done"
	} else {
		if pod.Spec.NodeName != "" {
			out.Node = cleanText(pod.Spec.NodeName, maxName)
		}
		if ended := terminated(pod); ended != nil {
			takeResult(&out, ended, kindsOf(pod))
		} else {
			waits, out.Why = stateOf(pod)
		}
	}
	late := now.Sub(begun.StartedAt) >= ProbePatience
	if out.Why == "" && !out.Measured() && late {
		out.Why = fmt.Sprintf("the probe pod was not done after %d seconds: %s", int(ProbePatience.Seconds()), waits)
	}
	if out.Why != "" || out.Measured() {
		out.FinishedAt = now
	}
	out.Why = quotedText(out.Why, maxMessage)
	return out
}

// kindsOf are the kinds of round trips by target, as the pod's annotation tells them.
func kindsOf(pod *corev1.Pod) map[string]string {
	kinds := map[string]string{}
	for part := range strings.FieldsSeq(pod.Annotations[model.AnnotationProbeTargets]) {
		if kind, target, ok := strings.Cut(part, "="); ok {
			kinds[target] = cleanText(kind, 16)
		}
	}
	return kinds
}

// terminated is how the pod's one container ended; nil while it has not.
func terminated(pod *corev1.Pod) *corev1.ContainerStateTerminated {
	for i := range pod.Status.ContainerStatuses {
		if ended := pod.Status.ContainerStatuses[i].State.Terminated; ended != nil {
			return ended
		}
	}
	return nil
}

// hopeless are the reasons for which a container that waits will not start within our patience.
var hopeless = map[string]string{
	"ErrImagePull":               "the image of the probe pod cannot be pulled",
	"ImagePullBackOff":           "the image of the probe pod cannot be pulled",
	"ErrImageNeverPull":          "the image of the probe pod is not on the node and may not be pulled",
	"InvalidImageName":           "the image of the probe pod has no valid name",
	"CreateContainerConfigError": "the container of the probe pod cannot be created",
	"CreateContainerError":       "the container of the probe pod cannot be created",
	"RunContainerError":          "the container of the probe pod cannot be started",
}

// stateOf says what a pod that has no result waits for, and why none will come where that is certain.
func stateOf(pod *corev1.Pod) (waits, why string) {
	switch pod.Status.Phase {
	case corev1.PodFailed, corev1.PodSucceeded:
		return "", fmt.Sprintf("the probe pod ended without a result (%s): %s", orText(pod.Status.Reason, string(pod.Status.Phase)), orText(pod.Status.Message, "its kubelet says no more"))
	case corev1.PodRunning:
		return "it still runs", ""
	}
	for i := range pod.Status.ContainerStatuses {
		if waiting := pod.Status.ContainerStatuses[i].State.Waiting; waiting != nil {
			if text := hopeless[waiting.Reason]; text != "" {
				return "", fmt.Sprintf("%s (%s: %s)", text, waiting.Reason, waiting.Message)
			}
			return fmt.Sprintf("its container waits (%s)", waiting.Reason), ""
		}
	}
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return fmt.Sprintf("it was not scheduled (%s)", orText(c.Message, c.Reason)), ""
		}
	}
	if pod.Spec.NodeName == "" {
		return "it was not scheduled", ""
	}
	return "its node did not start it", ""
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// takeResult reads what the container left behind in its termination message.
func takeResult(out *model.NetworkProbe, ended *corev1.ContainerStateTerminated, names map[string]string) {
	result, err := probe.ParseResult([]byte(ended.Message))
	if err != nil {
		out.Why = fmt.Sprintf("the probe pod left no result: exit status %d (%s), %v", ended.ExitCode, ended.Reason, err)
		return
	}
	for i := range result.Targets {
		t := &result.Targets[i]
		name := names[t.Target]
		if name == "" {
			continue // not what it was told to measure
		}
		connects := roundTrips(name, t.Target, &t.Connect)
		if t.Retransmits != nil {
			connects.Retransmits = model.Measured(float64(*t.Retransmits))
		}
		out.RoundTrips = append(out.RoundTrips, connects)
		if t.Request != nil && t.Request.Sent > 0 {
			out.RoundTrips = append(out.RoundTrips, roundTrips(name+"Request", t.Target, t.Request))
		}
	}
	if !out.Measured() {
		out.Why = "the probe pod measured something else than it was told to"
	}
	if len(result.Paths) > 0 {
		for _, hop := range result.Paths[0].Hops {
			out.Hops = append(out.Hops, orText(cleanText(hop.Address, 64), "?"))
		}
	}
}

func roundTrips(name, target string, s *probe.Series) model.RoundTrips {
	micros := func(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
	return model.RoundTrips{
		Name: name, Address: cleanText(target, 128), Sent: s.Sent, Lost: s.Lost, Failed: s.Failed,
		P50: micros(s.P50Microseconds), P95: micros(s.P95Microseconds), Max: micros(s.MaxMicroseconds),
	}
}
