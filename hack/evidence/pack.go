package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"checkpointhealth.dev/operator/hack/evidence/trial"
)

func pack() *cobra.Command {
	var root string
	c := &cobra.Command{
		Use:   "pack",
		Short: "Make the recordings smaller that were written in the order of time, without losing anything",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return packAll(root, c.OutOrStdout())
		},
	}
	c.Flags().StringVar(&root, "out", recordings, "`DIR` of the recordings")
	return c
}

// packAll packs every recording below a directory that becomes smaller by it.
func packAll(root string, out io.Writer) error {
	found, err := trial.Find(root)
	if err != nil {
		return err
	}
	before, after, packed := 0, 0, 0
	for _, f := range found {
		raw, err := os.ReadFile(f.Recording)
		if err != nil {
			return err
		}
		small, err := trial.Pack(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Recording, err)
		}
		if before += len(raw); len(small) >= len(raw) {
			after += len(raw)
			continue
		}
		if err := os.WriteFile(f.Recording, small, 0o644); err != nil {
			return err
		}
		after += len(small)
		packed++
	}
	_, err = fmt.Fprintf(out, "%s: packed %d of %d recordings, %d bytes instead of %d\n", filepath.Clean(root), packed, len(found), after, before)
	return err
}
