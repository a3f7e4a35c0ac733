package score

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Worse says which figures are worse than the committed ones, a sentence each with the names of the cases that changed. Like is held against
// like: only recordings that were committed count. So new ones that are judged well hide no rule that got worse, and new ones that are judged
// badly are not taken for one: New tells of those.
func (c *Committed) Worse(results []Result) []string {
	now := c.again(results)
	return c.compare(&now, func(g *group, f *figure, before, after Value) string {
		return fmt.Sprintf("%s %s: %d of %d, committed %d of %d (%s); changed: %s",
			g.name, f.name, after.N, after.Of, before.N, before.Of, f.worse, listed(c.changed(&now, g, f)))
	})
}

// New says which figures are lower with the recordings that are not committed yet, a sentence each with those that are not right.
func (c *Committed) New(results []Result) []string {
	now, known := Figure(results), c.again(results)
	fresh := slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return c.knows(r.Name) })
	return known.compare(&now, func(g *group, f *figure, before, after Value) string {
		var names []string
		of := g.of(fresh)
		for i := range of {
			if value := now.markOf(of[i].Name, f); f.speaksAgainst(value, before) {
				names = append(names, fmt.Sprintf("%s (%s)", of[i].Name, value))
			}
		}
		if len(names) == 0 {
			return ""
		}
		return fmt.Sprintf("%s %s: %d of %d, without the %d new recordings %d of %d; new: %s",
			g.name, f.name, after.N, after.Of, len(of), before.N, before.Of, listed(names))
	})
}

// again are today's figures of the recordings that are committed.
func (c *Committed) again(results []Result) Committed {
	return Figure(slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return !c.knows(r.Name) }))
}

// compare says a sentence of each figure that went its wrong way; an empty one is left out.
func (c *Committed) compare(now *Committed, say func(g *group, f *figure, before, after Value) string) []string {
	var out []string
	for i := range groups {
		g := &groups[i]
		for j := range figures {
			f := &figures[j]
			before, held := c.Figures[g.name][f.name]
			after := now.Figures[g.name][f.name]
			if !held || !f.isWorse(before, after) {
				continue
			}
			if sentence := say(g, f, before, after); sentence != "" {
				out = append(out, sentence)
			}
		}
	}
	return out
}

// changed names the cases of a group that add something else to a figure than they did, with both.
func (c *Committed) changed(now *Committed, g *group, f *figure) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c.Cases)) {
		before, after := c.markOf(name, f), now.markOf(name, f)
		if before != after && g.names(name, c.Cases[name]) {
			out = append(out, fmt.Sprintf("%s (%s, was %s)", name, after, before))
		}
	}
	return out
}

// mostNames is as many cases as are named behind a figure.
const mostNames = 20

// listed joins names; of many the first.
func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	if more := len(names) - mostNames; more > 0 {
		names = append(names[:mostNames:mostNames], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// speaksAgainst tells whether a case that adds this has to do with a figure that is worse than it was before.
func (f *figure) speaksAgainst(mark string, before Value) bool {
	switch {
	case mark == noMark:
		return false
	case f.measure != nil:
		n, err := strconv.Atoi(mark)
		return err != nil || n > before.N
	case f.worse.ofShare():
		n, of, several := strings.Cut(mark, "/")
		return n == "0" || several && n != of
	}
	return mark != "0"
}

// noMark stands for a case that a figure does not speak of.
const noMark = "-"

// noCase stands for a case that is not there any more.
const noCase = "no such case"

// knows tells that a case is committed.
func (c *Committed) knows(name string) bool {
	_, known := c.Cases[name]
	return known
}

// markOf is what a case adds to a figure: a number, noMark for nothing, or that there is no such case.
func (c *Committed) markOf(name string, f *figure) string {
	marks, there := c.Cases[name]
	if !there {
		return noCase
	}
	for word := range strings.FieldsSeq(marks) {
		if value, ok := strings.CutPrefix(word, f.name+"="); ok {
			return value
		}
	}
	return noMark
}
