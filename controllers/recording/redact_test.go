package recording

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// rewritten writes entries with options and reads them again.
func rewritten(t *testing.T, entries []Entry, opts ...WriteOption) (r *Recording, text string) {
	t.Helper()
	text = written(t, entries, opts...)
	return read(t, text), text
}

func entry(path, text string) Entry {
	return Entry{Path: path, Status: http.StatusOK, Body: []byte(text), Start: at(0)}
}

// Secrets never get into an archive, asked or not. The words are what each hides.
func TestSecretsAreDropped(t *testing.T) {
	_, text := rewritten(t, []Entry{
		entry("/jobs/overview", `{"jobs":[]}`),
		entry("/jobmanager/config", `[{"key":"s3.secret-key","value":"SECRET1"},{"key":"s3.access-key","value":"SECRET2"},{"key":"fs.azure.account.key.x","value":"SECRET3"},
			{"key":"env.java.opts","value":"-Xmx1g -Djavax.net.ssl.trustStorePassword=SECRET4 -Da=b"},{"key":"security.ssl.rest.keystore-password","value":"SECRET5"},
			{"key":"state.checkpoints.dir","value":"s3://user:SECRET6@bucket/x"},{"key":"execution.checkpointing.timeout","value":"10 min"}]`),
		entry("/jobs/"+jobID+"/config", `{"execution-config":{"user-config":{"db.password":"SECRET7","kafka.sasl.jaas.config":"SECRET8","jdbc":"jdbc:x://h/d?user=a&password=SECRET9&b=c"}}}`),
		entry("/jobs/"+jobID+"/exceptions", `{"root-exception":"java.sql.SQLException: Access denied, token: SECRET10\n\tat a.b.C.d(C.java:1)"}`),
		entry("/jobmanager/log", "2025 INFO Authorization: Bearer SECRET11\n2025 INFO aws.secretKey='SECRET12', next=1\n"+
			"INFO Loading configuration property: s3.access-key, SECRET13\nINFO Loading configuration property: $internal.application.program-args, --db-password;SECRET14\n"+
			"INFO [] -  Program Arguments:\nINFO [] -     --pin\nINFO [] -     SECRET15\nINFO [] -  Classpath: lib\nINFO {\\\"password\\\":\\\"SECRET16\\\"}\n"),
		entry("/jobmanager/config", `[{"key":"$internal.application.program-args","value":"--db-password;SECRET17"},{"key":"env.java.opts.all","value":"--api-token;SECRET18"}]`),
	})
	if found := regexp.MustCompile(`SECRET\d+`).FindAllString(text, -1); found != nil {
		t.Errorf("the archive holds %v", found)
	}
	for _, stays := range []string{"10 min", "-Xmx1g", "-Da=b", "Access denied", "b=c", "next=1", "a.b.C.d(C.java:1)", "@bucket/x", "Classpath: lib"} {
		if !strings.Contains(text, strings.ReplaceAll(stays, "&", `\u0026`)) {
			t.Errorf("%q is gone:\n%s", stays, text)
		}
	}
}

// In a real recording every name goes, the same name gets the same stand-in, and what a diagnosis reads stays.
func TestRedactRealRecording(t *testing.T) {
	for _, name := range []string{"1.20.5/declined", "1.20.5/network-congestion", "1.17.2/slow-storage", "2.2.1/sink-flush"} {
		original, err := Load("testdata/flink/" + name + ".har.gz")
		if err != nil {
			t.Fatal(err)
		}
		r, text := rewritten(t, original.Entries(), Redact(whole))
		for _, gone := range []string{"faultjob", "lab.", "FaultJob", "/opt/lab", "10.231.", "Source: events", "tm-1", "tm-2", "localhost.local"} {
			if i := strings.Index(text, gone); i >= 0 {
				t.Errorf("%s: %q is still there: …%s…", name, gone, text[max(0, i-60):min(len(text), i+60)])
			}
		}
		if len(r.Entries()) != len(original.Entries()) || len(r.Passes()) != len(original.Passes()) {
			t.Errorf("%s: %d entries in %d passes, want %d in %d", name, len(r.Entries()), len(r.Passes()), len(original.Entries()), len(original.Passes()))
		}
		for _, stays := range []string{"Checkpoint expired before completing.", "org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailboxImpl.take",
			"execution.checkpointing.timeout", `Source: operator-1 (1/2)#`, "org.apache.flink.runtime.state"} {
			if want, have := strings.Count(raw(original), stays), strings.Count(raw(r), stays); have < want {
				t.Errorf("%s: %q is there %d times, want %d", name, stays, have, want)
			}
		}
		if strings.Contains(raw(original), "Source: events (1/2)#") && !strings.Contains(raw(r), "Source: operator-1 (1/2)#") {
			t.Errorf("%s: the thread of the source has lost its name", name)
		}
	}
}

func raw(r *Recording) string {
	var b strings.Builder
	for _, e := range r.Entries() {
		b.WriteString(e.Path)
		b.Write(e.Body)
	}
	return b.String()
}

func TestRedactNames(t *testing.T) {
	r, _ := rewritten(t, []Entry{
		entry("/jobmanager/log", "Job state (0ee9c1ce5758c6d072f133fc27bfc50e) restarts; state backend is rocksdb. Orders from eu: late at com.acme.Enrich$Loader.map(Enrich.java:7) on flink-7f.prod.svc:6122, 10.1.2.3"),
		entry("/jobs/overview", `{"jobs":[{"jid":"x","name":"Orders from eu"},{"jid":"y","name":"state"}]}`),
		entry("/jobs/"+jobID, `{"jid":"x","vertices":[{"id":"v","name":"Source: orders -> (map, Sink: Writer)","parallelism":2}]}`),
		entry("/taskmanagers", `{"taskmanagers":[{"id":"flink-7f.prod.svc:6122-ab12","path":"pekko.tcp://flink@flink-7f.prod.svc:6122/user/rpc/taskmanager_0","dataPort":1}]}`),
		entry("/taskmanagers/flink-7f.prod.svc:6122-ab12/thread-dump",
			`{"threadInfos":[{"threadName":"Source: orders -> (map, Sink: Writer) (1/2)#0","stringifiedThreadInfo":"\"x\" Id=1 RUNNABLE\n\tat com.acme.Enrich$$Lambda$12/0x1.run(Unknown Source)\n\tat java.util.HashMap.map(HashMap.java:3)"}]}`),
		entry("/jobmanager/config", `[{"key":"rest.address","value":"flink-7f.prod.svc"},{"key":"state.checkpoints.dir","value":"s3://acme/prod/ckpt"},{"key":"taskmanager.numberOfTaskSlots","value":"4"},{"key":"kubernetes.cluster-id","value":"payments"}]`),
		entry("/jobs/"+jobID+"/metrics", `[{"id":"lastCheckpointExternalPath","value":"s3://acme/prod/ckpt/chk-1"},{"id":"lastCheckpointSize","value":"7"}]`),
	}, Redact(whole))
	want := map[string]string{
		"/jobmanager/log": "Job job-2 (0ee9c1ce5758c6d072f133fc27bfc50e) restarts; state backend is rocksdb. job-1: late at user.Class1$Nested.map(Unknown Source) on host-1:6122, host-2",
		"/jobs/overview":  `{"jobs":[{"jid":"x","name":"job-1"},{"jid":"y","name":"job-2"}]}`,
		"/jobs/" + jobID:  `{"jid":"x","vertices":[{"id":"v","name":"Source: operator-1 -> (operator-2, Sink: Writer)","parallelism":2}]}`,
		"/taskmanagers":   `{"taskmanagers":[{"dataPort":1,"id":"taskmanager-1","path":"pekko.tcp://flink@host-1:6122/user/rpc/taskmanager_0"}]}`,
		"/taskmanagers/taskmanager-1/thread-dump": `{"threadInfos":[{"stringifiedThreadInfo":"\"x\" Id=1 RUNNABLE\n\tat user.Class1$$Lambda$12/0x1.run(Unknown Source)\n\tat java.util.HashMap.map(HashMap.java:3)",` +
			`"threadName":"Source: operator-1 -> (operator-2, Sink: Writer) (1/2)#0"}]}`,
		"/jobmanager/config":          `[{"key":"rest.address","value":"redacted"},{"key":"state.checkpoints.dir","value":"s3://location-1"},{"key":"taskmanager.numberOfTaskSlots","value":"4"},{"key":"kubernetes.cluster-id","value":"redacted"}]`,
		"/jobs/" + jobID + "/metrics": `[{"id":"lastCheckpointExternalPath","value":"s3://location-2"},{"id":"lastCheckpointSize","value":"7"}]`,
	}
	if len(r.Entries()) != len(want) {
		t.Errorf("%d entries, want %d", len(r.Entries()), len(want))
	}
	for _, e := range r.Entries() {
		if string(e.Body) != want[e.Path] {
			t.Errorf("%s is\n\t%s\nwant\n\t%s", e.Path, e.Body, want[e.Path])
		}
	}
}

// whole keeps a log as it is.
func whole(log []byte) []byte { return log }

// What a log, its file's name, the configuration and the plan say besides is as telling as the fields that hold names.
func TestRedactWhatNoFieldDeclares(t *testing.T) {
	const file = "flink-flink-kubernetes-application-0-acme-payments-7f9-x2.log"
	entries := []Entry{
		entry("/jobs/overview", `{"jobs":[{"jid":"x","name":"payments"}]}`),
		entry("/jobs/"+jobID, `{"jid":"x","name":"payments","vertices":[{"id":"v","name":"Source: orders -> enrich","parallelism":2}],"plan":{"nodes":[{"id":"v",`+
			`"operator_strategy":"","description":"Source: orders<br/>+- enrich with acme<br/>"}]}}`),
		entry("/jobs/"+jobID+"/exceptions", `{"root-exception":"x: Source: orders<br/>+- enrich<br/> failed, see /mnt/acme/out/1"}`),
		entry("/jobmanager/config", `[{"key":"kubernetes.cluster-id","value":"acme-payments"},{"key":"jobmanager.rpc.address","value":"acme-jm.prod"},`+
			`{"key":"state.checkpoints.dir","value":"/mnt/acme/ckpt"},{"key":"jobmanager.scheduler","value":"ADAPTIVE"},{"key":"metrics.reporter.x.class","value":"org.apache.flink.metrics.X"}]`),
		entry("/jobmanager/logs", `{"logs":[{"name":"`+file+`","size":7,"mtime":9},{"name":"`+file+`.1","size":7,"mtime":3}]}`),
		entry("/jobmanager/logs/"+file, "Starting execution of job 'payments' (0ee9c1ce5758c6d072f133fc27bfc50e)\ncluster acme-payments at acme-jm.prod:6123 on acme-payments-7f9-x2 is ADAPTIVE\n"+
			"Mkdirs failed to create /mnt/acme/ckpt/x\n"),
	}
	r, text := rewritten(t, entries, Redact(whole))
	for _, gone := range []string{"payments", "acme", "orders", "enrich", "/mnt"} {
		if i := strings.Index(text, gone); i >= 0 {
			t.Errorf("%q is still there: …%s…", gone, text[max(0, i-60):min(len(text), i+60)])
		}
	}
	for _, stays := range []string{"Starting execution of job 'job-1'", "is ADAPTIVE", "Mkdirs failed to create /location-"} {
		if !strings.Contains(text, stays) {
			t.Errorf("%q is gone:\n%s", stays, text)
		}
	}
	if string(r.byPathBody("/jobmanager/logs")) != `{"logs":[{"mtime":9,"name":"log-1.log","size":7},{"mtime":3,"name":"log-2.log.1","size":7}]}` || r.byPath["/jobmanager/logs/log-1.log"] == nil {
		t.Errorf("log files: %s, paths %v", r.byPathBody("/jobmanager/logs"), r.byPath)
	}
	if r, text = rewritten(t, entries, Redact(nil)); strings.Contains(text, "Mkdirs") || string(r.byPathBody("/jobmanager/logs/log-1.log")) != nothingTold {
		t.Errorf("a log is there though nothing says what to keep of it: %s", text)
	}
}
