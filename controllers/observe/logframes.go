package observe

import (
	"regexp"
	"strconv"
	"strings"
)

// frameSize is the size of a message that netty discarded.
var frameSize = regexp.MustCompile(`Adjusted frame length exceeds \d+: (\d{1,12})`)

// lengthField is the size in bytes of the length before each message, which the adjusted length includes.
const lengthField = 4

// noAcknowledgement tells that a message that is too large is no acknowledgement: a task that is deployed goes the other way, and whoever speaks HTTP
// or TLS to the RPC port sends no message at all, although netty takes the first four bytes for a length: "GET " is 1195725856.
func noAcknowledgement(text string) bool {
	if strings.Contains(text, "submitTask") || strings.Contains(text, "TaskSubmissionException") {
		return true
	}
	m := frameSize.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	size, err := strconv.ParseInt(m[1], 10, 64)
	return err == nil && foreign(size-lengthField)
}

// foreign tells whether a length is the beginning of HTTP, four capitals or blanks, or of TLS, a handshake (22) of version 3.
func foreign(length int64) bool {
	if length>>16 == 22<<8|3 {
		return true
	}
	for shift := 24; shift >= 0; shift -= 8 {
		if b := byte(length >> shift); b != ' ' && (b < 'A' || b > 'Z') {
			return false
		}
	}
	return true
}
