package controllers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

// grant binds a ClusterRole of config/rbac to a user, in the story's namespace.
func (w *world) grant(user, file string) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "config", "rbac", file))
	if err != nil {
		w.t.Fatal(err)
	}
	var installed rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict(text, &installed); err != nil {
		w.t.Fatal(err)
	}
	meta := metav1.ObjectMeta{Namespace: w.namespace, Name: installed.Name}
	w.create(&rbacv1.Role{ObjectMeta: meta, Rules: installed.Rules})
	w.create(&rbacv1.RoleBinding{
		ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: installed.Name},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	})
}

// The default install has no right to patch a Deployment or a ConfigMap: it diagnoses, recommends, and says which rights are missing. With
// those of config/standalone the same job is cured.
func TestStandaloneJobManagersArePatchedWithRightsOfTheirOwn(t *testing.T) {
	w := newWorld(t, "story-standalone-rights")
	const user = "checkpoint-health-of-the-rights-story"
	w.grant(user, "role.yaml")
	config := planeConfig()
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: []string{"system:authenticated"}}
	limited, err := client.New(config, client.Options{Scheme: admin.Scheme(), Mapper: admin.RESTMapper()})
	if err != nil {
		t.Fatal(err)
	}
	w.client = limited
	w.start()
	w.deployStandalone("inventory", simulated.FormLines)
	w.watchWorkload("Deployment", "inventory", inline(quick))
	if got := w.held("inventory", api.ReasonForbidden); !strings.Contains(strings.Join(strings.Fields(got), " "), "config/standalone grants what patching a standalone JobManager takes") {
		t.Errorf("it says\n%s", got)
	}
	w.untouched(t, "inventory")
	w.grant(user, filepath.Join("standalone", "role.yaml"))
	w.restart(limited)
	w.run(180, "effective and healthy", func() bool { return w.cured("inventory") })
}
