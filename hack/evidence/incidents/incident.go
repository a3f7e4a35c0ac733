package incidents

import (
	"embed"
	"fmt"
	"path"
	"strings"

	"sigs.k8s.io/yaml"
)

//go:embed data/*.yaml
var data embed.FS

// Incident is one publicly reported incident.
type Incident struct {
	// ID is the name of its file.
	ID string `json:"-"`
	// Title says in a line what it was.
	Title string `json:"title"`
	// Source is where it was reported, and Also further places.
	Source string   `json:"source"`
	Also   []string `json:"also"`
	// FlinkVersion is empty where it was not told.
	FlinkVersion string `json:"flinkVersion"`
	// Causes are the true ones as Cause or Cause/SubCause, most important first; Acceptable are what is no mistake to call it either.
	Causes     []string `json:"causes"`
	Acceptable []string `json:"acceptable"`
	// Basis is how the cause is known, and Cure what helped.
	Basis string `json:"basis"`
	Cure  string `json:"cure"`
	// Facts are what was observed, figures with units.
	Facts []string `json:"facts"`
	// LateAcks tells that acknowledgements are known to have come after the expiry: a longer timeout may have helped.
	LateAcks bool `json:"lateAcks"`
	// Configuration are Flink's settings as far as they were told.
	Configuration map[string]string `json:"configuration"`
	// Log are the lines that were quoted.
	Log []string `json:"log"`
}

// All reads the incidents in the order of their ids. An error names the file and what is wrong.
func All() ([]Incident, error) {
	entries, err := data.ReadDir("data")
	if err != nil {
		return nil, fmt.Errorf("incidents: %w", err)
	}
	all := make([]Incident, 0, len(entries))
	for _, entry := range entries {
		text, err := data.ReadFile(path.Join("data", entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("incidents: %w", err)
		}
		incident := Incident{ID: strings.TrimSuffix(entry.Name(), ".yaml")}
		if err := yaml.UnmarshalStrict(text, &incident); err != nil {
			return nil, fmt.Errorf("incidents: %s: %w", entry.Name(), err)
		}
		if missing := incident.missing(); missing != "" {
			return nil, fmt.Errorf("incidents: %s has no %s", entry.Name(), missing)
		}
		all = append(all, incident)
	}
	return all, nil
}

// missing is the first field without which an incident proves nothing.
func (i *Incident) missing() string {
	switch {
	case i.Title == "":
		return "title"
	case !strings.HasPrefix(i.Source, "http"):
		return "source, expected the address where it was reported"
	case len(i.Causes) == 0:
		return "causes"
	case i.Basis == "":
		return "basis: how the cause is known"
	case len(i.Facts) == 0:
		return "facts"
	}
	return ""
}
