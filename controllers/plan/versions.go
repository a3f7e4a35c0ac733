package plan

import "strings"

// version is a Flink version; the zero value is "not known".
type version struct {
	major, minor, patch int
	known               bool
}

// parseVersion reads "1.20.5", "2.2", "1.17-SNAPSHOT" and vendors' forms such as "1.19.1-csa1": what follows the numbers is left out.
func parseVersion(text string) version {
	var numbers [3]int
	parts := strings.SplitN(strings.TrimPrefix(strings.TrimSpace(text), "v"), ".", 3)
	if len(parts) < 2 {
		return version{}
	}
	for i, part := range parts {
		n, ok := leadingNumber(part)
		if !ok {
			return version{}
		}
		numbers[i] = n
	}
	return version{major: numbers[0], minor: numbers[1], patch: numbers[2], known: true}
}

func leadingNumber(text string) (int, bool) {
	n, digits := 0, 0
	for _, c := range text {
		if c < '0' || c > '9' || digits == 4 {
			break
		}
		n, digits = n*10+int(c-'0'), digits+1
	}
	return n, digits > 0
}

// atLeast tells whether the version is known and of that release line or a newer one.
func (v version) atLeast(major, minor int) bool {
	return v.known && !v.before(major, minor, 0)
}

// before tells whether the version is known and older.
func (v version) before(major, minor, patch int) bool {
	if !v.known || v.major != major {
		return v.known && v.major < major
	}
	if v.minor != minor {
		return v.minor < minor
	}
	return v.patch < patch
}

// line tells whether the version belongs to a release line such as 1.20.
func (v version) line(major, minor int) bool { return v.known && v.major == major && v.minor == minor }

// sharedStateBug names the bug under which concurrent checkpoints with incremental RocksDB can delete shared state that is still needed;
// empty where none is known. FLINK-29913 is fixed in 1.16.3, 1.17.2 and 1.18.0. FLINK-38574 is open in 1.18 to 1.20 and fixed in 2.0.2,
// 2.1.2 and 2.2.0.
func (v version) sharedStateBug() string {
	switch {
	case v.before(1, 16, 3), v.line(1, 17) && v.patch < 2:
		return "FLINK-29913"
	case v.line(1, 18), v.line(1, 19), v.line(1, 20), v.line(2, 0) && v.patch < 2, v.line(2, 1) && v.patch < 2:
		return "FLINK-38574"
	}
	return ""
}
