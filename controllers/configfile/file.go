package configfile

import (
	"fmt"
	"strings"
)

// Format is how a text is written.
type Format string

// The formats.
const (
	// Standard is config.yaml: YAML with nested or flat keys.
	Standard Format = "config.yaml"
	// Lines is flink-conf.yaml: a line "key: value" each, # begins a comment, the last of several lines with one key wins.
	Lines Format = "flink-conf.yaml"
	// Properties is FLINK_PROPERTIES: a line "key: value" each; the image takes all white space out of the value (1.19 and later).
	Properties Format = "FLINK_PROPERTIES"
)

// maxText bounds a text in bytes: a ConfigMap holds 1 MiB.
const maxText = 1 << 20

// Entry is one key as it is written.
type Entry struct {
	Key, Value string
	// Line counts from 1.
	Line int
	// Nested is true where the key was put together of several levels.
	Nested bool
	// stuck says why the value cannot be replaced; empty where it can.
	stuck string
	// start and end are the bytes of the value, quotes not included.
	start, end int
}

// File is a text, taken apart.
type File struct {
	format  Format
	text    string
	entries []Entry
	// margin is what a key on the first level is indented by; closed says why no key can be appended.
	margin, closed string
}

// Error says what is wrong in a file. Line is 0 where it is not known.
type Error struct {
	Line    int
	Message string
}

// Error names the line.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}

func wrong(line int, format string, args ...any) *Error {
	return &Error{Line: line, Message: fmt.Sprintf(format, args...)}
}

// Parse takes a text apart. The error is an *Error: the text is not YAML, or holds what cannot be read for certain.
func Parse(format Format, text string) (*File, error) {
	if len(text) > maxText {
		return nil, wrong(0, "%d bytes are more than the %d that a ConfigMap can hold", len(text), maxText)
	}
	f := &File{format: format, text: text}
	if format == Standard {
		if err := f.readYAML(); err != nil {
			return nil, err
		}
		return f, nil
	}
	f.readLines()
	return f, nil
}

// Values are the values that Flink takes: of a key that is there several times, the last.
func (f *File) Values() map[string]string {
	values := make(map[string]string, len(f.entries))
	for i := range f.entries {
		values[f.entries[i].Key] = f.entries[i].Value
	}
	return values
}

// Find returns all entries of a key, in the order of the text.
func (f *File) Find(key string) []Entry {
	var found []Entry
	for i := range f.entries {
		if f.entries[i].Key == key {
			found = append(found, f.entries[i])
		}
	}
	return found
}

// Keys are all keys in the order of the text, those that are there twice more than once.
func (f *File) Keys() []string {
	keys := make([]string, 0, len(f.entries))
	for i := range f.entries {
		keys = append(keys, f.entries[i].Key)
	}
	return keys
}

// readLines reads "key: value" lines as Flink's own parser does: what follows # is a comment, and a line without a separator is nothing.
func (f *File) readLines() {
	offset := 0
	for number, line := range strings.SplitAfter(f.text, "\n") {
		if entry, ok := f.readLine(line, offset); ok {
			entry.Line = number + 1
			f.entries = append(f.entries, entry)
		}
		offset += len(line)
	}
}

func (f *File) readLine(line string, offset int) (Entry, bool) {
	separator := ": "
	if f.format == Properties {
		separator = ":"
	} else {
		line, _, _ = strings.Cut(line, "#")
	}
	key, value, ok := strings.Cut(line, separator)
	name, trimmed := strings.TrimSpace(key), strings.TrimSpace(value)
	if !ok || name == "" || trimmed == "" {
		return Entry{}, false
	}
	start := offset + len(key) + len(separator) + strings.Index(value, trimmed)
	return Entry{Key: name, Value: trimmed, start: start, end: start + len(trimmed)}, true
}
