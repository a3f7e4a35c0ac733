package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"checkpointhealth.dev/operator/hack/evidence/timeline"
)

// flags are those of the program.
type flags struct {
	options
	kubeconfig, only, timelines string
	flinkOperator, flink        string
	commit                      string
	jobs                        int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil {
		os.Exit(1)
	}
}

func command() *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: "stories", Short: "Tell users' stories on the real cluster of `make lab`", SilenceUsage: true, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context()) },
	}
	set := c.Flags()
	set.StringVar(&f.kubeconfig, "kubeconfig", "", "`FILE` of the cluster; default: $KUBECONFIG")
	set.StringVar(&f.only, "only", "", "`REGEXP` of the names of the stories to tell; default: all")
	set.IntVar(&f.jobs, "jobs", 2, "how many jobs are on the cluster at once; one of them is sick at a time")
	set.StringVar(&f.timelines, "timelines", "", "`FILE` to write the timelines to, such as "+timeline.File+"; default: none")
	set.StringVar(&f.namespace, "namespace", "flink-jobs", "namespace that the Flink operator watches")
	set.StringVar(&f.image, "image", "localhost/flink:1.18.1", "Flink image with the fault jobs")
	set.StringVar(&f.flinkVersion, "flink-version", "v1_18", "spec.flinkVersion of the jobs")
	set.StringVar(&f.flink, "flink", "1.18.1", "version of Flink, for the timelines")
	set.StringVar(&f.flinkOperator, "flink-operator", "1.7.0", "version of the Flink operator, for the timelines")
	set.StringVar(&f.commit, "commit", "", "commit of this repository whose operator is deployed, for the timelines; default: not told")
	set.StringVar(&f.data, "data", "", "`DIRECTORY` of the node for the jobs' data, LAB_DIR/data")
	return c
}

func (f *flags) run(ctx context.Context) error {
	only, err := regexp.Compile(f.only)
	if err != nil {
		return fmt.Errorf("--only %q: %w", f.only, err)
	}
	if f.data == "" {
		return fmt.Errorf("--data is empty, expected the directory of the node for the jobs' data, LAB_DIR/data")
	}
	cluster, err := connect(f.kubeconfig)
	if err != nil {
		return err
	}
	kubernetes, err := cluster.version()
	if err != nil {
		return err
	}
	chosen, err := f.choose(only)
	if err != nil {
		return err
	}
	f.options.run = time.Now().UTC().Format("-20060102-150405")
	told, err := f.tell(ctx, cluster, chosen, timeline.Run{Kubernetes: kubernetes, FlinkOperator: f.flinkOperator, Flink: f.flink})
	return errors.Join(err, finish(told))
}

// choose is the stories whose names match and whose jobs the Flink operator takes; it prints the name of one that it leaves out.
func (f *flags) choose(only *regexp.Regexp) ([]story, error) {
	var chosen []story
	for _, s := range stories() {
		if !only.MatchString(s.name) {
			continue
		}
		known, err := s.known(f.flinkOperator)
		if err != nil {
			return nil, err
		}
		if known {
			chosen = append(chosen, s)
		} else {
			fmt.Printf("%s: left out, as Flink operator %s does not take its job; %s does\n", s.name, f.flinkOperator, s.since)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("--only %q matches no story that can be told", f.only)
	}
	return chosen, nil
}

// tell tells the stories, some at once, keeps the timeline of each as soon as it is told, and returns what became of them, in order. A story that is
// broken off is none.
func (f *flags) tell(ctx context.Context, cluster *cluster, chosen []story, versions timeline.Run) ([]timeline.Story, error) {
	told := make([]timeline.Story, len(chosen))
	var group errgroup.Group
	group.SetLimit(max(f.jobs, 1))
	stage := &sync.Mutex{}
	began, lock := time.Now(), &sync.Mutex{}
	for i := range chosen {
		group.Go(func() error {
			s := &scene{cluster: cluster, options: &f.options, story: &chosen[i], history: history{cause: chosen[i].cause}}
			s.say = func(format string, args ...any) {
				lock.Lock()
				defer lock.Unlock()
				fmt.Printf("%5.0fs  %s: %s\n", time.Since(began).Seconds(), s.story.name, fmt.Sprintf(format, args...))
			}
			told[i] = s.play(ctx, stage)
			told[i].Commit = f.commit
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("%s was broken off: %w", chosen[i].name, err)
			}
			lock.Lock()
			defer lock.Unlock()
			run := versions
			run.Date, run.Stories = time.Now().UTC().Format(time.DateOnly), []timeline.Story{told[i]}
			return f.keep(&run)
		})
	}
	err := group.Wait()
	return told, err
}

// play tells one story from its job's creation to its removal. Jobs of several stories start beside each other, but one alone is sick at a time:
// several sick ones on one node and one file system share a cause for all the operator knows, and it would treat none.
func (s *scene) play(ctx context.Context, stage *sync.Mutex) timeline.Story {
	var err error
	if !s.story.fromStart {
		err = s.create(ctx)
	}
	stage.Lock()
	defer stage.Unlock()
	if s.story.fromStart {
		err = s.create(ctx)
	}
	if err == nil {
		err = s.story.act(ctx, s)
	}
	told := s.history.story
	told.Story, told.Passed = s.story.title, err == nil
	if err != nil {
		told.Note = err.Error()
		s.say("FAILED: %v", err)
	} else {
		s.say("passed")
	}
	// What a story leaves behind is removed even when the run was broken off.
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 4*time.Minute)
	defer cancel()
	if err := s.remove(clean); err != nil {
		s.say("cannot clean up: %v", err)
	}
	return told
}

// finish prints the last line.
func finish(told []timeline.Story) error {
	failed := 0
	for _, s := range told {
		if !s.Passed {
			failed++
			fmt.Printf("failed: %s: %s\n", s.Story, s.Note)
		}
	}
	fmt.Printf("lab: %d passed, %d failed\n", len(told)-failed, failed)
	if failed > 0 {
		return fmt.Errorf("%d stories failed", failed)
	}
	return nil
}

// keep writes the timelines of a run, where a file is named.
func (f *flags) keep(run *timeline.Run) error {
	if f.timelines == "" {
		return nil
	}
	return keep(f.timelines, run)
}

// keep writes the timelines of a run. Stories that it did not tell stay as an earlier run on the same versions left them, in the order of the table, and
// so do the runs on other versions.
func keep(path string, run *timeline.Run) error {
	record, err := timeline.Read(path)
	if err != nil {
		return err
	}
	if record == nil {
		record = &timeline.Record{}
	}
	at := slices.IndexFunc(record.Runs, func(r timeline.Run) bool { return r.OnTheSame(run) })
	if at < 0 {
		at = len(record.Runs)
		record.Runs = append(record.Runs, *run)
	}
	known := map[string]timeline.Story{}
	for _, s := range slices.Concat(record.Runs[at].Stories, run.Stories) {
		known[s.Story] = s
	}
	all := *run
	all.Stories = nil
	for _, s := range stories() {
		if told, ok := known[s.title]; ok {
			all.Stories = append(all.Stories, told)
		}
	}
	record.Runs[at] = all
	return timeline.Write(path, record)
}
