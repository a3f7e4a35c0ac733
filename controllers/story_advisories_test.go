package controllers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"checkpointhealth.dev/operator/controllers/report"
)

const (
	ownIssue = `advisories: [{id: ACME-1, title: ours, advice: Ask us., weight: 20, affected: [">=1.0.0"]}]`
	badIssue = `advisories: [{id: ACME-2, title: ours, advice: Ask us., weight: 200, affected: [">=1.0.0"]}]`
)

// reader is knowledge with what it says.
type reader struct {
	*knowledge
	events *events.FakeRecorder
	log    *[]string
}

func newReader(t *testing.T, live client.Reader, configMap types.NamespacedName, paths ...string) reader {
	t.Helper()
	metrics, err := report.NewMetrics(prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	r := reader{events: events.NewFakeRecorder(100), log: &[]string{}}
	log := funcr.New(func(_, line string) { *r.log = append(*r.log, line) }, funcr.Options{})
	r.knowledge, err = newKnowledge(&knowledge{live: live, configMap: configMap, paths: paths, events: report.NewEmitter(r.events), metrics: metrics, log: log})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// own is how many known issues of users are in use.
func (r reader) own() int {
	all, builtIn := r.doctor.Load().Advisories()
	return all - builtIn
}

// said is the next event; empty if there is none.
func (r reader) said() string {
	select {
	case e := <-r.events.Events:
		return e
	default:
		return ""
	}
}

// The known issues of a ConfigMap are taken as they change, with no restart; a bad entry is named in an event and spoils no other; what cannot be
// read leaves what was known.
func TestTheKnownIssuesOfAConfigMap(t *testing.T) {
	ctx := t.Context()
	key := types.NamespacedName{Namespace: namespaceFor(t, "story-advisories"), Name: "known"}
	replacing := strings.ReplaceAll(ownIssue, "ACME-1", "FLINK-39738")
	r := newReader(t, admin, key)
	config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
	for _, step := range []struct {
		name string
		do   func(context.Context, client.Object) error
		data map[string]string
		own  int
		says string
	}{
		{"it is not there", nil, nil, 0, ""},
		{"it comes, with a bad entry", create, map[string]string{"good.yaml": ownIssue, "bad.yaml": badIssue}, 1,
			"Warning AdvisoriesSkipped 1 known issues of users are in use, 1 entries are not: ConfigMap " + key.String() +
				", key bad.yaml: advisory ACME-2: weight is 200, must be 1 to 100; skipped"},
		{"nothing changes", nil, nil, 1, ""},
		{"it changes", update, map[string]string{"good.yaml": ownIssue, "more.yaml": replacing}, 2,
			"Normal AdvisoriesLoaded 2 known issues of users are in use: ConfigMap " + key.String() + ", key more.yaml: advisory FLINK-39738: replaces the one of the same id (built in)"},
		{"it is no YAML any more", update, map[string]string{"good.yaml": "advisories: ["}, 0,
			"Warning AdvisoriesSkipped 0 known issues of users are in use, 1 entries are not: ConfigMap " + key.String() + ", key good.yaml: is not the expected YAML"},
		{"it goes", remove, nil, 0, ""},
	} {
		config.Data = step.data
		if step.do != nil {
			if err := step.do(ctx, config); err != nil {
				t.Fatal(err)
			}
		}
		r.refresh(ctx)
		if e := r.said(); r.own() != step.own || !strings.HasPrefix(e, step.says) || (step.says == "") != (e == "") {
			t.Errorf("%s: %d of users, want %d; said %q, want %q", step.name, r.own(), step.own, e, step.says)
		}
	}
}

func create(ctx context.Context, o client.Object) error { return admin.Create(ctx, o) }
func update(ctx context.Context, o client.Object) error { return admin.Update(ctx, o) }
func remove(ctx context.Context, o client.Object) error { return admin.Delete(ctx, o) }

// unreachable answers no read.
type unreachable struct{ client.Reader }

func (unreachable) Get(context.Context, client.ObjectKey, client.Object, ...client.GetOption) error {
	return errors.New("connection refused")
}

func TestKnownIssuesStayWhereTheyCannotBeRead(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "issues.yaml")
	write(t, path, ownIssue)
	r := newReader(t, unreachable{admin}, types.NamespacedName{Namespace: "default", Name: "known"}, path)
	r.refresh(ctx)
	r.refresh(ctx)
	lines := slices.DeleteFunc(slices.Clone(*r.log), func(line string) bool { return !strings.Contains(line, "connection refused") })
	if r.own() != 1 || len(lines) != 1 {
		t.Errorf("%d are known, said %d times: %v", r.own(), len(lines), lines)
	}
}

// A mounted ConfigMap is a directory; its files are read anew as well.
func TestTheKnownIssuesOfADirectory(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "one.yaml"), ownIssue)
	write(t, filepath.Join(dir, "README.md"), "no issues")
	write(t, filepath.Join(dir, "..data.yaml"), badIssue)
	r := newReader(t, admin, types.NamespacedName{}, dir)
	if r.own() != 1 {
		t.Errorf("%d at the start", r.own())
	}
	write(t, filepath.Join(dir, "two.yaml"), strings.ReplaceAll(ownIssue, "ACME-1", "ACME-3"))
	r.refresh(t.Context())
	if r.own() != 2 {
		t.Errorf("%d after a change", r.own())
	}
	write(t, filepath.Join(dir, "two.yaml"), strings.Repeat("#", 5<<20))
	r.refresh(t.Context())
	if r.own() != 2 || !strings.Contains(strings.Join(*r.log, "\n"), "at most 4194304") {
		t.Errorf("%d after a file that is too large: %v", r.own(), *r.log)
	}
	if _, err := newKnowledge(&knowledge{paths: []string{filepath.Join(dir, "none.yaml")}, log: logr.Discard()}); err == nil || !strings.Contains(err.Error(), "--advisories: ") {
		t.Errorf("a file that is not there at the start: %v", err)
	}
}

func TestFlagsOfConfigMapsAreNamespaceAndName(t *testing.T) {
	for _, text := range []string{"known", "/known", "a/", "a/b/c"} {
		if _, err := namespacedName("--advisories-configmap", text); err == nil || err.Error() != `--advisories-configmap "`+text+`" is not NAMESPACE/NAME` {
			t.Errorf("%q: %v", text, err)
		}
	}
	if name, err := namespacedName("--x", "a/b"); err != nil || name.String() != "a/b" {
		t.Errorf("got %v, %v", name, err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
