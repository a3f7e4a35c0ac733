package flink

import (
	"slices"
	"strings"
	"testing"
)

func TestJarsOfAClassPath(t *testing.T) {
	jars, err := decodeJars([]byte(`{"jvm":{"version":"17","arch":"amd64","options":["-Ds3.secret-key=hunter2"]},"classpath":["/opt/flink/lib/flink-cep-1.20.5.jar",` +
		`"/opt/flink/lib/flink-dist-1.20.5.jar","/opt/flink/conf","","/opt/hadoop/etc:x"]}`))
	if err != nil || !slices.Equal(jars, []string{"flink-cep-1.20.5.jar", "flink-dist-1.20.5.jar"}) {
		t.Errorf("got %v, %v", jars, err)
	}
	for _, bad := range []string{`{}`, `[]`, `{"classpath":7}`, `<html>`} {
		if _, err := decodeJars([]byte(bad)); err == nil {
			t.Errorf("%s is taken for a class path", bad)
		}
	}
	many := `{"classpath":["` + strings.Repeat(`a.jar","`, 2*maxJars) + `b.jar"]}`
	if jars, err := decodeJars([]byte(many)); err != nil || len(jars) != maxJars {
		t.Errorf("%d jars, %v", len(jars), err)
	}
}
