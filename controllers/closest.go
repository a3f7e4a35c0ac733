package controllers

import (
	"fmt"
	"slices"
	"strings"

	edlib "github.com/hbollon/go-edlib"
)

// maxNamed is how many names are told of which none is close.
const maxNamed = 3

// suggestion says which of the names that exist is meant by one that does not: the closest, where at most half of its characters differ, else
// some of them. Empty where there is none.
func suggestion(wanted string, names []string) string {
	slices.Sort(names)
	best, least := "", len(wanted)/2+1
	for _, name := range names {
		if edits := edlib.OSADamerauLevenshteinDistance(wanted, name); edits < least {
			best, least = name, edits
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf(" (is %q meant?)", best)
	case len(names) == 0:
		return " (nor does any other)"
	case len(names) > maxNamed:
		return fmt.Sprintf(" (others do: %s and %d more)", strings.Join(names[:maxNamed], ", "), len(names)-maxNamed)
	}
	return fmt.Sprintf(" (others do: %s)", strings.Join(names, ", "))
}
