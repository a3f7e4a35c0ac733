package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/recording"
)

// backtest is the command `backtest` with its flags.
type backtest struct {
	env *Environment

	labels, policyFile, format string
	known                      advisories
}

func newBacktest(env *Environment) *cobra.Command {
	b := &backtest{env: env}
	c := &cobra.Command{
		Use:   "backtest FILE.har...|DIR",
		Short: "Diagnose recordings and count how often the diagnosis is right",
		Long: `Diagnoses each recording, and those below each directory. With labels it prints
how often the first cause, or one of the first two, is the labeled one, and a
confusion matrix.

Labels are a YAML file with a line a recording: its path below the directory,
without .har or .har.gz, and its true cause, with the sub-cause where there is
one, or None for a healthy job; expired, how many checkpoints of its history
expired, may be left out:

  1.20.5/slow-storage: {cause: SlowStateBackend, expired: 7}
  payments-monday: {cause: JobManagerOverload/Heap}
  payments-tuesday: {cause: None}

What a label names is looked for at the end of a path as well.

The exit status is 0 where every recording could be read, whatever the
verdicts, and 2 where one could not.`,
		Example: "  checkpoint-health backtest recordings/ --labels recordings/labels.yaml",
		Args:    someArgument("nothing to diagnose: give recordings or a directory of them, such as backtest recordings/ --labels recordings/labels.yaml"),
		RunE:    func(c *cobra.Command, args []string) error { return b.run(c.Context(), args) },
	}
	f := c.Flags()
	f.StringVar(&b.labels, "labels", "", "YAML `FILE` with the true cause of each recording")
	f.StringVar(&b.policyFile, "policy", "", "RemediationPolicy `FILE`; default: the built-in one")
	f.StringVarP(&b.format, "output", "o", formatText, "text or json")
	b.known.flags(f)
	return c
}

func (b *backtest) run(ctx context.Context, args []string) error {
	if err := checkFormat(b.format, formatText, formatJSON); err != nil {
		return err
	}
	policy, err := readPolicy(ctx, b.env, b.policyFile)
	if err != nil {
		return err
	}
	doctor, err := b.known.doctor(b.env)
	if err != nil {
		return err
	}
	files, labels, err := b.sources(args)
	if err != nil {
		return err
	}
	results, err := b.judgeAll(ctx, files, labels, doctor, &policy)
	if err != nil {
		return err
	}
	if err := showResults(b.env, results, b.format); err != nil {
		return err
	}
	for i := range results {
		if results[i].Error != "" {
			return cannotTell("%s: %s", results[i].Recording, results[i].Error)
		}
	}
	return nil
}

// sources are the recordings and their labels; what does not match is said.
func (b *backtest) sources(args []string) ([]recordingFile, map[string]label, error) {
	labels, err := readLabels(b.labels)
	if err != nil {
		return nil, nil, err
	}
	files, err := findRecordings(args)
	if err != nil {
		return nil, nil, err
	}
	odd, err := unmatched(labels, files)
	if odd != "" {
		say(b.env.Err, "--labels %s: %s\n", b.labels, odd)
	}
	return files, labels, err
}

// recordingFile is a recording to read, and the name it is shown and labeled by.
type recordingFile struct{ path, name string }

// findRecordings are the files named, and those below the directories named, in order.
func findRecordings(args []string) ([]recordingFile, error) {
	var out []recordingFile
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			out = append(out, recordingFile{arg, recordingName(arg)})
			continue
		}
		before := len(out)
		err = filepath.WalkDir(arg, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(strings.TrimSuffix(path, ".gz"), ".har") {
				return err
			}
			name, err := filepath.Rel(arg, path)
			out = append(out, recordingFile{path, recordingName(name)})
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(out) == before {
			return nil, fmt.Errorf("%s holds no file that ends in .har or .har.gz", arg)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out, nil
}

// judgeAll diagnoses every recording, some at once, and keeps their order.
func (b *backtest) judgeAll(ctx context.Context, files []recordingFile, labels map[string]label, doctor Doctor, policy *model.Policy) ([]result, error) {
	results := make([]result, len(files))
	bar := progressbar.NewOptions(len(files),
		progressbar.OptionSetWriter(b.env.Err), progressbar.OptionSetVisibility(b.env.ErrTerminal), progressbar.OptionSetWidth(20),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetDescription("diagnosing"))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, file := range files {
		group.Go(func() error {
			results[i] = judgeOne(ctx, file, doctor, policy)
			if _, l, ok := labelOfFile(labels, file); ok {
				results[i].compare(l)
			}
			return errors.Join(bar.Add(1), ctx.Err())
		})
	}
	err := group.Wait()
	return results, errors.Join(err, bar.Finish())
}

func judgeOne(ctx context.Context, file recordingFile, doctor Doctor, policy *model.Policy) result {
	r := result{Recording: file.name, Health: api.HealthUnknown}
	archive, err := recording.Load(file.path)
	if err != nil {
		r.Error = err.Error()
		return r
	}
	pass, err := replayed(ctx, doctor, policy, archive, "")
	if err != nil {
		r.Error = err.Error()
		return r
	}
	r.take(pass)
	return r
}
