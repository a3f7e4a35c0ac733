package controlplane

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// fieldOwner is the name under which Apply owns the fields it sets.
const fieldOwner = "controlplane"

// firstKinds are applied before all others, in this order, because others need
// them.
var firstKinds = []string{"Namespace", "CustomResourceDefinition", "ServiceAccount"}

// manifest is an object and the file it comes from.
type manifest struct {
	file   string
	object *unstructured.Unstructured
}

// Apply applies the objects in the given YAML files and directories (not their
// subdirectories) as the administrator: namespaces first, then CRDs and service
// accounts, then the rest in order. Kustomize's own files are passed over. A
// namespace that an object names and nobody has created is created.
func (c *ControlPlane) Apply(ctx context.Context, paths ...string) error {
	var manifests []manifest
	for _, path := range paths {
		found, err := readManifests(path)
		if err != nil {
			return err
		}
		manifests = append(manifests, found...)
	}
	slices.SortStableFunc(manifests, func(a, b manifest) int { return cmp.Compare(rank(a), rank(b)) })
	for _, m := range manifests {
		if err := c.applyOne(ctx, m); err != nil {
			return fmt.Errorf("%s: %s %s: %w", m.file, m.object.GetKind(), m.object.GetName(), err)
		}
	}
	return nil
}

// rank is the place of a manifest's kind in firstKinds, or behind them all.
func rank(m manifest) int {
	if at := slices.Index(firstKinds, m.object.GetKind()); at >= 0 {
		return at
	}
	return len(firstKinds)
}

func (c *ControlPlane) applyOne(ctx context.Context, m manifest) error {
	if namespace := m.object.GetNamespace(); namespace != "" {
		if err := c.EnsureNamespace(ctx, namespace); err != nil {
			return err
		}
	}
	configuration := client.ApplyConfigurationFromUnstructured(m.object)
	return c.client.Apply(ctx, configuration, client.FieldOwner(fieldOwner), client.ForceOwnership)
}

// EnsureNamespace creates the namespace if there is none of that name.
func (c *ControlPlane) EnsureNamespace(ctx context.Context, name string) error {
	namespace := &unstructured.Unstructured{}
	namespace.SetAPIVersion("v1")
	namespace.SetKind("Namespace")
	namespace.SetName(name)
	if err := c.client.Create(ctx, namespace); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("create namespace %s: %w", name, err)
	}
	return nil
}

// readManifests reads a YAML file, or the YAML files of a directory by name.
func readManifests(path string) ([]manifest, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return readManifestFile(path)
	}
	files, err := filepath.Glob(filepath.Join(path, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var manifests []manifest
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		found, err := readManifestFile(file)
		if err != nil {
			return nil, err
		}
		manifests = append(manifests, found...)
	}
	return manifests, nil
}

// readManifestFile reads the documents of one file; empty ones are no objects.
func readManifestFile(file string) ([]manifest, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var manifests []manifest
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 4096)
	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(&object.Object); errors.Is(err, io.EOF) {
			return manifests, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if len(object.Object) > 0 {
			manifests = append(manifests, manifest{file: file, object: object})
		}
	}
}
