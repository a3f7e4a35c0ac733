package observe

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// explainPlaces tells of each setting that status shows which very place sets it, and what would win over a patch of that place.
func explainPlaces(s *model.Settings, target *model.Target) {
	explain(&s.Timeout, target)
	explain(&s.Interval, target)
	explain(&s.MinPause, target)
	explain(&s.MaxConcurrent, target)
	explain(&s.Unaligned, target)
	explain(&s.Incremental, target)
	explain(&s.JobManagerProcess, target)
	if s.JobManagerCPU.Origin == api.OriginTarget {
		s.JobManagerCPU.Source = "resources of container " + target.Standalone.Container
	}
}

func explain[T any](setting *model.Setting[T], target *model.Target) {
	if !setting.Known {
		return
	}
	places := target.Standalone.Places[setting.Key]
	if len(places) > 0 {
		setting.Source = sourceOf(&places[0])
	}
	setting.Overrides = overrides(setting.Origin, setting.Key, target)
}

func sourceOf(place *model.SettingPlace) string {
	if place.Kind == model.PlaceArguments && place.Key == listScript {
		return "perhaps " + place.String()
	}
	if place.Line > 0 {
		return fmt.Sprintf("%s, line %d", place.PlaceRef, place.Line)
	}
	return place.String()
}

// overrides says what would win over a patch of the place where the key is, or would be, set.
func overrides(origin api.SettingOrigin, key string, target *model.Target) string {
	var winners []string
	if origin == api.OriginJobCode {
		winners = append(winners, "the job's code")
	}
	if target.HighAvailability && model.InJobGraph(key) {
		winners = append(winners, "the job graph that high availability stores")
	}
	place := target.Standalone.Place(key)
	if place == nil || place.Kind == model.PlaceConfigMap {
		winners = append(winners, target.Standalone.Unreadable...)
	}
	return cleanText(strings.Join(winners, "; "), maxMessage)
}

// standaloneGaps are what could not be read of a standalone JobManager's configuration.
func standaloneGaps(s *model.Standalone) []model.Gap {
	var gaps []model.Gap
	for _, why := range slices.Concat([]string{s.Broken}, s.Unreadable, s.Ignored) {
		if why != "" {
			gaps = append(gaps, model.Gap{Kind: model.GapConfiguration, Signal: "the JobManager's configuration", Why: cmp.Or(cleanText(why, maxMessage), "not known")})
		}
	}
	return gaps
}
