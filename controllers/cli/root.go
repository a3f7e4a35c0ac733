package cli

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// pluginName is the file name by which kubectl finds a plugin: kubectl checkpointhealth.
const pluginName = "kubectl-checkpointhealth"

// New puts the commands together. manager is the command that runs where none is named and the process is in a pod. Elsewhere its usage is shown, with
// StatusUnknown, for somebody meant something else; as a kubectl plugin help is shown.
func New(env *Environment, manager *cobra.Command) *cobra.Command {
	name := "checkpoint-health"
	plugin := strings.TrimSuffix(filepath.Base(env.Program), ".exe") == pluginName
	if plugin {
		name = "kubectl checkpointhealth"
	}
	root := &cobra.Command{
		Use:   "checkpoint-health",
		Short: "Finds out why Apache Flink checkpoints expire, and cures it under a policy",
		Long: `Finds out why Apache Flink checkpoints expire.

As an operator in Kubernetes (manager) it watches Flink jobs, applies a remedy
where a policy allows it, verifies it and undoes what did not help. The other
commands are the same doctor without a cluster; they change nothing.`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: name},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.Version = env.Version // --version
	root.SetVersionTemplate("checkpoint-health {{.Version}}\n")
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	if manager != nil {
		root.AddCommand(manager)
		if !plugin {
			root.RunE = func(c *cobra.Command, args []string) error {
				if env.InCluster {
					return manager.RunE(c, args)
				}
				say(env.Err, "%s\n\n%s\n", c.Long, c.UsageString())
				return &exit{status: StatusUnknown}
			}
		}
	}
	root.AddCommand(newDiagnose(env), newRecord(env), newBacktest(env), newProbe(env), newVersion(env))
	return root
}

func newVersion(env *Environment) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(*cobra.Command, []string) { say(env.Out, "checkpoint-health %s\n", env.Version) },
	}
}
