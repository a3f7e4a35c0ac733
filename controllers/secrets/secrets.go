// Package secrets takes secrets out of texts that others wrote: configuration, logs, exceptions, answers of a server. It knows secrets by the
// key that stands before them, by their form, and by the places where Flink prints what people pass to programs. A secret that none of the
// three gives away it cannot know.
package secrets

import (
	"regexp"
	"strings"
)

// Dropped stands where a secret was; Flink masks with the same text.
const Dropped = "******"

// secretKey matches keys whose values are secrets: what Flink itself masks (GlobalConfiguration, 1.15 to 2.3) and what people
// put into configuration besides. The arguments of a program are the user's own and may hold anything.
var secretKey = regexp.MustCompile(`(?i)passw|pwd|secret|token|credential|private[._-]?key|access[._-]?key|account[._-]?key|api[._-]?key|service[._-]?key|` +
	`auth[._-]?params|basic[._-]?auth|authorization|jaas|sasl|http-headers|passphrase|shared[._-]?access|sas[._-]?(key|token)|keytab|program-args`)

// harmless are keys that match secretKey and hold no secret; a diagnosis wants some of them.
var harmless = map[string]bool{
	"security.delegation.tokens.enabled": true, "kubernetes.config.file": true,
	"security.kerberos.login.use-ticket-cache": true,
}

// IsKey tells whether the value of a configuration key is a secret.
func IsKey(key string) bool { return secretKey.MatchString(key) && !harmless[key] }

// telling are the words of a key that make the value behind it a secret, in texts.
const telling = `(?:passw(?:or)?d|pwd|secret|token|credential|access[._-]?key|account[._-]?key|api[._-]?key|service[._-]?key|private[._-]?key|` +
	`passphrase|signature|authorization|auth[._-]?params|basic[._-]?auth|shared[._-]?access|\bsig\b)`

// value is a secret as it stands in a text: quoted, and then up to the closing quote, or up to what ends a value. Quotes may be escaped: JSON
// within JSON.
const value = `(?:(\\*")[^"\n]+|(\\*')[^'\n]+|[^\s"',;&}\])]+)`

var (
	// inText matches "password=…", "-Dsecret.token: …", {\"password\":\"…\"} and the like.
	inText = regexp.MustCompile(`(?i)([\w.-]*` + telling + `[\w.-]*)(\\*["']?\s*[=:]\s*)(\\*["']?(?:bearer|basic|digest)\s+)?` + value)
	// argument matches "--db-password hunter2" and, as Flink joins a list, "--db-password;hunter2" and "[--db-password, hunter2]".
	argument = regexp.MustCompile(`(?i)(-[\w.-]*` + telling + `[\w.-]*["']?(?:\s*[;,]\s*| +))` + value)
	// property is how a process prints each key of its configuration at its start.
	property = regexp.MustCompile(`(Loading configuration property: ([^\s,]+), )[^\n]+`)
	// inURL matches user:password@ of a URL.
	inURL = regexp.MustCompile(`(://)[^/\s:@"']*:[^/\s@"']+@`)
	// form matches what is a secret by its form: keys of Amazon, tokens of three parts.
	form = regexp.MustCompile(`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]+`)
	// privateKey matches a private key in PEM, broken off or not.
	privateKey = regexp.MustCompile(`(?s)(-{5}BEGIN [A-Z ]*PRIVATE KEY-{5}).*?(-{5}END|$)`)
	// className tells that what looks like a key is the name of a class, with what it has to say behind the colon.
	className = regexp.MustCompile(`(?:Exception|Error|Failure|Provider|Manager|Factory|Service|Handler|Interceptor|Chain)$`)
)

// quick are words of which one is in any line with a secret; lines without them are most of a log.
var quick = []string{"pass", "pwd", "secret", "token", "credential", "key", "signature", "auth", "shared", "sig", "://", "akia", "asia", "eyj", "program-args"}

// DropText takes secrets out of a text of one or more lines.
func DropText(text string) string {
	if strings.Contains(text, "PRIVATE KEY-----") {
		text = privateKey.ReplaceAllString(text, "${1}"+Dropped+"${2}")
	}
	if strings.IndexByte(text, '\n') < 0 {
		return dropLine(text)
	}
	var out strings.Builder
	out.Grow(len(text))
	arguments := 0
	for line := range strings.Lines(text) {
		switch {
		case strings.Contains(line, argumentsHead):
			arguments = maxArguments
		case arguments > 0 && endsArguments(line):
			arguments = 0
		case arguments > 0:
			arguments--
			out.WriteString(dropArgument(line))
			continue
		}
		out.WriteString(dropLine(line))
	}
	return out.String()
}

const (
	// argumentsHead is what EnvironmentInformation (1.15 to 2.3) prints before the arguments of a process, one a line.
	argumentsHead = "Program Arguments:"
	// maxArguments bounds the lines that are taken for arguments where the end was not printed.
	maxArguments = 1000
)

// endsArguments tells the line that Flink prints behind the arguments.
func endsArguments(line string) bool {
	return strings.Contains(line, "Classpath:") || strings.Contains(line, "----------")
}

// dropArgument keeps what a layout puts before the message, and nothing of the message.
func dropArgument(line string) string {
	rest := strings.TrimRight(line, "\r\n")
	end := line[len(rest):]
	if i := strings.Index(rest, " - "); i >= 0 {
		return rest[:i] + " -     " + Dropped + end
	}
	return Dropped + end
}

func dropLine(line string) string {
	lower := strings.ToLower(line)
	found := false
	for _, word := range quick {
		if found = strings.Contains(lower, word); found {
			break
		}
	}
	if !found {
		return line
	}
	line = property.ReplaceAllStringFunc(line, func(all string) string {
		if m := property.FindStringSubmatch(all); IsKey(m[2]) {
			return m[1] + Dropped
		}
		return all
	})
	if strings.Contains(line, "://") {
		line = inURL.ReplaceAllString(line, "${1}"+Dropped+"@")
	}
	line = inText.ReplaceAllStringFunc(line, func(all string) string {
		m := inText.FindStringSubmatch(all)
		if className.MatchString(m[1]) && strings.HasPrefix(m[2], ": ") {
			return all
		}
		return m[1] + m[2] + m[3] + m[4] + m[5] + Dropped
	})
	line = argument.ReplaceAllString(line, "${1}${2}${3}"+Dropped)
	return form.ReplaceAllString(line, Dropped)
}
