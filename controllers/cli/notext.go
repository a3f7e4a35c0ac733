package cli

import (
	"bytes"
	"compress/gzip"
	"io"
	"unicode/utf8"
)

// unzipped is the beginning of a file as it is once it is unzipped; that of one that is not gzipped, or cannot be, as it is.
func unzipped(head []byte) []byte {
	reader, err := gzip.NewReader(bytes.NewReader(head))
	if err != nil {
		return head // it says so when it is read
	}
	text := make([]byte, 4<<10)
	n, err := io.ReadFull(reader, text)
	if err != nil && n == 0 {
		return head
	}
	return text[:n]
}

// magics are beginnings of files that people take for logs, and what they are.
var magics = []struct {
	at    int
	magic string
	what  string
}{
	{0, "\x7fELF", "is a program (ELF) and no log"},
	{0, "PK\x03\x04", "is a zip archive: unpack it and give the logs in it"},
	{257, "ustar", "is a tar archive: unpack it and give the logs in it"},
	{0, "\x1f\x8b", "is gzipped twice, or damaged: unpack it"},
	{0, "\x28\xb5\x2f\xfd", "is packed with zstd: unpack it (zstd -d)"},
	{0, "\xfd7zXZ\x00", "is packed with xz: unpack it (xz -d)"},
	{0, "BZh", "is packed with bzip2: unpack it (bzip2 -d)"},
	{0, "JAVA PROFILE", "is a heap dump of Java and no log"},
	{0, "\xca\xfe\xba\xbe", "is a class of Java and no log"},
	{0, "\xff\xfe", "is text in UTF-16, as PowerShell's > writes it: convert it (iconv -f UTF-16 -t UTF-8)"},
	{0, "\xfe\xff", "is text in UTF-16: convert it (iconv -f UTF-16 -t UTF-8)"},
}

// noText says what the beginning of a file is where it is no text; empty where it may be a log. A log that was cut while Flink wrote on begins with zeros
// (logrotate's copytruncate), and a few strange bytes are in many.
func noText(head []byte) string {
	for _, m := range magics {
		if len(head) > m.at && bytes.HasPrefix(head[m.at:], []byte(m.magic)) {
			return m.what
		}
	}
	text := bytes.TrimLeft(head, "\x00")
	strange := bytes.Count(bytes.Map(letterOrSpace, text), []byte("\x00"))
	// One byte in ten: text in another encoding, such as names in Latin-1, has less; of random bytes six in ten are no text.
	if strange*10 > len(text) {
		return "is no text"
	}
	return ""
}

// letterOrSpace leaves what may stand in a text and makes zeros of all else.
func letterOrSpace(r rune) rune {
	switch {
	case r == '\n', r == '\r', r == '\t', r == '\x1b', r >= ' ' && r != utf8.RuneError:
		return r
	}
	return 0
}
