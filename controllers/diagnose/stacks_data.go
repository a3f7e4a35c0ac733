package diagnose

import (
	_ "embed"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"
)

//go:embed stacks.yaml
var stacksYAML []byte

// kind is what a class belongs to.
type kind string

// The kinds of stacks.yaml, and unknownKind for a class that is in none: the user's own, unless a file system calls it.
const (
	unknownKind    kind = ""
	jdkKind        kind = "jdk"
	flinkKind      kind = "flink"
	languageKind   kind = "language"
	filesystemKind kind = "filesystem"
	backendKind    kind = "backend"
	connectorKind  kind = "connector"
	sqlKind        kind = "sql"
	userKind       kind = "user"
)

// place is the part of a task's or the JobManager's work that a thread is in.
type place string

// The places of stacks.yaml; nowhere where no frame tells, mailbox for a task that waits for something to do.
const (
	nowhere       place = ""
	mailbox       place = "mailbox"
	beforeBarrier place = "before barrier"
	inSnapshot    place = "snapshot"
	inCommit      place = "commit"
	inAbort       place = "abort"
	inBuffers     place = "buffers"
	inSource      place = "source"
	inElement     place = "element"
	inTimer       place = "timer"
	inRestore     place = "restore"
	inUpload      place = "upload"
	inDelete      place = "delete"
	inMetadata    place = "metadata"
	inStore       place = "store"
	inTrigger     place = "trigger"
	inAcknowledge place = "acknowledge"
	inCoordinator place = "coordinator"
)

// library is what a class prefix belongs to.
type library struct {
	Prefix string `json:"prefix"`
	Name   string `json:"name"`
	Kind   kind   `json:"kind"`
}

// stackData is stacks.yaml, indexed.
type stackData struct {
	libraries map[string]library
	methods   map[string]place // Class.method
	anyClass  map[string]place // method of any class
}

// parseStackData reads stacks.yaml.
func parseStackData(data []byte) (*stackData, error) {
	var file struct {
		Libraries []library `json:"libraries"`
		Places    []struct {
			Place   place    `json:"place"`
			Methods []string `json:"methods"`
		} `json:"places"`
	}
	if err := yaml.UnmarshalStrict(data, &file); err != nil {
		return nil, fmt.Errorf("stacks.yaml: %w", err)
	}
	d := &stackData{libraries: map[string]library{}, methods: map[string]place{}, anyClass: map[string]place{}}
	for _, l := range file.Libraries {
		if _, twice := d.libraries[l.Prefix]; twice || l.Prefix == "" || l.Kind == "" {
			return nil, fmt.Errorf("stacks.yaml: library %q must have a kind and be there once", l.Prefix)
		}
		d.libraries[l.Prefix] = l
	}
	for _, p := range file.Places {
		for _, m := range p.Methods {
			if method, ok := strings.CutPrefix(m, "."); ok {
				d.anyClass[method] = p.Place
			} else {
				d.methods[m] = p.Place
			}
		}
	}
	return d, nil
}

// library finds what a frame's class belongs to: the longest prefix that fits. A class without a package is code that Flink SQL generated.
func (d *stackData) library(frame string) library {
	end := strings.LastIndexByte(frame, '.')
	if end < 0 {
		return library{Kind: flinkKind}
	}
	class := frame[:end]
	if strings.IndexByte(class, '.') < 0 {
		return library{Name: "Flink SQL", Kind: sqlKind}
	}
	for end = len(class); end > 0; end = strings.LastIndexByte(class[:end], '.') {
		if l, ok := d.libraries[class[:end]]; ok {
			return l
		}
	}
	return library{}
}

// place finds what a frame of Flink stands for.
func (d *stackData) place(frame string) place {
	dot := strings.LastIndexByte(frame, '.')
	if dot < 0 {
		return nowhere
	}
	class, method := frame[:dot], written(frame[dot+1:])
	class = class[strings.LastIndexByte(class, '.')+1:]
	if p, ok := d.methods[class+"."+method]; ok {
		return p
	}
	return d.anyClass[method]
}

// written is the method that a lambda is written in: lambda$performCheckpoint$18 is in performCheckpoint.
func written(method string) string {
	inner, ok := strings.CutPrefix(method, "lambda$")
	if !ok {
		return method
	}
	inner, _, _ = strings.Cut(inner, "$")
	return inner
}
