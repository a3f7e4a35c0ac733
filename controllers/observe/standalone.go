package observe

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/configfile"
	"checkpointhealth.dev/operator/controllers/model"
)

// maxUnreadable bounds what is listed as not readable.
const maxUnreadable = 16

// standalone reads how a Deployment or StatefulSet configures its JobManager: arguments, environment and the mounted configuration file.
// Secrets are not read; what cannot be read is named.
type standalone struct {
	ctx      context.Context
	reader   client.Reader
	workload *workload
	target   *model.Target
	out      *model.Standalone

	container  *corev1.Container
	configMaps map[string]*corev1.ConfigMap // nil entries could not be read
	failed     error
	// readOnly names the configuration file where it is mounted from a ConfigMap; the image cannot append to it then.
	readOnly string
	// version of Flink as the image's tag tells it; hasVersion is false where it tells none.
	major, minor int
	hasVersion   bool
}

func (s *standalone) read() error {
	spec := &s.workload.template.Spec
	container, does := jobManagerContainer(spec.Containers)
	if container == nil {
		s.target.NotPatchable = fmt.Sprintf("which of the %d containers runs the JobManager is not certain: none or several are started as one; "+
			"call it jobmanager, or apply the recommendation by hand", len(spec.Containers))
		return nil
	}
	s.container, s.configMaps = container, map[string]*corev1.ConfigMap{}
	s.out.Container = container.Name
	s.target.SessionCluster = does == runsSession
	s.major, s.minor, s.hasVersion = imageVersion(container.Image)
	s.readResources()
	s.readFile(spec)
	s.readEnvironment()
	s.readArguments()
	s.merge()
	s.describeConfigMaps()
	s.readOwners()
	s.readHalfway()
	return s.failed
}

// imageTag finds major.minor in an image's tag: flink:1.20.5-scala_2.12-java17, registry/team/flink:2.0.
var imageTag = regexp.MustCompile(`:v?(\d+)\.(\d+)(?:[.\-_][^/]*)?$`)

func imageVersion(image string) (major, minor int, ok bool) {
	image, _, _ = strings.Cut(image, "@")
	match := imageTag.FindStringSubmatch(image)
	if match == nil {
		return 0, 0, false
	}
	major, errMajor := strconv.Atoi(match[1])
	minor, errMinor := strconv.Atoi(match[2])
	return major, minor, errMajor == nil && errMinor == nil
}

// before tells that the image's tag names a version before major.minor, and since that it names that version or a later one.
func (s *standalone) before(major, minor int) bool {
	return s.hasVersion && (s.major < major || s.major == major && s.minor < minor)
}

func (s *standalone) since(major, minor int) bool {
	return s.hasVersion && !s.before(major, minor)
}

// readResources reads the container's requests and limits as they are written.
func (s *standalone) readResources() {
	written := map[string]string{}
	for list, resources := range map[string]corev1.ResourceList{"limits": s.container.Resources.Limits, "requests": s.container.Resources.Requests} {
		for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
			if amount, ok := resources[name]; ok {
				written["jobManager.resources."+list+"."+string(name)] = amount.String()
			}
		}
	}
	s.target.JobManagerResources = written
	if cpu, ok := s.container.Resources.Limits[corev1.ResourceCPU]; ok {
		s.target.JobManagerCPU = model.Measured(cpu.AsApproximateFloat64())
	}
}

// unreadable names what cannot be read and may hold any key.
func (s *standalone) unreadable(format string, args ...any) {
	if len(s.out.Unreadable) < maxUnreadable {
		s.out.Unreadable = append(s.out.Unreadable, cleanText(fmt.Sprintf(format, args...), maxMessage))
	}
}

// ignored names what Flink never sees: it may hold any key and overrides none.
func (s *standalone) ignored(format string, args ...any) {
	s.out.Ignored = append(s.out.Ignored, cleanText(fmt.Sprintf(format, args...), maxMessage))
}

// configMap reads a ConfigMap once; nil where it cannot be read, which is named.
func (s *standalone) configMap(name string) *corev1.ConfigMap {
	if known, asked := s.configMaps[name]; asked {
		return known
	}
	var object corev1.ConfigMap
	err := s.reader.Get(s.ctx, client.ObjectKey{Namespace: s.target.Namespace, Name: name}, &object)
	switch {
	case apierrors.IsNotFound(err):
		s.unreadable("ConfigMap/%s does not exist: create it, or take it out of the pod template", name)
	case apierrors.IsForbidden(err):
		s.unreadable("ConfigMap/%s may not be read by the operator: allow it to get ConfigMaps in namespace %s", name, s.target.Namespace)
	case err != nil:
		s.failed = cmp.Or(s.failed, error(&TargetError{Err: err, Message: fmt.Sprintf("ConfigMap %s could not be read: %s", name, cleanText(err.Error(), 200))}))
	default:
		s.configMaps[name] = &object
		return &object
	}
	s.configMaps[name] = nil
	return nil
}

func (s *standalone) keysOf(name string) []string {
	object := s.configMap(name)
	if object == nil {
		return nil
	}
	return slices.Collect(maps.Keys(object.Data))
}

// readFile reads the configuration file. Where both forms are there, Flink 1.19 and 1.20 read the old one and Flink 2 the new one.
func (s *standalone) readFile(spec *corev1.PodSpec) {
	standard, hasStandard := configFile(spec, s.container, standardFile, s.keysOf)
	lines, hasLines := configFile(spec, s.container, linesFile, s.keysOf)
	if standard.unread != "" && standard.unread == lines.unread {
		s.unreadable("the configuration directory %s is %s", confDir(s.container), standard.unread)
		return
	}
	if hasLines, hasStandard = s.readByVersion(&lines, &standard, hasLines, hasStandard); hasLines {
		s.useFile(&lines, configfile.Lines)
	} else if hasStandard {
		s.useFile(&standard, configfile.Standard)
	}
}

// readByVersion tells which of the two forms Flink reads.
func (s *standalone) readByVersion(lines, standard *mounted, hasLines, hasStandard bool) (useLines, useStandard bool) {
	switch {
	case hasLines && s.since(2, 0):
		s.ignored("%s of ConfigMap/%s is not read by Flink 2: put its keys into %s", linesFile, lines.configMap, standardFile)
		hasLines = false
	case hasStandard && s.before(1, 19):
		s.ignored("%s of ConfigMap/%s is not read before Flink 1.19: put its keys into %s", standardFile, standard.configMap, linesFile)
		hasStandard = false
	case hasStandard && hasLines && !s.hasVersion:
		s.unreadable("both %s and %s are mounted, and the image's tag does not tell which of them its Flink reads: remove one", standardFile, linesFile)
		return false, false
	}
	return hasLines, hasStandard
}

func (s *standalone) useFile(file *mounted, format configfile.Format) {
	if file.unread != "" {
		s.unreadable("%s is %s", file.file, file.unread)
		return
	}
	s.readOnly = file.file
	ref := model.PlaceRef{Kind: model.PlaceConfigMap, Name: file.configMap, Key: file.key, Format: string(format)}
	if text, ok := s.textOf(ref, file.file); ok {
		s.useText(ref, api.OriginConfigMap, text)
	}
}

// textOf is a ConfigMap's text. A key that is not there makes the pod fail, binary data is no configuration.
func (s *standalone) textOf(ref model.PlaceRef, what string) (string, bool) {
	object := s.configMap(ref.Name)
	if object == nil {
		return "", false
	}
	text, ok := object.Data[ref.Key]
	if !ok {
		s.unreadable("%s should be key %s of ConfigMap/%s, which has no such text", what, ref.Key, ref.Name)
	}
	return text, ok
}

// useText takes a text apart and adds its keys; a key can be added to it where nothing says otherwise.
func (s *standalone) useText(ref model.PlaceRef, origin api.SettingOrigin, text string) {
	place := model.SettingPlace{PlaceRef: ref, Origin: origin}
	file, err := configfile.Parse(configfile.Format(ref.Format), text)
	if err != nil {
		s.out.Broken = cleanText(fmt.Sprintf("%s: %s; right is one value a key, such as execution.checkpointing.timeout: 10 min", ref, err), maxMessage)
		return
	}
	if s.out.New == nil {
		added := place
		s.out.New = &added
	}
	for _, key := range slices.Compact(slices.Sorted(slices.Values(file.Keys()))) {
		if !KeptKey(key) || len(s.out.Places) >= maxConfigKeys {
			continue
		}
		entries := file.Find(key)
		last := &entries[len(entries)-1]
		set := place
		set.Value, set.Line = withoutUser(cleanText(last.Value, maxValue)), last.Line
		set.Hidden = origin == api.OriginEnvironment && strings.Contains(last.Value, "$")
		if set.Hidden {
			set.Fixed = "its value is put together of variables"
		}
		if err := file.Duplicate(key); err != nil {
			set.Twice = cleanText(fmt.Sprintf("%s: %s", ref, err), maxMessage)
		}
		s.out.Places[key] = append([]model.SettingPlace{set}, s.out.Places[key]...)
	}
}

// readArguments reads the -D of the command line. Of several with one key the last wins.
func (s *standalone) readArguments() {
	all, script := s.arguments()
	if script {
		s.unreadable("the container starts a shell script, and what that passes to Flink is not known: no -D in it is believed; " +
			"put them into args, or the settings into the configuration file")
	}
	for i := range all {
		a := &all[i]
		if s.out.New == nil && !script {
			s.out.New = &model.SettingPlace{PlaceRef: model.PlaceRef{Kind: model.PlaceArguments, Key: a.list}, Origin: api.OriginArguments}
		}
		if !KeptKey(a.key) {
			continue
		}
		place := model.SettingPlace{
			PlaceRef: model.PlaceRef{Kind: model.PlaceArguments, Key: a.list}, Origin: api.OriginArguments,
			Value: withoutUser(cleanText(a.value, maxValue)), Hidden: a.hidden, Fixed: a.fixed,
		}
		if script {
			place.Origin = api.OriginUnknown
		}
		if i > 0 && slices.ContainsFunc(all[:i], func(b argument) bool { return b.key == a.key }) {
			place.Twice = fmt.Sprintf("%s: -D%s is there twice: keep one of the two", place.PlaceRef, a.key)
		}
		s.out.Places[a.key] = append([]model.SettingPlace{place}, s.out.Places[a.key]...)
	}
}

// merge makes the configuration: the strongest value of each key. A hidden one is none: what it is cannot be said.
func (s *standalone) merge() {
	for key, places := range s.out.Places {
		if !places[0].Hidden {
			s.target.Config[key] = places[0].Value
		}
	}
	s.target.OverlappingKeys = overlapping(s.target.Config)
	s.target.HighAvailability = highlyAvailable(s.target.Config)
}
