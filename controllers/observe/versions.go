package observe

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// jarName takes name and version out of a jar's file name: flink-sql-connector-mysql-cdc-3.2.1.jar, iceberg-flink-runtime-1.20-1.10.1.jar,
// flink-dist_2.12-1.14.6.jar.
var jarName = regexp.MustCompile(`^(.+?)-(\d+\.\d+.*)\.jar$`)

// readLibraries reads the class path of the JobManager once a run: nothing but a restart changes it.
func (p *pass) readLibraries() {
	const signal = "class path of the JobManager"
	facts := &p.memory.facts
	if facts.noClassPath != "" {
		p.gapText(model.GapClassPath, signal, facts.noClassPath)
		return
	}
	if facts.libraries == nil {
		jars, err := p.client.JobManagerJars(p.ctx)
		if err != nil {
			p.gap(model.GapClassPath, signal, err)
			if errors.Is(err, flink.ErrNotFound) { // a version that does not know the question
				facts.noClassPath = err.Error()
			}
			return
		}
		facts.libraries = librariesOf(jars)
	}
	p.snapshot.Libraries = facts.libraries
}

// librariesOf are the jars with a version in their name; never nil.
func librariesOf(jars []string) []model.Library {
	libraries := []model.Library{}
	for _, jar := range jars {
		if m := jarName.FindStringSubmatch(cleanText(jar, maxName)); m != nil {
			libraries = append(libraries, model.Library{Name: m[1], Version: m[2]})
		}
	}
	return libraries
}

// keepVersions remembers what logs say of the TaskManagers' versions, and what TaskManagers answered that do not understand the JobManager: neither is
// asked for in every pass.
func (p *pass) keepVersions() {
	known, strangers := map[string]string{}, map[string]string{}
	for i := range p.snapshot.TaskManagers {
		t := &p.snapshot.TaskManagers[i]
		if t.Version == "" {
			t.Version = p.memory.versions[t.ID]
		}
		if t.Version != "" {
			known[t.ID] = t.Version
		}
		if t.Mismatch = p.memory.mismatches[t.ID]; t.Mismatch != "" {
			strangers[t.ID] = t.Mismatch
		}
	}
	p.memory.versions, p.memory.mismatches = known, strangers
}

// ownClass is a class or method of Flink's own that one side of a call does not know, or knows otherwise. Those of connectors, formats, state backends
// and the Scala API come in jars of their own, which may be missing on one side alone.
var ownClass = regexp.MustCompile(`(?:NoSuchMethodException: org\.apache\.flink\.runtime\.|InvalidClassException: org\.apache\.flink\.` +
	`|(?:ClassNotFoundException|NoClassDefFoundError): org[./]apache[./]flink[./](?:api[./](?:common|connector)|configuration|core|runtime|shaded|streaming[./](?:api|runtime)|types|util)[./])`)

// noteMismatch keeps what a TaskManager's answer says of versions that do not understand one another: the JobManager passes the question on by a
// call that another version does not know (asked for its log, one of 1.18 answers a JobManager of 1.20 NoSuchMethodException; measured).
func (p *pass) noteMismatch(id string, err error) {
	var answer *flink.StatusError
	if id == model.JobManagerProcess || !errors.As(err, &answer) || !ownClass.MatchString(answer.Cause) {
		return
	}
	if p.memory.mismatches == nil {
		p.memory.mismatches = map[string]string{}
	}
	p.memory.mismatches[id] = cleanText(answer.Cause, maxName)
}

// flinkImages are the repositories whose tags are Flink's versions, whatever registry they come from.
var flinkImages = []string{"flink", "library/flink", "apache/flink"}

// fullVersion finds a version of three parts at the beginning of a tag: 1.20.5-scala_2.12-java17.
var fullVersion = regexp.MustCompile(`^\d+\.\d+\.\d+`)

// taggedVersion is the Flink version that an image's tag names; empty where the tag is another, is not whole (1.20, latest) or is the user's own.
func taggedVersion(image string) string {
	repository, tag := splitImage(image)
	if registry, rest, ok := strings.Cut(repository, "/"); ok && strings.ContainsAny(registry, ".:") {
		repository = rest
	}
	if !slices.Contains(flinkImages, repository) {
		return ""
	}
	return fullVersion.FindString(tag)
}

// minorOf is a version without its patch release: 1.20 of 1.20.5.
func minorOf(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(len(parts), 2)], ".")
}

// splitImage takes an image reference apart; a digest behind the tag is left out.
func splitImage(image string) (repository, tag string) {
	image, _, _ = strings.Cut(image, "@")
	if colon := strings.LastIndexByte(image, ':'); colon > strings.LastIndexByte(image, '/') {
		return image[:colon], image[colon+1:]
	}
	return image, ""
}

// digestOf takes the digest out of a container's imageID: docker-pullable://flink@sha256:…, or the digest alone. An id of a node's own image
// store (docker://sha256:…) says nothing to another node.
func digestOf(imageID string) string {
	_, digest, ok := strings.Cut(imageID, "@")
	if !ok || !strings.HasPrefix(digest, "sha256:") {
		return ""
	}
	return cleanText(digest, maxName)
}
