package standin

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"checkpointhealth.dev/operator/hack/flinksim/engine"
)

// confDir is where the official images keep their configuration.
const confDir = "/opt/flink/conf"

// standaloneSpec is what the pod of a standalone JobManager would run with, now.
func (w *Workloads) standaloneSpec(ctx context.Context, namespace, name string, template *corev1.PodTemplateSpec) (Spec, error) {
	container := &template.Spec.Containers[0]
	s := Spec{Namespace: namespace, Name: name, Version: versionOf(container.Image, "")}
	config, files, err := w.mountedConfig(ctx, namespace, template, container)
	if err != nil {
		return s, err
	}
	heap := overlay(container, files != nil, config)
	s.Files = files
	s.Config = config
	if s.MemoryBytes, err = processOf(config, heap); err != nil {
		return s, err
	}
	limits := container.Resources.Limits
	s.CPU = 1
	if cpu, ok := limits[corev1.ResourceCPU]; ok {
		s.CPU = cpu.AsApproximateFloat64()
	}
	if limit, ok := limits[corev1.ResourceMemory]; ok && s.MemoryBytes > limit.Value() {
		return s, fmt.Errorf("OOMKilled: a process of %d bytes in a container of %d", s.MemoryBytes, limit.Value())
	}
	return s, nil
}

// overlay puts environment and arguments over the file, and returns the heap of FLINK_JM_HEAP. The image cannot append FLINK_PROPERTIES to a
// file that is mounted, for it is read only.
func overlay(container *corev1.Container, mounted bool, config map[string]string) (heap string) {
	for _, variable := range container.Env {
		switch {
		case variable.Name == "FLINK_PROPERTIES" && !mounted:
			readLines(variable.Value, ":", config)
		case variable.Name == "FLINK_JM_HEAP":
			heap = variable.Value + "m"
		}
	}
	for _, word := range slices.Concat(container.Command, container.Args) {
		if key, value, ok := strings.Cut(strings.TrimPrefix(word, "-D"), "="); ok && strings.HasPrefix(word, "-D") {
			config[key] = value
		}
	}
	return heap
}

// processOf is the process size, of a heap of the old kind what Flink adds up from it.
func processOf(config map[string]string, heap string) (int64, error) {
	if size, ok := config[processSize]; ok {
		return engine.ParseMemory(size)
	}
	heap = orElse(heap, config["jobmanager.heap.size"])
	if heap == "" {
		return engine.ParseMemory("1600m")
	}
	want, err := engine.ParseMemory(heap)
	process := want
	for err == nil && engine.HeapOf(process) < want {
		process += 1 << 20
	}
	return process, err
}

// mountedConfig reads the configuration files that a ConfigMap gives to the container; files is nil where none does.
func (w *Workloads) mountedConfig(ctx context.Context, namespace string, template *corev1.PodTemplateSpec, container *corev1.Container) (config, files map[string]string, err error) {
	config = map[string]string{}
	for _, mount := range container.VolumeMounts {
		for _, volume := range template.Spec.Volumes {
			if volume.Name != mount.Name || volume.ConfigMap == nil || !strings.HasPrefix(mount.MountPath, confDir) {
				continue
			}
			var object corev1.ConfigMap
			if err := w.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: volume.ConfigMap.Name}, &object); err != nil {
				return nil, nil, fmt.Errorf("ContainerCreating: %w", err)
			}
			files = filesOf(&object, volume.ConfigMap.Items)
			return config, files, readFiles(files, config)
		}
	}
	return config, nil, nil
}

// filesOf are the files that a mounted ConfigMap becomes.
func filesOf(object *corev1.ConfigMap, items []corev1.KeyToPath) map[string]string {
	files := map[string]string{}
	for key, text := range object.Data {
		files[key] = text
	}
	for _, item := range items {
		files[item.Path] = object.Data[item.Key]
	}
	return files
}

func readFiles(files, into map[string]string) error {
	readLines(files["flink-conf.yaml"], ": ", into)
	var tree map[string]any
	if err := yaml.Unmarshal([]byte(files["config.yaml"]), &tree); err != nil {
		return fmt.Errorf("config.yaml: %w", err)
	}
	for key, value := range Flatten(tree) {
		into[key] = value
	}
	return nil
}

func readLines(text, separator string, into map[string]string) {
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if key, value, ok := strings.Cut(line, separator); ok && strings.TrimSpace(value) != "" {
			into[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
}

func highlyAvailable(config map[string]string) bool {
	kind := orElse(config["high-availability.type"], config["high-availability"])
	return kind != "" && !strings.EqualFold(kind, "none")
}

// inJobGraph tells the keys that are fixed when a job is submitted: timeout and interval stayed as they were when real JobManagers were started
// anew with others, and how many checkpoints are kept did not (hack/flinklocal, TestStandaloneRestartsOnRealFlink).
func inJobGraph(key string) bool {
	if key == "execution.checkpointing.num-retained" || strings.Contains(key, ".cleaner.") {
		return false
	}
	return strings.HasPrefix(key, "execution.checkpointing.") || strings.HasPrefix(key, "state.backend.")
}
