package cli

import (
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"checkpointhealth.dev/operator/controllers/diagnose"
)

// advisories is the flag --advisories.
type advisories struct{ files []string }

func (a *advisories) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&a.files, "advisories", nil, "YAML `FILE` with further known issues, or a ConfigMap of them; may be repeated")
}

// doctor makes the doctor. Entries that are wrong are named on stderr and left out; a file that cannot be read is an error.
func (a *advisories) doctor(env *Environment) (Doctor, error) {
	var files []diagnose.AdvisoryFile
	for _, path := range a.files {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("--advisories: %w", err)
		}
		files = append(files, diagnose.AdvisoryFiles(path, data)...)
	}
	doctor, notes, err := env.Doctor(files...)
	if err != nil {
		return nil, err
	}
	for i := range notes {
		say(env.Err, "%s\n", notes[i].String())
	}
	return doctor, nil
}
