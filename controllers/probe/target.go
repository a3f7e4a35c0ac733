package probe

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Target is one TCP port.
type Target struct {
	// Host is a name or an address, without brackets.
	Host string
	// Port is 1 to 65535.
	Port int
	// Path is what a GET asks for, with its slash; empty where only connects are measured.
	Path string
}

// String is the target as ParseTarget reads it.
func (t Target) String() string {
	address := net.JoinHostPort(t.Host, strconv.Itoa(t.Port))
	if t.Path == "" {
		return address
	}
	return "http://" + address + t.Path
}

// ParseTarget reads HOST:PORT, or http://HOST:PORT/PATH.
func ParseTarget(text string) (Target, error) {
	if rest, ok := strings.CutPrefix(text, "http://"); ok {
		return parseURL(text, rest)
	}
	if strings.Contains(text, "://") {
		return Target{}, fmt.Errorf("target %q: only http:// can be asked; name HOST:PORT to measure connects alone", shorten(text, maxError))
	}
	return parseAddress(text, text)
}

func parseURL(text, rest string) (Target, error) {
	parsed, err := url.Parse(text)
	if err != nil || parsed.User != nil || parsed.Fragment != "" {
		return Target{}, fmt.Errorf("target %q cannot be read, expected one such as http://jobmanager:8081/config", shorten(text, maxError))
	}
	address, _, _ := strings.Cut(rest, "/")
	target, err := parseAddress(text, address)
	if err != nil {
		return Target{}, err
	}
	target.Path = parsed.RequestURI()
	return target, nil
}

func parseAddress(text, address string) (Target, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || strings.ContainsAny(host, " /?#@") {
		return Target{}, fmt.Errorf("target %q is not HOST:PORT, such as jobmanager:6123 or [fd00::7]:6123", shorten(text, maxError))
	}
	number, err := strconv.Atoi(port)
	if err != nil || number < 1 || number > 65535 {
		return Target{}, fmt.Errorf("target %q: port %q is not a number from 1 to 65535", shorten(text, maxError), shorten(port, 16))
	}
	return Target{Host: host, Port: number}, nil
}
