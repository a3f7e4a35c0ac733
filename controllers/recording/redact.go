package recording

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// redactor replaces names by stand-ins, the same for the same name. It learns names from the fields that hold them, in all
// entries, and then replaces them wherever they occur, in texts and paths as well.
type redactor struct {
	stand map[string]string // name → stand-in
	count map[string]int    // kind → how many
	order *strings.Replacer // made by the first apply
}

func newRedactor() *redactor {
	return &redactor{stand: map[string]string{}, count: map[string]int{}}
}

var (
	taskManagerPath = regexp.MustCompile(`^/taskmanagers/([^/]+)`)
	address         = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	location        = regexp.MustCompile(`\b([a-z][a-z0-9+.-]*):(/{1,3})([^\s"'<>,;)\]]+)`)
	// class matches a qualified Java class name, nested and generated ones too.
	class = regexp.MustCompile(`\b(?:[a-zA-Z_][\w-]*\.)+[A-Z][\w$]*`)
)

// knownPackages begin class names that say nothing about whose job it is.
var knownPackages = []string{
	"java.", "javax.", "jdk.", "sun.", "com.sun.", "org.apache.", "org.jboss.", "org.rocksdb.", "org.slf4j.", "org.objenesis.",
	"scala.", "kotlin.", "akka.", "io.netty.", "io.debezium.", "io.confluent.", "com.ververica.", "com.esotericsoftware.", "com.google.",
	"com.amazonaws.", "software.amazon.", "com.azure.", "com.microsoft.azure.", "com.aliyun.", "com.facebook.presto.", "com.mysql.", "com.zaxxer.",
	"com.fasterxml.", "org.postgresql.", "org.mongodb.", "com.mongodb.", "org.elasticsearch.", "org.opensearch.", "redis.clients.", "okhttp3.", "oracle.",
	"com.starrocks.", "com.clickhouse.", "ru.yandex.clickhouse.", "com.github.shyiko.", "org.xerial.", "net.jpountz.", "Status.", "Shuffle.",
}

// plainValue matches configuration values that name nothing: numbers, sizes, durations, switches.
var plainValue = regexp.MustCompile(`(?i)^(|true|false|-?\d+(\.\d+)?\s*[a-z]{0,12}|[a-z_-]{1,30}|\*{6})$`)

// namingKeys are keys of answers whose text values are names, with the kind of the stand-in.
var namingKeys = map[string]string{
	"host": "host", "endpoint": "endpoint", "location": "endpoint", "taskmanager-id": "taskmanager", "taskManagerId": "taskmanager",
}

// learn takes names from an entry.
func (r *redactor) learn(e Entry) {
	if m := taskManagerPath.FindStringSubmatch(e.Path); m != nil && m[1] != "metrics" {
		r.name("taskmanager", m[1])
	}
	tree, ok := decodeTree(e.Body)
	if !ok || isMetrics(e.Path) || strings.HasSuffix(e.Path, "/thread-dump") {
		return
	}
	r.learnTree(e.Path, tree)
}

func (r *redactor) learnTree(path string, tree any) {
	switch t := tree.(type) {
	case []any:
		for _, item := range t {
			r.learnTree(path, item)
		}
	case map[string]any:
		r.learnObject(path, t)
		for _, key := range slices.Sorted(maps.Keys(t)) {
			r.learnTree(path, t[key])
		}
	}
}

func (r *redactor) learnObject(path string, t map[string]any) {
	for key, kind := range namingKeys {
		if s, ok := t[key].(string); ok {
			r.endpoint(kind, s)
		}
	}
	name, _ := t["name"].(string)
	switch {
	case name != "" && t["jid"] != nil:
		r.name("job", name)
	case name != "" && t["parallelism"] != nil:
		r.operators(name)
	case strings.HasPrefix(path, "/taskmanagers") && t["dataPort"] != nil:
		if id, ok := t["id"].(string); ok {
			r.name("taskmanager", id)
		}
		if rpc, ok := t["path"].(string); ok {
			if u, err := url.Parse(rpc); err == nil {
				r.host(u.Hostname())
			}
		}
	}
}

// operators replaces the operators' names of a task and leaves the form: "Source: a -> b" stays a source and a chain.
func (r *redactor) operators(task string) {
	for part := range strings.FieldsFuncSeq(task, func(c rune) bool { return strings.ContainsRune(">,():[]{}", c) }) {
		part = strings.Trim(part, " -")
		switch part {
		case "", "Source", "Sink", "Writer", "Committer", "Global Committer":
			continue
		}
		r.name("operator", part)
	}
}

func (r *redactor) endpoint(kind, s string) {
	if host, _, err := net.SplitHostPort(s); err == nil && kind != "taskmanager" {
		r.host(host)
		return
	}
	if kind == "host" || kind == "endpoint" {
		r.host(s)
		return
	}
	r.name(kind, s)
}

func (r *redactor) host(host string) {
	switch host {
	case "", "localhost", "127.0.0.1", "0.0.0.0", "(unassigned)":
		return
	}
	r.name("host", host)
}

// name gives s a stand-in. Very short names would be replaced inside of other words, and stay.
func (r *redactor) name(kind, s string) string {
	if stand, known := r.stand[s]; known {
		return stand
	}
	if len(s) < 3 {
		return s
	}
	r.count[kind]++
	r.stand[s] = fmt.Sprintf("%s-%d", kind, r.count[kind])
	return r.stand[s]
}

// apply replaces names in an entry.
func (r *redactor) apply(e Entry) Entry {
	if r.order == nil {
		r.order = r.replacer()
	}
	e.Path, e.Query = r.order.Replace(e.Path), r.order.Replace(e.Query)
	if isMetrics(e.Path) {
		e.Body = []byte(r.order.Replace(string(e.Body)))
		return e
	}
	tree, ok := decodeTree(e.Body)
	if !ok {
		e.Body = []byte(r.text(string(e.Body)))
		return e
	}
	if strings.HasSuffix(e.Path, "/config") {
		hideValues(tree)
	}
	body, err := encodeTree(r.walk(tree))
	if err != nil {
		body = nil // what cannot be checked is not written
	}
	e.Body = body
	return e
}

// replacer prefers longer names, as one may be part of another.
func (r *redactor) replacer() *strings.Replacer {
	names := slices.SortedFunc(maps.Keys(r.stand), func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	pairs := make([]string, 0, 2*len(names))
	for _, name := range names {
		pairs = append(pairs, name, r.stand[name])
	}
	return strings.NewReplacer(pairs...)
}

func (r *redactor) walk(tree any) any {
	switch t := tree.(type) {
	case string:
		return r.text(t)
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

// text replaces names, then what looks like one: locations, addresses, classes.
func (r *redactor) text(s string) string {
	s = r.order.Replace(s)
	s = location.ReplaceAllStringFunc(s, func(found string) string {
		m := location.FindStringSubmatch(found)
		if strings.HasPrefix(m[1], "akka") || strings.HasPrefix(m[1], "pekko") {
			return found // an RPC address: its host is replaced by name
		}
		return m[1] + ":" + m[2] + r.name("location", m[3])
	})
	s = address.ReplaceAllStringFunc(s, func(found string) string {
		if found == "127.0.0.1" || found == "0.0.0.0" {
			return found
		}
		return r.name("host", found)
	})
	return class.ReplaceAllStringFunc(s, r.class)
}

// class keeps known classes. Of others a nested or generated part stays, for it tells a function from a lambda.
func (r *redactor) class(name string) string {
	for _, known := range knownPackages {
		if strings.HasPrefix(name, known) {
			return name
		}
	}
	outer, inner, nested := strings.Cut(name, "$")
	stand, known := r.stand[outer]
	if !known {
		r.count["class"]++
		stand = fmt.Sprintf("user.Class%d", r.count["class"])
		r.stand[outer] = stand
	}
	if nested && strings.HasPrefix(inner, "$Lambda") {
		return stand + "$" + inner
	}
	if nested {
		return stand + "$Nested"
	}
	return stand
}

// hideValues hides configuration values that may be names, but for the keys a diagnosis reads.
func hideValues(tree any) {
	list, ok := tree.([]any)
	if !ok {
		hideUserConfig(tree)
		return
	}
	for _, item := range list {
		entry, ok := item.(map[string]any)
		if !ok {
			continue
		}
		key, _ := entry["key"].(string)
		value, _ := entry["value"].(string)
		if !plainValue.MatchString(value) && !strings.HasPrefix(key, "execution.checkpointing.") && !strings.HasPrefix(key, "state.backend") {
			entry["value"] = "redacted"
		}
	}
}

// hideUserConfig empties the job's own parameters.
func hideUserConfig(tree any) {
	if job, ok := tree.(map[string]any); ok {
		if execution, ok := job["execution-config"].(map[string]any); ok {
			execution["user-config"] = map[string]any{}
		}
	}
}
