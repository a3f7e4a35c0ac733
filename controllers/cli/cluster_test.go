package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/report"
)

// apiServer serves CheckpointHealth objects and what a client needs to find them, and returns a kubeconfig for it.
func apiServer(t *testing.T, objects ...*api.CheckpointHealth) string {
	t.Helper()
	const group = "flink.checkpointhealth.dev"
	resources := metav1.APIResourceList{
		TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: group + "/v1alpha1",
		APIResources: []metav1.APIResource{{Name: "checkpointhealths", Namespaced: true, Kind: "CheckpointHealth", Verbs: metav1.Verbs{"get"}}},
	}
	version := metav1.GroupVersionForDiscovery{GroupVersion: group + "/v1alpha1", Version: "v1alpha1"}
	groups := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: []metav1.APIGroup{{
		Name: group, Versions: []metav1.GroupVersionForDiscovery{version}, PreferredVersion: version,
	}}}
	answers := map[string]any{
		"/api": metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}},
		"/api/v1": metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: "v1",
			APIResources: []metav1.APIResource{{Name: "namespaces", Kind: "Namespace", Verbs: metav1.Verbs{"get"}}}},
		"/apis": groups, "/apis/" + group: groups.Groups[0], "/apis/" + group + "/v1alpha1": resources,
	}
	all := api.CheckpointHealthList{TypeMeta: metav1.TypeMeta{Kind: "CheckpointHealthList", APIVersion: group + "/v1alpha1"}}
	answers["/apis/"+group+"/v1alpha1/checkpointhealths"] = &all
	for _, o := range objects {
		all.Items = append(all.Items, *o)
		if renewed, ok := o.Annotations["lease"]; ok {
			addLease(answers, &groups, o.Namespace, renewed)
		}
		answers["/api/v1/namespaces/"+o.Namespace] = metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{Kind: "Namespace", APIVersion: "v1"}, ObjectMeta: metav1.ObjectMeta{Name: o.Namespace}}
		answers[fmt.Sprintf("/apis/%s/v1alpha1/namespaces/%s/checkpointhealths/%s", group, o.Namespace, o.Name)] = o
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			answer = metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Reason: metav1.StatusReasonNotFound, Code: 404}
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return writeFile(t, "kubeconfig", fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: %q}}]
contexts: [{name: c, context: {cluster: c, user: u, namespace: prod}}]
users: [{name: u, user: {}}]
current-context: c
`, server.URL))
}

// addLease answers with the Lease of a namespace's manager, which was renewed then.
func addLease(answers map[string]any, groups *metav1.APIGroupList, namespace, renewed string) {
	const coordination = "coordination.k8s.io/v1"
	version := metav1.GroupVersionForDiscovery{GroupVersion: coordination, Version: "v1"}
	group := metav1.APIGroup{TypeMeta: metav1.TypeMeta{Kind: "APIGroup", APIVersion: "v1"}, Name: "coordination.k8s.io",
		Versions: []metav1.GroupVersionForDiscovery{version}, PreferredVersion: version}
	groups.Groups = append(groups.Groups, group)
	answers["/apis"], answers["/apis/coordination.k8s.io"] = *groups, group
	answers["/apis/"+coordination] = metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: coordination,
		APIResources: []metav1.APIResource{{Name: "leases", Namespaced: true, Kind: "Lease", Verbs: metav1.Verbs{"get"}}}}
	answers["/apis/"+coordination+"/namespaces/"+namespace+"/leases/"+api.LeaseName] = map[string]any{"apiVersion": coordination, "kind": "Lease",
		"metadata": map[string]any{"name": api.LeaseName, "namespace": namespace}, "spec": map[string]any{"renewTime": renewed}}
}

func chart(name string, status *api.CheckpointHealthStatus) *api.CheckpointHealth {
	return &api.CheckpointHealth{
		TypeMeta:   metav1.TypeMeta{Kind: "CheckpointHealth", APIVersion: "flink.checkpointhealth.dev/v1alpha1"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "prod", Name: name}, Status: *status,
	}
}

func TestDiagnoseInACluster(t *testing.T) {
	score, weight := int32(80), int32(40)
	kubeconfig := apiServer(t,
		chart("payments", &api.CheckpointHealthStatus{
			Target: "FlinkDeployment/payments", Health: api.HealthUnhealthy, Assessment: []string{"Unhealthy: the last 6 of 6 checkpoints expired."},
			Diagnoses:      []api.Diagnosis{{Cause: api.CauseSlowStateBackend, Verdict: api.VerdictLikely, Score: &score, Evidence: []api.Evidence{{Signal: "upload rate", Weight: &weight}}}},
			Recommendation: api.Recommendation{Cost: api.CostJobRestart, Patch: "spec: {}\n", Changes: []api.Change{{Field: "execution.checkpointing.timeout", From: "10m", To: "15m"}}},
		}),
		chart("clicks", &api.CheckpointHealthStatus{Health: api.HealthHealthy, Assessment: []string{"Healthy."}}),
		chart("orphan", &api.CheckpointHealthStatus{Health: api.HealthUnknown, Assessment: []string{
			"Unknown: Service payments-rest of namespace prod", "  does not exist.", "It is tried again by itself."}}),
		chart("stopped", &api.CheckpointHealthStatus{Health: api.HealthUnknown, Assessment: []string{
			"Paused (me and why, at some length): nothing is written to the", "  target.", "Unknown: the JobManager does not answer."}}),
		chart("new", &api.CheckpointHealthStatus{}),
	)
	cases := []struct {
		name   string
		status int
		out    string
		err    string
	}{
		{"payments", StatusSick, "Unhealthy: the last 6 of 6 checkpoints expired.", ""},
		{"clicks", StatusHealthy, "Healthy.", ""},
		{"orphan", StatusUnknown, "", "Unknown: Service payments-rest of namespace prod does not exist.\n"},
		{"stopped", StatusUnknown, "Paused (me and why", "Unknown: the JobManager does not answer.\n"},
		{"new", StatusUnknown, "", "has not looked at CheckpointHealth prod/new yet"},
		{"gone", StatusUnknown, "", `has no CheckpointHealth "gone", nor has any other namespace one of that name`},
	}
	for _, c := range cases {
		s := newShell(t, time.Time{})
		if status := s.run(t, "diagnose", "--kubeconfig", kubeconfig, c.name); status != c.status {
			t.Errorf("%s: status %d, want %d; stderr %q", c.name, status, c.status, s.err.String())
		}
		if !strings.Contains(s.out.String(), c.out) || !strings.Contains(s.err.String(), c.err) {
			t.Errorf("%s: stdout %q, stderr %q", c.name, s.out.String(), s.err.String())
		}
	}
	s := newShell(t, time.Time{})
	s.run(t, "diagnose", "--kubeconfig", kubeconfig, "-n", "prod", "payments", "-o", "json")
	d := document(t, s.out.String())
	if recommendation, ok := d["recommendation"].(map[string]any); !ok || recommendation["cost"] != "JobRestart" || d["health"] != "Unhealthy" {
		t.Errorf("document %s", s.out.String())
	}
}

// Names are taken as kubectl prints them; a namespace that is not there is named, and one that has the name.
func TestNamesInACluster(t *testing.T) {
	kubeconfig := apiServer(t, chart("payments", &api.CheckpointHealthStatus{Health: api.HealthUnhealthy, Assessment: []string{"Unhealthy."}}))
	s := newShell(t, time.Time{})
	for _, name := range []string{"cph/payments", "checkpointhealth/payments", "checkpointhealth.flink.checkpointhealth.dev/payments"} {
		if status := s.run(t, "diagnose", "--kubeconfig", kubeconfig, name); status != StatusSick {
			t.Errorf("%s: status %d, stderr %q", name, status, s.err.String())
		}
	}
	if status := s.run(t, "diagnose", "--kubeconfig", kubeconfig, "-n", "elsewhere", "payments"); status != StatusUnknown ||
		!strings.Contains(s.err.String(), `has no namespace "elsewhere"; there is one of that name with -n prod`) {
		t.Errorf("another namespace: status %d, stderr %q", status, s.err.String())
	}
}

// On a screen a reason is said once.
func TestAReasonIsSaidOnceOnAScreen(t *testing.T) {
	kubeconfig := apiServer(t, chart("orphan", &api.CheckpointHealthStatus{Health: api.HealthUnknown, Assessment: []string{"Unknown: it does not exist."}}))
	s := newShell(t, time.Time{})
	s.env.OutTerminal, s.env.ErrTerminal = true, true
	if status := s.run(t, "diagnose", "--kubeconfig", kubeconfig, "orphan"); status != StatusUnknown || s.err.Len() > 0 || !strings.Contains(s.out.String(), "does not exist.") {
		t.Errorf("on a screen it is said once: status %d, stdout %q, stderr %q", status, s.out.String(), s.err.String())
	}
}

// The last words of a manager that is gone are not told as if they were now.
func TestASilentManagerIsNamed(t *testing.T) {
	now := time.Date(2026, 11, 26, 13, 6, 0, 0, time.UTC)
	for renewed, want := range map[string]string{
		"2026-11-26T13:01:20.000000Z": "The manager has not been heard of since 26 Nov 2026 13:01 UTC, and what follows is no newer: kubectl -n prod get pods\n\nprod/payments",
		"2026-11-26T13:05:50.000000Z": "prod/payments",
	} {
		o := chart("payments", &api.CheckpointHealthStatus{Health: api.HealthHealthy, Assessment: []string{"Healthy."}})
		o.Annotations = map[string]string{"lease": renewed}
		s := newShell(t, now)
		if status := s.run(t, "diagnose", "--kubeconfig", apiServer(t, o), "payments"); status != StatusHealthy || !strings.HasPrefix(s.out.String(), want) {
			t.Errorf("renewed %s: status %d, stdout %q, stderr %q", renewed, status, s.out.String(), s.err.String())
		}
	}
}

// What failed in the cluster is told whole: on stderr why, in the text what follows from it, in the document the reason.
func TestAFailureInTheClusterIsToldWhole(t *testing.T) {
	message := "the policy prod cannot be used: spec.guards.windows[0].schedule \"99 4 * * *\" is no cron expression of five fields such as \"0 4 * * 1-5\":\n" +
		"end of range (99) above maximum (59): 99. Change it in Git, for Argo CD would put it back"
	object := chart("payments", &api.CheckpointHealthStatus{})
	object.Status = report.Failed(object, report.Failure{Reason: api.ReasonPolicyInvalid, Message: message, Stalled: true}, time.Unix(1_700_000_000, 0))
	kubeconfig := apiServer(t, object)
	s := newShell(t, time.Time{})
	if status := s.run(t, "diagnose", "--kubeconfig", kubeconfig, "payments"); status != StatusUnknown {
		t.Errorf("status %d", status)
	}
	words := strings.Join(strings.Fields(s.out.String()), " ")
	for _, want := range []string{"end of range (99) above maximum (59): 99", "for Argo CD would put it back"} {
		if !strings.Contains(s.err.String(), want) || !strings.Contains(words, want) {
			t.Errorf("%q is not in stderr %q and stdout %q", want, s.err.String(), words)
		}
	}
	if !strings.Contains(words, "Nothing is read or written until that is changed") {
		t.Errorf("stdout %q", words)
	}
	s.run(t, "diagnose", "--kubeconfig", kubeconfig, "payments", "-o", "json")
	d := document(t, s.out.String())
	text, ok := d["message"].(string)
	if !ok || d["health"] != "Unknown" || d["reason"] != api.ReasonPolicyInvalid || !strings.Contains(text, "for Argo CD would put it back") {
		t.Errorf("document %s", s.out.String())
	}
}

func TestNoCluster(t *testing.T) {
	s := newShell(t, time.Time{})
	if status := s.run(t, "diagnose", "--kubeconfig", "nowhere", "payments"); status != StatusUnknown || !strings.Contains(s.err.String(), "no way to a cluster") {
		t.Errorf("status %d, stderr %q", status, s.err.String())
	}
}
