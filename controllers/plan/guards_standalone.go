package plan

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"checkpointhealth.dev/operator/controllers/model"
)

// standalone is how the target's JobManager is configured where no operator runs it; nil for all other targets.
func (v *view) standalone() *model.Standalone { return v.target().Standalone }

// place says where each Flink key of the changes is written on a standalone JobManager: where it is set now, as Flink's precedence has it,
// else where keys are added.
func (v *view) place(changes []model.Change) {
	s := v.standalone()
	if s == nil {
		return
	}
	for i := range changes {
		c := &changes[i]
		if model.SpecField(c.Field) {
			c.To = canonical(c.To)
			continue
		}
		if place := s.Place(c.Field); place != nil {
			ref := place.PlaceRef
			c.Place = &ref
			if c.WasSet {
				c.Origin = place.Origin
			}
		}
	}
}

// canonical is a quantity as the API server keeps it in a pod template: 0.5 becomes 500m.
func canonical(text string) string {
	if quantity, err := resource.ParseQuantity(text); err == nil {
		return quantity.String()
	}
	return text
}

// brokenFile refuses every write while the configuration file cannot be read as what it is: the JobManager would not start with it either.
func brokenFile(v *view, _ *model.Remedy) model.Refusal {
	if s := v.standalone(); s != nil && s.Broken != "" {
		return saying("the JobManager's configuration cannot be read: %s", s.Broken)
	}
	return model.Refusal{}
}

// writtenTwice refuses a key that its place sets twice: which of the two would be changed is not for us to say.
func writtenTwice(v *view, r *model.Remedy) model.Refusal {
	for _, place := range v.placesOf(r.Changes) {
		if place.Twice != "" {
			return saying("%s", place.Twice)
		}
	}
	return model.Refusal{}
}

// placesOf are the places that the changes of Flink keys go to.
func (v *view) placesOf(changes []model.Change) map[string]*model.SettingPlace {
	places := map[string]*model.SettingPlace{}
	if s := v.standalone(); s != nil {
		for i := range changes {
			if place := s.Place(changes[i].Field); place != nil && !model.SpecField(changes[i].Field) {
				places[changes[i].Field] = place
			}
		}
	}
	return places
}

// notWritable says why a place must not, or cannot, be edited.
func notWritable(v *view, r *model.Remedy) model.Refusal {
	s := v.standalone()
	if s == nil {
		return model.Refusal{}
	}
	for i := range r.Changes {
		if why := v.fixed(s, &r.Changes[i]); why != "" {
			return saying("%s", why)
		}
	}
	return model.Refusal{}
}

// fixed says why one change can only be recommended; empty where it can be written.
func (v *view) fixed(s *model.Standalone, c *model.Change) string {
	if model.SpecField(c.Field) {
		return ""
	}
	place := s.Place(c.Field)
	switch {
	case place == nil:
		return fmt.Sprintf("%s is set nowhere that can be read, and neither a mounted configuration file nor FLINK_PROPERTIES is there to add it to%s",
			c.Field, because(s.Unreadable))
	case place.Fixed != "":
		return fmt.Sprintf("%s stands in %s, where it cannot be edited: %s", c.Field, place.PlaceRef, place.Fixed)
	}
	if place.Kind == model.PlaceConfigMap {
		if why := s.ConfigMaps[place.Name].Fixed; why != "" {
			return fmt.Sprintf("%s is to be written to %s, but %s", c.Field, place.PlaceRef, why)
		}
	}
	return v.contradicted(s, place, c)
}

// contradicted says that Flink runs with another value than the strongest place that could be read has: something else sets it, or the place
// was changed and nobody restarted the JobManager. Where something could not be read, only Flink's own word that the place counts will do.
func (v *view) contradicted(s *model.Standalone, place *model.SettingPlace, c *model.Change) string {
	running, known := v.s.Settings.Cluster[c.Field]
	confirmed := known && c.WasSet && sameText(running, place.Value)
	switch {
	case confirmed:
	case c.WasSet && known:
		return fmt.Sprintf("%s sets %s to %s, but Flink runs with %s: either something stronger sets it, or the change there has not been rolled out%s",
			place.PlaceRef, c.Field, place.Value, running, because(s.Unreadable))
	case known && !computed(c.Field):
		return fmt.Sprintf("Flink runs with %s = %s, which nothing that could be read sets%s", c.Field, running, because(s.Unreadable))
	case len(s.Unreadable) > 0 && place.Kind != model.PlaceArguments:
		return fmt.Sprintf("%s might be overridden: %s", c.Field, s.Unreadable[0])
	}
	return ""
}

// computed tells the keys that a JobManager's start script adds to the configuration by itself (BashJavaUtils).
func computed(key string) bool { return strings.HasPrefix(key, "jobmanager.memory.") }

func because(reasons []string) string {
	if len(reasons) == 0 {
		return ""
	}
	return " (" + reasons[0] + ")"
}

// sameText compares two values of one key: as text, as durations, or as sizes.
func sameText(a, b string) bool {
	if strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) {
		return true
	}
	if x, ok := durationOf(a); ok {
		if y, ok := durationOf(b); ok && x == y {
			return true
		}
	}
	x, errX := model.ParseMemory(a)
	y, errY := model.ParseMemory(b)
	return errX == nil && errY == nil && x == y
}

// storedJobGraph refuses what a restart would not change: with high availability a JobManager that starts again takes the job graph, and the
// checkpoint settings in it, as they were when the job was submitted.
func storedJobGraph(v *view, r *model.Remedy) model.Refusal {
	if v.standalone() == nil {
		return model.Refusal{}
	}
	for i := range r.Changes {
		if field := r.Changes[i].Field; model.InJobGraph(field) {
			return saying("%s is part of the job graph that high availability stores, and a JobManager that starts again goes on with that: "+
				"set it in %s, then submit the job anew from its last checkpoint (flink cancel with a retained checkpoint, flink run -s)", field, v.placeText(field))
		}
	}
	return model.Refusal{}
}

func (v *view) placeText(field string) string {
	if place := v.standalone().Place(field); place != nil {
		return place.String()
	}
	return "the configuration"
}

// onlyRecommended tells that no guard will ever let a change be written where it is to be written.
func (v *view) onlyRecommended(changes []model.Change) bool {
	s := v.standalone()
	return s != nil && slices.ContainsFunc(changes, func(c model.Change) bool { return model.InJobGraph(c.Field) || v.fixed(s, &c) != "" })
}

func rolloutPaused(v *view, _ *model.Remedy) model.Refusal {
	if s := v.standalone(); s != nil && s.Paused != "" {
		return saying("%s/%s: %s", v.target().Kind, v.target().Name, s.Paused)
	}
	return model.Refusal{}
}

func rolledOutByHand(v *view, _ *model.Remedy) model.Refusal {
	if s := v.standalone(); s != nil && s.Manual != "" {
		return saying("%s/%s: %s", v.target().Kind, v.target().Name, s.Manual)
	}
	return model.Refusal{}
}
