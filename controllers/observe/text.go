package observe

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"checkpointhealth.dev/operator/controllers/secrets"
)

// Bounds of what is kept of untrusted text, in bytes.
const (
	maxMessage = 512
	maxSample  = 400
	maxName    = 253
)

// quotedText is cleanText for what somebody else's code says: exceptions, log lines and answers of servers end up in status and events, and
// hold passwords of whoever wrote a connector. Secrets go before the text is cut, lest half of one stays.
func quotedText(text string, limit int) string {
	const most = 16 << 10 // bytes that are looked at
	return cleanText(secrets.DropText(text[:min(len(text), most)]), limit)
}

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
