package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/recording"
)

// diagnosis is the command `diagnose` with its flags.
type diagnosis struct {
	env *Environment
	access

	recording, config, job, policyFile, format string
	logs                                       []string
	namespace, kubeconfig, kubeContext         string
	watch, period                              time.Duration
	// given tells whether a flag stands on the command line.
	given func(flag string) bool
	known advisories
}

const diagnoseLong = `Says how healthy a Flink job's checkpoints are and, where they are not, why,
and what would cure it. It changes nothing.

It asks a JobManager, a recording of one (an HTTP Archive, as the record
command or a browser writes it), log files, or the operator: with a name
instead of a URL it prints what the manager found out about that
CheckpointHealth.

The exit status is 0 for healthy, 1 for at risk or unhealthy, and 2 where it
could not tell: unreachable, malformed, no checkpointing. The reason is on
stderr.`

func newDiagnose(env *Environment) *cobra.Command {
	d := &diagnosis{env: env}
	c := &cobra.Command{
		Use:   "diagnose http://JOBMANAGER:8081 | --recording FILE.har | --log FILE... | [-n NAMESPACE] CHECKPOINTHEALTH",
		Short: "Say why a job's checkpoints expire",
		Long:  diagnoseLong,
		Example: `  checkpoint-health diagnose http://localhost:8081
  checkpoint-health diagnose --recording payments.har -o json
  checkpoint-health diagnose --log jobmanager.log --log taskmanager-1.log.gz
  kubectl checkpointhealth diagnose -n prod payments`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error { return d.run(c.Context(), args) },
	}
	f := c.Flags()
	f.StringVar(&d.recording, "recording", "", "HTTP Archive `FILE` to read instead of a JobManager")
	f.StringArrayVar(&d.logs, "log", nil, "log `FILE` of a JobManager or TaskManager, gzipped or not, or - for what is piped in; may be repeated")
	f.StringVar(&d.config, "config", "", "Flink configuration `FILE`, beside --log")
	f.StringVar(&d.job, "job", "", "`NAME or ID` of the job, where there are several")
	f.StringVar(&d.policyFile, "policy", "", "RemediationPolicy `FILE`; default: the built-in one")
	f.StringVarP(&d.format, "output", "o", formatText, "text, json or yaml")
	f.DurationVar(&d.watch, "watch", 0, "look again that often until interrupted")
	f.DurationVar(&d.period, "for", lookLong, "how long to look at a JobManager: counters tell by their differences, stacks while a checkpoint is pending")
	f.StringVarP(&d.namespace, "namespace", "n", "", "`NAMESPACE` of the CheckpointHealth; default: the kubeconfig's")
	f.StringVar(&d.kubeconfig, "kubeconfig", "", "kubeconfig `FILE`; default: as kubectl")
	f.StringVar(&d.kubeContext, "context", "", "kubeconfig `CONTEXT`; default: the current one")
	d.known.flags(f)
	d.flags(f)
	d.given = f.Changed
	return c
}

func (d *diagnosis) run(ctx context.Context, args []string) error {
	if err := checkFormat(d.format, formatText, formatJSON, formatYAML); err != nil {
		return err
	}
	// diagnose --log a.log b.log: the shell expands --log *.log to that.
	if len(d.logs) > 0 {
		d.logs, args = append(d.logs, args...), nil
	}
	args = withoutKinds(args)
	from, err := d.source(args)
	if err != nil {
		return err
	}
	if from == fromOperator {
		return d.again(ctx, func() error { return d.showCluster(ctx, args[0]) })
	}
	policy, err := readPolicy(ctx, d.env, d.policyFile)
	if err != nil {
		return err
	}
	doctor, err := d.known.doctor(d.env)
	if err != nil {
		return err
	}
	switch from {
	case fromRecording:
		return d.showRecording(ctx, doctor, &policy)
	case fromLogFiles:
		return d.showLogs(doctor, &policy)
	default:
	}
	patient, err := d.patient(d.env, doctor, &policy, args[0], d.job)
	if err != nil {
		return err
	}
	return d.showLive(ctx, patient)
}

func isURL(s string) bool { return strings.Contains(s, "://") }

func (d *diagnosis) showRecording(ctx context.Context, doctor Doctor, policy *model.Policy) error {
	progress(d.env, "reading %s", d.recording)
	archive, err := recording.Load(d.recording, recording.WithPartial())
	if err != nil {
		return cannotTell("--recording: %w", err)
	}
	pass, err := replayed(ctx, doctor, policy, archive, d.job)
	if err != nil {
		return cannotTell("--recording %s: %w", d.recording, err)
	}
	return showPass(d.env, pass, d.format, spanText(observe.Span{From: archive.Start(), To: archive.End()}, " UTC"))
}

// replayed is the pass over the last look of a recording, which remembers those before it.
func replayed(ctx context.Context, doctor Doctor, policy *model.Policy, archive *recording.Recording, job string) (*model.Pass, error) {
	passes, err := Passes(ctx, archive, doctor, policy, job)
	if err != nil {
		return nil, err
	}
	return passes[len(passes)-1], nil
}

func (d *diagnosis) showLogs(doctor Doctor, policy *model.Policy) error {
	progress(d.env, "reading %d log files", len(d.logs))
	s, span, err := fromLogs(d.env, d.logs, d.config, d.job)
	if err != nil {
		return cannotTell("%w", err)
	}
	pass := walk(doctor, &s, policy, s.At)
	if untimed(pass) {
		s.Availability = noTimeout
		pass = walk(doctor, &s, policy, s.At)
	}
	return showPass(d.env, pass, d.format, seenInLogs(&s, span))
}

func (d *diagnosis) showLive(ctx context.Context, p *patient) error {
	first := true
	return d.again(ctx, func() error {
		look := func() (*model.Pass, error) { return p.look(ctx) }
		if first {
			enough := !d.given("for") // where nobody says how long to look: as long as it takes
			look = func() (*model.Pass, error) { return p.lookFor(ctx, d.period, enough) }
		}
		pass, err := look()
		if err != nil {
			return cannotTell("%w", err)
		}
		first = first && !pass.Snapshot.Availability.Judgeable()
		return showPass(d.env, pass, d.format, "")
	})
}

func (d *diagnosis) showCluster(ctx context.Context, name string) error {
	object, c, err := fromCluster(ctx, d.kubeconfig, d.kubeContext, d.namespace, name)
	if err != nil {
		return cannotTell("%w", err)
	}
	if silent := silence(ctx, c, object.Namespace, d.env.Now()); silent != "" && d.format == formatText {
		say(d.env.Out, "%s\n\n", silent)
	}
	return showObject(d.env, object, d.format)
}

// again shows once, or with --watch until the context ends: the exit status is the last look's.
func (d *diagnosis) again(ctx context.Context, show func() error) error {
	err := show()
	for d.watch > 0 {
		if found := (*exit)(nil); errors.As(err, &found) && found.reason != nil {
			say(d.env.Err, "%v\n", found.reason)
		}
		if d.env.Wait(ctx, d.watch) != nil {
			return err
		}
		if d.format == formatText {
			say(d.env.Out, "\n%s\n\n", fmt.Sprintf("---- %s", d.env.Now().UTC().Format("15:04:05 UTC")))
		}
		next := show()
		if ctx.Err() != nil {
			return err
		}
		err = next
	}
	return err
}
