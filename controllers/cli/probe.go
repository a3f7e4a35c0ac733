package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"checkpointhealth.dev/operator/controllers/probe"
)

// network is the command `probe` with its flags.
type network struct {
	env     *Environment
	options probe.Options
	// format is text or json; file takes a bounded copy of the result.
	format, file string
}

func newProbe(env *Environment) *cobra.Command {
	n := &network{env: env, options: probe.Defaults()}
	c := &cobra.Command{
		Use:   "probe HOST:PORT [HOST:PORT…]",
		Short: "Measure round trips, losses and the path to a JobManager's ports",
		Long: `Connects to each port again and again and tells how long the round trips
take, how many were lost, how many packets the kernel sent again, and which
hops lie in between. http://HOST:PORT/PATH asks for that path as well, which
also takes the time of the process behind the port: any answer counts, that
there is no such path too. No privileges are needed.
Run it where a TaskManager runs: what is measured is the way from here.

Exit status: 0 all were answered, 1 some were lost or refused, 2 none came
through or nothing could be measured.`,
		Example: "  checkpoint-health probe payments:6123 payments:6124 http://payments-rest:8081/config",
		Args:    someArgument("nothing to measure: give one or more HOST:PORT, such as probe payments:6123 http://payments-rest:8081/config"),
		RunE:    func(c *cobra.Command, args []string) error { return n.run(c.Context(), args) },
	}
	f := c.Flags()
	f.StringVarP(&n.format, "output", "o", formatText, "`FORMAT` of the result: text or json")
	f.StringVar(&n.file, "result-file", "", "also write the result to this `FILE`, as JSON of at most 4096 bytes: a container's termination message")
	n.options.Flags(f)
	return c
}

func (n *network) run(ctx context.Context, args []string) error {
	if err := checkFormat(n.format, formatText, formatJSON); err != nil {
		return err
	}
	targets := make([]probe.Target, 0, len(args))
	for _, text := range args {
		target, err := probe.ParseTarget(text)
		if err != nil {
			return err
		}
		targets = append(targets, target)
	}
	progress(n.env, "measuring for up to %s", n.options.Deadline)
	result, err := probe.Measure(ctx, targets, n.options)
	if err != nil {
		return err
	}
	if err := n.show(&result); err != nil {
		return cannotTell("%w", err)
	}
	return heard(&result)
}

// show writes the result, and its bounded copy where one is asked for.
func (n *network) show(result *probe.Result) error {
	if n.file != "" {
		text, err := result.Bounded()
		if err != nil {
			return err
		}
		// A termination log is there already and writable by all; a new file is the caller's alone.
		if err := os.WriteFile(n.file, text, 0o600); err != nil {
			return fmt.Errorf("--result-file: %w", err)
		}
	}
	if n.format == formatJSON {
		encoder := json.NewEncoder(n.env.Out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(result)
	}
	return showMeasured(n.env.Out, result)
}

// heard is the exit status of a measurement.
func heard(result *probe.Result) error {
	answered, sent := 0, 0
	for i := range result.Targets {
		t := &result.Targets[i]
		answered += t.Connect.Answered()
		sent += t.Connect.Sent
		if t.Request != nil {
			answered += t.Request.Answered()
			sent += t.Request.Sent
		}
	}
	switch {
	case answered == 0:
		return cannotTell("%s", unanswered(result))
	case answered < sent:
		return &exit{status: StatusSick}
	}
	return nil
}

// unanswered says what it means that nothing was answered: a refusal came through, and silence did not.
func unanswered(result *probe.Result) string {
	failed, lost, first := 0, 0, ""
	for i := range result.Targets {
		t := &result.Targets[i]
		failed += t.Connect.Failed
		lost += t.Connect.Lost
		if first == "" && t.Connect.Error != "" {
			first = t.Target + ": " + t.Connect.Error
		}
	}
	if failed > 0 && lost == 0 && first != "" {
		return "nothing was answered: " + first
	}
	return "nothing came through: a port that is closed, a NetworkPolicy or a firewall looks like that as well"
}

// showMeasured writes the result for people, in 80 columns.
func showMeasured(to io.Writer, result *probe.Result) error {
	lines := []string{fmt.Sprintf(row, "", "sent", "lost", "failed", "median", "95%", "longest", "sent again")}
	var below []string
	for i := range result.Targets {
		t := &result.Targets[i]
		again := "?"
		if t.Retransmits != nil {
			again = fmt.Sprint(*t.Retransmits)
		}
		lines = append(lines, wrap("", heading(t))...)
		lines = append(lines, measured("connects", &t.Connect, again))
		if t.Request != nil {
			lines = append(lines, measured("requests", t.Request, ""))
		}
		for _, s := range []*probe.Series{&t.Connect, t.Request} {
			if s != nil && s.Error != "" {
				below = append(below, wrap("failed   ", t.Target+": "+s.Error)...)
			}
		}
	}
	for i := range result.Paths {
		below = append(below, wrap("path     ", pathText(&result.Paths[i]))...)
	}
	for _, gap := range result.Gaps {
		below = append(below, wrap("missing  ", gap)...)
	}
	for _, line := range append(append(lines, ""), below...) {
		if _, err := fmt.Fprintln(to, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}

// row is a line of figures.
const row = "  %-9s%5v %5v %7v %9s %9s %9s %11s"

func heading(t *probe.TargetResult) string {
	text := t.Target
	if t.LookupMicroseconds > 0 {
		text += fmt.Sprintf("  (%s, looked up in %s)", t.Address, milliseconds(t.LookupMicroseconds))
	}
	return text
}

func measured(what string, s *probe.Series, again string) string {
	figures := []string{"-", "-", "-"}
	if s.Answered() > 0 {
		figures = []string{milliseconds(s.P50Microseconds), milliseconds(s.P95Microseconds), milliseconds(s.MaxMicroseconds)}
	}
	return fmt.Sprintf(row, what, s.Sent, s.Lost, s.Failed, figures[0], figures[1], figures[2], again)
}

// pathText is a path in one line.
func pathText(path *probe.Path) string {
	hops := make([]string, 0, len(path.Hops))
	for i := range path.Hops {
		hop := "nobody"
		if h := &path.Hops[i]; h.Address != "" {
			hop = h.Address + " " + milliseconds(h.Microseconds)
		}
		hops = append(hops, hop)
	}
	text := strings.Join(hops, " > ")
	if path.MTU > 0 {
		text += fmt.Sprintf(" (packets of up to %d bytes)", path.MTU)
	}
	if path.Gap != "" {
		text += "; " + path.Gap
	}
	return strings.TrimPrefix(text, "; ")
}

// wrap breaks a text into lines of at most 80 columns behind a label.
func wrap(label, text string) []string {
	var lines []string
	line, indent := label, strings.Repeat(" ", len(label))
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > 80 && strings.TrimSpace(line) != "" {
			lines = append(lines, strings.TrimRight(line, " "))
			line = indent
		}
		if line != label && line != indent {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// milliseconds is a round trip with as many digits as tell something.
func milliseconds(micros int64) string {
	switch took := time.Duration(micros) * time.Microsecond; {
	case took < 10*time.Millisecond:
		return fmt.Sprintf("%.2fms", float64(micros)/1e3)
	case took < time.Second:
		return fmt.Sprintf("%.0fms", float64(micros)/1e3)
	default:
		return fmt.Sprintf("%.2fs", float64(micros)/1e6)
	}
}
