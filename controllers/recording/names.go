package recording

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// names holds what stands for what, and replaces.
type names struct {
	stand   map[string]string // name → stand-in
	count   map[string]int    // kind → how many
	sources map[string]string // simple name of a class → its stand-in: stack frames name source files
	any     *regexp.Regexp    // all names, longest first; nil after a change
	lines   map[string]string // what text made of a line: thread dumps repeat themselves
}

// maxLines bounds the lines remembered.
const maxLines = 100_000

func newNames() names {
	return names{stand: map[string]string{}, count: map[string]int{}, sources: map[string]string{}, lines: map[string]string{}}
}

var (
	address  = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	location = regexp.MustCompile(`\b([a-z][a-z0-9+.-]*):(/{1,3})([^\s"'<>,;)\]]+)`)
	// class matches a qualified Java class name, nested and generated ones too.
	class = regexp.MustCompile(`\b(?:[a-zA-Z_][\w-]*\.)+[A-Z][\w$]*`)
	// source matches the place in a stack frame.
	source = regexp.MustCompile(`\((\w+)\.(java|scala|kt|groovy)(:\d+)?\)`)
	// plainWord matches names that are words of Flink's own texts too, such as "state", "map" or "checkpoint".
	plainWord = regexp.MustCompile(`^[A-Za-z]?[a-z]{1,14}$`)
	// instance follows the name of a task in names of threads and in messages: "state (1/2)#0", "job (0ee9…)".
	instance = regexp.MustCompile(`^['"]? \((\d+/\d+|[0-9a-f]{32})\)`)
	// link stands between the names of a chain, as it is or as HTML.
	link = regexp.MustCompile(`^(?: -> | -&gt; |<br/?>)`)
	// linked ends what stands before a name in a chain; "+- " and ":- " begin a branch of a description.
	linked = regexp.MustCompile(`(?: -> | -&gt; |<br/?>|[+:]- |Source: |Sink: )$`)
	// file matches paths of two parts and more, by themselves.
	file = regexp.MustCompile(`(^|[\s=,;'"(\[])(/[\w.@%+~-]+(?:/[\w.@%+~-]+)+)`)
)

// knownPackages begin class names that say nothing about whose job it is.
var knownPackages = []string{
	"java.", "javax.", "jdk.", "sun.", "com.sun.", "org.apache.", "org.jboss.", "org.rocksdb.", "org.slf4j.", "org.objenesis.",
	"scala.", "kotlin.", "akka.", "io.netty.", "io.debezium.", "io.confluent.", "com.ververica.", "com.esotericsoftware.", "com.google.",
	"com.amazonaws.", "software.amazon.", "com.azure.", "com.microsoft.azure.", "com.aliyun.", "com.facebook.presto.", "com.mysql.",
	"com.zaxxer.", "com.fasterxml.", "org.postgresql.", "org.mongodb.", "com.mongodb.", "org.elasticsearch.", "org.opensearch.",
	"redis.clients.", "okhttp3.", "oracle.", "com.starrocks.", "com.clickhouse.", "ru.yandex.clickhouse.", "com.github.shyiko.",
	"org.xerial.", "net.jpountz.", "Status.", "Shuffle.",
}

// give returns the stand-in of a name, a new one for a new name. Names of one or two letters stay: they name nothing.
func (n *names) give(kind, name string) string {
	if stand, known := n.stand[name]; known {
		return stand
	}
	if len(name) < 3 {
		return name
	}
	n.count[kind]++
	n.stand[name] = fmt.Sprintf("%s-%d", kind, n.count[kind])
	n.any = nil
	clear(n.lines)
	return n.stand[name]
}

// set gives a name a stand-in that is made elsewhere.
func (n *names) set(name, stand string) {
	if _, known := n.stand[name]; !known && name != stand {
		n.stand[name] = stand
		n.any = nil
	}
}

// replace puts stand-ins where names stand by themselves. Names that are plain words are replaced only where they are the
// whole text or are followed by what follows the name of a task: "state" names an operator and is half of Flink's vocabulary.
func (n *names) replace(s string) string {
	if stand, known := n.stand[s]; known {
		return stand
	}
	if len(n.stand) == 0 {
		return s
	}
	if n.any == nil {
		n.compile()
	}
	var b strings.Builder
	from := 0
	for _, at := range n.any.FindAllStringIndex(s, -1) {
		name := s[at[0]:at[1]]
		if !apart(s, at[0], at[1]) || plainWord.MatchString(name) && !named(s, at[0], at[1]) {
			continue
		}
		b.WriteString(s[from:at[0]])
		b.WriteString(n.stand[name])
		from = at[1]
	}
	if from == 0 {
		return s
	}
	b.WriteString(s[from:])
	return b.String()
}

// compile prefers longer names, as one may be part of another.
func (n *names) compile() {
	all := slices.SortedFunc(maps.Keys(n.stand), func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	for i, name := range all {
		all[i] = regexp.QuoteMeta(name)
	}
	n.any = regexp.MustCompile(strings.Join(all, "|"))
}

// apart tells whether s[from:to] is not a part of a longer word or of a qualified name.
func apart(s string, from, to int) bool {
	if from > 0 && (isWord(s[from-1]) || s[from-1] == '.') {
		return false
	}
	if to == len(s) || !isWord(s[to]) && s[to] != '.' {
		return true
	}
	return s[to] == '.' && (to+1 == len(s) || !isWord(s[to+1]))
}

// named tells whether a word is used as the name of a task or job: in a chain, or before "(1/2)" or an id.
func named(s string, from, to int) bool {
	before, after := s[:from], s[to:]
	return instance.MatchString(after) || link.MatchString(after) || linked.MatchString(before[max(0, len(before)-10):]) || quotedName(before, after)
}

// quotedName tells a name in quotes behind the word job or task: "Starting execution of job 'payments'".
func quotedName(before, after string) bool {
	if before == "" || after == "" || before[len(before)-1] != after[0] || after[0] != '\'' && after[0] != '"' {
		return false
	}
	before = strings.ToLower(before[max(0, len(before)-6) : len(before)-1])
	return strings.HasSuffix(before, "job ") || strings.HasSuffix(before, "task ")
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$'
}

// text replaces names, then what looks like one: locations, addresses, classes and their source files.
func (n *names) text(s string) string {
	if stand, known := n.stand[s]; known {
		return stand
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		done, known := n.lines[line]
		if !known {
			done = n.line(line)
			if len(n.lines) < maxLines {
				n.lines[line] = done
			}
		}
		lines[i] = done
	}
	return strings.Join(lines, "\n")
}

func (n *names) line(s string) string {
	s = n.replace(s)
	s = location.ReplaceAllStringFunc(s, func(found string) string {
		m := location.FindStringSubmatch(found)
		if strings.HasPrefix(m[1], "akka") || strings.HasPrefix(m[1], "pekko") {
			return found // an RPC address: its host is replaced by name
		}
		return m[1] + ":" + m[2] + n.standIn("location", m[3])
	})
	s = address.ReplaceAllStringFunc(s, func(found string) string {
		if found == "127.0.0.1" || found == "0.0.0.0" {
			return found
		}
		return n.standIn("host", found)
	})
	s = file.ReplaceAllStringFunc(s, func(found string) string {
		m := file.FindStringSubmatch(found)
		return m[1] + "/" + n.standIn("location", m[2])
	})
	s = class.ReplaceAllStringFunc(s, n.class)
	return source.ReplaceAllStringFunc(s, func(found string) string {
		if _, user := n.sources[source.FindStringSubmatch(found)[1]]; user {
			return "(Unknown Source)"
		}
		return found
	})
}

// standIn is give for what is found by its form and not by its field: it is no name to search for elsewhere.
func (n *names) standIn(kind, s string) string {
	key := kind + " " + s
	if stand, known := n.sources[key]; known {
		return stand
	}
	if stand, known := n.stand[s]; known {
		return stand
	}
	n.count[kind]++
	n.sources[key] = fmt.Sprintf("%s-%d", kind, n.count[kind])
	return n.sources[key]
}

func isKnownClass(name string) bool {
	return slices.ContainsFunc(knownPackages, func(known string) bool { return strings.HasPrefix(name, known) })
}

// class keeps known classes. Of others it stays visible whether they are lambdas or nested.
func (n *names) class(name string) string {
	if isKnownClass(name) {
		return name
	}
	outer, inner, nested := strings.Cut(name, "$")
	stand, known := n.sources["class "+outer]
	if !known {
		n.count["class"]++
		stand = fmt.Sprintf("user.Class%d", n.count["class"])
		n.sources["class "+outer] = stand
		n.sources[outer[strings.LastIndexByte(outer, '.')+1:]] = stand
	}
	switch {
	case strings.HasPrefix(inner, "$Lambda"):
		return stand + "$" + inner
	case nested:
		return stand + "$Nested"
	}
	return stand
}
