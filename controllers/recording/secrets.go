package recording

import (
	"bytes"
	"encoding/json"

	"checkpointhealth.dev/operator/controllers/secrets"
)

// dropSecrets takes secrets out of an answer: values of secret keys, and what looks like one inside of text.
func dropSecrets(path string, body []byte) []byte {
	if isMetrics(path) || isThreadDump(path) {
		return bytes.Clone(body) // numbers and names; frames without values
	}
	if path == environmentPath {
		return keepClassPath(body, wholeName)
	}
	tree, ok := decodeTree(body)
	if !ok {
		return []byte(secrets.DropText(string(body)))
	}
	out, err := encodeTree(scrub(tree, secrets.DropText))
	if err != nil {
		return nil // what cannot be checked is not written
	}
	return out
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
		if key, ok := t["key"].(string); ok && secrets.IsKey(key) {
			if _, ok := t["value"]; ok {
				t["value"] = secrets.Dropped
				return t
			}
		}
		for key, value := range t {
			if _, isText := value.(string); isText && secrets.IsKey(key) {
				t[key] = secrets.Dropped
				continue
			}
			t[key] = scrub(value, text)
		}
	}
	return tree
}

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
