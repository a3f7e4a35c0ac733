package diagnose

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/google/cel-go/cel"
	"sigs.k8s.io/yaml"

	"checkpointhealth.dev/operator/controllers/model"
)

//go:embed advisories.yaml
var advisoriesYAML []byte

// builtInFile names the advisories of the binary.
const builtInFile = "built in"

// AdvisoryFile is a file of known issues in the form of advisories.yaml, such as one key of a ConfigMap.
type AdvisoryFile struct {
	// Name says where it comes from, such as a path or ConfigMap NAMESPACE/NAME, key KEY.
	Name string
	Data []byte
}

// AdvisoryFiles are the files in a text: those of the keys of a ConfigMap, in their order, or the text itself.
func AdvisoryFiles(name string, data []byte) []AdvisoryFile {
	var config struct {
		Kind string            `json:"kind"`
		Data map[string]string `json:"data"`
	}
	if len(data) > 2*maxAdvisoryBytes || yaml.Unmarshal(data, &config) != nil || config.Kind != "ConfigMap" {
		return []AdvisoryFile{{Name: name, Data: data}}
	}
	return AdvisoryKeys(name, config.Data)
}

// AdvisoryKeys are the files of a ConfigMap's keys, in the order of their names.
func AdvisoryKeys(name string, data map[string]string) []AdvisoryFile {
	files := make([]AdvisoryFile, 0, len(data))
	for _, key := range slices.Sorted(maps.Keys(data)) {
		files = append(files, AdvisoryFile{Name: name + ", key " + key, Data: []byte(data[key])})
	}
	return files
}

// AdvisoryNote is what a person who keeps such a file should know: an entry that was skipped and why, or one that replaces a built-in one.
type AdvisoryNote struct {
	// File is AdvisoryFile.Name; Entry the advisory's id, or its place where it has none; empty for the whole file.
	File, Entry string
	// Text names the field, the value and what would be right.
	Text string
	// Skipped is true where the entry is not used.
	Skipped bool
}

// String is the note in a line.
func (n *AdvisoryNote) String() string {
	text := n.File
	if n.Entry != "" {
		text += ": advisory " + n.Entry
	}
	text += ": " + n.Text
	if n.Skipped {
		text += "; skipped"
	}
	return text
}

// advisory is one known issue as advisories.yaml has it.
type advisory struct {
	ID            string            `json:"id"`
	Title         string            `json:"title"`
	Component     string            `json:"component"`
	Jars          []string          `json:"jars"`
	Affected      []string          `json:"affected"`
	FixedIn       []string          `json:"fixedIn"`
	Configuration string            `json:"configuration"`
	Signature     string            `json:"signature"`
	Weight        int               `json:"weight"`
	Workaround    map[string]string `json:"workaround"`
	Advice        string            `json:"advice"`
	Source        string            `json:"source"`
}

// compiled is an advisory ready to be matched.
type compiled struct {
	advisory
	file                     string
	ranges                   []*semver.Constraints
	configuration, signature cel.Program
}

// match is an advisory that fits, with how much it explains. seen is true where its signature rests on a stack, a log line or a metric: without
// those it would not hold.
type match struct {
	model.AdvisoryMatch
	weight int
	seen   bool
}

// flinkComponent is the component of an advisory that names none.
const flinkComponent = "Flink"

// ofFlink tells whether the affected versions are Flink's own.
func (a *advisory) ofFlink() bool { return a.Component == flinkComponent }

// loadAdvisories reads files of advisories; one with the id of an earlier one replaces it. What is wrong is left out and noted; an error is
// ours.
func loadAdvisories(files ...AdvisoryFile) ([]compiled, []AdvisoryNote, error) {
	env, err := advisoryEnv()
	if err != nil {
		return nil, nil, fmt.Errorf("advisories: the environment of their expressions: %w", err)
	}
	l := loader{env: env}
	for i := range files {
		l.file(&files[i])
	}
	return l.all, l.notes, nil
}

// loader collects advisories and notes.
type loader struct {
	env   *cel.Env
	all   []compiled
	notes []AdvisoryNote
}

func (l *loader) file(f *AdvisoryFile) {
	entries, err := advisoryEntries(f.Data)
	if err != nil {
		l.note(f.Name, "", true, err.Error())
		return
	}
	for i, entry := range entries {
		a, err := parseAdvisory(entry)
		name := a.ID
		if name == "" {
			name = fmt.Sprintf("%d of the file (it has no id)", i+1)
		}
		if err != nil {
			l.note(f.Name, name, true, err.Error())
			continue
		}
		c, err := compile(l.env, &a)
		if err != nil {
			l.note(f.Name, name, true, err.Error())
			continue
		}
		c.file = f.Name
		l.add(c)
	}
}

// add takes an advisory, in the place of one with the same id: the later file wins, and within a file the later entry.
func (l *loader) add(c compiled) {
	if c.Weight > versionOnlyWeight && c.Signature == "" && c.file != builtInFile {
		l.note(c.file, c.ID, false, fmt.Sprintf("weight is %d and there is no signature: without one it counts as %d, a version alone is never a cause", c.Weight, versionOnlyWeight))
	}
	for i := range l.all {
		if l.all[i].ID != c.ID {
			continue
		}
		l.note(c.file, c.ID, false, "replaces the one of the same id ("+l.all[i].file+")")
		l.all[i] = c
		return
	}
	if len(l.all) == maxAdvisories {
		l.note(c.file, c.ID, true, fmt.Sprintf("there are %d already, the most that are taken", maxAdvisories))
		return
	}
	l.all = append(l.all, c)
}

func (l *loader) note(file, entry string, skipped bool, text string) {
	if len(l.notes) == maxNotes {
		return
	}
	text = strings.Join(strings.Fields(text), " ") // compilers draw pictures over several lines
	l.notes = append(l.notes, AdvisoryNote{File: bounded(file, maxTitle), Entry: bounded(entry, maxID), Text: bounded(text, maxNote), Skipped: skipped})
}
