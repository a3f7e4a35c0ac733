package diagnose

import (
	"slices"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func runningPod(name string, component model.Component, image, digest string) model.Pod {
	p := model.Pod{Name: name, Component: component, Image: image, Digest: digest, Phase: "Running", Ready: true}
	if _, tag, ok := strings.Cut(image, "flink:"); ok {
		p.FlinkVersion = tag
	}
	return p
}

// versionCase is a sick job with what is known of its versions.
type versionCase struct {
	name  string
	make  func(s *model.Snapshot)
	score int
	// says is part of the evidence, and missing what was not there.
	says, missing string
}

func pair(managerImage, managerDigest, taskImage, taskDigest string) []model.Pod {
	return []model.Pod{runningPod("orders-jm", model.ComponentJobManager, managerImage, managerDigest), runningPod("orders-tm-1", model.ComponentTaskManager, taskImage, taskDigest)}
}

var versionCases = []versionCase{
	{"one image", func(s *model.Snapshot) { s.Pods = pair("flink:1.20.5", "sha256:aa", "flink:1.20.5", "sha256:aa") }, 0, "", ""},
	{"a TaskManager of another version", func(s *model.Snapshot) { s.TaskManagers[1].Version = "1.19.1" }, 55, "JobManager 1.20.5, TaskManager tm-2 1.19.1", ""},
	{"a TaskManager of another patch release", func(s *model.Snapshot) { s.TaskManagers[1].Version = "1.20.4" }, 20, "JobManager 1.20.5, TaskManager tm-2 1.20.4", ""},
	{"two images", func(s *model.Snapshot) { s.Pods = pair("flink:1.20.5", "sha256:aa", "flink:1.19.1", "sha256:bb") }, 35,
		"JobManager flink:1.20.5, TaskManager flink:1.19.1", ""},
	{"two images of one minor version", func(s *model.Snapshot) {
		s.Pods = pair("flink:1.20.5", "sha256:aa", "flink:1.20.4", "sha256:bb")
		s.Pods[0].FlinkVersion, s.Pods[1].FlinkVersion = "1.20.5", "1.20.4"
	}, 15, "JobManager flink:1.20.5, TaskManager flink:1.20.4", ""},
	{"one of them pinned", func(s *model.Snapshot) {
		s.Pods = pair("flink:1.20.5@sha256:aa", "sha256:aa", "flink:1.20.5", "sha256:aa")
	}, 0, "", ""},
	{"one tag, two images", func(s *model.Snapshot) {
		s.Pods = pair("shop/orders:3", "sha256:aaaaaaaaaaaaaaaa", "shop/orders:3", "sha256:bb")
	}, 25,
		"shop/orders:3 is aaaaaaaaaaaa on orders-jm and bb on orders-tm-1", ""},
	{"digests that a node does not tell", func(s *model.Snapshot) { s.Pods = pair("shop/orders:3", "", "shop/orders:3", "") }, 0, "", "image digests"},
	{"one digest known", func(s *model.Snapshot) { s.Pods = pair("shop/orders:3", "sha256:aa", "shop/orders:3", "") }, 0, "", ""},
	{"a tag that lies", func(s *model.Snapshot) { s.Pods = pair("flink:1.19.1", "sha256:aa", "flink:1.19.1", "sha256:aa") }, 20,
		"orders-jm runs flink:1.19.1, its REST API says 1.20.5", ""},
	{"an image of one's own", func(s *model.Snapshot) {
		s.Pods = pair("shop/orders:7.0.1", "sha256:aa", "shop/orders:7.0.1", "sha256:aa")
	}, 0, "", ""},
	{"a rollout", func(s *model.Snapshot) {
		s.Pods = append(pair("flink:1.20.5", "sha256:aa", "flink:1.20.5", "sha256:aa"), runningPod("old", model.ComponentTaskManager, "flink:1.19.1", "sha256:bb"),
			runningPod("new", model.ComponentTaskManager, "flink:2.2.1", "sha256:cc"))
		s.Pods[2].Ending, s.Pods[3].Phase = true, "Pending"
	}, 0, "", ""},
	{"pods that could not be read", func(s *model.Snapshot) {
		s.Gaps = []model.Gap{{Kind: model.GapPods, Signal: "pods", Why: "forbidden"}}
	}, 0, "", "pods (forbidden)"},
	{"two versions on one class path", func(s *model.Snapshot) {
		s.Libraries = []model.Library{{Name: "flink-dist", Version: "1.20.5"}, {Name: "flink-table-runtime", Version: "1.19.1"}}
	}, 30, "flink-table-runtime-1.19.1.jar beside Flink 1.20.5", ""},
	{"a class path of one version", func(s *model.Snapshot) {
		s.Libraries = []model.Library{{Name: "flink-dist", Version: "1.20.5-amzn-1"}, {Name: "flink-connector-kafka", Version: "3.3.0-1.20"}, {Name: "flink-s3-fs-hadoop", Version: "1.19.1"}}
	}, 0, "", ""},
	{"a class path that was not read", func(*model.Snapshot) {}, 0, "", "class path"},
	{"a version that is not known", func(s *model.Snapshot) {
		s.Job.FlinkVersion = ""
		s.Pods = pair("flink:1.19.1", "sha256:aa", "flink:1.19.1", "sha256:aa")
		s.Libraries = []model.Library{{Name: "flink-dist", Version: "1.19.1"}}
		s.TaskManagers[0].Version = "1.19.1"
	}, 0, "", "Flink version"},
}

func TestVersionsOfJobManagerAndTaskManagers(t *testing.T) {
	for _, tt := range versionCases {
		t.Run(tt.name, func(t *testing.T) {
			s := expiredThrice(4, shares{all(quick), all(quick), absentFirst})
			tt.make(s)
			a := versionMismatch.assess(featuresOf(t, s))
			if a.finding.Score != tt.score {
				t.Errorf("score %d, want %d: %+v", a.finding.Score, tt.score, a.finding.Evidence)
			}
			if tt.says != "" && !slices.ContainsFunc(a.finding.Evidence, func(e model.Evidence) bool { return e.Observed == tt.says }) {
				t.Errorf("evidence is %+v, want %q", a.finding.Evidence, tt.says)
			}
			if tt.missing != "" && !slices.Contains(a.finding.Missing, tt.missing) {
				t.Errorf("missing are %q, want %q", a.finding.Missing, tt.missing)
			}
			if tt.score == 0 && a.finding.Verdict != api.VerdictRuledOut && a.finding.Verdict != api.VerdictNotAssessed {
				t.Errorf("the verdict without a sign is %s", a.finding.Verdict)
			}
		})
	}
}
