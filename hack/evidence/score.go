package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"checkpointhealth.dev/operator/hack/evidence/score"
	"checkpointhealth.dev/operator/hack/evidence/trial"
)

// scoring is what the flags of score say.
type scoring struct {
	root, set, firstLook string
	wrong, acceptWorse   bool
}

func newScore() *cobra.Command {
	var s scoring
	c := &cobra.Command{
		Use:   "score",
		Short: "Diagnose all recordings, print the figures, and write docs/evidence.md, README's table and figures.yaml where no figure is worse",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case s.set != "" && s.wrong:
				return errors.New("--set with --wrong: want one of them, of held-out cases it is not told how they were judged")
			case s.acceptWorse && (s.set != "" || s.wrong):
				return errors.New("--accept-worse with --set or --wrong: want it alone, the others write no figures")
			case s.set == "" && s.firstLook != "":
				return fmt.Errorf("--first-look without --set: want the set that is looked at, --set %s", trial.LaterNames())
			case s.set != "":
				return s.oneSet(c.Context(), c.OutOrStdout())
			}
			return s.all(c.Context(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	f := c.Flags()
	f.StringVar(&s.root, "root", ".", "the root of the repository, as a `DIR`")
	f.BoolVar(&s.wrong, "wrong", false, "only list the tuning cases that are judged wrongly, and write nothing")
	f.BoolVar(&s.acceptWorse, "accept-worse", false, "write the figures although one is worse than the committed one")
	f.StringVar(&s.set, "set", "", "only print the figures of this `SET` of the held-out half ("+trial.LaterNames()+"), and write nothing")
	f.StringVar(&s.firstLook, "first-look", "", "with --set: look at those cases that are not in this `FILE` yet, each once, and add what is seen to it as a batch")
	return c
}

// all judges everything and writes it.
func (s *scoring) all(ctx context.Context, out, errs io.Writer) error {
	e, err := score.Gather(ctx, s.root)
	if err != nil {
		return err
	}
	if s.wrong {
		_, err = fmt.Fprint(out, e.Wrong())
		return err
	}
	changes, refused := e.Write(s.root, s.acceptWorse)
	if refused != nil && !errors.Is(refused, score.ErrWorse) {
		return refused
	}
	for _, sentence := range changes.Worse {
		_, _ = fmt.Fprintln(errs, "worse than before:", sentence)
	}
	for _, sentence := range changes.New {
		_, _ = fmt.Fprintln(errs, "lower with new recordings:", sentence)
	}
	written := fmt.Sprintf("%s, README's table and %s are written.", score.PageFile, score.FiguresFile)
	if refused != nil {
		written = "Nothing is written."
	}
	_, err = fmt.Fprintf(out, "%s%s\n\n%s\n", e.Text(), written, e.Line())
	return errors.Join(refused, err)
}

// oneSet judges those cases of a set that were looked at, or takes the first look at the others.
func (s *scoring) oneSet(ctx context.Context, out io.Writer) error {
	set := trial.Later(trial.Set(s.set))
	if set == nil {
		return fmt.Errorf("--set %q: want %s", s.set, trial.LaterNames())
	}
	look := s.again
	if s.firstLook != "" {
		look = s.first
	}
	e, err := look(ctx, set)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s%s\n", e.Text(), e.Line())
	return err
}

func (s *scoring) again(ctx context.Context, set *trial.LaterSet) (*score.Evidence, error) {
	looked, err := score.ReadFirstLook(score.FirstLookPath(s.root, set), set.Set)
	if err != nil {
		return nil, err
	}
	if looked == nil {
		return nil, fmt.Errorf("the set %s has not been looked at: want --first-look %s, so that what the first look shows is kept", set.Set, set.FirstLook)
	}
	return score.GatherSet(ctx, s.root, set.Set, looked.Knows)
}

// first looks at what was not looked at before, and adds it as a batch.
func (s *scoring) first(ctx context.Context, set *trial.LaterSet) (*score.Evidence, error) {
	looked, err := score.ReadFirstLook(s.firstLook, set.Set)
	if err != nil {
		return nil, err
	}
	if looked == nil {
		looked = &score.FirstLook{Set: set.Set}
	}
	rules, err := score.Rules(ctx, s.root)
	if err != nil {
		return nil, err
	}
	e, err := score.GatherSet(ctx, s.root, set.Set, func(name string) bool { return !looked.Knows(name) })
	if err != nil {
		return nil, err
	}
	if err := looked.Add(e.Results, rules, time.Now()); err != nil {
		return nil, err
	}
	return e, looked.Write(s.firstLook)
}
