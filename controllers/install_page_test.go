package controllers

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// installed is one object of an install.
type installed struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name      string            `json:"name"`
		Namespace string            `json:"namespace"`
		Labels    map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec struct {
		// Selector is a Service's labels, or matchLabels of all others.
		Selector    map[string]any `json:"selector"`
		PodSelector struct {
			MatchLabels map[string]string `json:"matchLabels"`
		} `json:"podSelector"`
		Endpoints []struct {
			Port string `json:"port"`
		} `json:"endpoints"`
		Ports []struct {
			Name string `json:"name"`
			Port int    `json:"port"`
		} `json:"ports"`
		Ingress []struct {
			Ports []struct {
				Port int `json:"port"`
			} `json:"ports"`
		} `json:"ingress"`
		Template struct {
			Metadata struct {
				Labels map[string]string `json:"labels"`
			} `json:"metadata"`
		} `json:"template"`
	} `json:"spec"`
}

// installedBy are the objects of overlays of config/, by kind and name.
func installedBy(t *testing.T, overlays ...string) map[string]installed {
	t.Helper()
	all := map[string]installed{}
	for _, overlay := range overlays {
		built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join("..", "config", overlay))
		if err != nil {
			t.Fatal(err)
		}
		for _, resource := range built.Resources() {
			if resource.GetKind() == "CustomResourceDefinition" {
				continue
			}
			text, err := resource.AsYAML()
			if err != nil {
				t.Fatal(err)
			}
			var o installed
			if err := yaml.Unmarshal(text, &o); err != nil {
				t.Fatalf("%s: %v", resource.GetName(), err)
			}
			all[o.Kind+"/"+o.Metadata.Name] = o
		}
	}
	return all
}

// within tells whether labels hold all that is selected.
func within(selected map[string]any, labels map[string]string) bool {
	for key, value := range selected {
		if labels[key] != value {
			return false
		}
	}
	return len(selected) > 0
}

func anyLabels(of map[string]string) map[string]any {
	out := map[string]any{}
	for key, value := range of {
		out[key] = value
	}
	return out
}

// What collects metrics finds the manager, in every namespace or in one: the ServiceMonitor its Service and port, the Service and the NetworkPolicy its
// pods.
func TestTheMonitorFindsTheManager(t *testing.T) {
	for _, install := range [][]string{{"default", "prometheus", "network-policy"}, {"namespaced", "prometheus-namespaced", "network-policy-namespaced"}} {
		all := installedBy(t, install...)
		monitor, service := all["ServiceMonitor/checkpoint-health-controller-manager"], all["Service/checkpoint-health-controller-manager-metrics"]
		pods, policy := all["Deployment/checkpoint-health-controller-manager"].Spec.Template.Metadata.Labels, all["NetworkPolicy/checkpoint-health-controller-manager"]
		selected, ok := monitor.Spec.Selector["matchLabels"].(map[string]any)
		if !ok || !within(selected, service.Metadata.Labels) {
			t.Errorf("%v: the monitor selects %v, the Service has %v", install, monitor.Spec.Selector, service.Metadata.Labels)
		}
		if len(monitor.Spec.Endpoints) != 1 || len(service.Spec.Ports) != 1 || monitor.Spec.Endpoints[0].Port != service.Spec.Ports[0].Name {
			t.Errorf("%v: the monitor asks %v, the Service has %v", install, monitor.Spec.Endpoints, service.Spec.Ports)
		}
		if !within(service.Spec.Selector, pods) || !within(anyLabels(policy.Spec.PodSelector.MatchLabels), pods) {
			t.Errorf("%v: Service and NetworkPolicy select %v and %v, the pods have %v", install, service.Spec.Selector, policy.Spec.PodSelector, pods)
		}
		if port := policy.Spec.Ingress[0].Ports[0].Port; port != service.Spec.Ports[0].Port {
			t.Errorf("%v: the NetworkPolicy lets port %d in, metrics are at %d", install, port, service.Spec.Ports[0].Port)
		}
	}
}

// ourNames are names of objects of the install in a text.
var ourNames = regexp.MustCompile(`checkpoint-health-[a-z]+(?:-[a-z]+)*`)

// The pages name objects that the install makes, or that it looks for.
func TestThePagesNameWhatIsInstalled(t *testing.T) {
	names := map[string]bool{"checkpoint-health-stop": true, "checkpoint-health-advisories": true}
	for _, o := range installedBy(t, "default", "standalone", "endpoint-secrets", "network-probe", "pod-logs", "prometheus", "network-policy") {
		names[o.Metadata.Name], names[o.Metadata.Namespace] = true, true
	}
	for _, page := range []string{"../README.md", "../docs/metrics.md", "../docs/probe.md", "../docs/signals.md", "../docs/gitops.md", "../docs/workflow.md", "../docs/diagnosis.md"} {
		for _, name := range ourNames.FindAllString(readText(t, page), -1) {
			if !names[name] && !strings.Contains(readText(t, page), "reads-"+name) {
				t.Errorf("%s names %s, which no overlay installs", page, name)
			}
		}
	}
}

// overlays are the directories of config/ that may be installed, without their twins for one namespace.
func overlays(t *testing.T) map[string]bool {
	t.Helper()
	parts := map[string]bool{"crd": true, "rbac": true, "manager": true, "samples": true}
	entries, err := os.ReadDir(filepath.Join("..", "config"))
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, entry := range entries {
		if name := entry.Name(); entry.IsDir() && !parts[name] && !strings.HasSuffix(name, "-namespaced") {
			there[name] = true
		}
	}
	return there
}

// Every overlay that may be installed is in README's table, and has a twin for one namespace, as it says there.
func TestReadmeListsEveryOverlay(t *testing.T) {
	_, table, found := strings.Cut(readText(t, "../README.md"), "| overlay | what it is |")
	table, _, ends := strings.Cut(table, "\n\n")
	if !found || !ends {
		t.Fatal("README has no table of overlays")
	}
	listed := map[string]bool{}
	for _, name := range regexp.MustCompile("`config/([a-z-]+)`").FindAllStringSubmatch(table, -1) {
		listed[name[1]] = true
	}
	there := overlays(t)
	if !maps.Equal(listed, there) {
		t.Errorf("README lists %v, config/ has %v", listed, there)
	}
	for name := range there {
		twin := filepath.Join("..", "config", name+"-namespaced", "kustomization.yaml")
		if _, err := os.Stat(twin); err != nil && name != "default" && name != "namespaced" {
			t.Errorf("config/%s has no twin for one namespace: %v", name, err)
		}
	}
}
