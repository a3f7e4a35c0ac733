package cli

import (
	"fmt"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
)

// What is right for a kind of setting.
const (
	rightDuration = "a duration such as 10 min or 30 s"
	rightNumber   = "a whole number such as 2"
	rightBool     = "true or false"
	rightSize     = "a size such as 1600m or 10 mb"
	rightCores    = "a number of cores such as 2.0"
)

// wrongValues are the values of a Flink configuration that its settings cannot take, each with its key and what would be right.
func wrongValues(config map[string]string) []string {
	s := observe.FromLogs(nil, config, time.Time{}, observe.Selector{}).Settings
	w := valueCheck{config: config}
	for _, d := range []*model.Setting[time.Duration]{&s.Timeout, &s.Interval, &s.MinPause, &s.AlignedTimeout, &s.AskTimeout} {
		check(&w, d, rightDuration)
	}
	for _, n := range []*model.Setting[int]{&s.MaxConcurrent, &s.TolerableFailed, &s.NumRetained, &s.HistorySize, &s.IOPoolSize, &s.TransferThreads, &s.ClusterPoolSize} {
		check(&w, n, rightNumber)
	}
	for _, b := range []*model.Setting[bool]{&s.Unaligned, &s.Incremental, &s.CleanerParallel, &s.BackgroundCleanup} {
		check(&w, b, rightBool)
	}
	for _, b := range []*model.Setting[int64]{&s.FrameSize, &s.InlineThreshold, &s.JobManagerProcess, &s.JobManagerHeap} {
		check(&w, b, rightSize)
	}
	check(&w, &s.JobManagerCPU, rightCores)
	w.ranges(&s)
	return w.wrong
}

// valueCheck collects what is wrong with the values of a configuration.
type valueCheck struct {
	config map[string]string
	wrong  []string
}

// ranges looks at values that can be read and are yet out of Flink's range.
func (w *valueCheck) ranges(s *model.Settings) {
	if s.Timeout.Known && s.Timeout.Value <= 0 {
		w.add(s.Timeout.Key, "a duration above 0, such as 10 min")
	}
	if s.MaxConcurrent.Known && s.MaxConcurrent.Value < 1 {
		w.add(s.MaxConcurrent.Key, "a whole number of at least 1")
	}
	switch strings.ToUpper(strings.ReplaceAll(w.config[s.ExactlyOnce.Key], "-", "_")) {
	case "", "EXACTLY_ONCE", "AT_LEAST_ONCE":
	default:
		w.add(s.ExactlyOnce.Key, "EXACTLY_ONCE or AT_LEAST_ONCE")
	}
}

// check looks at one setting: what is configured and yet not known could not be read.
func check[T any](w *valueCheck, s *model.Setting[T], right string) {
	if _, configured := w.config[s.Key]; configured && !s.Known {
		w.add(s.Key, right)
	}
}

func (w *valueCheck) add(key, right string) {
	w.wrong = append(w.wrong, fmt.Sprintf("%s is %q, expected %s", key, w.config[key], right))
}
