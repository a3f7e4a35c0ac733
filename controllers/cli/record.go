package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/recording"
)

// record is the command `record` with its flags.
type record struct {
	env *Environment
	access

	file, job     string
	period, every time.Duration
	redact        bool
}

// recordStackEvery is the least time between two thread dumps of a recording: two tell stuck from slow, and each stops a process for some
// milliseconds.
const recordStackEvery = 30 * time.Second

func newRecord(env *Environment) *cobra.Command {
	r := &record{env: env}
	c := &cobra.Command{
		Use:   "record http://JOBMANAGER:8081 -o FILE.har",
		Short: "Record what a JobManager says, to diagnose it later or elsewhere",
		Long: `Asks a JobManager for some minutes what the diagnosis needs, and writes the
answers as an HTTP Archive (HAR 1.2), gzipped where the name ends in .gz.
Secrets are left out, and what looks like one. With --redact names of hosts,
jobs, vertices, paths and classes are replaced, and of logs only the lines
stay that a diagnosis reads; look through it before you pass it on.
Interrupting it ends the recording early and keeps what there is.`,
		Example: "  checkpoint-health record http://localhost:8081 -o payments.har.gz --for 5m --redact",
		Args:    oneAddress,
		RunE:    func(c *cobra.Command, args []string) error { return r.run(c.Context(), args[0]) },
	}
	f := c.Flags()
	f.StringVarP(&r.file, "output", "o", "", "`FILE` to write; an existing one is replaced once there is something to keep")
	f.StringVar(&r.job, "job", "", "`NAME or ID` of the job, where there are several")
	f.DurationVar(&r.period, "for", 5*time.Minute, "how long to record")
	f.DurationVar(&r.every, "every", 10*time.Second, "how often to ask")
	f.BoolVar(&r.redact, "redact", false, "replace names")
	r.flags(f)
	return c
}

// oneAddress refuses anything but one argument.
func oneAddress(_ *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return errors.New("nothing to record: give the URL of a JobManager, such as record http://localhost:8081 -o payments.har.gz")
	case 1:
		return nil
	}
	return fmt.Errorf("more than one thing to record, %s and %s: give one URL", shownAddress(args[0]), shownAddress(args[1]))
}

// someArgument refuses a command without arguments, and says what is missing.
func someArgument(missing string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return errors.New(missing)
		}
		return nil
	}
}

// check refuses what cannot be recorded.
func (r *record) check(address string) error {
	switch {
	case r.file == "":
		return errors.New("-o is missing: name the file to write, such as -o payments.har.gz")
	case r.every <= 0 || r.period < 0:
		return errors.New("--every and --for take a duration above 0, such as 10s and 5m")
	case !isURL(address):
		return fmt.Errorf("%q is no URL, expected one such as http://localhost:8081", shownAddress(address))
	}
	if about, err := os.Stat(filepath.Dir(r.file)); err != nil || !about.IsDir() {
		return fmt.Errorf("-o %s: there is no directory %s", r.file, filepath.Dir(r.file))
	}
	return nil
}

func (r *record) run(ctx context.Context, address string) error {
	if err := r.check(address); err != nil {
		return err
	}
	var options []recording.WriteOption
	if r.redact {
		options = append(options, recording.Redact(observe.TellingRecords))
	}
	out, err := recording.Create(r.file, options...)
	if err != nil {
		return cannotTell("-o: %w", err)
	}
	say(r.env.Err, "recording into %s for %s, a look every %s; interrupting it keeps what there is\n", r.file, r.period, r.every)
	taken, err := r.take(ctx, address, out)
	if err != nil && !taken {
		return cannotTell("%w", errors.Join(err, out.Discard()))
	}
	if ctx.Err() != nil {
		err = nil // whoever interrupts a recording keeps what there is
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return cannotTell("recording into %s: %w", r.file, err)
	}
	if out.Full() {
		say(r.env.Err, "%s ends early: it has reached %d MiB, the most that is read again; ask less often (--every) to cover a longer time\n",
			r.file, recording.DefaultMaxSize>>20)
	}
	say(r.env.Err, "%s holds %d answers; diagnose it with: checkpoint-health diagnose --recording %s\n", r.file, out.Count(), r.file)
	return nil
}

// take asks until the time is over, by the clock, and tells whether anything worth keeping came.
func (r *record) take(ctx context.Context, address string, out *recording.Writer) (taken bool, err error) {
	connection, err := r.connect(address, out)
	if err != nil {
		return false, err
	}
	options := observe.Options{Selector: selector(r.job), Deep: true, Now: r.env.Now, StackEvery: recordStackEvery}
	start := r.env.Now()
	bar := r.bar()
	var memory observe.Memory
	for {
		s, err := observe.Flink(ctx, connection, options, &memory)
		if err != nil {
			return taken, err
		}
		if !taken && !s.Availability.Judgeable() {
			return false, errors.New(s.Availability.Message)
		}
		taken = true
		passed := r.env.Now().Sub(start)
		bar.Describe(pendingText(&s))
		if err := bar.Set(int(min(passed, r.period) / time.Second)); err != nil {
			return taken, err
		}
		if passed >= r.period || out.Full() {
			return taken, bar.Finish()
		}
		if err := r.env.Wait(ctx, min(r.every, r.period-passed)); err != nil {
			return taken, err
		}
	}
}

func (r *record) connect(address string, out *recording.Writer) (*observe.Connection, error) {
	options, err := r.options()
	if err != nil {
		return nil, err
	}
	transport, err := r.transport()
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no URL, expected one such as http://localhost:8081", shownAddress(address))
	}
	recorder := recording.NewRecorder(transport, out, recording.WithPrefix(base.Path), recording.WithClock(r.env.Now))
	return observe.Connect(address, append(options, flink.WithTransport(recorder), flink.WithClock(r.env.Now))...)
}

// bar shows a person how far the recording is, in seconds.
func (r *record) bar() *progressbar.ProgressBar {
	return progressbar.NewOptions(max(int(r.period/time.Second), 1),
		progressbar.OptionSetWriter(r.env.Err), progressbar.OptionSetVisibility(r.env.ErrTerminal), progressbar.OptionSetWidth(20),
		progressbar.OptionSetPredictTime(true), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetDescription("asking"))
}

// pendingText says what a recording waits for.
func pendingText(s *model.Snapshot) string {
	pending := 0
	for i := range s.Checkpoints.History {
		if s.Checkpoints.History[i].Status == model.CheckpointInProgress {
			pending++
		}
	}
	if pending > 0 {
		return fmt.Sprintf("recording; %d checkpoint pending", pending)
	}
	return "recording; no checkpoint pending"
}
