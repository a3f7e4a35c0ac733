package recording

import (
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// redactor replaces names by stand-ins, the same for the same name. It learns names from the fields that hold them, in all
// entries, and then replaces them wherever they occur, in texts and paths as well. What no field declares (a topic in the name of
// a thread that a library named) it cannot know: look through an archive before it leaves the house.
type redactor struct {
	names names
}

func newRedactor() *redactor { return &redactor{names: newNames()} }

var taskManagerPath = regexp.MustCompile(`^/taskmanagers/([^/]+)`)

// plainValue matches configuration values that name nothing: numbers, sizes, durations, switches.
var plainValue = regexp.MustCompile(`(?i)^(|true|false|-?\d+(\.\d+)?\s*[a-z]{0,12}|\*{6})$`)

// namingKeys are keys of answers whose text values are names of hosts or processes.
var namingKeys = []string{"host", "endpoint", "location", "taskmanager-id", "taskManagerId"}

func isThreadDump(path string) bool { return strings.HasSuffix(path, "/thread-dump") }

// learn takes names from an entry.
func (r *redactor) learn(e Entry) {
	if m := taskManagerPath.FindStringSubmatch(e.Path); len(m) > 1 && m[1] != "metrics" {
		r.names.give("taskmanager", m[1])
	}
	if isMetrics(e.Path) || isThreadDump(e.Path) {
		return
	}
	if tree, ok := decodeTree(e.Body); ok {
		r.learnTree(tree)
	}
}

func (r *redactor) learnTree(tree any) {
	switch t := tree.(type) {
	case []any:
		for _, item := range t {
			r.learnTree(item)
		}
	case map[string]any:
		r.learnObject(t)
		for _, key := range slices.Sorted(maps.Keys(t)) {
			r.learnTree(t[key])
		}
	}
}

func (r *redactor) learnObject(t map[string]any) {
	for _, key := range namingKeys {
		if s, ok := t[key].(string); ok {
			r.learnPlace(key, s)
		}
	}
	name, _ := t["name"].(string)
	switch {
	case name != "" && t["jid"] != nil:
		r.names.give("job", name)
	case name != "" && t["parallelism"] != nil:
		r.learnTask(name)
	case t["dataPort"] != nil: // a TaskManager
		if id, ok := t["id"].(string); ok {
			r.names.give("taskmanager", id)
		}
		if rpc, ok := t["path"].(string); ok {
			if u, err := url.Parse(rpc); err == nil {
				r.learnHost(u.Hostname())
			}
		}
	}
}

// operator matches the names between the marks of a chain: "Source: a -> (b, Sink: Writer)".
var operator = regexp.MustCompile(`[^>,():\[\]{}]+`)

// learnTask gives the operators of a task stand-ins and leaves the form: "Source: a -> b" stays a source and a chain.
func (r *redactor) learnTask(task string) {
	stand := operator.ReplaceAllStringFunc(task, func(part string) string {
		name := strings.Trim(part, " -")
		switch name {
		case "", "Source", "Sink", "Writer", "Committer", "Global Committer":
			return part
		}
		return strings.Replace(part, name, r.names.give("operator", name), 1)
	})
	r.names.set(task, stand)
}

func (r *redactor) learnPlace(key, s string) {
	if key == "taskmanager-id" || key == "taskManagerId" {
		if s != "(unassigned)" {
			r.names.give("taskmanager", s)
		}
		return
	}
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	r.learnHost(s)
}

func (r *redactor) learnHost(host string) {
	switch host {
	case "", "localhost", "127.0.0.1", "0.0.0.0", "(unassigned)":
		return
	}
	r.names.give("host", host)
}

// apply replaces names in an entry.
func (r *redactor) apply(e Entry) Entry {
	e.Path, e.Query = r.names.replace(e.Path), r.names.replace(e.Query)
	tree, ok := decodeTree(e.Body)
	if !ok {
		e.Body = []byte(r.names.text(string(e.Body)))
		return e
	}
	switch {
	case isMetrics(e.Path):
		tree = r.walkValues(tree)
	case strings.HasSuffix(e.Path, "/config"):
		hideConfig(tree)
		tree = r.walk(tree)
	default:
		tree = r.walk(tree)
	}
	body, err := encodeTree(tree)
	if err != nil {
		body = nil // what cannot be checked is not written
	}
	e.Body = body
	return e
}

func (r *redactor) walk(tree any) any {
	switch t := tree.(type) {
	case string:
		return r.names.text(t)
	case []any:
		for i := range t {
			t[i] = r.walk(t[i])
		}
	case map[string]any:
		for key, value := range t {
			t[key] = r.walk(value)
		}
	}
	return tree
}

// walkValues replaces in the values of metrics; their ids stay.
func (r *redactor) walkValues(tree any) any {
	list, ok := tree.([]any)
	if !ok {
		return r.walk(tree)
	}
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			if s, ok := m["value"].(string); ok {
				m["value"] = r.names.text(s)
			}
		}
	}
	return tree
}

// hideConfig hides configuration values that may be names, but for the keys a diagnosis reads, and empties the job's own
// parameters.
func hideConfig(tree any) {
	if job, ok := tree.(map[string]any); ok {
		if execution, ok := job["execution-config"].(map[string]any); ok {
			execution["user-config"] = map[string]any{}
		}
	}
	list, ok := tree.([]any)
	if !ok {
		return
	}
	for _, item := range list {
		entry, ok := item.(map[string]any)
		if !ok {
			continue
		}
		key, _ := entry["key"].(string)
		value, _ := entry["value"].(string)
		if !plainValue.MatchString(value) && !strings.HasPrefix(key, "execution.") && !strings.HasPrefix(key, "state.") &&
			!strings.HasPrefix(key, "env.java.opts") {
			entry["value"] = "redacted"
		}
	}
}
