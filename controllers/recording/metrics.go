package recording

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// isMetrics tells the paths that take ?get=a,b and answer [{"id": …, "value": …}, …].
func isMetrics(path string) bool { return strings.HasSuffix(path, "/metrics") }

// sample is one metric of one answer: the JSON as recorded.
type sample struct {
	raw   json.RawMessage
	entry *Entry
}

// mergedMetrics answers a metrics query from all answers of path: for each id the sample nearest to now. It is not ok
// where no answer of that path can be read.
func (r *Recording) mergedMetrics(path string, query url.Values, now time.Time) (Entry, bool) {
	names, values, order := r.samples(path, now)
	wanted, listed := order, true
	if get := query.Get("get"); get != "" {
		wanted, listed = strings.Split(get, ","), false
	}
	var picked *Entry
	list := make([]json.RawMessage, 0, len(wanted))
	for _, id := range wanted {
		s, ok := values[id]
		if listed {
			s, ok = names[id]
		}
		if !ok {
			continue // Flink leaves out unknown names as well
		}
		list = append(list, s.raw)
		if picked == nil || distance(s.entry, now) < distance(picked, now) {
			picked = s.entry
		}
	}
	if picked == nil {
		near, ok := r.nearest(path, now)
		if !ok || near.Status != http.StatusOK {
			return Entry{}, false
		}
		picked = near
	}
	body, err := json.Marshal(list)
	if err != nil {
		return Entry{}, false
	}
	return Entry{Path: path, Status: http.StatusOK, Type: "application/json", Body: body, Start: picked.Start, Took: picked.Took}, true
}

// samples reads all answers of a metrics path. names holds {"id": …} alone, values what has a value.
func (r *Recording) samples(path string, now time.Time) (names, values map[string]sample, order []string) {
	names, values = map[string]sample{}, map[string]sample{}
	for _, i := range r.byPath[path] {
		e := &r.entries[i]
		for _, raw := range metricsOf(e, now) {
			id, valued := readMetric(raw)
			if id == "" {
				continue
			}
			if _, known := names[id]; !known {
				name, err := json.Marshal(map[string]string{"id": id})
				if err != nil {
					continue
				}
				names[id] = sample{raw: name, entry: e}
				order = append(order, id)
			}
			old, known := values[id]
			if valued && (!known || distance(e, now) < distance(old.entry, now)) {
				values[id] = sample{raw: raw, entry: e}
			}
		}
	}
	return names, values, order
}

// metricsOf are the metrics of an answer; none where it failed, is older or younger than maxAge, or is no list.
func metricsOf(e *Entry, now time.Time) []json.RawMessage {
	var list []json.RawMessage
	if e.Status != http.StatusOK || distance(e, now) > maxAge || json.Unmarshal(e.Body, &list) != nil {
		return nil
	}
	return list
}

// readMetric reads the id, and whether there is any other member: value, or min, max, avg and sum of an aggregate.
func readMetric(raw json.RawMessage) (id string, valued bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || json.Unmarshal(members["id"], &id) != nil {
		return "", false
	}
	return id, len(members) > 1
}
