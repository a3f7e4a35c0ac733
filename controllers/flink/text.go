package flink

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxName bounds names (jobs, vertices, threads, TaskManagers), in bytes. The name of a chained task lists its operators and may be long.
	maxName = 2048
	// maxLine bounds one-line messages such as the failure message of a checkpoint, in bytes.
	maxLine = 4096
	// maxStack bounds a stack trace, in bytes: about 150 frames.
	maxStack = 16 << 10
)

// cleanLine makes one line of untrusted text: control and formatting characters become blanks, and it is cut to bound bytes.
func cleanLine(s string, bound int) string {
	if len(s) <= bound && plain(s) {
		return s
	}
	return clean(s, bound, func(r rune) bool { return r >= ' ' && r != 0x7f && (r < 0x80 || printable(r)) })
}

// plain tells that a text is of printable ASCII alone, as most are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// cleanText is cleanLine for text of several lines: newlines and tabs stay.
func cleanText(s string, bound int) string {
	return clean(s, bound, func(r rune) bool {
		return r == '\n' || r == '\t' || r >= ' ' && r != 0x7f && (r < 0x80 || printable(r))
	})
}

// printable excludes control (Cc), formatting (Cf: bidirectional overrides among them) and line separators.
func printable(r rune) bool {
	return !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// cleanKeys leaves out entries whose key is not a clean line: no name of Flink's is like that.
func cleanKeys[V any](m map[string]V) map[string]V {
	for key := range m {
		if cleanLine(key, maxName) != key {
			delete(m, key)
		}
	}
	return m
}

func clean(s string, bound int, keep func(rune) bool) string {
	if len(s) > bound {
		cut := bound - len("…")
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	for _, r := range s {
		if !keep(r) || r == utf8.RuneError {
			return strings.Map(func(r rune) rune {
				if keep(r) {
					return r
				}
				return ' '
			}, strings.ToValidUTF8(s, "�"))
		}
	}
	return s
}

func looksLikeHTML(contentType string, body []byte) bool {
	if strings.HasPrefix(strings.ToLower(contentType), "text/html") {
		return true
	}
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n\ufeff"), []byte("<"))
}

// describePage names a web page by its title.
func describePage(body []byte) string {
	lower := bytes.ToLower(body)
	start := bytes.Index(lower, []byte("<title>"))
	if start < 0 || len(lower) != len(body) {
		return "a web page"
	}
	start += len("<title>")
	end := bytes.Index(lower[start:], []byte("<"))
	if end < 0 {
		return "a web page"
	}
	return `a web page titled "` + strings.TrimSpace(cleanLine(string(body[start:start+end]), 80)) + `"`
}
