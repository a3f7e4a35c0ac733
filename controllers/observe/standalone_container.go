package observe

import (
	"path"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// program is what a container of a standalone cluster runs.
type program string

const (
	runsApplication  program = "application"
	runsSession      program = "session"
	runsTaskManagers program = "taskmanager"
	runsUnknown      program = ""
)

// programWords are how the image's entrypoint, Flink's scripts and its classes call each program, in the order in which they are looked for.
var programWords = []struct {
	program program
	word    *regexp.Regexp
}{
	{runsApplication, regexp.MustCompile(`(^|[/\s"'])(standalone-job(\.sh)?|\S*StandaloneApplicationClusterEntryPoint)($|[\s"';])`)},
	{runsSession, regexp.MustCompile(`(^|[/\s"'])(jobmanager(\.sh)?|\S*StandaloneSessionClusterEntrypoint)($|[\s"';])`)},
	{runsTaskManagers, regexp.MustCompile(`(^|[/\s"'])(taskmanager(\.sh)?|\S*TaskManagerRunner)($|[\s"';])`)},
}

// programOf tells what a container runs by how it is started.
func programOf(container *corev1.Container) program {
	return programNamed(strings.Join(slices.Concat(container.Command, container.Args), "\n"))
}

// programNamed tells which program some words name first, of those that are looked for.
func programNamed(words string) program {
	for _, known := range programWords {
		if known.word.MatchString(words) {
			return known.program
		}
	}
	return runsUnknown
}

// jobManagerContainer finds the container that runs the JobManager: the only one that is started as one, else the one that is called so,
// else the only one there is. Several are told apart by nothing, and nil is returned.
func jobManagerContainer(containers []corev1.Container) (*corev1.Container, program) {
	var started []*corev1.Container
	for i := range containers {
		if r := programOf(&containers[i]); r == runsApplication || r == runsSession {
			started = append(started, &containers[i])
		}
	}
	if len(started) == 1 {
		return started[0], programOf(started[0])
	}
	if len(started) == 0 {
		i := slices.IndexFunc(containers, func(c corev1.Container) bool { return c.Name == mainContainerName || c.Name == "jobmanager" })
		if i < 0 && len(containers) == 1 {
			i = 0
		}
		if i >= 0 {
			return &containers[i], runsUnknown
		}
	}
	return nil, runsUnknown
}

// argument is a "-D key=value" of a container's command line.
type argument struct {
	key, value string
	// list is command or args.
	list string
	// fixed says why it cannot be edited where it stands; hidden that its value is not known.
	fixed  string
	hidden bool
}

// shells run a script: what it passes on is not known for certain.
var shells = []string{"sh", "bash", "dash", "ash", "ksh", "zsh"}

// inScript finds -D in a script.
var inScript = regexp.MustCompile(`-D\s*([A-Za-z0-9_.-]+)=([^\s"'` + "`" + `;|&]*)`)

// scriptArguments are the -D in a shell script; script is false where no shell runs one. None is believed: it may be a comment, stand in a branch
// that is not taken, or behind the job's own arguments.
func scriptArguments(container *corev1.Container) (all []argument, script bool) {
	words := slices.Concat(container.Command, container.Args)
	if !startsScript(words) {
		return nil, false
	}
	for _, match := range inScript.FindAllStringSubmatch(strings.Join(words, "\n"), maxConfigKeys) {
		all = append(all, argument{key: match[1], value: match[2], list: listScript, fixed: "it stands in a shell script or is passed to one, which is neither believed nor edited",
			hidden: true})
	}
	return all, true
}

// listScript is the list of an argument that stands in a shell script.
const listScript = "script"

// startsScript tells whether a shell with options, such as sh -c or tini -- bash -lc, or a script of somebody's own, such as bash /opt/start.sh, stands
// before the first word that names a program of Flink's; what the entrypoint of Flink's image passes on is known. Where none is named only the first
// words may be such.
func startsScript(words []string) bool {
	named := slices.ContainsFunc(words, func(word string) bool { return programNamed(word) != runsUnknown })
	for i, word := range words {
		base := path.Base(word)
		shell := slices.Contains(shells, base)
		switch {
		case programNamed(word) != runsUnknown:
			return false
		case shell && i+1 < len(words) && strings.HasPrefix(words[i+1], "-"):
			return true
		case strings.HasSuffix(base, ".sh") && base != entrypoint:
			return true
		case !named && !shell && i > 0:
			return false
		}
	}
	return false
}

// arguments are the -D of the command line that Flink sees, in their order; script tells that a shell runs it. A -D behind the first word that
// Flink does not know is the job's, and is named.
func (s *standalone) arguments() (all []argument, script bool) {
	if all, script = scriptArguments(s.container); script {
		return all, true
	}
	words, own := commandLine(s.container, s.since(2, 0))
	s.out.OwnWords = ownWords(s.container, own)
	if behind := words[own.To:]; slices.ContainsFunc(behind, func(w word) bool { return strings.HasPrefix(w.text, "-D") }) {
		// The word is the job's own and may be a password: it is counted, never quoted.
		s.ignored("a -D behind word %d of the container's command line does not reach Flink: it does not know that word, which is in %s, and leaves it and "+
			"all that follows to the job; put every -D before it", own.To+1, behind[0].list)
	}
	return dynamic(words[own.From:own.To]), false
}

// dynamic are the -D among words.
func dynamic(words []word) []argument {
	var all []argument
	for i := 0; i < len(words) && len(all) < maxConfigKeys; i++ {
		text, ok := strings.CutPrefix(words[i].text, "-D")
		if !ok {
			continue
		}
		if text == "" && i+1 < len(words) {
			i++
			text = words[i].text
		}
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			continue
		}
		a := argument{key: strings.TrimSpace(key), value: value, list: words[i].list}
		if strings.Contains(value, "$(") {
			a.hidden, a.fixed = true, "its value is put together of variables"
		}
		all = append(all, a)
	}
	return all
}
