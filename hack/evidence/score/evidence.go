package score

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"checkpointhealth.dev/operator/hack/evidence/incidents"
	"checkpointhealth.dev/operator/hack/evidence/timeline"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// PageFile is the page that is written, below the root of the repository.
const PageFile = "docs/evidence.md"

// Evidence is all there is.
type Evidence struct {
	Results   []Result
	Incidents []incidents.Row
	// First is what was measured when sets were looked at for the first time, in the order of the sets.
	First []*FirstLook
	// Sealed is how many recordings of a later set are left out because they have not had their first look.
	Sealed map[trial.Set]int
	// Cluster is what was told on real clusters; nil if nothing was recorded.
	Cluster *timeline.Record
}

// Gather judges all that is recorded below the root of the repository. A case of a later set is left out until it has had its first look:
// whoever runs this while rules are made sees nothing of it, and no gate is moved by it.
func Gather(ctx context.Context, root string) (*Evidence, error) {
	sources, err := someSources(root)
	if err != nil {
		return nil, err
	}
	e := Evidence{Sealed: map[trial.Set]int{}}
	if e.First, err = firstLooks(root); err != nil {
		return nil, err
	}
	sources = slices.DeleteFunc(sources, e.seals)
	if e.Results, err = JudgeAll(ctx, sources); err != nil {
		return nil, err
	}
	if e.Incidents, err = incidents.Run(ctx, incidentsAt); err != nil {
		return nil, err
	}
	if e.Cluster, err = timeline.Read(filepath.Join(root, filepath.FromSlash(timeline.File))); err != nil {
		return nil, err
	}
	return &e, nil
}

// seals leaves a recording out, and counts it, that belongs to a later set and has not had its first look.
func (e *Evidence) seals(s Source) bool {
	if s.Trial.Set == trial.FirstSet || slices.ContainsFunc(e.First, func(l *FirstLook) bool { return l.Set == s.Trial.Set && l.Knows(s.Name) }) {
		return false
	}
	e.Sealed[s.Trial.Set]++
	return true
}

// someSources are all recordings; none at all are an error.
func someSources(root string) ([]Source, error) {
	sources, err := Sources(root)
	if err == nil && len(sources) == 0 {
		err = fmt.Errorf("%s holds no recordings below %s and %s: is it the root of the repository?", root, LabeledDir, RecordingsDir)
	}
	return sources, err
}

// GatherSet judges those recordings of one set of the held-out half that are wanted, by name, and nothing else.
func GatherSet(ctx context.Context, root string, set trial.Set, wanted func(name string) bool) (*Evidence, error) {
	if trial.Later(set) == nil {
		return nil, fmt.Errorf("set %q: want %s", set, trial.LaterNames())
	}
	sources, err := someSources(root)
	if err != nil {
		return nil, err
	}
	sources = slices.DeleteFunc(sources, func(s Source) bool { return s.Trial.Set != set })
	if len(sources) == 0 {
		return nil, fmt.Errorf("set %q: nothing of it is recorded below %s yet", set, RecordingsDir)
	}
	all := len(sources)
	if sources = slices.DeleteFunc(sources, func(s Source) bool { return !wanted(s.Name) }); len(sources) == 0 {
		return nil, fmt.Errorf("set %q: none of its %d recordings is left for this look", set, all)
	}
	results, err := JudgeAll(ctx, sources)
	return &Evidence{Results: results}, err
}

// Files are what is written, by path below the root of the repository: the page, the figures and the README with its table.
func (e *Evidence) Files(root string) (map[string]string, error) {
	now := Figure(e.Results)
	figures, err := now.Text()
	if err != nil {
		return nil, err
	}
	readme, err := os.ReadFile(filepath.Join(root, readmeFile))
	if err != nil {
		return nil, err
	}
	claimed, err := between(string(readme), e.Claim())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", readmeFile, err)
	}
	return map[string]string{PageFile: e.Markdown(), FiguresFile: figures, readmeFile: claimed}, nil
}

// The README and the marks between which its table stands.
const (
	readmeFile = "README.md"
	claimBegin = "<!-- evidence: written by make evidence -->\n"
	claimEnd   = "<!-- /evidence -->\n"
)

// between puts the table between its marks.
func between(readme, table string) (string, error) {
	head, rest, begins := strings.Cut(readme, claimBegin)
	_, tail, ends := strings.Cut(rest, claimEnd)
	if !begins || !ends {
		return "", fmt.Errorf("the lines %q and %q are missing, expected the table of figures between them", strings.TrimSpace(claimBegin), strings.TrimSpace(claimEnd))
	}
	return head + claimBegin + table + claimEnd + tail, nil
}

// Changes are sentences about figures that are not as good as those that were there.
type Changes struct {
	// Worse are those that got worse on the same recordings, New those that are lower with new recordings.
	Worse, New []string
}

// ErrWorse tells that nothing was written because a figure got worse.
var ErrWorse = errors.New("a figure is worse than the committed one")

// Write writes the files, and says what changed about the figures. Where one got worse nothing is written, unless that is accepted: what is
// committed is what a change of rules is held to.
func (e *Evidence) Write(root string, acceptWorse bool) (Changes, error) {
	var changes Changes
	files, err := e.Files(root)
	if err != nil {
		return changes, err
	}
	committed, err := ReadCommitted(filepath.Join(root, filepath.FromSlash(FiguresFile)))
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return changes, err
	default:
		changes = Changes{Worse: committed.Worse(e.Results), New: committed.New(e.Results)}
	}
	if len(changes.Worse) > 0 && !acceptWorse {
		return changes, fmt.Errorf("%w, so nothing is written: mend the rules, or accept it with --accept-worse (make evidence ACCEPT_WORSE=1)", ErrWorse)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
			return changes, err
		}
	}
	return changes, nil
}
