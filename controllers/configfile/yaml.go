package configfile

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxDepth bounds how deep keys are nested; Flink's longest key has seven parts.
const maxDepth = 32

// lineOf finds the line in an error of the YAML parser.
var lineOf = regexp.MustCompile(`line (\d+): `)

// readYAML reads the one document of config.yaml.
func (f *File) readYAML() error {
	decoder := yaml.NewDecoder(strings.NewReader(f.text))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil // nothing but comments
	case err != nil:
		return notYAML(err)
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			return notYAML(err)
		}
		return wrong(second.Line, "a second YAML document begins; Flink reads one")
	}
	root := document.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil
	}
	if root.Kind != yaml.MappingNode {
		return wrong(root.Line, "the file is not a mapping of keys to values")
	}
	f.margin = strings.Repeat(" ", max(root.Column-1, 0))
	if root.Style&yaml.FlowStyle != 0 {
		f.closed = "the file is one mapping in braces, to which no line can be added"
	}
	if strings.Contains("\n"+f.text, "\n...") {
		f.closed = "the document is ended by a line \"...\", behind which no line can be added"
	}
	return f.readMapping(root, "", 0)
}

func notYAML(err error) *Error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if m := lineOf.FindStringSubmatch(message); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
		message = strings.Replace(message, m[0], "", 1)
	}
	if len(message) > 200 {
		message = message[:200]
	}
	return wrong(line, "not YAML: %s", message)
}

// readMapping joins the names of nested levels by dots.
func (f *File) readMapping(node *yaml.Node, prefix string, depth int) error {
	if depth > maxDepth {
		return wrong(node.Line, "keys are nested more than %d deep", maxDepth)
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		if name.Kind != yaml.ScalarNode || name.Tag == "!!merge" {
			return wrong(name.Line, "a key that is no plain text (an alias or a merge key) is not read")
		}
		if err := f.readValue(prefix+name.Value, name.Line, value, depth); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) readValue(key string, line int, value *yaml.Node, depth int) error {
	switch value.Kind {
	case yaml.MappingNode:
		return f.readMapping(value, key+".", depth+1)
	case yaml.AliasNode:
		if value.Alias == nil || value.Alias.Kind != yaml.ScalarNode {
			return wrong(value.Line, "the alias *%s of %s is not read", value.Value, key)
		}
		f.entries = append(f.entries, Entry{Key: key, Value: value.Alias.Value, Line: line, Nested: depth > 0, stuck: "an alias"})
	case yaml.SequenceNode:
		f.entries = append(f.entries, Entry{Key: key, Value: listText(value), Line: line, Nested: depth > 0, stuck: "a list"})
	case yaml.ScalarNode:
		f.addScalar(key, line, value, depth > 0)
	}
	return nil
}

// addScalar finds the bytes of a value. A null is no value: Flink leaves the key out.
func (f *File) addScalar(key string, line int, value *yaml.Node, nested bool) {
	if value.Tag == "!!null" {
		return
	}
	entry := Entry{Key: key, Value: value.Value, Line: line, Nested: nested}
	entry.start, entry.end, entry.stuck = f.scalarBytes(value)
	f.entries = append(f.entries, entry)
}

// scalarBytes tells where the text of a value lies, without its quotes.
func (f *File) scalarBytes(value *yaml.Node) (start, end int, stuck string) {
	at := f.offset(value.Line, value.Column)
	quote := ""
	switch {
	case value.Anchor != "":
		return 0, 0, "a value with an anchor"
	case value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return 0, 0, "a value over several lines"
	case value.Style&yaml.TaggedStyle != 0:
		return 0, 0, "a value with a tag"
	case value.Style&yaml.SingleQuotedStyle != 0:
		quote = "'"
	case value.Style&yaml.DoubleQuotedStyle != 0:
		quote = `"`
	}
	raw := quote + value.Value + quote
	if at < 0 || !strings.HasPrefix(f.text[at:], raw) {
		return 0, 0, "a value with escapes, or over several lines"
	}
	return at + len(quote), at + len(quote) + len(value.Value), ""
}

// offset turns a line and column, both from 1 and the column in characters, into a byte; -1 where there is none.
func (f *File) offset(line, column int) int {
	at := 0
	for range line - 1 {
		next := strings.IndexByte(f.text[at:], '\n')
		if next < 0 {
			return -1
		}
		at += next + 1
	}
	for range column - 1 {
		_, size := utf8.DecodeRuneInString(f.text[at:])
		if size == 0 {
			return -1
		}
		at += size
	}
	return at
}

// listText joins the scalars of a list by ';', as Flink writes lists.
func listText(node *yaml.Node) string {
	parts := make([]string, 0, len(node.Content))
	for _, item := range node.Content {
		parts = append(parts, item.Value)
	}
	return strings.Join(parts, ";")
}
