package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"checkpointhealth.dev/operator/hack/evidence/score"
)

func newScore() *cobra.Command {
	var root string
	var wrong bool
	c := &cobra.Command{
		Use:   "score",
		Short: "Diagnose all recordings, print the figures, and write docs/evidence.md",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			e, err := score.Gather(c.Context(), root)
			if err != nil {
				return err
			}
			if wrong {
				_, err = fmt.Fprint(c.OutOrStdout(), e.Wrong())
				return err
			}
			worse, err := e.Write(root)
			if err != nil {
				return err
			}
			for _, sentence := range worse {
				c.PrintErrln("worse than before:", sentence)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n%s\n", e.Text(), e.Line())
			return err
		},
	}
	c.Flags().StringVar(&root, "root", ".", "the root of the repository, as a `DIR`")
	c.Flags().BoolVar(&wrong, "wrong", false, "only list the tuning cases that are judged wrongly, and write nothing")
	return c
}
