package recording

import "testing"

func TestOfTheEnvironmentOnlyTheJarsAreKept(t *testing.T) {
	const answer = `{"jvm":{"version":"17","options":["-Dshop.hunter2"]},"classpath":["/opt/flink/lib/flink-dist-1.20.5.jar","/home/shop/orders-1.0.jar","/opt/flink/conf"]}`
	if got := string(dropSecrets("/jobmanager/environment", []byte(answer))); got != `{"classpath":["flink-dist-1.20.5.jar","orders-1.0.jar"]}` {
		t.Errorf("recorded: %s", got)
	}
	r := newRedactor(nil)
	e := r.apply(Entry{Path: "/jobmanager/environment", Status: 200, Body: []byte(answer)})
	if got := string(e.Body); got != `{"classpath":["flink-dist-1.20.5.jar","redacted.jar"]}` {
		t.Errorf("redacted: %s", got)
	}
	for _, bad := range []string{"", "[]", "-Dshop.hunter2"} {
		if got := dropSecrets("/jobmanager/environment", []byte(bad)); len(got) != 0 {
			t.Errorf("%q: %s", bad, got)
		}
	}
}
