package report

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean drops control characters, folds white space to single blanks and bounds a text to limit characters, at a rune boundary. A text
// that was cut ends in "…".
func clean(s string, limit int) string {
	if alreadyClean(s, limit) {
		return s
	}
	var b strings.Builder
	runes, blank := 0, false
	for _, r := range s {
		if r == utf8.RuneError || unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs) || (unicode.IsControl(r) && !unicode.IsSpace(r)) {
			continue
		}
		if unicode.IsSpace(r) {
			blank = runes > 0
			continue
		}
		need := 1
		if blank {
			need = 2
		}
		if runes+need > limit {
			return cut(b.String(), runes, limit)
		}
		if blank {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		runes, blank = runes+need, false
	}
	return b.String()
}

// alreadyClean tells whether a text is printable ASCII with single blanks inside and fits: most are, and cost nothing.
func alreadyClean(s string, limit int) bool {
	if len(s) > limit {
		return false
	}
	blank := true // a leading blank is one too many
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || (c == ' ' && blank) {
			return false
		}
		blank = c == ' '
	}
	return !blank || s == ""
}

// cut replaces the last character by "…" where there is no room for one more.
func cut(s string, runes, limit int) string {
	if limit <= 0 {
		return ""
	}
	for runes >= limit {
		_, size := utf8.DecodeLastRuneInString(s)
		s, runes = s[:len(s)-size], runes-1
	}
	return strings.TrimRight(s, " ") + "…"
}

// cleanLines bounds a text of several lines and keeps its line breaks and indents: for YAML.
func cleanLines(s string, limit int) string {
	kept := strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, s)
	if utf8.RuneCountInString(kept) <= limit {
		return kept
	}
	runes := []rune(kept)[:limit]
	kept = string(runes)
	// Half a line of YAML would be another value: end with a whole one.
	return kept[:strings.LastIndexByte(kept, '\n')+1]
}

// page collects lines of a bounded width.
type page struct {
	width int
	lines []string
}

// blanks are what may stand between two words.
const blanks = " "

// add writes a text after first (a label or an indent), wrapped with the further lines indented by hang blanks.
func (p *page) add(first string, hang int, text string) {
	line, length := append(make([]byte, 0, p.width+len(first)), first...), utf8.RuneCountInString(first)
	fresh := true // nothing but the label or the indent stands in the line yet
	for word := range strings.FieldsSeq(text) {
		for {
			n := utf8.RuneCountInString(word)
			gap := 1
			if fresh {
				gap = 0
			}
			if length+gap+n <= p.width {
				line = append(append(line, blanks[:gap]...), word...)
				length, fresh = length+gap+n, false
				break
			}
			if !fresh && n <= p.width-hang {
				p.lines = append(p.lines, string(line))
				line, length, fresh = append(line[:0], strings.Repeat(" ", hang)...), hang, true
				continue
			}
			// A word that no line can hold (an id, a URL) is broken.
			room := p.width - length - gap
			if room > 0 {
				head, rest := splitRunes(word, room)
				line = append(append(line, blanks[:gap]...), head...)
				word = rest
			}
			p.lines = append(p.lines, string(line))
			line, length, fresh = append(line[:0], strings.Repeat(" ", hang)...), hang, true
		}
	}
	if !fresh || first != "" {
		p.lines = append(p.lines, string(bytes.TrimRight(line, " ")))
	}
}

func splitRunes(s string, n int) (head, rest string) {
	for i := range s {
		if n == 0 {
			return s[:i], s[i:]
		}
		n--
	}
	return s, ""
}

// sentence makes sure that a text ends like one.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasSuffix(s, "…") || strings.ContainsRune(".:?", rune(s[len(s)-1])) {
		return s
	}
	return s + "."
}
