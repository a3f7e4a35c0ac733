package diagnose

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestNamesOfExpressionsAreThoseThereAre(t *testing.T) {
	s := fullyRead(t)
	s.Settings = model.Settings{Timeout: set(time.Minute), Interval: set(time.Minute), MinPause: set(time.Minute), AlignedTimeout: set(time.Minute),
		MaxConcurrent: set(1), NumRetained: set(1), ExactlyOnce: set(true), Unaligned: set(true), Incremental: set(true), CleanerParallel: set(true),
		StateBackend: set("x"), HighAvailability: set("x")}
	vars := advisoryVars(featuresOf(t, s))
	for name, known := range map[string][]string{"settings": settingNames, "signature": signatureNames} {
		values, ok := vars[name].(map[string]any)
		if !ok {
			t.Fatalf("%s is a %T", name, vars[name])
		}
		if there := slices.Sorted(maps.Keys(values)); !slices.Equal(there, slices.Sorted(slices.Values(known))) {
			t.Errorf("%s has %v, its names are %v", name, there, known)
		}
	}
}

// featuresOf computes what rules look at.
func featuresOf(t *testing.T, s *model.Snapshot) *features {
	t.Helper()
	stacks, err := parseStackData(stacksYAML)
	if err != nil {
		t.Fatal(err)
	}
	p := testPolicy()
	q := &patient{s: s, p: p, now: testNow, w: countWindow(s, p, testNow)}
	q.g = measureGaps(s, &q.w)
	return newFeatures(q, true, newClassifier(stacks))
}

// stuckIn is a job whose sources or sinks stay in one call of a library.
func stuckIn(vertex int, where []string, frames ...string) *model.Snapshot {
	each := shares{all(quick), all(quick), all(quick)}
	each[vertex] = absentAll
	s := expiredThrice(4, each)
	var threads []model.ThreadStack
	for i := range 4 {
		threads = append(threads, taskThreadOf(vertex, i, where, frames...))
	}
	dumps(s, threads...)
	return s
}

// found are the ids of the known issues that match.
func found(d *model.Diagnosis) []string {
	var ids []string
	for i := range d.Facts.Advisories {
		ids = append(ids, d.Facts.Advisories[i].ID)
	}
	return ids
}

func finding(d *model.Diagnosis, cause api.Cause, sub api.SubCause) *model.Finding {
	for i := range d.Findings {
		if f := &d.Findings[i]; f.Cause == cause && f.SubCause == sub {
			return f
		}
	}
	return &model.Finding{}
}

func TestAConnectorsIssueByStackAndVersion(t *testing.T) {
	const doris = "apache/doris-flink-connector#539"
	for _, tt := range []struct {
		name      string
		libraries []model.Library
		matches   bool
		most      int
		says      string
	}{
		{"class path not read", nil, true, unknownVersionWeight, "the Doris connector, whose version is not known, may have " + doris},
		{"in the job's own jar", []model.Library{{Name: "flink-dist", Version: "1.20.5"}}, true, unknownVersionWeight, "the Doris connector, whose version is not known"},
		{"affected version", []model.Library{{Name: "flink-doris-connector", Version: "1.19-24.1.0"}}, true, 60, "the Doris connector 24.1.0 has " + doris},
		{"fixed version", []model.Library{{Name: "flink-doris-connector", Version: "1.19-26.1.1"}}, false, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := stuckIn(sink, flushFrames, "org.apache.doris.flink.sink.writer.DorisStreamLoad.stopLoad")
			s.Libraries = tt.libraries
			d := diagnosed(t, s)
			if slices.Contains(found(&d), doris) != tt.matches {
				t.Fatalf("matches are %v", found(&d))
			}
			f := finding(&d, api.CauseFlinkVersionBug, api.SubCauseKnownIssue)
			if f.Score > tt.most || !strings.HasPrefix(f.Summary, tt.says) {
				t.Errorf("%d, at most %d: %s", f.Score, tt.most, f.Summary)
			}
			if unknown := tt.most == unknownVersionWeight; unknown != slices.Contains(f.Missing, "version of the Doris connector") {
				t.Errorf("missing are %v", f.Missing)
			}
			if d.Top().Cause != api.CauseSinkFlush {
				t.Errorf("the first cause is %s", d.Top().Cause)
			}
		})
	}
}

func TestAVersionAloneIsNoCause(t *testing.T) {
	d, _, err := NewDoctorWith(AdvisoryFile{Name: "ours", Data: []byte(
		`advisories: [{id: ACME-1, title: everything is slow, advice: Upgrade., weight: 100, affected: [">=1.0.0"], workaround: {jobmanager.io-pool.size: "8"}}]`)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range causeCases {
		if c.cause == api.CauseFlinkVersionBug {
			continue
		}
		out := d.Diagnose(c.make(4), testPolicy(), testNow)
		bug := finding(&out, api.CauseFlinkVersionBug, api.SubCauseKnownIssue)
		if out.Top() != nil && out.Top().Cause == api.CauseFlinkVersionBug || bug.Verdict != "" && bug.Verdict != api.VerdictPossible && bug.Score <= versionOnlyWeight {
			t.Errorf("%s: first is %s, the known issue is %s with %d", c.name, out.Top().Cause, bug.Verdict, bug.Score)
		}
	}
	s := expiredThrice(4, shares{all(quick), all(quick), absentFirst})
	if out := d.Diagnose(s, testPolicy(), testNow); out.Top().Cause == api.CauseFlinkVersionBug {
		t.Error("it is the cause of a job of which little is known")
	}
}

// signCase is a job whose snapshot has the signs of a known issue, and not those of others.
type signCase struct {
	name string
	make func(s *model.Snapshot) *model.Snapshot
	want string
	no   []string
}

var died = model.Pod{Name: "orders-1", Component: model.ComponentJobManager, Restarts: 2, LastTermination: "Error", LastTerminationAt: testNow.Add(-5 * time.Minute)}

func flushing(frames ...string) *model.Snapshot { return stuckIn(sink, flushFrames, frames...) }

var signCases = []signCase{
	{"a JobManager that died", func(s *model.Snapshot) *model.Snapshot {
		s.Job.FlinkVersion, s.Pods = "1.18.1", []model.Pod{died}
		return s
	}, "FLINK-20672", []string{"FLINK-35159"}},
	{"a JobManager that died and a job that restarts", func(s *model.Snapshot) *model.Snapshot {
		s.Job.FlinkVersion, s.Pods, s.Job.Restarts = "1.19.0", []model.Pod{died}, model.Measured(3)
		return s
	}, "FLINK-35159", []string{"FLINK-20672"}},
	{"a JobManager that collects garbage", func(s *model.Snapshot) *model.Snapshot {
		s.Job.FlinkVersion, s.JobManager.GCShare, s.JobManager.HeapUsed = "1.16.0", model.Measured(0.7), model.Measured(0.95*(1<<30))
		return s
	}, "FLINK-29927", []string{"FLINK-39775", "apache/iceberg#6299"}},
	{"the same, with the MySQL source in lib/", func(s *model.Snapshot) *model.Snapshot {
		s.JobManager.GCShare, s.JobManager.HeapUsed = model.Measured(0.7), model.Measured(0.95*(1<<30))
		s.Libraries = []model.Library{{Name: "flink-sql-connector-mysql-cdc", Version: "3.2.1"}}
		return s
	}, "FLINK-39775", []string{"FLINK-29927"}},
	{"a TaskManager that collects garbage", func(s *model.Snapshot) *model.Snapshot {
		s.TaskManagers[0].GCShare, s.Job.Restarts = model.Measured(0.6), model.Measured(5)
		s.Libraries = []model.Library{{Name: "iceberg-flink-runtime", Version: "1.20-1.9.0"}}
		return s
	}, "apache/iceberg#16426", []string{"FLINK-37613", "FLINK-25827"}},
	{"a library that does not fit the storage", func(s *model.Snapshot) *model.Snapshot {
		s.Job.FlinkVersion, s.Settings.Cluster = "1.18.0", map[string]string{"state.checkpoints.dir": "gs://flink/checkpoints"}
		s.Exceptions = []model.JobException{{Name: "java.lang.NoSuchMethodError", Message: "com.google.protobuf.GeneratedMessageV3"}}
		return s
	}, "FLINK-33793", nil},
	{"the same on another storage", func(s *model.Snapshot) *model.Snapshot {
		s.Job.FlinkVersion, s.Settings.Cluster = "1.18.0", map[string]string{"state.checkpoints.dir": "s3://flink/checkpoints"}
		s.Exceptions = []model.JobException{{Name: "java.lang.NoSuchMethodError"}}
		return s
	}, "", []string{"FLINK-33793"}},
	{"a sink in the Doris connector", func(*model.Snapshot) *model.Snapshot {
		return flushing("org.apache.doris.flink.sink.batch.DorisBatchStreamLoad.writeRecord", "org.apache.doris.flink.sink.batch.DorisBatchWriter.flush")
	}, "apache/doris-flink-connector#506", []string{"apache/doris-flink-connector#539", "StarRocks/starrocks-connector-for-apache-flink#456"}},
	{"a sink in the StarRocks connector", func(*model.Snapshot) *model.Snapshot {
		s := flushing("com.starrocks.data.load.stream.v2.StreamLoadManagerV2.flush")
		s.Libraries = []model.Library{{Name: "flink-connector-starrocks", Version: "1.2.12_flink-1.19"}}
		return s
	}, "StarRocks/starrocks-connector-for-apache-flink#456", []string{"apache/doris-flink-connector#506"}},
	{"the same, fixed", func(*model.Snapshot) *model.Snapshot {
		s := flushing("com.starrocks.data.load.stream.v2.StreamLoadManagerV2.flush")
		s.Libraries = []model.Library{{Name: "flink-connector-starrocks", Version: "1.2.13_flink-1.19"}}
		return s
	}, "", []string{"StarRocks/starrocks-connector-for-apache-flink#456"}},
}

func TestSignsOfAdvisories(t *testing.T) {
	for _, tt := range signCases {
		t.Run(tt.name, func(t *testing.T) {
			d := diagnosed(t, tt.make(expiredThrice(4, shares{all(quick), all(quick), absentFirst})))
			ids := found(&d)
			if tt.want != "" && !slices.Contains(ids, tt.want) {
				t.Errorf("%s does not match: %v", tt.want, ids)
			}
			for _, id := range tt.no {
				if slices.Contains(ids, id) {
					t.Errorf("%s matches: %v", id, ids)
				}
			}
		})
	}
}

func TestVersionsOfLibraries(t *testing.T) {
	for text, want := range map[string]string{
		"3.2.1": "3.2.1", "1.20-1.10.1": "1.10.1", "25.1.0-1.19": "25.1.0", "1.2.13_flink-1.19": "1.2.13", "1.16-25.0.0": "25.0.0",
		"1.14_2.12-1.1.1": "1.1.1", "0.11.1": "0.11.1", "1.6.2.1": "1.6.2", "2.4-SNAPSHOT": "2.4", "1.19-1.20": "", "": "", "SNAPSHOT": "",
	} {
		got := ""
		if v := libraryVersion(text); v != nil {
			got = v.Original()
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestTheTextsOfExpressionsAreBounded(t *testing.T) {
	s := stuckIn(sink, flushFrames, "a.b.C.d")
	for i := range s.Stacks {
		for j := range 40 {
			s.Stacks[i].Threads[0].Frames = append(s.Stacks[i].Threads[0].Frames, strings.Repeat("x", 200)+string(rune('a'+j)))
		}
	}
	s.Exceptions = []model.JobException{{Name: strings.Repeat("y", 5000), Message: "short"}}
	f := featuresOf(t, s)
	if text := stackText(f); len(text) > maxVarText || !strings.Contains(text, "a.b.C.d\n") || strings.Contains(text, "java.") {
		t.Errorf("%d bytes: %s", len(text), text)
	}
	if text := errorText(f); text != "short\n" {
		t.Errorf("got %q", text)
	}
}
