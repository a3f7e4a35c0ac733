package recording

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// dropped stands where a secret was; Flink masks with the same text.
const dropped = "******"

// secretKey matches keys whose values are secrets: what Flink itself masks (GlobalConfiguration, 1.15 to 2.3) and what people
// put into configuration besides.
var secretKey = regexp.MustCompile(`(?i)passw|pwd|secret|token|credential|private[._-]?key|access[._-]?key|account[._-]?key|api[._-]?key|service[._-]?key|` +
	`auth[._-]?params|basic[._-]?auth|authorization|jaas|sasl|http-headers|passphrase|shared[._-]?access|sas[._-]?(key|token)|keytab`)

// secretText matches "password=…", "-Dsecret.token: …" and the like inside of longer texts: JVM options, logs, URLs.
var secretText = regexp.MustCompile(`(?i)([\w.-]*(?:passw(?:or)?d|pwd|secret|token|credential|access[._-]?key|account[._-]?key|api[._-]?key|private[._-]?key|passphrase|signature|authorization)[\w.-]*` +
	`["']?\s*[=:]\s*(?:bearer\s+|basic\s+)?["']?)([^\s"',;&}\])\\]+)`)

// secretURL matches user:password@ of a URL.
var secretURL = regexp.MustCompile(`(://)[^/\s:@"']*:[^/\s@"']+@`)

// harmless are keys that match secretKey and hold no secret; a diagnosis wants some of them.
var harmless = map[string]bool{
	"security.delegation.tokens.enabled": true, "kubernetes.config.file": true,
	"security.kerberos.login.use-ticket-cache": true,
}

// dropSecrets takes secrets out of an answer: values of secret keys, and what looks like one inside of text.
func dropSecrets(path string, body []byte) []byte {
	if isMetrics(path) || isThreadDump(path) {
		return bytes.Clone(body) // numbers and names; frames without values
	}
	tree, ok := decodeTree(body)
	if !ok {
		return []byte(dropSecretText(string(body)))
	}
	out, err := encodeTree(scrub(tree, dropSecretText))
	if err != nil {
		return nil // what cannot be checked is not written
	}
	return out
}

func dropSecretText(s string) string {
	if strings.Contains(s, "://") {
		s = secretURL.ReplaceAllString(s, "${1}"+dropped+"@")
	}
	return secretText.ReplaceAllString(s, "${1}"+dropped)
}

// scrub walks a JSON tree: strings through text, values of secret keys away. {"key": k, "value": v} is such a pair too.
func scrub(tree any, text func(string) string) any {
	switch t := tree.(type) {
	case string:
		return text(t)
	case []any:
		for i := range t {
			t[i] = scrub(t[i], text)
		}
	case map[string]any:
		if key, ok := t["key"].(string); ok && isSecret(key) {
			if _, ok := t["value"]; ok {
				t["value"] = dropped
				return t
			}
		}
		for key, value := range t {
			if _, isText := value.(string); isText && isSecret(key) {
				t[key] = dropped
				continue
			}
			t[key] = scrub(value, text)
		}
	}
	return tree
}

func isSecret(key string) bool { return secretKey.MatchString(key) && !harmless[key] }

// decodeTree keeps numbers as they are written.
func decodeTree(body []byte) (any, bool) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, false
	}
	if dec.More() {
		return nil, false
	}
	switch tree.(type) {
	case map[string]any, []any:
		return tree, true
	}
	return nil, false
}

func encodeTree(tree any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(tree); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
