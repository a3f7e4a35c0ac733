package score

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"time"

	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// FirstLookFile holds what was measured when the second set was looked at for the first time, below the root of the repository.
const FirstLookFile = "hack/evidence/first-look.yaml"

// FirstLook is what rules said of a set that nobody who wrote them had seen. It is taken once.
type FirstLook struct {
	// Date is the day of it, such as 2026-11-26.
	Date string `json:"date"`
	// Rules is the commit of the rules, 40 hexadecimal digits.
	Rules string `json:"rules"`
	// Set is what was looked at.
	Set trial.Set `json:"set"`
	// Figures are by name.
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

// NewFirstLook is what rules of a commit say of a set on a day.
func NewFirstLook(results []Result, set trial.Set, rules string, day time.Time) *FirstLook {
	l := &FirstLook{Date: day.Format(time.DateOnly), Rules: rules, Set: set, Figures: map[string]Value{}, Cases: map[string]Looked{}}
	of := l.group().of(results)
	for i := range figures {
		l.Figures[figures[i].name] = figures[i].value(of)
	}
	for i := range of {
		r := &of[i]
		l.Cases[r.Name] = Looked{Recorded: r.Recorded, Causes: append([]string{}, r.Trial.Causes...), Said: r.verdict(), Was: r.word()}
	}
	return l
}

// group is the group of the set; nil if there is none.
func (l *FirstLook) group() *group { return groupNamed(string(l.Set)) }

const firstLookHead = "# Written by `evidence score --first-look`, once: what the rules of that commit said of recordings nobody who wrote them had seen.\n"

// Write writes a first look where there is none. A second one is refused.
func (l *FirstLook) Write(path string) error {
	raw, err := yaml.Marshal(l)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return refuseSecond(path, err)
	}
	_, err = file.WriteString(firstLookHead + string(raw))
	return errors.Join(err, file.Close())
}

// NoFirstLook returns an error where a file has a first look already.
func NoFirstLook(path string) error {
	_, err := os.Stat(path)
	switch {
	case err == nil:
		return refuseSecond(path, fs.ErrExist)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}

func refuseSecond(path string, err error) error {
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: a first look is taken once; want today's figures without --first-look", path)
	}
	return err
}

// ReadFirstLook reads a first look; nil where there is no such file. Errors name the file and what would be right.
func ReadFirstLook(path string) (*FirstLook, error) {
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
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("%s: %w; score --first-look writes the file", path, err)
	}
	return &l, nil
}

// commitForm is a commit's full name.
var commitForm = regexp.MustCompile(`^[0-9a-f]{40}$`)

func (l *FirstLook) check() error {
	if _, err := time.Parse(time.DateOnly, l.Date); err != nil {
		return fmt.Errorf("date is %q, expected a day such as 2026-11-26", l.Date)
	}
	switch {
	case !commitForm.MatchString(l.Rules):
		return fmt.Errorf("rules is %q, expected a commit of 40 hexadecimal digits", l.Rules)
	case l.Set != trial.SecondSet:
		return fmt.Errorf("set is %q, expected %s", l.Set, trial.SecondSet)
	case len(l.Cases) == 0:
		return errors.New("cases is empty, expected what was said of each")
	}
	for name := range l.Figures {
		if figureNamed(name) == nil {
			return fmt.Errorf("figures.%s is no figure", name)
		}
	}
	return nil
}

// differing are the cases of whose recording something else is said today, in order.
func (l *FirstLook) differing(today []Result) []*Result {
	var out []*Result
	for i := range today {
		r := &today[i]
		if then, known := l.Cases[r.Name]; known && then.Said != r.verdict() {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *Result) int { return compareText(a.Name, b.Name) })
	return out
}
