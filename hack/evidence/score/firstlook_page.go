package score

import (
	"fmt"
	"strings"
)

const firstLookIntro = `### The first look at the second held-out set

Measured on %s with the rules of commit ` + "`%.12s`" + `, once, before anybody who writes rules had seen a case or a figure of it, and kept since in
` + "`" + FirstLookFile + "`" + `. Beside it are today's figures of the same set: whatever rules were changed since may have been changed by what this look showed.
`

// firstLook shows a first look beside today's figures of its set; nothing where there was none.
func (p *page) firstLook(l *FirstLook, results []Result) {
	if l == nil {
		return
	}
	p.line(firstLookIntro, l.Date, l.Rules)
	today := l.group().of(results)
	var rows [][]string
	for i := range figures {
		f := &figures[i]
		then, counted := l.Figures[f.name]
		said, met := "not counted then", ""
		if counted {
			said, met = f.text(then), f.verdict(then)
		}
		rows = append(rows, []string{f.title, f.barText(), said, met, f.text(f.value(today))})
	}
	p.table([]string{"figure", "bar", "first look", "", "today"}, rows)
	p.line("%s\n", l.changes(today))
	var changed [][]string
	for _, r := range l.differing(today) {
		if then := l.Cases[r.Name]; then.Was != r.word() {
			changed = append(changed, []string{r.Name, r.truth(), then.Was, r.word()})
		}
	}
	p.table([]string{"case", "true cause", "verdict was", "is today"}, changed)
}

// changes tells how many cases differ from what they were at the first look.
func (l *FirstLook) changes(today []Result) string {
	differing := l.differing(today)
	better, worse := 0, 0
	for _, r := range differing {
		before, now := l.Cases[r.Name].Was == wordRight, r.word() == wordRight
		switch {
		case now && !before:
			better++
		case before && !now:
			worse++
		}
	}
	text := fmt.Sprintf("Of its %d cases %d differ today in what is said of them: %d are right that were not, %d are no longer right.",
		len(l.Cases), len(differing), better, worse)
	if since := l.since(today); since != "" {
		text += " Since then " + since + "."
	}
	return text
}

// since tells which recordings are not those of the first look; empty where all are.
func (l *FirstLook) since(today []Result) string {
	anew, fresh := 0, 0
	for i := range today {
		then, known := l.Cases[today[i].Name]
		switch {
		case !known:
			fresh++
		case !then.Recorded.Equal(today[i].Recorded):
			anew++
		}
	}
	var says []string
	for _, c := range []struct {
		n    int
		text string
	}{{anew, "were recorded anew"}, {fresh, "came to the set"}, {len(l.Cases) + fresh - len(today), "are gone"}} {
		if c.n > 0 {
			says = append(says, fmt.Sprintf("%d %s", c.n, c.text))
		}
	}
	return strings.Join(says, ", ")
}
