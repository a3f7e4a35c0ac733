package flinklocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// MinJava is the oldest Java that Flink 2 runs on, and that the fault jobs are compiled for (--release 11).
const MinJava = 11

// JDK names the two programs of one Java development kit.
type JDK struct {
	Java  string // path of java
	Javac string // path of javac
	Major int    // 17 for Java 17; 8 for "1.8"
}

// FindJDK looks in $JAVA_HOME/bin, then in PATH, and asks the java found there for its version.
func FindJDK(ctx context.Context) (JDK, error) {
	java, err := javaTool("java")
	if err != nil {
		return JDK{}, fmt.Errorf("no java in $JAVA_HOME/bin or PATH: install a JDK of version %d or newer (17 is well tried with Flink 1.17 to 2.3)", MinJava)
	}
	javac, err := javaTool("javac")
	if err != nil {
		return JDK{}, fmt.Errorf("%s is a Java runtime without javac, which compiles the fault jobs: install a JDK of version %d or newer, or point JAVA_HOME at one", java, MinJava)
	}
	out, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	if err != nil {
		return JDK{}, fmt.Errorf("%s -version: %w: %s", java, err, lastLine(out))
	}
	major, err := javaMajor(string(out))
	if err != nil {
		return JDK{}, fmt.Errorf("%s -version: %w", java, err)
	}
	if major < MinJava {
		return JDK{}, fmt.Errorf("%s is Java %d: Flink needs %d or newer here; point JAVA_HOME at a newer JDK", java, major, MinJava)
	}
	return JDK{Java: java, Javac: javac, Major: major}, nil
}

func javaTool(name string) (string, error) {
	if home := os.Getenv("JAVA_HOME"); home != "" {
		path := filepath.Join(home, "bin", name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return exec.LookPath(name)
}

// versionText matches the first line of `java -version` of all vendors: version "17.0.15", version "1.8.0_402".
var versionText = regexp.MustCompile(`version "(\d+)(?:\.(\d+))?`)

func javaMajor(text string) (int, error) {
	m := versionText.FindStringSubmatch(text)
	if m == nil {
		return 0, errors.New(`no text like version "17.0.15" in the answer`)
	}
	major, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, err
	}
	if major == 1 && m[2] != "" { // up to Java 8 the name was 1.8
		return strconv.Atoi(m[2])
	}
	return major, nil
}
