package observe

import (
	"cmp"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// defaultConfDir is where the official images keep their configuration (FLINK_HOME/conf).
const defaultConfDir = "/opt/flink/conf"

// The names of Flink's configuration file: the standard one since 1.19, and the old one, which wins where both are there (removed in 2.0).
const (
	standardFile = "config.yaml"
	linesFile    = "flink-conf.yaml"
)

// mounted is one file of a container: which key of which ConfigMap it is, or why that cannot be told.
type mounted struct {
	// file is the whole path in the container.
	file string
	// configMap and key are what it is; key is empty where every key of the ConfigMap is a file of the directory.
	configMap, key string
	// unread says what else it is, such as "Secret flink-secret"; nothing is read of it.
	unread string
	// depth is the length of the mount's path: a mount inside another hides it.
	depth int
}

// confDir is where the container looks for its configuration.
func confDir(container *corev1.Container) string {
	dir := ""
	for _, variable := range container.Env {
		switch {
		case variable.Name == variableConfDir && variable.Value != "":
			return path.Clean(variable.Value)
		case variable.Name == variableHome && variable.Value != "":
			dir = path.Join(variable.Value, "conf")
		}
	}
	return cmp.Or(dir, defaultConfDir)
}

// configFile finds where a file of the configuration directory comes from; ok is false where no volume covers it and the image's own is
// used. known are the keys of a ConfigMap, by its name.
func configFile(spec *corev1.PodSpec, container *corev1.Container, name string, known func(configMap string) []string) (mounted, bool) {
	file := path.Join(confDir(container), name)
	var best *mounted
	for i := range container.VolumeMounts {
		mount := &container.VolumeMounts[i]
		volume := volumeNamed(spec, mount.Name)
		if volume == nil || !covers(mount, file) {
			continue
		}
		found := inVolume(volume, mount, file, known)
		found.file, found.depth = file, len(path.Clean(mount.MountPath))
		if best == nil || found.depth >= best.depth {
			best = &found
		}
	}
	if best == nil || (best.configMap == "" && best.unread == "") {
		return mounted{}, false
	}
	return *best, true
}

func volumeNamed(spec *corev1.PodSpec, name string) *corev1.Volume {
	i := slices.IndexFunc(spec.Volumes, func(v corev1.Volume) bool { return v.Name == name })
	if i < 0 {
		return nil
	}
	return &spec.Volumes[i]
}

// covers tells whether the file lies at or below the mount.
func covers(mount *corev1.VolumeMount, file string) bool {
	at := path.Clean(mount.MountPath)
	return file == at || strings.HasPrefix(file, strings.TrimSuffix(at, "/")+"/")
}

// inVolume tells what a file is within its volume. The zero value is that the volume does not hold it.
func inVolume(volume *corev1.Volume, mount *corev1.VolumeMount, file string, known func(string) []string) mounted {
	if mount.SubPathExpr != "" {
		return mounted{unread: "volume " + volume.Name + " with subPathExpr " + mount.SubPathExpr}
	}
	within := strings.TrimPrefix(strings.TrimPrefix(file, path.Clean(mount.MountPath)), "/")
	within = path.Join(mount.SubPath, within)
	switch {
	case volume.ConfigMap != nil:
		return inConfigMap(volume.ConfigMap.Name, volume.ConfigMap.Items, within, known)
	case volume.Projected != nil:
		return inProjected(volume, within, known)
	case volume.Secret != nil:
		return mounted{unread: "Secret " + volume.Secret.SecretName + ", and Secrets are not read"}
	}
	return mounted{unread: "volume " + volume.Name + ", which is no ConfigMap: whatever writes it is not known"}
}

// inConfigMap finds the key: by the path of an item, or, where none is named, by the file's own name.
func inConfigMap(name string, items []corev1.KeyToPath, within string, known func(string) []string) mounted {
	for _, item := range items {
		if path.Clean(item.Path) == within {
			return mounted{configMap: name, key: item.Key}
		}
	}
	if len(items) == 0 && slices.Contains(known(name), within) {
		return mounted{configMap: name, key: within}
	}
	return mounted{}
}

// inProjected looks through the sources of a projected volume; the last one that has the file wins.
func inProjected(volume *corev1.Volume, within string, known func(string) []string) mounted {
	var found mounted
	for i := range volume.Projected.Sources {
		source := &volume.Projected.Sources[i]
		switch {
		case source.ConfigMap != nil:
			if m := inConfigMap(source.ConfigMap.Name, source.ConfigMap.Items, within, known); m.configMap != "" {
				found = m
			}
		case source.Secret != nil:
			if slices.ContainsFunc(source.Secret.Items, func(item corev1.KeyToPath) bool { return path.Clean(item.Path) == within }) {
				found = mounted{unread: "Secret " + source.Secret.Name + ", and Secrets are not read"}
			}
		}
	}
	return found
}
