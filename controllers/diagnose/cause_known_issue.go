package diagnose

import (
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// knownIssue: a bug of this version, with this configuration and these signs.
var knownIssue = rule{
	cause: api.CauseFlinkVersionBug, sub: api.SubCauseKnownIssue,
	rows: []row{
		{"known issue", 100, true, needHistory, func(f *features) sign {
			m := f.strongest()
			switch {
			case m == nil && flinkVersion(f.s.Job.FlinkVersion) == nil:
				return sign{state: unknownSign, missing: "Flink version"}
			case m == nil && f.untold != "":
				return sign{state: unknownSign, missing: "what tells whether " + f.untold + " is at work"}
			case m == nil:
				return no
			}
			fixed := "not fixed yet"
			if len(m.FixedIn) > 0 {
				fixed = "fixed in " + m.Component + " " + strings.Join(m.FixedIn, ", ")
			}
			s := weighing(m.weight, m.ID+": "+m.Title, fixed)
			s.inferred = !m.seen
			return s
		}},
		// What a stack names is there; whether it is an affected version only a class path tells.
		{"version of the library", 0, false, needHistory, func(f *features) sign {
			if m := f.strongest(); m != nil && m.Version == "" {
				return sign{state: unknownSign, missing: "version of " + m.Component}
			}
			return no
		}},
	},
	summary: func(f *features) string {
		m := f.strongest()
		if m.Version == "" {
			return m.Component + ", whose version is not known, may have " + m.ID + ": " + m.Title
		}
		version := m.Version
		if m.Component == flinkComponent {
			version = named(f.s.Job.FlinkVersion)
		}
		return m.Component + " " + version + " has " + m.ID + ": " + m.Title
	},
	next: "the same job on a version in which it is fixed, or with the workaround",
	advice: func(f *features) []string {
		var advice []string
		for i := range f.advisories {
			m := &f.advisories[i]
			text := m.ID + ": " + m.Advice
			if len(m.FixedIn) > 0 {
				text += " Fixed in " + m.Component + " " + strings.Join(m.FixedIn, ", ") + "."
			}
			advice = append(advice, text)
		}
		return advice
	},
}

// strongest is the matching advisory that explains most; nil if none matches.
func (f *features) strongest() *match {
	var best *match
	for i := range f.advisories {
		if m := &f.advisories[i]; best == nil || m.weight > best.weight {
			best = m
		}
	}
	return best
}
