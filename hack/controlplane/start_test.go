package controlplane

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const readerManifests = `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: somewhere}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: reader, namespace: somewhere}]
---
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: somewhere}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, list]}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader, namespace: somewhere}
`

const widgetCRD = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  scope: Namespaced
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
`

const widget = `
apiVersion: example.com/v1
kind: Widget
metadata: {name: one, namespace: somewhere}
`

// TestControlPlane starts the real thing once and uses all of it.
func TestControlPlane(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"reader.yaml": readerManifests, "crd/widget.yaml": widgetCRD, "widget.yml": widget,
		"kustomization.yaml": "resources: [reader.yaml]\n",
	} {
		writeFile(t, filepath.Join(dir, name), content)
	}
	var log bytes.Buffer
	cp, err := Start(t.Context(), Options{Log: &log, CRDs: []string{filepath.Join(dir, "crd")}})
	if err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	t.Cleanup(func() {
		if err := cp.Stop(); err != nil {
			t.Error(err)
		}
	})
	if !strings.Contains(log.String(), "serving at") {
		t.Errorf("progress does not tell where it serves:\n%s", log.String())
	}
	if err := cp.Apply(t.Context(), dir, filepath.Join(dir, "widget.yml")); err != nil {
		t.Fatal(err)
	}
	if err := cp.Apply(t.Context(), dir); err != nil {
		t.Errorf("applying the same again: %v", err)
	}
	t.Run("a service account may what RBAC says and no more", func(t *testing.T) { checkReader(t, cp) })
	t.Run("the administrator may all", func(t *testing.T) { checkAdministrator(t, cp) })
	t.Run("no token without a service account", func(t *testing.T) {
		if _, err := cp.ServiceAccountConfig(t.Context(), "somewhere", "nobody"); !apierrors.IsNotFound(err) {
			t.Errorf("error = %v; want not found", err)
		}
	})
	t.Run("a bad manifest is named", func(t *testing.T) {
		bad := filepath.Join(t.TempDir(), "bad.yaml")
		writeFile(t, bad, "apiVersion: v1\nkind: NoSuchKind\nmetadata: {name: x}\n")
		if err := cp.Apply(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "bad.yaml: NoSuchKind x") {
			t.Errorf("error = %v; want it to name the file, kind and name", err)
		}
	})
}

func checkReader(t *testing.T, cp *ControlPlane) {
	t.Helper()
	kubeconfig, err := cp.ServiceAccountKubeconfig(t.Context(), "somewhere", "reader")
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := client.New(config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.List(t.Context(), &corev1.ConfigMapList{}, client.InNamespace("somewhere")); err != nil {
		t.Errorf("list of config maps: %v; its role allows it", err)
	}
	if err := createConfigMap(t.Context(), reader); !apierrors.IsForbidden(err) {
		t.Errorf("creation of a config map: error = %v; want forbidden", err)
	}
	if err := reader.List(t.Context(), &corev1.SecretList{}); !apierrors.IsForbidden(err) {
		t.Errorf("list of secrets: error = %v; want forbidden", err)
	}
}

func checkAdministrator(t *testing.T, cp *ControlPlane) {
	t.Helper()
	admin, err := client.New(cp.Config(), client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := createConfigMap(t.Context(), admin); err != nil {
		t.Error(err)
	}
	if len(cp.Kubeconfig()) == 0 {
		t.Error("the administrator's kubeconfig is empty")
	}
}

func createConfigMap(ctx context.Context, c client.Client) error {
	return c.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "somewhere", Name: "made"}})
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
