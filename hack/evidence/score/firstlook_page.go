package score

import (
	"fmt"
	"strings"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

const firstLookIntro = `### The first look at the %s

Each case of the set was measured once before anybody who writes rules had seen it or a figure of it, and what was said then is kept in
` + "`%s`" + `: %s. Beside it are today's figures of the same set: who changed rules after the first batch had been told
at most which causes were missed in it, what was said instead and on which Flink version. A look is repeated with the recordings of today and the rules of a commit: take ` + "`api`" + ` and ` + "`controllers`" + ` of that commit, and run
` + "`go run ./hack/evidence score --set %s`" + `.
`

// batches tells when which cases were looked at, with whose rules.
func (l *FirstLook) batches() string {
	var says []string
	for i := range l.Batches {
		b := &l.Batches[i]
		says = append(says, fmt.Sprintf("%d cases on %s with the rules of commit `%.12s`", len(b.Cases), b.Date, b.Rules))
	}
	return strings.Join(says, ", ")
}

// firstLook shows a first look beside today's figures of its set.
func (p *page) firstLook(l *FirstLook, results []Result) {
	set := trial.Later(l.Set)
	p.line(firstLookIntro, set.Title, set.FirstLook, l.batches(), set.Set)
	today := l.group().of(results)
	var rows [][]string
	for i := range figures {
		f := &figures[i]
		said, met := "not counted then", ""
		if then, counted := l.value(f); counted {
			said, met = f.text(then), f.verdict(then)
		}
		rows = append(rows, []string{f.title, f.barText(), said, met, f.text(f.value(today))})
	}
	p.table([]string{"figure", "bar", "first look", "", "today"}, rows)
	p.line("%s\n", l.changes(today))
	var changed [][]string
	for _, r := range l.differing(today) {
		if then, _ := l.looked(r.Name); then.Was != r.word() {
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
		then, _ := l.looked(r.Name)
		before, now := then.Was == wordRight, r.word() == wordRight
		switch {
		case now && !before:
			better++
		case before && !now:
			worse++
		}
	}
	text := fmt.Sprintf("Of its %d cases %d differ today in what is said of them: %d are right that were not, %d are no longer right.",
		l.cases(), len(differing), better, worse)
	if since := l.since(today); since != "" {
		text += " Since then " + since + "."
	}
	return text
}

// since tells which recordings are not those of the first look; empty where all are.
func (l *FirstLook) since(today []Result) string {
	anew := 0
	for i := range today {
		then, known := l.looked(today[i].Name)
		if known && !then.Recorded.Equal(today[i].Recorded) {
			anew++
		}
	}
	var says []string
	for _, c := range []struct {
		n    int
		text string
	}{{anew, "were recorded anew"}, {l.cases() - len(today), "are gone"}} {
		if c.n > 0 {
			says = append(says, fmt.Sprintf("%d %s", c.n, c.text))
		}
	}
	return strings.Join(says, ", ")
}
