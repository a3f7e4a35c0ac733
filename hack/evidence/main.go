// Command evidence records trials on real Flink, scores the diagnosis by what they left behind, and packs the recordings.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// commands are the subcommands, each in a file of its name.
func commands() []*cobra.Command {
	return []*cobra.Command{record(), newScore(), pack()}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "evidence:", err)
		os.Exit(1)
	}
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:           "evidence",
		Short:         "Record trials on real Flink, score the diagnosis by them, and pack the recordings",
		SilenceErrors: true, SilenceUsage: true,
	}
	c.AddCommand(commands()...)
	return c
}
