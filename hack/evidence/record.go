package main

import (
	"fmt"
	"os"
	"regexp"

	"github.com/spf13/cobra"

	"checkpointhealth.dev/operator/hack/evidence/campaign"
	"checkpointhealth.dev/operator/hack/evidence/cases"
)

// recordings is where they are kept, below the checkout.
const recordings = "hack/evidence/recordings"

func record() *cobra.Command {
	var only, split string
	p := campaign.Plan{Out: os.Stdout}
	c := &cobra.Command{
		Use:   "record",
		Short: "Make the cases on real Flink and record them (needs Java and Python's pip)",
		Long: `Starts real Flink as local processes for each case, makes its fault, looks at it
as the manager does, and keeps what the client was told. Where a remedy is
recommended, Flink is restarted with it and the cure is measured.
What has been recorded is not recorded again. Interrupting it leaves nothing
running.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			expression, err := regexp.Compile(only)
			if err != nil {
				return fmt.Errorf("--only %q: %w", only, err)
			}
			if split != "" && split != cases.Tuning && split != cases.HeldOut {
				return fmt.Errorf("--split %q: want %s or %s", split, cases.Tuning, cases.HeldOut)
			}
			if p.Cases = cases.Select(split, expression); len(p.Cases) == 0 {
				return fmt.Errorf("no case matches --only %q --split %q", only, split)
			}
			outcome, err := p.Run(c.Context())
			fmt.Println(outcome)
			if err == nil && outcome.Failed > 0 {
				err = fmt.Errorf("%d trials failed", outcome.Failed)
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&only, "only", "", "`REGEXP` of the names of cases")
	f.StringVar(&split, "split", "", "tuning or heldout; default: both")
	f.IntVar(&p.Jobs, "jobs", 2, "trials at a time; those whose fault is CPU are made one by one")
	f.StringVar(&p.Root, "out", recordings, "`DIR` of the recordings")
	f.StringVar(&p.Tmp, "tmp", "", "`DIR` where Flink writes; default: the system's for temporary files")
	f.BoolVar(&p.Again, "again", false, "record again what has been recorded")
	return c
}
