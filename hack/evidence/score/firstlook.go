package score

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// FirstLook is what rules said of a set that nobody who wrote them had seen: of each case once, in batches as the recordings were made.
type FirstLook struct {
	// Set is what was looked at.
	Set trial.Set `json:"set"`
	// Batches are in the order in which they were looked at. No case is in two.
	Batches []Batch `json:"batches"`
}

// Batch is what was looked at together.
type Batch struct {
	// Date is the day of it, such as 2026-11-26.
	Date string `json:"date"`
	// Rules is the commit of the rules, 40 hexadecimal digits.
	Rules string `json:"rules"`
	// Figures of the batch are by name.
	Figures map[string]Value `json:"figures"`
	// Cases are by the name of the recording.
	Cases map[string]Looked `json:"cases"`
}

// Looked is one case: what was true, and what was said.
type Looked struct {
	// Recorded is when the first pass of the recording was made, by which one that was made anew is told.
	Recorded time.Time `json:"recorded"`
	// Causes are the true ones; none = healthy.
	Causes []string `json:"causes"`
	Said   Said     `json:"said"`
	// Was is what the verdict was worth, in the words of docs/evidence.md.
	Was string `json:"was"`
	// Delay is the detection delay in checkpoints, absent where it is not known.
	Delay *int `json:"delay,omitempty"`
}

// Said is a final verdict.
type Said struct {
	Health  api.Health  `json:"health"`
	Cause   string      `json:"cause"`
	Verdict api.Verdict `json:"verdict,omitempty"`
	// Next is the next cause that is still possible.
	Next string `json:"next,omitempty"`
	// Lever is what was recommended.
	Lever api.Lever `json:"lever,omitempty"`
}

// verdict is what was said of a recording.
func (r *Result) verdict() Said {
	return Said{Health: r.Health, Cause: r.Cause, Verdict: r.Verdict, Next: r.Second, Lever: r.Lever}
}

// Add adds a batch: what rules of a commit say on a day of cases that were not looked at before. One that was is refused.
func (l *FirstLook) Add(results []Result, rules string, day time.Time) error {
	b := Batch{Date: day.Format(time.DateOnly), Rules: rules, Figures: map[string]Value{}, Cases: map[string]Looked{}}
	for i := range figures {
		b.Figures[figures[i].name] = figures[i].value(results)
	}
	for i := range results {
		r := &results[i]
		switch {
		case r.Trial.Set != l.Set:
			return fmt.Errorf("%s is of the set %q, expected one of %s", r.Name, r.Trial.Set, l.Set)
		case l.Knows(r.Name):
			return fmt.Errorf("%s has been looked at: a first look is taken once", r.Name)
		}
		looked := Looked{Recorded: r.Recorded, Causes: append([]string{}, r.Trial.Causes...), Said: r.verdict(), Was: r.word()}
		if r.Delay.Known {
			looked.Delay = &r.Delay.N
		}
		b.Cases[r.Name] = looked
	}
	if len(b.Cases) > 0 {
		l.Batches = append(l.Batches, b)
	}
	return nil
}

// Knows tells that a case has been looked at; without a first look none has.
func (l *FirstLook) Knows(name string) bool {
	_, known := l.looked(name)
	return known
}

func (l *FirstLook) looked(name string) (Looked, bool) {
	if l == nil {
		return Looked{}, false
	}
	for i := range l.Batches {
		if c, known := l.Batches[i].Cases[name]; known {
			return c, true
		}
	}
	return Looked{}, false
}

// cases is how many were looked at.
func (l *FirstLook) cases() int {
	n := 0
	for i := range l.Batches {
		n += len(l.Batches[i].Cases)
	}
	return n
}

// value is a figure over all batches; counted tells that each of them had it.
func (l *FirstLook) value(f *figure) (v Value, counted bool) {
	counted = true
	var delays []Result
	for i := range l.Batches {
		b := &l.Batches[i]
		one, known := b.Figures[f.name]
		v.N, v.Of, counted = v.N+one.N, v.Of+one.Of, counted && known
		for _, c := range b.Cases {
			if c.Delay != nil {
				delays = append(delays, Result{Delay: Count{N: *c.Delay, Known: true}})
			}
		}
	}
	if f.measure != nil {
		v = f.quantileOf(delays)
	}
	return v, counted
}

// atFirst is a figure over the first looks at all sets, those that had it.
func (e *Evidence) atFirst(f *figure) (all Value) {
	for _, l := range e.First {
		v, _ := l.value(f)
		all.N, all.Of = all.N+v.N, all.Of+v.Of
	}
	return all
}

// lookedAt is how many cases all first looks saw.
func (e *Evidence) lookedAt() int {
	n := 0
	for _, l := range e.First {
		n += l.cases()
	}
	return n
}

// group is the group of the set; nil if there is none.
func (l *FirstLook) group() *group { return groupNamed(string(l.Set)) }

const firstLookHead = "# Written by `evidence score --first-look`: what the rules of a commit said of each recording the first time, before anybody who wrote them had\n" +
	"# seen it. Batches are added; none is changed.\n"

// Write writes a first look. The file is whole or as it was.
func (l *FirstLook) Write(path string) error {
	raw, err := yaml.Marshal(l)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", []byte(firstLookHead+string(raw)), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// FirstLookPath is where the first look at a later set is kept in the repository at root.
func FirstLookPath(root string, set *trial.LaterSet) string {
	return filepath.Join(root, filepath.FromSlash(set.FirstLook))
}

// firstLooks are those that were taken in the repository at root, in the order of the sets.
func firstLooks(root string) ([]*FirstLook, error) {
	var looks []*FirstLook
	for _, set := range trial.LaterSets() {
		l, err := ReadFirstLook(FirstLookPath(root, &set), set.Set)
		if err != nil {
			return nil, err
		}
		if l != nil {
			looks = append(looks, l)
		}
	}
	return looks, nil
}

// ReadFirstLook reads a first look at a set; nil where there is no such file. Errors name the file and what would be right.
func ReadFirstLook(path string, set trial.Set) (*FirstLook, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var l FirstLook
	if err := yaml.UnmarshalStrict(raw, &l); err != nil {
		return nil, fmt.Errorf("%s: %w; score --first-look writes it", path, err)
	}
	if err := l.check(set); err != nil {
		return nil, fmt.Errorf("%s: %w; score --first-look writes the file", path, err)
	}
	return &l, nil
}

// commitForm is a commit's full name.
var commitForm = regexp.MustCompile(`^[0-9a-f]{40}$`)

func (l *FirstLook) check(set trial.Set) error {
	if l.Set != set {
		return fmt.Errorf("set is %q, expected %s", l.Set, set)
	}
	seen := map[string]bool{}
	for i := range l.Batches {
		if err := l.Batches[i].check(seen); err != nil {
			return fmt.Errorf("batches[%d].%w", i, err)
		}
	}
	return nil
}

// check says what is wrong with a batch; seen are the cases of those before, to which its own are added.
func (b *Batch) check(seen map[string]bool) error {
	if _, err := time.Parse(time.DateOnly, b.Date); err != nil {
		return fmt.Errorf("date is %q, expected a day such as 2026-11-26", b.Date)
	}
	if !commitForm.MatchString(b.Rules) {
		return fmt.Errorf("rules is %q, expected a commit of 40 hexadecimal digits", b.Rules)
	}
	for name := range b.Figures {
		if figureNamed(name) == nil {
			return fmt.Errorf("figures.%s is no figure", name)
		}
	}
	for name := range b.Cases {
		if seen[name] {
			return fmt.Errorf("cases has %s, which a batch before it has, expected each case once", name)
		}
		seen[name] = true
	}
	return nil
}

// differing are the cases of whose recording something else is said today, in order.
func (l *FirstLook) differing(today []Result) []*Result {
	var out []*Result
	for i := range today {
		r := &today[i]
		if then, known := l.looked(r.Name); known && then.Said != r.verdict() {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *Result) int { return compareText(a.Name, b.Name) })
	return out
}
