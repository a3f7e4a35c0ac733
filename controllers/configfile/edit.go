package configfile

import (
	"maps"
	"strings"
)

// Set writes a value: in place of the one that is there, or as a line at the end. prior is what Undo wants to put everything back: the
// bytes of the old value, or the whole text that was appended. The rest of the text stays byte for byte; where that cannot be had, or
// Flink would read anything else differently, the error says which line is in the way.
func (f *File) Set(key, value string) (text, prior string, err error) {
	if strings.ContainsAny(key+value, "\n\r#") || strings.TrimSpace(value) != value || value == "" {
		return "", "", wrong(0, "%q is not a value that can be written as %s: one line without # or white space around it", value, key)
	}
	entries := f.Find(key)
	switch {
	case len(entries) > 1:
		return "", "", f.duplicate(key, entries)
	case len(entries) == 1:
		e := &entries[0]
		if e.stuck != "" {
			return "", "", wrong(e.Line, "%s is %s, which is not edited: write it as one plain value", key, e.stuck)
		}
		text, prior = f.text[:e.start]+value+f.text[e.end:], f.text[e.start:e.end]
	case f.closed != "":
		return "", "", wrong(0, "%s cannot be added: %s", key, f.closed)
	default:
		prior = f.line(key, value)
		text = f.text + prior
	}
	return text, prior, f.check(text, key, value)
}

// line is what is appended for a key that was not there.
func (f *File) line(key, value string) string {
	line := f.margin + key + ": " + value + "\n"
	if f.text != "" && !strings.HasSuffix(f.text, "\n") {
		line = "\n" + strings.TrimSuffix(line, "\n")
	}
	return line
}

// duplicate names the lines of a key that is there more than once.
func (f *File) duplicate(key string, entries []Entry) *Error {
	return wrong(entries[len(entries)-1].Line, "%s is there already in line %d: keep one of the two", key, entries[0].Line)
}

// Duplicate says where a key is written more than once; nil where it is not.
func (f *File) Duplicate(key string) error {
	if entries := f.Find(key); len(entries) > 1 {
		return f.duplicate(key, entries)
	}
	return nil
}

// check makes sure that the new text differs in nothing but the key.
func (f *File) check(text, key, value string) error {
	edited, err := Parse(f.format, text)
	if err != nil {
		return wrong(0, "with %s: %s the file could not be read any more: %s", key, value, err.Error())
	}
	want := f.Values()
	want[key] = value
	if found := edited.Find(key); !maps.Equal(want, edited.Values()) || len(found) != 1 || found[0].stuck != "" {
		return wrong(0, "%s: %s cannot be written so that only that key changes", key, value)
	}
	return nil
}

// Undo takes back what Set wrote: it puts prior in the place of the value where the key was set before, and removes the appended text
// where it was not. ok is false where the key does not hold what was written any more; then the text is not touched.
func Undo(format Format, text, key, written, prior string, wasSet bool) (restored string, ok bool) {
	f, err := Parse(format, text)
	if err != nil {
		return text, false
	}
	entries := f.Find(key)
	if len(entries) != 1 || entries[0].Value != written || entries[0].stuck != "" {
		return text, false
	}
	e := &entries[0]
	if wasSet {
		return text[:e.start] + prior + text[e.end:], true
	}
	if at := strings.LastIndex(text, prior); prior != "" && at >= 0 && at <= e.start && e.end <= at+len(prior) {
		return text[:at] + text[at+len(prior):], true
	}
	from := strings.LastIndexByte(text[:e.start], '\n') + 1
	to := len(text)
	if end := strings.IndexByte(text[e.end:], '\n'); end >= 0 {
		to = e.end + end + 1
	}
	return text[:from] + text[to:], true
}
