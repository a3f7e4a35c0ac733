package observe

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"checkpointhealth.dev/operator/controllers/model"
)

// option is one that a JobManager's main class knows (CommandLineOptions, StandaloneApplicationClusterConfigurationParserFactory; read off
// the parsers of 1.20.5 and 2.2.1). What it does not know ends the options: that word and all behind it are the job's own arguments, a -D
// among them too.
type option struct {
	short, long string
	// values is how many words follow: 0, 1, or all up to the next option (many).
	values int
	// session and application tell which programs know it; old that Flink 2 does not know it any more.
	session, application, old bool
}

const many = 2

// options are all but -D, which is looked at for itself.
var options = []option{
	{short: "c", long: "configDir", values: 1, session: true, application: true},
	{short: "r", long: "webui-port", values: 1, session: true, application: true, old: true},
	{short: "h", long: "host", values: 1, session: true, application: true, old: true},
	{short: "x", long: "executionMode", values: 1, session: true, old: true},
	{short: "j", long: "job-classname", values: 1, application: true},
	{short: "jid", long: "job-id", values: 1, application: true},
	{short: "jars", long: "jars", values: many, application: true},
	{short: "s", long: "fromSavepoint", values: 1, application: true},
	{short: "n", long: "allowNonRestoredState", application: true},
}

// word is one of a command line, and the list of the container that holds it.
type word struct{ text, list string }

// commandLine are the words of a container, and from which to which of them Flink reads its own options. A container of which it is not known
// what it runs is taken to pass everything on.
func commandLine(container *corev1.Container, flink2 bool) (words []word, own model.WordRange) {
	words = make([]word, 0, len(container.Command)+len(container.Args))
	for _, text := range container.Command {
		words = append(words, word{text, "command"})
	}
	for _, text := range container.Args {
		words = append(words, word{text, "args"})
	}
	runs := programOf(container)
	if runs != runsApplication && runs != runsSession {
		return words, model.WordRange{To: len(words)}
	}
	start := slices.IndexFunc(words, func(w word) bool { return programNamed(w.text) == runs }) + 1
	if start < len(words) && (words[start].text == "start" || words[start].text == "start-foreground") {
		start++ // what the script is asked to do
	}
	if runs == runsSession && !flink2 {
		start += hostAndPort(words[start:])
	}
	return words, model.WordRange{From: start, To: start + optionsAt(words[start:], runs, flink2)}
}

// optionsAt counts the words up to the first that is neither an option nor the value of one.
func optionsAt(words []word, runs program, flink2 bool) int {
	end := 0
	for end < len(words) {
		length := optionAt(words[end:], runs, flink2)
		if length == 0 {
			break
		}
		end += length
	}
	return end
}

// ownWords are the ranges of a container's lists that Flink reads as its own options.
func ownWords(container *corev1.Container, own model.WordRange) map[string]model.WordRange {
	within := func(from, length int) model.WordRange {
		return model.WordRange{From: min(max(own.From-from, 0), length), To: min(max(own.To-from, 0), length)}
	}
	command := len(container.Command)
	return map[string]model.WordRange{"command": within(0, command), "args": within(command, len(container.Args))}
}

// hostAndPort counts the words before the options of a session cluster's script up to Flink 1.20: [host] [webui-port] (jobmanager.sh).
func hostAndPort(words []word) int {
	count := 0
	for count < min(2, len(words)) && !strings.HasPrefix(words[count].text, "-") {
		count++
	}
	return count
}

// optionAt is how many words the option at the start has, with its values; 0 where there is none that is known.
func optionAt(words []word, runs program, flink2 bool) int {
	text := words[0].text
	if rest, dynamic := strings.CutPrefix(text, "-D"); dynamic {
		if rest == "" {
			return min(2, len(words))
		}
		return 1
	}
	for i := range options {
		o := &options[i]
		if (runs == runsSession && !o.session) || (runs == runsApplication && !o.application) || (flink2 && o.old) {
			continue
		}
		if matches, glued := o.match(text); matches {
			return 1 + o.following(words[1:], glued)
		}
	}
	return 0
}

// match tells whether a word is the option, and whether it holds its value as well: -s PATH, --fromSavepoint PATH, --fromSavepoint=PATH, -sPATH.
func (o *option) match(text string) (matches, glued bool) {
	name, _, glued := strings.Cut(text, "=")
	switch {
	case name == "-"+o.short, name == "-"+o.long, len(name) > len("--") && strings.HasPrefix("--"+o.long, name): // long names may be cut short
		return true, glued
	case len(o.short) == 1 && o.values == 1 && strings.HasPrefix(text, "-"+o.short) && !strings.HasPrefix(text, "--"):
		return !slices.ContainsFunc(options, func(other option) bool { return text == "-"+other.short || text == "-"+other.long }), true
	}
	return false, false
}

// following counts the words behind an option that are its values.
func (o *option) following(words []word, glued bool) int {
	switch {
	case glued || o.values == 0:
		return 0
	case o.values == 1:
		return min(1, len(words))
	}
	end := slices.IndexFunc(words, func(w word) bool { return strings.HasPrefix(w.text, "-") })
	if end < 0 {
		return len(words)
	}
	return end
}
