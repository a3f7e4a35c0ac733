package report

import (
	"slices"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// How the lines of an assessment begin that name what was not read.
const (
	prefixMissing     = "Missing: "
	prefixUnseen      = "Not seen: "
	prefixNotRecorded = "Not recorded: "
	prefixClocks      = "Clocks disagree: "
	prefixNotRead     = "Not read by Flink: "
)

// namedGaps are what a status names as missing, each once and in order, with their figures masked: two are equal where the same is missing for
// the same reasons. Of the causes those count that essence compares: what others lack moves with the evidence.
func namedGaps(s *api.CheckpointHealthStatus) []string {
	var all []string
	add := func(text string) {
		var g gist
		g.figureless(text)
		all = append(all, string(g))
	}
	for i := range s.Diagnoses {
		if d := &s.Diagnoses[i]; i == 0 || d.Verdict == api.VerdictConfirmed || d.Verdict == api.VerdictLikely {
			for _, text := range d.Missing {
				add(text)
			}
		}
	}
	for _, line := range gapLines(s.Assessment) {
		add(line)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// gapLines are the lines of an assessment that name what was not read, each in one.
func gapLines(assessment []string) []string {
	var all []string
	for i, line := range assessment {
		if !slices.ContainsFunc(gapPrefixes, func(prefix string) bool { return strings.HasPrefix(line, prefix) }) {
			continue
		}
		for _, more := range assessment[i+1:] { // a long one goes on in lines that are set in
			if !strings.HasPrefix(more, " ") {
				break
			}
			line += " " + strings.TrimSpace(more)
		}
		all = append(all, line)
	}
	return all
}

var gapPrefixes = []string{prefixMissing, prefixUnseen, prefixNotRecorded, prefixClocks, prefixNotRead}

// notRead names keys that are configured and that the running Flink does not read, three at most: those of settings that status has no field for, which
// would say so.
func (s *story) notRead() {
	set, shown := &s.snapshot().Settings, 0
	for _, ignored := range []string{
		set.HighAvailability.Ignored, set.IOPoolSize.Ignored, set.ClusterPoolSize.Ignored, set.CleanerParallel.Ignored, set.NumRetained.Ignored,
		set.StateBackend.Ignored, set.CheckpointStorage.Ignored, set.TransferThreads.Ignored, set.InlineThreshold.Ignored, set.FrameSize.Ignored,
		set.AskTimeout.Ignored, set.TolerableFailed.Ignored, set.AlignedTimeout.Ignored, set.ExactlyOnce.Ignored, set.HistorySize.Ignored,
	} {
		if text := strings.TrimPrefix(ignored, api.ReasonIgnoredByFlink+": "); text != "" && shown < 3 {
			s.add(prefixNotRead, 2, sentence(clean(text, 240)))
			shown++
		}
	}
}
