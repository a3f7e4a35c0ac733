package observe

import (
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/configfile"
	"checkpointhealth.dev/operator/controllers/model"
)

// The variables that the official images turn into configuration.
const (
	// variableProperties is appended to the configuration file by the image's entrypoint, and so wins over what stands there.
	variableProperties = "FLINK_PROPERTIES"
	// variableHeap is the JobManager's heap, in MiB where it has no unit. It wins over jobmanager.heap.size, loses against
	// jobmanager.memory.*, and is gone in Flink 2.
	variableHeap = "FLINK_JM_HEAP"

	// variableConfDir and variableHome tell where the configuration is looked for.
	variableConfDir = "FLINK_CONF_DIR"
	variableHome    = "FLINK_HOME"

	keyLegacyHeap = "jobmanager.heap.size"

	// entrypoint is the script of the official images.
	entrypoint = "docker-entrypoint.sh"
)

// ReadsVariable tells the variables of a container whose values are read; all others may hold secrets.
func ReadsVariable(name string) bool {
	switch name {
	case variableProperties, variableHeap, variableConfDir, variableHome:
		return true
	}
	return false
}

// readEnvironment reads the two variables, from the container's env or, where that does not set them, from its envFrom.
func (s *standalone) readEnvironment() {
	s.readVariable(variableProperties, s.useProperties)
	s.readVariable(variableHeap, s.useHeap)
}

// readVariable finds a variable's text and where it is written. Of several the last counts, and env wins over envFrom.
func (s *standalone) readVariable(name string, use func(model.PlaceRef, string)) {
	for i := len(s.container.Env) - 1; i >= 0; i-- {
		variable := &s.container.Env[i]
		if variable.Name != name {
			continue
		}
		if variable.ValueFrom == nil {
			use(model.PlaceRef{Kind: model.PlaceEnvironment, Name: name}, variable.Value)
			return
		}
		s.readSource(variable, use)
		return
	}
	for i := len(s.container.EnvFrom) - 1; i >= 0; i-- {
		source := &s.container.EnvFrom[i]
		if source.SecretRef != nil {
			if name == variableProperties {
				s.unreadable("envFrom takes variables from Secret %s, which is not read: it may hold %s", source.SecretRef.Name, name)
			}
			continue
		}
		key, ok := strings.CutPrefix(name, source.Prefix)
		if source.ConfigMapRef == nil || !ok {
			continue
		}
		if object := s.configMap(source.ConfigMapRef.Name); object != nil {
			if text, there := object.Data[key]; there {
				use(model.PlaceRef{Kind: model.PlaceConfigMap, Name: object.Name, Key: key}, text)
				return
			}
		}
	}
}

// readSource reads a variable that comes from a key of a ConfigMap.
func (s *standalone) readSource(variable *corev1.EnvVar, use func(model.PlaceRef, string)) {
	from := variable.ValueFrom
	switch {
	case from.ConfigMapKeyRef != nil:
		ref := model.PlaceRef{Kind: model.PlaceConfigMap, Name: from.ConfigMapKeyRef.Name, Key: from.ConfigMapKeyRef.Key}
		if text, ok := s.textOf(ref, variable.Name); ok {
			use(ref, text)
		}
	case from.SecretKeyRef != nil:
		s.unreadable("%s comes from Secret %s, and Secrets are not read: put what is no secret into a ConfigMap", variable.Name, from.SecretKeyRef.Name)
	default:
		s.unreadable("%s comes from neither a value nor a ConfigMap, and is not read", variable.Name)
	}
}

// useProperties takes FLINK_PROPERTIES apart. Beside a file that is mounted it has no effect: the image's entrypoint cannot append to what
// is mounted read only, says so in its log and goes on.
func (s *standalone) useProperties(ref model.PlaceRef, text string) {
	if command := s.container.Command; len(command) > 0 && path.Base(command[0]) != entrypoint && !slices.Contains(shells, path.Base(command[0])) {
		s.ignored("%s has no effect: the container starts %s, and it is the image's %s that reads it", variableProperties, command[0], entrypoint)
		return
	}
	if s.readOnly != "" {
		s.ignored("%s has no effect beside %s, which is mounted read only: the image cannot append to it; put its keys into the file", variableProperties, s.readOnly)
		return
	}
	ref.Format = string(configfile.Properties)
	if ref.Kind == model.PlaceEnvironment && strings.Contains(text, "$(") {
		s.unreadable("%s is put together of other variables", variableProperties)
		return
	}
	s.useText(ref, api.OriginEnvironment, text)
}

// useHeap reads FLINK_JM_HEAP as the setting that it stands for.
func (s *standalone) useHeap(ref model.PlaceRef, text string) {
	text = strings.TrimSpace(text)
	if text == "" || s.since(2, 0) {
		return
	}
	place := model.SettingPlace{PlaceRef: ref, Origin: api.OriginEnvironment, Value: withUnit(text)}
	if _, err := model.ParseMemory(place.Value); err != nil {
		s.unreadable("%s is %q, which is no size such as 1024 (MiB) or 1g", variableHeap, cleanText(text, 64))
		return
	}
	s.out.Places[keyLegacyHeap] = append([]model.SettingPlace{place}, s.out.Places[keyLegacyHeap]...)
}

// withUnit writes a size of FLINK_JM_HEAP with its unit.
func withUnit(text string) string {
	if strings.Trim(text, "0123456789") == "" {
		return text + "m"
	}
	return text
}
