package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

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
	if err := unusable(doctor, notes, len(files)); err != nil {
		return nil, err
	}
	for i := range notes {
		say(env.Err, "%s\n", notes[i].String())
	}
	return doctor, nil
}

// unusable refuses files of which a whole one, or every entry, is wrong: who names a file wants it heeded.
func unusable(doctor Doctor, notes []diagnose.AdvisoryNote, files int) error {
	var wrong []string
	for i := range notes {
		if notes[i].Skipped {
			wrong = append(wrong, notes[i].String())
		}
	}
	wholeFile := slices.ContainsFunc(notes, func(n diagnose.AdvisoryNote) bool { return n.Skipped && n.Entry == "" })
	none := false
	if d, ok := doctor.(interface{ Advisories() (all, builtIn int) }); ok && files > 0 {
		all, builtIn := d.Advisories()
		none = all == builtIn
	}
	if !wholeFile && !none {
		return nil
	}
	if len(wrong) == 0 {
		wrong = []string{"the files hold no advisory"}
	}
	return fmt.Errorf("--advisories: %s", strings.Join(wrong, "; "))
}
