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
	for i, line := range s.Assessment {
		if !slices.ContainsFunc(gapPrefixes, func(prefix string) bool { return strings.HasPrefix(line, prefix) }) {
			continue
		}
		for _, more := range s.Assessment[i+1:] { // a long one goes on in lines that are set in
			if !strings.HasPrefix(more, " ") {
				break
			}
			line += " " + strings.TrimSpace(more)
		}
		add(line)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

var gapPrefixes = []string{prefixMissing, prefixUnseen, prefixNotRecorded, prefixClocks}
