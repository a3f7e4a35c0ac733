package apply

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// growth is what a remedy asks for: the JobManager's new size and how much more that is.
type growth struct {
	resource corev1.ResourceName
	to, more resource.Quantity
}

// capacity refuses a larger JobManager that the namespace's quota, its limit ranges or the largest node cannot hold. What the operator
// may not read (nodes, in a namespaced install) is not held against the remedy.
func (w *Writer) capacity(ctx context.Context, pass *model.Pass) (model.Refusal, error) {
	grows := growths(pass.Decision.Remedy)
	if len(grows) == 0 {
		return model.Refusal{}, nil
	}
	namespace := pass.Snapshot.Target.Namespace
	var quotas corev1.ResourceQuotaList
	if err := w.list(ctx, &quotas, client.InNamespace(namespace)); err != nil {
		return model.Refusal{}, err
	}
	var ranges corev1.LimitRangeList
	if err := w.list(ctx, &ranges, client.InNamespace(namespace)); err != nil {
		return model.Refusal{}, err
	}
	var nodes corev1.NodeList
	if err := w.list(ctx, &nodes); err != nil {
		return model.Refusal{}, err
	}
	for _, g := range grows {
		for _, message := range []string{quotaHolds(g, quotas.Items), rangeHolds(g, ranges.Items), nodeHolds(g, nodes.Items)} {
			if message != "" {
				return model.Refusal{Reason: api.ReasonDoesNotFitCluster, Message: message}, nil
			}
		}
	}
	return model.Refusal{}, nil
}

// list reads live; what is forbidden reads as empty.
func (w *Writer) list(ctx context.Context, into client.ObjectList, options ...client.ListOption) error {
	err := w.Live.List(ctx, into, options...)
	if err != nil && !apierrors.IsForbidden(err) {
		return fmt.Errorf("the room for a larger JobManager cannot be read: %w", err)
	}
	return nil
}

func growths(remedy *model.Remedy) []growth {
	var grows []growth
	for i := range remedy.Changes {
		change := &remedy.Changes[i]
		var name corev1.ResourceName
		switch change.Lever {
		case api.LeverJobManagerCPU:
			name = corev1.ResourceCPU
		case api.LeverJobManagerHeap:
			name = corev1.ResourceMemory
		default:
			continue
		}
		to, ok := amount(name, change.To)
		if !ok {
			continue
		}
		more := to.DeepCopy()
		if from, ok := amount(name, change.From); ok {
			more.Sub(from)
		}
		grows = append(grows, growth{resource: name, to: to, more: more})
	}
	return grows
}

// amount reads a quantity. Flink's units of memory are binary: its "1280m" became a pod with 1280Mi (measured on operator 1.7.0 and 1.15.0).
func amount(name corev1.ResourceName, text string) (resource.Quantity, bool) {
	if name == corev1.ResourceMemory {
		switch {
		case strings.HasSuffix(text, "m"), strings.HasSuffix(text, "g"), strings.HasSuffix(text, "k"):
			unit := strings.ToUpper(text[len(text)-1:])
			text = text[:len(text)-1] + unit + "i"
		}
	}
	quantity, err := resource.ParseQuantity(text)
	return quantity, err == nil
}

func quotaHolds(g growth, quotas []corev1.ResourceQuota) string {
	for i := range quotas {
		for _, name := range []corev1.ResourceName{g.resource, "requests." + g.resource, "limits." + g.resource} {
			hard, limited := quotas[i].Status.Hard[name]
			if !limited {
				continue
			}
			after := quotas[i].Status.Used[name]
			after.Add(g.more)
			if after.Cmp(hard) > 0 {
				return fmt.Sprintf("ResourceQuota %s allows %s %s; with %s more it would be %s: raise the quota first",
					quotas[i].Name, hard.String(), name, g.more.String(), after.String())
			}
		}
	}
	return ""
}

func rangeHolds(g growth, ranges []corev1.LimitRange) string {
	for i := range ranges {
		for _, limit := range ranges[i].Spec.Limits {
			most, limited := limit.Max[g.resource]
			if (limit.Type == corev1.LimitTypeContainer || limit.Type == corev1.LimitTypePod) && limited && g.to.Cmp(most) > 0 {
				return fmt.Sprintf("LimitRange %s allows a %s at most %s %s, and the JobManager would need %s",
					ranges[i].Name, limit.Type, most.String(), g.resource, g.to.String())
			}
		}
	}
	return ""
}

func nodeHolds(g growth, nodes []corev1.Node) string {
	var largest resource.Quantity
	for i := range nodes {
		if size := nodes[i].Status.Allocatable[g.resource]; size.Cmp(largest) > 0 {
			largest = size
		}
	}
	if largest.IsZero() || g.to.Cmp(largest) <= 0 {
		return ""
	}
	return fmt.Sprintf("no node holds a JobManager with %s %s: the largest has %s allocatable", g.to.String(), g.resource, largest.String())
}
