package trial

import (
	"slices"
	"strings"
)

// Set is the part of the held-out half that a trial belongs to.
type Set string

const (
	// FirstSet is the set that a trial of which nothing else is said belongs to: it was looked at by figures again and again.
	FirstSet Set = ""
	// SecondSet was written on 2026-11-26 by people who had not seen the rules, to be measured once.
	SecondSet Set = "second"
	// ThirdSet was written later on 2026-11-26 by people who had not seen the rules, and measured once.
	ThirdSet Set = "third"
	// FourthSet was written after the third on 2026-11-26 by people who had not seen the rules, and measured once.
	FourthSet Set = "fourth"
	// FifthSet was written after the fourth on 2026-11-26 by people who had not seen the rules, to be measured once.
	FifthSet Set = "fifth"
)

// LaterSet is what is known of a set whose cases count once they have had their first look.
type LaterSet struct {
	Set Set
	// Title heads its columns.
	Title string
	// Sentence says on the page of evidence how its cases came about. It begins with what stands behind the title.
	Sentence string
	// FirstLook is the file that keeps what the first look at it showed, below the root of the repository.
	FirstLook string
}

// laterSets are in the order in which they were written.
var laterSets = []LaterSet{
	{
		Set: SecondSet, Title: "second held-out set", FirstLook: "hack/evidence/first-look.yaml",
		Sentence: `is that measurement. Its jobs and cases were written on 2026-11-26 by people who had not seen the rules (one had read the table of signs in
the design) and who judged by raw numbers alone whether a fault had happened; nobody who writes rules saw a case of it or a figure of it before it was measured.`,
	},
	{
		Set: ThirdSet, Title: "third held-out set", FirstLook: "hack/evidence/first-look-third.yaml",
		Sentence: `was written later on 2026-11-26 by people who had not seen the rules, and measured once; one of them had read which causes were missed in the second,
and nobody who writes rules saw a case of it or a figure of it before.`,
	},
	{
		Set: FourthSet, Title: "fourth held-out set", FirstLook: "hack/evidence/first-look-fourth.yaml",
		Sentence: `was written after the third on 2026-11-26 by somebody who had not seen the rules, and measured once; they had read two rows of the table of signs in the design and
the notes before it, and nobody who writes rules saw a case of it or a figure of it before.`,
	},
	{
		Set: FifthSet, Title: "fifth held-out set", FirstLook: "hack/evidence/first-look-fifth.yaml",
		Sentence: `was written after the fourth on 2026-11-26 by somebody who had not seen the rules, and measured once; they had read the list of causes in the design with
the paragraph below it and, for their form, the cases of the fourth, and nobody who writes rules saw a case of it or a figure of it before.`,
	},
}

// LaterSets are the sets of the held-out half but the first, in the order in which they were written.
func LaterSets() []LaterSet { return slices.Clone(laterSets) }

// Later finds a later set; nil where there is none of that name.
func Later(set Set) *LaterSet {
	i := slices.IndexFunc(laterSets, func(l LaterSet) bool { return l.Set == set })
	if i < 0 {
		return nil
	}
	return &laterSets[i]
}

// LaterNames are the names of the later sets for people: "second, third, fourth or fifth".
func LaterNames() string {
	names := make([]string, len(laterSets))
	for i := range laterSets {
		names[i] = string(laterSets[i].Set)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
