package recording

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Recording is what one Flink REST API answered, in the order in which it was asked.
type Recording struct {
	base    string
	entries []Entry
	byPath  map[string][]int // indexes of entries, in time order
	// breaksOff says where the archive ends before its end; empty for a whole one.
	breaksOff string
}

// apiPath finds where the paths of the REST API begin, behind whatever prefix a proxy has. Only paths that nothing but Flink has
// are looked for; /overview and /config are known for what they are once the base is known.
var apiPath = regexp.MustCompile(`/(jobs/overview|jobs/[0-9a-f]{32}(/.*)?|jobmanager/(config|metrics|logs?|thread-dump|environment)(/.*)?|taskmanagers(/.*)?)$`)

// sampled is the path whose every answer is a new look at the job.
var sampled = regexp.MustCompile(`^/jobs/[^/]+/checkpoints$`)

var jobPath = regexp.MustCompile(`^/jobs/([0-9a-f]{32})(/|$)`)

// selectBase keeps the entries of one REST API and drops a browser's other traffic.
func selectBase(list []candidate, seen int, want string) (*Recording, error) {
	counts := map[string]int{}
	for _, c := range list {
		if base, _, ok := split(c.url); ok {
			counts[base]++
		}
	}
	base, err := pickBase(counts, seen, want)
	if err != nil {
		return nil, err
	}
	r := &Recording{base: base, byPath: map[string][]int{}}
	for _, c := range list {
		path, query, ok := relative(c.url, base)
		if !ok {
			continue
		}
		c.Path, c.Query = path, query
		r.entries = append(r.entries, c.Entry)
	}
	slices.SortStableFunc(r.entries, func(a, b Entry) int { return a.Start.Compare(b.Start) })
	for i, e := range r.entries {
		r.byPath[e.Path] = append(r.byPath[e.Path], i)
	}
	return r, nil
}

func pickBase(counts map[string]int, seen int, want string) (string, error) {
	bases := make([]string, 0, len(counts))
	for base := range counts {
		bases = append(bases, base)
	}
	slices.SortFunc(bases, func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	switch {
	case len(bases) == 0:
		return "", fmt.Errorf("none of the %d entries is an answer of a Flink REST API with its text, such as GET /jobs/overview; "+
			"export the archive with the content of the responses", seen)
	case want != "" && counts[want] == 0:
		return "", fmt.Errorf("the archive holds no answer of %s, but of %s", shorten(want), shorten(strings.Join(bases, " and ")))
	case want != "":
		return want, nil
	case len(bases) > 1:
		return "", fmt.Errorf("the archive holds answers of %d JobManagers (%s); export one of them alone", len(bases), shorten(strings.Join(bases, ", ")))
	}
	return bases[0], nil
}

// split cuts a URL into base and path of the REST API; ok is false where the path is none of it.
func split(raw string) (base, path string, ok bool) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", "", false
	}
	at := apiPath.FindStringIndex(u.Path)
	if at == nil {
		return "", "", false
	}
	return u.Scheme + "://" + u.Host + u.Path[:at[0]], u.Path[at[0]:], true
}

// relative is the path and query of a URL below base.
func relative(raw, base string) (path, query string, ok bool) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", "", false
	}
	path, ok = strings.CutPrefix(u.Scheme+"://"+u.Host+u.Path, base)
	return path, u.RawQuery, ok && strings.HasPrefix(path, "/")
}

// Base is the URL below which the recording's paths are, without a trailing slash and without credentials.
func (r *Recording) Base() string { return r.base }

// Entries are all answers in the order of their requests. They are not to be changed.
func (r *Recording) Entries() []Entry { return r.entries }

// Start is when the first request was sent.
func (r *Recording) Start() time.Time { return r.entries[0].Start }

// End is when the last answer was there.
func (r *Recording) End() time.Time {
	end := r.entries[0].End()
	for i := range r.entries {
		if t := r.entries[i].End(); t.After(end) {
			end = t
		}
	}
	return end
}

// BreaksOff says after how many entries the archive ends in the middle; empty for a whole one.
func (r *Recording) BreaksOff() string { return r.breaksOff }

// looks tells whether a look at a job is in it: an answer about its checkpoints.
func (r *Recording) looks() bool {
	return slices.ContainsFunc(r.entries, func(e Entry) bool { return sampled.MatchString(e.Path) && e.Status == 200 })
}

// Jobs are the ids of the jobs that were asked about, in the order in which they appear.
func (r *Recording) Jobs() []string {
	var ids []string
	for _, e := range r.entries {
		if m := jobPath.FindStringSubmatch(e.Path); len(m) > 1 && !slices.Contains(ids, m[1]) {
			ids = append(ids, m[1])
		}
	}
	return ids
}

// Passes are the times of successive looks at the job, oldest first: when its checkpoint statistics were read, looks less than a second
// apart taken as one. A recording without checkpoint statistics has one pass, at its end.
func (r *Recording) Passes() []time.Time {
	var passes []time.Time
	var last time.Time
	for _, e := range r.entries {
		if !sampled.MatchString(e.Path) || e.Status != 200 {
			continue
		}
		if len(passes) == 0 || e.End().Sub(last) >= time.Second {
			passes = append(passes, e.End())
		}
		last = e.End()
	}
	if len(passes) == 0 {
		return []time.Time{r.End()}
	}
	return passes
}
