package diagnose

import (
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/google/cel-go/cel"

	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// versionOnlyWeight is the most that an advisory without a signature weighs: just Possible, and behind every cause that is. That a bug is
	// there says nothing of whether it struck.
	versionOnlyWeight = possibleScore
	// unknownVersionWeight is the most that an advisory of a library weighs whose version is not known: below Likely, whatever the stack says.
	unknownVersionWeight = likelyScore - 10
)

// matchAdvisories evaluates the advisories of the versions that run. untold is the id of one of which it cannot be told, for want of a value.
func matchAdvisories(all []compiled, f *features) (matches []match, untold string) {
	flink := flinkVersion(f.s.Job.FlinkVersion)
	var vars map[string]any
	for i := range all {
		c := &all[i]
		version, runs := c.version(f, flink)
		if !runs || version != nil && !c.affects(version) {
			continue
		}
		if vars == nil {
			vars = advisoryVars(f)
		}
		switch c.fits(vars) {
		case present:
			m := c.match(version)
			m.seen = c.signature != nil && evaluate(c.signature, inferredOnly(vars)) != present
			matches = append(matches, m)
		case unknownSign:
			untold = c.ID
		}
	}
	return matches, untold
}

// fits tells whether both expressions hold; unknown where one may and the other does.
func (c *compiled) fits(vars map[string]any) signState {
	configuration, signature := evaluate(c.configuration, vars), evaluate(c.signature, vars)
	if configuration == absent || signature == absent {
		return absent
	}
	return max(configuration, signature)
}

// version is the version of what the advisory is about, nil where it is not known, and whether it may run at all. Flink always runs, but an
// advisory of Flink without its version would match anything. A library runs where the class path names it; where that does not, because it
// was not read or the library is inside the job's own jar, a stack or an error has to name it.
func (c *compiled) version(f *features, flink *semver.Version) (version *semver.Version, runs bool) {
	if c.ofFlink() {
		return flink, flink != nil
	}
	for i := range f.s.Libraries {
		l := &f.s.Libraries[i]
		if slices.ContainsFunc(c.Jars, func(jar string) bool { return strings.HasPrefix(l.Name, jar) }) {
			return libraryVersion(l.Version), true
		}
	}
	return nil, c.namesLibrary()
}

func (c *compiled) match(version *semver.Version) match {
	m := match{weight: c.Weight, AdvisoryMatch: model.AdvisoryMatch{
		ID: c.ID, Title: c.Title, Component: c.Component, FixedIn: c.FixedIn, Workaround: c.Workaround, Advice: c.Advice,
	}}
	if c.signature == nil {
		m.weight = min(m.weight, versionOnlyWeight)
	}
	if version == nil {
		m.weight = min(m.weight, unknownVersionWeight)
		return m
	}
	m.Version = version.Original()
	return m
}

func (c *compiled) affects(version *semver.Version) bool {
	for _, r := range c.ranges {
		if r.Check(version) {
			return true
		}
	}
	return false
}

// evaluate tells whether an expression holds. One that fails, because it needs a value that is not known, is unknown.
func evaluate(p cel.Program, vars map[string]any) signState {
	if p == nil {
		return present
	}
	out, _, err := p.Eval(vars)
	if err != nil {
		return unknownSign
	}
	if value, ok := out.Value().(bool); !ok || !value {
		return absent
	}
	return present
}

// flinkVersion reads a version as Flink and its vendors write it: 1.20.5, 2.4-SNAPSHOT, 1.18.0-amzn-1.
func flinkVersion(text string) *semver.Version {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "-")
	v, err := semver.NewVersion(text)
	if err != nil {
		return nil
	}
	return v
}

// versionInName finds versions in what follows a library's name: 2.4.2, 1.10.1 of 1.20-1.10.1, 1.2.13_flink-1.19.
var versionInName = regexp.MustCompile(`\d+\.\d+(\.\d+)*`)

// libraryVersion reads a connector's version. Where the Flink it was built for stands beside it (1.20-1.10.1, 25.1.0-1.19, 1.2.13_flink-1.19) it is
// the one of three parts; where none has three, there is no telling.
func libraryVersion(text string) *semver.Version {
	found := versionInName.FindAllString(text, 3)
	for _, candidate := range found {
		if strings.Count(candidate, ".") < 2 {
			continue
		}
		parts := strings.SplitN(candidate, ".", 4)
		if v, err := semver.NewVersion(strings.Join(parts[:3], ".")); err == nil {
			return v
		}
	}
	if len(found) == 1 {
		if v, err := semver.NewVersion(found[0]); err == nil {
			return v
		}
	}
	return nil
}
