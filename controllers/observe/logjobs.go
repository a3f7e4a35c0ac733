package observe

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// keepJob keeps the checkpoints and signals of one job: those of a session cluster's jobs have the same numbers. It says why there is no job to
// judge; then none is kept, for what two jobs did together is no history.
func (r *LogReport) keepJob(selector Selector) model.Availability {
	r.completeIDs()
	all := r.jobsOfEvents()
	matching := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return !r.isJob(id, selector) })
	if len(all) == 1 && selector.Name != "" && r.jobs[all[0]] == "" {
		matching = all // no line names it
	}
	switch {
	case len(all) == 0 && selector.empty():
		return model.Availability{}
	case len(matching) == 0:
		defer r.keepNone()
		return model.Availability{Reason: api.ReasonJobNotFound,
			Message: fmt.Sprintf("the logs tell of no checkpoint of a job that matches %s, but of %s", selector, r.listJobs(all))}
	case len(matching) > 1:
		defer r.keepNone()
		match := ""
		if !selector.empty() {
			match = " that match " + selector.String()
		}
		return model.Availability{Reason: api.ReasonJobAmbiguous,
			Message: fmt.Sprintf("the logs tell of checkpoints of %d jobs%s: %s; name one with --job", len(matching), match, r.listJobs(matching))}
	}
	id := matching[0]
	r.events = slices.DeleteFunc(r.events, func(e checkpointEvent) bool { return e.job != id })
	if id == "" {
		return model.Availability{}
	}
	if r.job.ID != id {
		r.job = model.Job{ID: id}
	}
	r.job.Name = or(or(r.job.Name, r.jobs[id]), id)
	r.Signals = r.SignalsOf(id)
	return model.Availability{}
}

func (r *LogReport) keepNone() { r.events, r.job = nil, model.Job{} }

// jobsOfEvents are the ids of the jobs that take checkpoints.
func (r *LogReport) jobsOfEvents() []string {
	var all []string
	for i := range r.events {
		if id := r.events[i].job; !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

func (r *LogReport) isJob(id string, selector Selector) bool {
	return selector.empty() || selector.ID != "" && (selector.ID == id || cutOf(id, selector.ID)) || selector.Name != "" && selector.Name == r.jobs[id] ||
		selector.means(id)
}

// cutOf tells whether a text is the beginning of a job's id.
func cutOf(text, id string) bool {
	return len(text) >= LeastID && len(text) < len(id) && strings.HasPrefix(id, text)
}

// completeIDs replaces ids that were cut by the whole one that begins so, where the logs have one such and no other.
func (r *LogReport) completeIDs() {
	whole := r.wholeIDs()
	if len(whole) == 0 {
		return
	}
	of := func(id string) string { return or(whole[id], id) }
	for i := range r.events {
		r.events[i].job = of(r.events[i].job)
	}
	for i := range r.Signals {
		r.Signals[i].Job = of(r.Signals[i].Job)
	}
	r.job.ID = of(r.job.ID)
	for cut, id := range whole {
		r.jobs[id] = or(r.jobs[id], r.jobs[cut])
		r.restarts[id] += r.restarts[cut]
		if at := r.begun[cut]; at.After(r.begun[id]) {
			r.begun[id] = at
		}
	}
}

// wholeIDs are the whole ids by those that were cut; none for one that may be of several.
func (r *LogReport) wholeIDs() map[string]string {
	all := slices.Concat(r.jobsOfEvents(), slices.Collect(maps.Keys(r.jobs)))
	whole := map[string]string{}
	for _, id := range all {
		var longer []string
		for _, other := range all {
			if len(other) == wholeID && cutOf(id, other) && !slices.Contains(longer, other) {
				longer = append(longer, other)
			}
		}
		if len(longer) == 1 {
			whole[id] = longer[0]
		}
	}
	return whole
}

// listJobs names at most five jobs.
func (r *LogReport) listJobs(ids []string) string {
	const most = 5
	if len(ids) == 0 {
		return "none"
	}
	var names []string
	for i, id := range ids {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(ids)-most))
			break
		}
		names = append(names, strings.TrimSpace(r.jobs[id]+" "+id))
	}
	return strings.Join(names, ", ")
}
