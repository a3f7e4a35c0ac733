package plan

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// resourceChanges writes a JobManager resource where the target keeps it: jobManager.resource, or the requests and limits of
// jobManager.resources where those are in effect (the Flink operator then ignores the former).
func (v *view) resourceChanges(lever api.Lever, name, from, to string) []model.Change {
	t := v.jobManager()
	if t.ResourceField == "resources" {
		return v.requestsAndLimits(lever, name, from, to)
	}
	c := model.Change{Lever: lever, Field: "jobManager.resource." + name, From: from, To: to, Origin: api.OriginTarget}
	switch {
	case !v.hasTarget():
		c.Origin = api.OriginUnknown
	case name == "cpu":
		c.WasSet = t.JobManagerCPU.Known
		if c.WasSet {
			c.From = coresText(t.JobManagerCPU.Value)
		}
	default:
		c.WasSet = t.JobManagerMemory != ""
		c.From = orElse(t.JobManagerMemory, from)
	}
	if v.hasTarget() && !c.WasSet {
		c.Origin = api.OriginDefault
	}
	return []model.Change{c}
}

// overwritten tells who looks for the JobManager's size in a pod template that it has no effect there; nothing where none says a word.
func (v *view) overwritten() []string {
	where := v.jobManager().PodTemplateResources
	if where == "" {
		return nil
	}
	return []string{fmt.Sprintf("%s has no effect: Flink overwrites CPU and memory of its container with spec.jobManager.%s, where the change goes",
		where, orElse(v.jobManager().ResourceField, "resource"))}
}

// requestsAndLimits writes those of the two that are set, both where none is. The request keeps its share of the limit, for the Flink
// operator turns their ratio into the limit factor.
func (v *view) requestsAndLimits(lever api.Lever, name, from, to string) []model.Change {
	written := v.jobManager().JobManagerResources
	limitPath, requestPath := "jobManager.resources.limits."+name, "jobManager.resources.requests."+name
	limit, hasLimit := written[limitPath]
	request, hasRequest := written[requestPath]
	var changes []model.Change
	if hasLimit || !hasRequest {
		changes = append(changes, model.Change{Lever: lever, Field: limitPath, From: orElse(limit, from), WasSet: hasLimit, To: to, Origin: api.OriginTarget})
	}
	if hasRequest || !hasLimit {
		changes = append(changes, model.Change{Lever: lever, Field: requestPath, From: orElse(request, from), WasSet: hasRequest,
			To: scaled(name, request, limit, to), Origin: api.OriginTarget})
	}
	return changes
}

// scaled is the request that stands to the new limit as the old one stood to the old.
func scaled(name, request, limit, to string) string {
	r, errRequest := resource.ParseQuantity(request)
	l, errLimit := resource.ParseQuantity(limit)
	n, errTo := resource.ParseQuantity(to)
	if errRequest != nil || errLimit != nil || errTo != nil || l.IsZero() || r.Cmp(l) >= 0 {
		return to
	}
	value := n.AsApproximateFloat64() * r.AsApproximateFloat64() / l.AsApproximateFloat64()
	if name == "cpu" {
		return coresText(tidyCores(value))
	}
	return fmt.Sprintf("%dMi", int64(value)/mib)
}
