package observe

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"checkpointhealth.dev/operator/controllers/model"
)

func TestVersionsOfImages(t *testing.T) {
	for image, want := range map[string]string{
		"flink:1.20.5": "1.20.5", "flink:1.20.5-scala_2.12-java17": "1.20.5", "docker.io/library/flink:2.2.1-java21": "2.2.1",
		"registry.shop.example:5000/apache/flink:1.19.1@sha256:abc": "1.19.1", "flink": "", "flink:latest": "", "flink:1.20": "", "flink@sha256:abc": "",
		"shop/orders:1.20.5": "", "shop/flink:7.0.1": "", "flink-kubernetes-operator:1.15.0": "", "": "", "localhost:5000/flink": "",
	} {
		if got := taggedVersion(image); got != want {
			t.Errorf("%q is %q, want %q", image, got, want)
		}
	}
	for id, want := range map[string]string{
		"docker-pullable://flink@sha256:abc": "sha256:abc", "docker.io/library/flink@sha256:abc": "sha256:abc", "docker://sha256:abc": "", "sha256:abc": "", "": "", "flink@md5:x": "",
	} {
		if got := digestOf(id); got != want {
			t.Errorf("the digest of %q is %q, want %q", id, got, want)
		}
	}
}

func TestLibrariesAreNamedByTheirJars(t *testing.T) {
	got := librariesOf([]string{"flink-dist-1.20.5.jar", "flink-dist_2.12-1.14.6.jar", "iceberg-flink-runtime-1.20-1.10.1.jar", "hudi-flink1.14-bundle-0.11.1.jar",
		"flink-connector-starrocks-1.2.12_flink-1.19.jar", "job.jar", "conf"})
	want := []model.Library{{Name: "flink-dist", Version: "1.20.5"}, {Name: "flink-dist_2.12", Version: "1.14.6"}, {Name: "iceberg-flink-runtime", Version: "1.20-1.10.1"},
		{Name: "hudi-flink1.14-bundle", Version: "0.11.1"}, {Name: "flink-connector-starrocks", Version: "1.2.12_flink-1.19"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}

// A TaskManager has the version of its image's tag only where the JobManager's tag says what its REST API says, and where no log says another.
func TestTaskManagersHaveTheVersionOfTheirImage(t *testing.T) {
	for _, tt := range []struct{ name, rest, ofLog, want string }{
		{"the JobManager's tag is right", "1.20.5", "", "1.20.5"}, {"it is not", "1.19.1", "", ""}, {"nothing is known", "", "", ""}, {"a log tells", "1.20.5", "1.20.4", "1.20.4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reader := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(
				flinkPod("payments-5d4", "jobmanager", "10.0.0.1"), flinkPod("payments-taskmanager-1-1", "taskmanager", "10.0.0.2")).Build()
			s := snapshotOfPayments()
			s.Job.FlinkVersion, s.TaskManagers[0].Version = tt.rest, tt.ofLog
			Pods(context.Background(), reader, s)
			if got := s.TaskManagers[0].Version; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := s.TaskManagers[1].Version; got != "" {
				t.Errorf("a TaskManager without a pod has version %q", got)
			}
		})
	}
}

// The class path is asked once a run, where the job is sick; a JobManager that knows no such question is not asked again, and the gap stays.
func TestTheClassPathIsReadOnce(t *testing.T) {
	for _, tt := range []struct {
		name, answer string
		libraries    int
	}{
		{"it answers", `{"jvm":{"options":["-Dsecret=hunter2"]},"classpath":["/opt/flink/lib/flink-dist-1.20.5.jar"]}`, 1},
		{"it does not know", "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := healthyFlink()
			server.answers["/jobmanager/environment"] = tt.answer
			clock := &fakeClock{now: time.UnixMilli(1772366400000)}
			connection, memory := connect(t, server, clock), &Memory{}
			for range 3 {
				clock.now = clock.now.Add(30 * time.Second)
				s, err := Flink(t.Context(), connection, Options{Now: clock.read, Deep: true}, memory)
				if err != nil {
					t.Fatal(err)
				}
				if len(s.Libraries) != tt.libraries || s.Missing(model.GapClassPath) != (tt.libraries == 0) {
					t.Errorf("libraries %+v, gaps %+v", s.Libraries, s.Gaps)
				}
			}
			if n := server.count("/jobmanager/environment"); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

func TestALogsClassPathTellsTheVersion(t *testing.T) {
	const line = "2026-11-22 11:00:00,001 INFO  org.apache.flink.runtime.taskexecutor.TaskManagerRunner [] -  "
	for text, want := range map[string]string{
		line + "Starting TaskManager (Version: 1.20.4, Scala: 2.12, Rev:abc, Date:2026)\n" + line + "Classpath: /opt/flink/lib/flink-dist-1.20.5.jar:::\n": "1.20.4",
		line + "Classpath: /opt/flink/lib/flink-cep-1.20.5.jar:/opt/flink/lib/flink-dist-1.20.5.jar:::\n":                                                  "1.20.5",
		line + "Classpath: /opt/flink/lib/flink-dist_2.12-1.14.6.jar:::\n":                                                                                 "1.14.6",
		line + "Classpath: /opt/shop/orders.jar\n":                                                                                                         "", line + "nothing of that\n": "",
	} {
		report, err := ScanLog(strings.NewReader(text), "tm.log")
		if err != nil || report.Version != want {
			t.Errorf("%q: got %+v, %v, want %q", text, report, err, want)
		}
	}
}
