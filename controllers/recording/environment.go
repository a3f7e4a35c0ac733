package recording

import (
	"path"
	"strings"
)

// environmentPath answers with the JVM of the JobManager.
const environmentPath = "/jobmanager/environment"

// keptJars are the beginnings of the names of jars that name no project of the user's.
var keptJars = []string{"flink-", "iceberg-flink", "hudi-flink", "paimon-flink", "log4j-"}

// keepClassPath keeps of /jobmanager/environment the file names on the class path. The options of the JVM are left out: people pass secrets
// there, and a diagnosis reads none of them.
func keepClassPath(body []byte, keep func(jar string) string) []byte {
	tree, ok := decodeTree(body)
	if !ok {
		return nil
	}
	environment, ok := tree.(map[string]any)
	if !ok {
		return nil
	}
	jars := []any{}
	if list, ok := environment["classpath"].([]any); ok {
		for _, item := range list {
			if entry, ok := item.(string); ok && strings.HasSuffix(entry, ".jar") {
				jars = append(jars, keep(path.Base(entry)))
			}
		}
	}
	out, err := encodeTree(map[string]any{"classpath": jars})
	if err != nil {
		return nil
	}
	return out
}

// wholeName keeps a jar's name, and knownJar that of Flink and its connectors.
func wholeName(jar string) string { return jar }

func knownJar(jar string) string {
	for _, prefix := range keptJars {
		if strings.HasPrefix(jar, prefix) {
			return jar
		}
	}
	return "redacted.jar"
}
