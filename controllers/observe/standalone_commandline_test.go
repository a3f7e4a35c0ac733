package observe

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Each row is a command line, and the -D that Flink takes from it. The first two groups are what the parsers of 1.20.5 and 2.2.1 answered.
func TestWhichArgumentsReachFlink(t *testing.T) {
	cases := []struct {
		words string // behind standalone-job or jobmanager
		// What an application and a session cluster see, of 1.20 and of 2.2.
		application, session, application2, session2 string
	}{
		{"-Da=1 --input x -Db=2", "a=1", "a=1", "a=1", "a=1"},
		{"-D a=1 -Db=2", "a=1 b=2", "a=1 b=2", "a=1 b=2", "a=1 b=2"},
		{"--job-classname com.acme.Job -Da=1 --rate 3 -Db=2", "a=1", "", "a=1", ""},
		{"-Da=1 -s hdfs:/x -n -Db=2", "a=1 b=2", "a=1", "a=1 b=2", "a=1"},
		{"--unknown -Da=1", "", "", "", ""},
		{"-Da=1 -- -Db=2", "a=1", "a=1", "a=1", "a=1"},
		{"-j com.acme.Job -Da=1", "a=1", "", "a=1", ""},
		{"-jcom.acme.Job -Da=1", "a=1", "", "a=1", ""},
		{"--job-classname=com.acme.Job -Da=1", "a=1", "", "a=1", ""},
		{"--job-class com.acme.Job -Da=1", "a=1", "", "a=1", ""},
		{"-allowNonRestoredState -Da=1", "a=1", "", "a=1", ""},
		{"--jars x.jar y.jar -Da=1", "a=1", "", "a=1", ""},
		{"-x cluster -Da=1", "", "a=1", "", ""},
		{"--host h -r 8081 -Da=1", "a=1", "a=1", "", ""},
		{"-r8081 -Da=1", "a=1", "a=1", "", ""},
		{"--restoreMode CLAIM -Da=1", "", "", "", ""},
		{"-Dx -y -Db=2", "", "", "", ""},
		// The script of a session cluster takes [host] [webui-port] for itself, up to 1.20.
		{"10.0.0.1 -D a=1", "", "a=1", "", ""},
		{"10.0.0.1 8081 -Da=1", "", "a=1", "", ""},
		{"com.acme.Job -Da=1 x", "", "a=1", "", ""},
	}
	for _, c := range cases {
		got := []string{reaching("standalone-job", c.words, "1.20"), reaching("jobmanager", c.words, "1.20"),
			reaching("standalone-job", c.words, "2.2"), reaching("jobmanager", c.words, "2.2")}
		if want := []string{c.application, c.session, c.application2, c.session2}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", c.words, got, want)
		}
	}
}

// reaching are the -D that reach Flink, as KEY=VALUE in their order.
func reaching(program, line, version string) string {
	container := &corev1.Container{Args: append([]string{program}, strings.Fields(line)...)}
	words, own := commandLine(container, version == "2.2")
	var all []string
	for _, a := range dynamic(words[own.From:own.To]) {
		all = append(all, a.key+"="+a.value)
	}
	return strings.Join(all, " ")
}

// Of other ways to start a JobManager: what stands before its name is not Flink's, and which words of each list are is known.
func TestWhereFlinksOwnArgumentsBegin(t *testing.T) {
	cases := []struct{ command, args, want string }{
		{"java -Dlog.file=x -cp lib org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint", "-Da=1 --in -Db=2", "a=1 args[0:1] command[5:5]"},
		{"/opt/flink/bin/jobmanager.sh start-foreground", "-D a=1", "a=1 args[0:2] command[2:2]"},
		{"/docker-entrypoint.sh standalone-job -Da=1", "-Db=2 run", "a=1 b=2 args[0:1] command[2:3]"},
		{"/start.sh -Da=1", "x -Db=2", "a=1 b=2 args[0:2] command[0:2]"}, // what it runs is not known
	}
	for _, c := range cases {
		container := &corev1.Container{Command: strings.Fields(c.command), Args: strings.Fields(c.args)}
		words, own := commandLine(container, false)
		var all []string
		for _, a := range dynamic(words[own.From:own.To]) {
			all = append(all, a.key+"="+a.value)
		}
		ranges := ownWords(container, own)
		for _, list := range slices.Sorted(maps.Keys(ranges)) {
			all = append(all, fmt.Sprintf("%s[%d:%d]", list, ranges[list].From, ranges[list].To))
		}
		if got := strings.Join(all, " "); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.command, c.args, got, c.want)
		}
	}
}

// A shell may pass on what it likes: a -D in its script, behind the job's own arguments or not, is believed to be set to nothing, and is named.
func TestNoArgumentOfAShellScriptIsBelieved(t *testing.T) {
	for _, command := range []string{
		`[sh, -c, "exec /docker-entrypoint.sh standalone-job --rate 3 -Dexecution.checkpointing.timeout=20min"]`,
		`[bash, -lc, "exec /docker-entrypoint.sh standalone-job -Dexecution.checkpointing.timeout=20min"]`,
		`[/usr/bin/tini, --, /bin/sh, -ec, "# -Dexecution.checkpointing.timeout=20min\nexec /docker-entrypoint.sh standalone-job"]`,
		`[sh, -c, 'exec /docker-entrypoint.sh "$@"', --, standalone-job, "-Dexecution.checkpointing.timeout=20min"]`,
		`[/opt/start.sh, standalone-job, "-Dexecution.checkpointing.timeout=20min"]`,
		`[bash, /opt/start.sh, standalone-job, "-Dexecution.checkpointing.timeout=20min"]`,
		`[/usr/bin/tini, --, /opt/start.sh, jobmanager, "-Dexecution.checkpointing.timeout=20min"]`,
		`[/opt/start.sh, "-Dexecution.checkpointing.timeout=20min"]`,
	} {
		target := readStandalone(t, kindDeployment, linesMap,
			jobManager("jm", confVolume, "command: "+command+"\nvolumeMounts: [{name: conf, mountPath: /opt/flink/conf}]"))
		if got, set := target.Config[keyTimeoutTest]; set {
			t.Errorf("%s: the timeout is taken to be %q", command, got)
		}
		if place := target.Standalone.Place(keyTimeoutTest); place == nil || place.Fixed == "" || place.Origin != api.OriginUnknown {
			t.Errorf("%s: it would be written to %+v", command, place)
		}
		gaps := standaloneGaps(target.Standalone)
		if !slices.ContainsFunc(gaps, func(g model.Gap) bool {
			return strings.Contains(g.Why, "shell script") && strings.Contains(g.Why, "no -D in it is believed")
		}) {
			t.Errorf("%s: gaps %+v", command, gaps)
		}
		// What Flink runs with is told by Flink alone.
		facts := &clusterFacts{version: "1.20.5", config: map[string]string{keyTimeoutTest: "10 min"}}
		s := settingsOf(facts, &target)
		if s.Timeout.Value != 10*time.Minute || s.Timeout.Origin != api.OriginUnknown || s.Timeout.Source != "perhaps the container's script" {
			t.Errorf("%s: %+v", command, s.Timeout)
		}
	}
}

// Flink's own scripts pass on what they are given, and so does a launcher before them; a script among the job's arguments starts nothing.
func TestFlinksOwnScriptsAreBelieved(t *testing.T) {
	for _, command := range []string{
		`[/docker-entrypoint.sh, standalone-job, "-Dexecution.checkpointing.timeout=20min"]`,
		`[bash, /docker-entrypoint.sh, standalone-job, "-Dexecution.checkpointing.timeout=20min"]`,
		`[/usr/bin/tini, --, /opt/flink/bin/standalone-job.sh, start-foreground, "-Dexecution.checkpointing.timeout=20min"]`,
		`[standalone-job, "-Dexecution.checkpointing.timeout=20min", --hook, /opt/after.sh]`,
	} {
		target := readStandalone(t, kindDeployment, linesMap,
			jobManager("jm", confVolume, "command: "+command+"\nvolumeMounts: [{name: conf, mountPath: /opt/flink/conf}]"))
		if got := target.Config[keyTimeoutTest]; got != "20min" {
			t.Errorf("%s: the timeout is taken to be %q", command, got)
		}
	}
}

// A -D that does not reach Flink sets nothing, and is named as a gap with what would be right. The job's own words are not quoted: they may be secret.
func TestAnArgumentThatDoesNotReachFlinkIsNamed(t *testing.T) {
	line := "args: [standalone-job, --password=hunter2, \"-Dexecution.checkpointing.timeout=20 min\"]"
	target := readStandalone(t, kindDeployment, linesMap, jobManager("jm", confVolume, line+"\nvolumeMounts: [{name: conf, mountPath: /opt/flink/conf}]"))
	if target.Config[keyTimeoutTest] != "10 min" {
		t.Errorf("the timeout is %q, want the file's", target.Config[keyTimeoutTest])
	}
	gaps := standaloneGaps(target.Standalone)
	if len(gaps) != 1 || !strings.Contains(gaps[0].Why, "a -D behind word 2 of the container's command line does not reach Flink") ||
		strings.Contains(gaps[0].Why, "hunter2") {
		t.Errorf("gaps %+v", gaps)
	}
}
