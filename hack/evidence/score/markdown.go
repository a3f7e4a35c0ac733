package score

import (
	"fmt"
	"strings"

	"checkpointhealth.dev/operator/controllers/cli"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// page is a page of Markdown that grows.
type page struct{ text strings.Builder }

func (p *page) line(format string, args ...any) {
	fmt.Fprintf(&p.text, format+"\n", args...)
}

// table writes a table; an empty one is not written. Cells are kept from breaking it.
func (p *page) table(head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	p.row(head)
	p.line("|%s", strings.Repeat(" --- |", len(head)))
	for _, row := range rows {
		p.row(row)
	}
	p.line("")
}

// row writes the cells of one row.
func (p *page) row(cells []string) {
	for _, cell := range cells {
		cell = strings.ReplaceAll(strings.ReplaceAll(cell, "|", "\\|"), "\n", " ")
		p.text.WriteString("| " + cell + " ")
	}
	p.line("|")
}

const intro = `# Evidence

How often the diagnosis is right, how early, and whether what it recommends helps: measured on recordings of real Flink, on public incidents and
on a real cluster. This page is written by a program. To repeat it:

    make evidence     # from the recordings in this repository, without Java, in a minute or two; rewrites this page, README's table and figures.yaml
    make lab-flink    # records the trials anew on real Flink (Java)

Where a figure is worse than the committed one on the same recordings, ` + "`make evidence`" + ` names it with its cases, writes nothing and fails; with
` + "`ACCEPT_WORSE=1`" + ` it writes all the same, and the diff of ` + "`" + FiguresFile + "`" + ` shows what was accepted.

` + "`make test`" + ` fails where a figure is worse than the committed one (` + "`" + FiguresFile + "`" + `) on the recordings that were committed with it, so that new
recordings neither hide a rule that got worse nor look like one, and where this page is not what the program writes.

## Recordings

A trial is a job on real Flink processes with a fault that was injected, or with none; what its REST API answered was recorded through the
client that the manager uses. A recording is walked pass by pass as the manager would see it: each pass remembers those before. The verdict
that counts is that of the last pass of the sick phase, before any remedy.

The trials are in two halves, split by hand when they were made. *Tuning* are those that rules were made and thresholds set with; the recordings of
` + "`" + LabeledDir + "`" + ` count among them. *Held-out* are others, with jobs, operators, topologies, names and a file system of their own,
written from what the causes mean and without a look at the rules; rules are changed without a look at them. The figure to believe is the held-out
one. A change of rules re-runs both. No rule knows a name of either half.

How blind the held-out half is: whoever writes rules sees its figures by cause, as on this page, and has seen names of its cases. The name of one,
` + "`fleet-huge-sort`" + `, led to a rule (a computation in user code explains a TaskManager that has no CPU to spare); a reader may leave that case out. About half of its
recordings were made anew after rules had changed, because the manager asks Flink for more since; they were chosen by cause and by what was weak in
the raw numbers. Whoever ran the last ten knew the verdicts of before, and four of the ten had been judged wrongly: a figure that was measured once, on cases
nobody had seen, would be somewhat lower than this one.

Six of these recordings were made anew on 2026-11-26 because the plan that sizes remedies and the package that judges them had changed; what their older recordings showed
had been on this page. Then harmful was 1 of 87, cured 10 of 14, and not cured but reported and undone 7 of 8. ` + "`fleet-far-jobmanager`" + `: a timeout of 25 s was Harmful; now no
restart is tried over that network. ` + "`fleet-one-lookup-and-slow-store`" + `: 25 s was Ineffective; now nothing is recommended. ` + "`settlement-slow-uploads-default-tolerance`" + `: 10 s was
Ineffective, 25 s is Effective. ` + "`sessions-slow-store-and-publish`" + `: 20 s was Inconclusive and kept, 90 s is Effective. ` + "`sessions-throttled-store`" + `: 40 s was Ineffective, and so are 90 s and
the rung after it. The plan was changed with trials of the tuning half, by people who knew these rows.

Later that day 58 recordings of the first and the second set were made anew, because the manager had come to take stacks of checkpoints that are still young. They were
chosen by cause, whole groups of them, right or wrong before, and all of them were kept: faults that grow (but for ` + "`settlement-jobmanager-squeezed`" + `, which wants the
machine alone), user code, blocked sources, synchronous phases, commits, two causes at once, back pressure, and networks where no remedy was tried. With the same rules they made
top-1 of the first set 67 of 69 both before and after, of the second 40 and 41 of 43, both causes named 10 and 11 of 12, and slow onsets 8 of 11 both before and after. Who changed rules
meanwhile had been told which causes of these sets were missed.

Later again 25 recordings of the first three sets were made anew, all whose one true cause is SlowStateBackend or CheckpointPressure, because the plan that sizes remedies had changed;
all of them were kept. In two of them an interval had been tried first and had not cured: now, with a longer timeout in the same restart, it does. ` + "`sessions-throttled-store`" + ` is cured neither
before nor after. The eight of SlowCleanup were begun as well and put back, because the machine had far more to do than it has CPUs: one broke off after a quarter of an hour and was sick
before its fault when it was made once more, and of the others five were cured, one could not be submitted again to Flink within its time, and one had no remedy tried.
`

// setIntro stands behind intro for each later set that has recordings.
const setIntro = `The *%s* %s Its columns show that set by itself, with the rules of today; what the
first look at it showed stands further down and does not change. Held-out (all) contains it.
`

// Markdown is docs/evidence.md.
func (e *Evidence) Markdown() string {
	p := &page{}
	p.line("%s", intro)
	for _, set := range trial.LaterSets() {
		if len(groupNamed(string(set.Set)).of(e.Results)) > 0 {
			p.line(setIntro, set.Title, set.Sentence)
		}
	}
	p.line("**%s**\n", e.Distrust())
	p.figures(e.Results)
	p.causes(e.Results)
	p.confusion(e.Results)
	p.onsets(e.Results)
	p.remedies(e.Results)
	for _, look := range e.First {
		p.firstLook(look, e.Results)
	}
	p.harms(e.Results)
	p.notRight(e.Results)
	p.relabelled(e.Results)
	p.incidents(e.Incidents)
	p.cluster(e.Cluster)
	p.allCases(e.Results)
	p.line("%s\n", lineSays)
	p.line("    %s", e.Line())
	return p.text.String()
}

// figures is the table of figures with their bars, and what each counts.
func (p *page) figures(results []Result) {
	var rows, says [][]string
	all := columns(results)
	head := []string{"figure", "bar"}
	for i := range figures {
		f := &figures[i]
		row := []string{f.title, f.barText()}
		for _, c := range all {
			v := f.value(c.results)
			row = append(row, f.text(v))
			if c.split == trial.HeldOut {
				row = append(row, f.verdict(v))
			}
		}
		rows = append(rows, row)
		says = append(says, []string{strings.TrimPrefix(f.title, "- "), f.says, string(f.worse)})
	}
	for _, c := range all {
		if head = append(head, c.title); c.split == trial.HeldOut {
			head = append(head, "")
		}
	}
	p.table(head, rows)
	p.line("What each counts, and which way `make test` holds it:\n")
	p.table([]string{"figure", "counts", "held"}, says)
}

// claims are the figures that the README shows.
var claims = []string{"top1", "top2", "wrong", "false_alarms", "both", "harmful", "cured", "owned", "early"}

// Claim is the table of the README: both halves with the rules of today, and what the first looks at the later sets showed, all together.
func (e *Evidence) Claim() string {
	p := &page{}
	head := []string{"", "aim"}
	var rows [][]string
	for i, name := range claims {
		f := figureNamed(name)
		row := []string{f.title, f.barText()}
		for _, c := range columns(e.Results) {
			if c.set != "" {
				continue
			}
			if row = append(row, f.text(f.value(c.results))); i == 0 {
				head = append(head, c.title)
			}
		}
		if len(e.First) > 0 {
			row = append(row, f.text(e.atFirst(f)))
		}
		rows = append(rows, row)
	}
	if len(e.First) > 0 {
		head = append(head, fmt.Sprintf("%d of the held-out at their first look", e.lookedAt()))
	}
	p.table(head, rows)
	p.line("%s\n", e.Distrust())
	return p.text.String()
}

// text is a figure in words: a number, or so many of so many with the share.
func (f *figure) text(v Value) string {
	switch {
	case v.Of == 0:
		return "none"
	case f.measure != nil:
		return fmt.Sprintf("%d (in %d cases)", v.N, v.Of)
	case f.worse == countUp:
		return fmt.Sprint(v.N)
	}
	return fmt.Sprintf("%d of %d (%.1f %%)", v.N, v.Of, 100*v.share())
}

func (f *figure) barText() string {
	switch {
	case !f.barred:
		return ""
	case f.worse.ofShare() && f.bar == 1:
		return "all"
	case f.worse.ofShare():
		return fmt.Sprintf("≥ %.0f %%", 100*f.bar)
	}
	return fmt.Sprintf("%.0f", f.bar)
}

func (f *figure) verdict(v Value) string {
	switch {
	case !f.barred || v.Of == 0:
		return ""
	case f.met(v):
		return "met"
	}
	return "**missed**"
}

// causes is the table of true causes: how many jobs with that cause alone were right in each group.
func (p *page) causes(results []Result) {
	p.line("### By cause\n\nJobs with one cause, and how many of them were found first (top-1); healthy jobs, and for how many no alarm was raised.\n")
	var rows [][]string
	all := columns(results)
	for _, truth := range truths(results) {
		row := []string{truth}
		for _, c := range all {
			v := found(c.results)[truth]
			row = append(row, fmt.Sprintf("%d of %d", v.N, v.Of))
		}
		rows = append(rows, row)
	}
	p.table(titles([]string{"true cause"}, all), rows)
}

// confusion is a matrix for each half. Jobs with two causes stand in it under the first.
func (p *page) confusion(results []Result) {
	for _, split := range []trial.Split{trial.HeldOut, trial.Tuning} {
		counts := map[string]map[string]int{}
		for _, r := range Of(results, split) {
			if r.double() {
				continue
			}
			if counts[r.truth()] == nil {
				counts[r.truth()] = map[string]int{}
			}
			counts[r.truth()][r.said()]++
		}
		if len(counts) == 0 {
			continue
		}
		p.line("### Confusion matrix, %s\n\nA row a true cause, a column what was said; jobs with two causes are left out.\n", split)
		for line := range strings.Lines(cli.Matrix(counts)) {
			p.text.WriteString("    " + line)
		}
		p.line("")
	}
}

const lineSays = `## The line

What ` + "`make evidence`" + ` ends with. ` + "`cases`" + ` is all recordings, ` + "`heldout`" + ` those of the held-out half; ` + "`top1`" + ` and ` + "`top2`" + ` are shares of the held-out jobs with one
cause; ` + "`wrong`" + `, ` + "`abstained`" + `, ` + "`false_alarms`" + ` and ` + "`harmful`" + ` count over both halves, as the table above says what each is.`

// Line sums all up in one line.
func (e *Evidence) Line() string {
	count := func(name string) int { return figureNamed(name).value(e.Results).N }
	heldOut := Of(e.Results, trial.HeldOut)
	share := func(name string) string {
		v := figureNamed(name).value(heldOut)
		if v.Of == 0 {
			return "none"
		}
		return fmt.Sprintf("%.3f", v.share())
	}
	return fmt.Sprintf("evidence: cases=%d heldout=%d top1=%s top2=%s wrong=%d abstained=%d false_alarms=%d harmful=%d",
		len(e.Results), len(heldOut), share("top1"), share("top2"), count("wrong"), count("abstained"), count("false_alarms"), count("harmful"))
}
