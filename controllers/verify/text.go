package verify

import (
	"strings"
	"time"
)

// say writes a duration as people say it: 350ms, 4.5s, 14m20s.
func say(d time.Duration) string {
	switch {
	case d <= 0:
		return "unknown"
	case d < 10*time.Second:
		d = d.Round(100 * time.Millisecond)
		if d == 0 {
			return "0.1s"
		}
		return d.String()
	}
	text := d.Round(time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// bounded keeps text that comes from Flink short and on one line.
func bounded(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-3]) + "..."
	}
	return text
}
