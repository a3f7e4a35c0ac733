package controllers

import (
	"fmt"
	"slices"
	"strings"
)

// maxNamed is how many names are told of which none is close.
const maxNamed = 3

// suggestion says which of the names that exist is meant by one that does not: the closest, where at most half of its characters differ, else
// some of them. Empty where there is none.
func suggestion(wanted string, names []string) string {
	slices.Sort(names)
	best, least := "", len(wanted)/2+1
	for _, name := range names {
		if edits := editsBetween(wanted, name); edits < least {
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

// editsBetween is how many characters must be put in, left out or replaced to make one name of the other. Names of objects are ASCII.
func editsBetween(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
