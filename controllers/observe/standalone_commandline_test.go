package observe

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
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

// A -D that does not reach Flink sets nothing, and is named as a gap with what would be right.
func TestAnArgumentThatDoesNotReachFlinkIsNamed(t *testing.T) {
	line := "args: [standalone-job, --rate, \"3\", \"-Dexecution.checkpointing.timeout=20 min\"]"
	target := readStandalone(t, kindDeployment, linesMap, jobManager("jm", confVolume, line+"\nvolumeMounts: [{name: conf, mountPath: /opt/flink/conf}]"))
	if target.Config[keyTimeoutTest] != "10 min" {
		t.Errorf("the timeout is %q, want the file's", target.Config[keyTimeoutTest])
	}
	if gaps := standaloneGaps(target.Standalone); len(gaps) != 1 || !strings.Contains(gaps[0].Why, `a -D behind "--rate" in the container's args does not reach Flink`) {
		t.Errorf("gaps %+v", gaps)
	}
}
