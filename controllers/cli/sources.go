package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// source is what a diagnosis is made of, as the user names it.
type source string

// The sources of `diagnose`.
const (
	fromJobManager source = "the URL of a JobManager"
	fromRecording  source = "--recording"
	fromLogFiles   source = "--log"
	fromOperator   source = "the name of a CheckpointHealth"
)

// goesWith are the flags that say nothing to some of the sources, with those to which they do, and what else is to be said of it. A flag that is not here
// goes with all.
var goesWith = []struct {
	flag    string
	sources []source
	why     string
}{
	{"config", []source{fromLogFiles}, "a JobManager and a recording tell their configuration themselves"},
	{"job", []source{fromJobManager, fromRecording, fromLogFiles}, "a CheckpointHealth picks its job by spec.jobSelector"},
	{"policy", []source{fromJobManager, fromRecording, fromLogFiles}, "a CheckpointHealth names its policy itself"},
	{"advisories", []source{fromJobManager, fromRecording, fromLogFiles}, "what the manager knows is in its own --advisories and --advisories-configmap"},
	{"watch", []source{fromJobManager, fromOperator}, "files do not change"},
	{"for", []source{fromJobManager}, "all else is read once"},
	{"header", []source{fromJobManager}, "nothing else is asked through HTTP"},
	{"bearer-token-file", []source{fromJobManager}, "nothing else is asked through HTTP"},
	{"ca-file", []source{fromJobManager}, "a kubeconfig names its own"},
	{"request-timeout", []source{fromJobManager}, "nothing else is asked through HTTP"},
	{"namespace", []source{fromOperator}, "nothing else is in a namespace"},
	{"kubeconfig", []source{fromOperator}, "nothing else is in a cluster"},
	{"context", []source{fromOperator}, "nothing else is in a cluster"},
}

// source is where the diagnosis is to come from; none and more than one are refused, and flags that do not go with it.
func (d *diagnosis) source(args []string) (source, error) {
	var given []source
	for _, arg := range args {
		switch {
		case isURL(arg):
			given = append(given, fromJobManager)
		case flagForFile(arg) != "":
			return "", fmt.Errorf("%q is no name of a CheckpointHealth but a file: is %s %s meant?", arg, flagForFile(arg), arg)
		case strings.ContainsAny(arg, ":/") && len(args) == 1:
			return "", fmt.Errorf("%q is no URL and no name of a CheckpointHealth: is http://%s meant?", shownAddress(arg), shownAddress(arg))
		default:
			given = append(given, fromOperator)
		}
	}
	if d.recording != "" {
		given = append(given, fromRecording)
	}
	if len(d.logs) > 0 {
		given = append(given, fromLogFiles)
	}
	switch len(given) {
	case 0:
		return "", errors.New("nothing to diagnose: give the URL of a JobManager, --recording FILE.har, --log FILE, or the name of a CheckpointHealth")
	case 1:
		return given[0], d.checkBesides(given[0])
	}
	return "", errors.New("more than one thing to diagnose: give one URL, one --recording, --log files, or one name of a CheckpointHealth")
}

// flagForFile is the flag that reads what looks like a file: by the end of its name, or because there is one and its name is hardly that of an
// object. A file payments beside the command keeps nobody from the CheckpointHealth of that name. Empty where it is no file.
func flagForFile(arg string) source {
	switch {
	case strings.Contains(arg, ":"):
		return ""
	case strings.HasSuffix(arg, ".har"), strings.HasSuffix(arg, ".har.gz"):
		return fromRecording
	case strings.HasSuffix(arg, ".log"), strings.HasSuffix(arg, ".gz"):
		return fromLogFiles
	case !strings.ContainsAny(arg, "._/") && strings.ToLower(arg) == arg:
		return ""
	}
	if about, err := os.Stat(arg); err == nil && about.Mode().IsRegular() {
		return fromLogFiles
	}
	return ""
}

// checkBesides refuses flags that say nothing to the source: what is not heeded is not taken in silence.
func (d *diagnosis) checkBesides(from source) error {
	for _, f := range goesWith {
		if d.given(f.flag) && !slices.Contains(f.sources, from) {
			return fmt.Errorf("--%s goes with %s, not with %s: %s", f.flag, either(f.sources), from, f.why)
		}
	}
	for _, f := range []struct {
		name  string
		value time.Duration
		wrong bool
		such  string
	}{
		{"watch", d.watch, d.watch < 0, "30s"}, {"for", d.period, d.period < 0, "25s"}, {"request-timeout", d.timeout, d.timeout <= 0, "45s"},
	} {
		if f.wrong {
			return fmt.Errorf("--%s is %s, expected a duration above 0, such as %s", f.name, f.value, f.such)
		}
	}
	return nil
}

// either joins sources by commas and "or".
func either(sources []source) string {
	texts := make([]string, len(sources))
	for i, s := range sources {
		texts[i] = string(s)
	}
	last := len(texts) - 1
	if last == 0 {
		return texts[0]
	}
	return strings.Join(texts[:last], ", ") + " or " + texts[last]
}
