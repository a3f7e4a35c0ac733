package observe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is kept of untrusted text, in bytes.
const (
	maxMessage = 512
	maxSample  = 400
	maxName    = 253
)

// cleanText makes one line of untrusted text: control and formatting characters become blanks, and it is cut to limit bytes.
func cleanText(text string, limit int) string {
	if len(text) > limit {
		cut := limit - len("…")
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	clean := strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text)
	return strings.TrimSpace(clean)
}
