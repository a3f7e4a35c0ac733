package recording

import (
	"fmt"
	"maps"
	"net"
	"net/http"
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
	// logs keeps of a log what may be shown; nil keeps nothing.
	logs func([]byte) []byte
}

func newRedactor(logs func([]byte) []byte) *redactor { return &redactor{names: newNames(), logs: logs} }

// logPath matches what answers with a log, or with what a process printed, as text.
var logPath = regexp.MustCompile(`^/(?:jobmanager|taskmanagers/[^/]+)/(?:log|stdout|logs/([^/]+))$`)

// keepLog takes out of a log what is no evidence: names that no field declares stand everywhere in it.
func (r *redactor) keepLog(e *Entry) {
	if e.Status != http.StatusOK || !logPath.MatchString(e.Path) {
		return
	}
	var kept []byte
	if r.logs != nil {
		kept = r.logs(e.Body)
	}
	if len(kept) == 0 {
		kept = []byte(nothingTold)
	}
	e.Body = kept
}

// nothingTold stands where a log has no line that is kept.
const nothingTold = "no line of this log was kept\n"

var taskManagerPath = regexp.MustCompile(`^/taskmanagers/([^/]+)`)

// plainValue matches configuration values that name nothing: numbers, sizes, durations, switches.
var plainValue = regexp.MustCompile(`(?i)^(|true|false|-?\d+(\.\d+)?\s*[a-z]{0,12}|\*{6})$`)

// namingKeys are keys of answers whose text values are names of hosts or processes.
var namingKeys = []string{"host", "endpoint", "location", "taskmanager-id", "taskManagerId"}

func isThreadDump(path string) bool { return strings.HasSuffix(path, "/thread-dump") }

// learn takes names from an entry.
func (r *redactor) learn(e Entry) {
	if m := logPath.FindStringSubmatch(e.Path); len(m) > 1 && m[1] != "" {
		r.learnLogFile(m[1])
	}
	if m := taskManagerPath.FindStringSubmatch(e.Path); len(m) > 1 && m[1] != "metrics" {
		r.names.give("taskmanager", m[1])
	}
	if isMetrics(e.Path) || isThreadDump(e.Path) || logPath.MatchString(e.Path) {
		return
	}
	if tree, ok := decodeTree(e.Body); ok {
		if strings.HasSuffix(e.Path, "/config") {
			r.learnConfig(tree)
		}
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
	case name != "" && t["size"] != nil: // a file
		r.learnLogFile(name)
	case t["dataPort"] != nil: // a TaskManager
		r.learnTaskManager(t)
	}
}

func (r *redactor) learnTaskManager(t map[string]any) {
	if id, ok := t["id"].(string); ok {
		r.names.give("taskmanager", id)
	}
	if rpc, ok := t["path"].(string); ok {
		if u, err := url.Parse(rpc); err == nil {
			r.learnHost(u.Hostname())
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

// processLog takes the name of a file in which a process logs apart (bin/flink-console.sh): user, kind, number, host, and what may follow.
var processLog = regexp.MustCompile(`^flink-.*-\d+-(.+?)(\.(?:log|out|gc)[\w.-]*)$`)

// learnLogFile gives a log file a stand-in with the same ending, which tells the current one from rotated ones; its name names the host.
func (r *redactor) learnLogFile(name string) {
	if m := processLog.FindStringSubmatch(name); m != nil {
		r.learnHost(m[1])
	}
	ending := ""
	if i := strings.LastIndex(name, ".log"); i > 0 {
		ending = name[i:]
	} else if i := strings.LastIndexByte(name, '.'); i > 0 {
		ending = name[i:]
	}
	if _, known := r.names.stand[name]; !known {
		r.names.count["log"]++
		r.names.set(name, fmt.Sprintf("log-%d%s", r.names.count["log"], ending))
	}
}

// oneName matches values that may name something: one word that is not all capitals, as constants are.
var oneName = regexp.MustCompile(`^\w[\w.-]*[a-z\d][\w.-]*$`)

// learnConfig takes names from the values that hideConfig hides: what they name stands in logs and messages as well.
func (r *redactor) learnConfig(tree any) {
	for _, pair := range configPairs(tree) {
		key, value := pair.key, pair.value
		if !hidden(key, value) || !oneName.MatchString(value) || isKnownClass(value) {
			continue
		}
		if strings.Contains(key, "address") || strings.Contains(key, "host") {
			r.learnHost(value)
			continue
		}
		r.names.give("value", value)
	}
}

// apply replaces names in an entry.
func (r *redactor) apply(e Entry) Entry {
	path := e.Path
	r.keepLog(&e)
	e.Path, e.Query = r.names.replace(e.Path), r.names.replace(e.Query)
	if path == environmentPath {
		e.Body = keepClassPath(e.Body, knownJar)
		return e
	}
	tree, ok := decodeTree(e.Body)
	if !ok || logPath.MatchString(path) {
		e.Body = []byte(r.names.text(string(e.Body)))
		return e
	}
	switch {
	case isMetrics(e.Path):
		tree = r.walkValues(tree)
	case strings.HasSuffix(e.Path, "/config"):
		r.hideConfig(tree)
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
		if _, planned := t["operator_strategy"]; planned {
			r.hideDescription(t)
		}
		for key, value := range t {
			t[key] = r.walk(value)
		}
	}
	return tree
}

// hideDescription empties what a node of the plan says of itself: operators, tables and columns in words of the user's own.
func (r *redactor) hideDescription(node map[string]any) {
	if text, ok := node["description"].(string); ok && r.names.stand[text] == "" {
		node["description"] = "redacted"
	}
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
func (r *redactor) hideConfig(tree any) {
	if job, ok := tree.(map[string]any); ok {
		if execution, ok := job["execution-config"].(map[string]any); ok {
			execution["user-config"] = map[string]any{}
		}
	}
	for _, pair := range configPairs(tree) {
		switch {
		case hidden(pair.key, pair.value):
			pair.entry["value"] = "redacted"
		case strings.HasPrefix(pair.value, "/"):
			pair.entry["value"] = "/" + r.names.standIn("location", pair.value)
		}
	}
}

// hidden tells whether a configuration value may name something and is none that a diagnosis reads.
func hidden(key, value string) bool {
	return !plainValue.MatchString(value) && !strings.HasPrefix(key, "execution.") && !strings.HasPrefix(key, "state.") &&
		!strings.HasPrefix(key, "env.java.opts")
}

// configPair is an entry of [{"key": …, "value": …}, …].
type configPair struct {
	entry      map[string]any
	key, value string
}

// configPairs are the entries of a cluster's configuration; none where the tree is something else.
func configPairs(tree any) []configPair {
	list, ok := tree.([]any)
	if !ok {
		return nil
	}
	var pairs []configPair
	for _, item := range list {
		if entry, ok := item.(map[string]any); ok {
			key, _ := entry["key"].(string)
			value, _ := entry["value"].(string)
			pairs = append(pairs, configPair{entry: entry, key: key, value: value})
		}
	}
	return pairs
}
