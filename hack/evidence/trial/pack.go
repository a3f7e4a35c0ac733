package trial

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
)

// Bounds of the recordings in the repository, in bytes.
const (
	// MostEach is what one may have: a wide job that is looked at twelve times has some 200 KB.
	MostEach = 250_000
	// MostAll is what all may have, so that a clone stays quick: 600 of 80 KB. Packed, 549 have 43.4 MB, of which two fifths are thread dumps; they are
	// kept, for what a task waits in is told by nothing else.
	MostAll = 48_000_000
)

// archive is an HTTP Archive whose entries stay as they were written.
type archive struct {
	Log struct {
		Version string            `json:"version"`
		Creator json.RawMessage   `json:"creator"`
		Entries []json.RawMessage `json:"entries"`
	} `json:"log"`
}

// Pack makes a gzipped recording smaller and loses nothing: every entry stays as it is, and those of one path stand together in the order in which they
// were asked. Answers of one path are much alike, and gzip sees no further back than 32 KiB, less than one thread dump: in the order of time a dump is
// never near the one before it (a quarter less, measured). Whoever reads a recording orders it by its times.
func Pack(recording []byte) ([]byte, error) {
	a, err := unpack(recording)
	if err != nil {
		return nil, err
	}
	paths := make(map[string]string, len(a.Log.Entries))
	for i, entry := range a.Log.Entries {
		path, err := pathOf(entry)
		if err != nil {
			return nil, fmt.Errorf("log.entries[%d]: %w", i, err)
		}
		paths[string(entry)] = path
	}
	slices.SortStableFunc(a.Log.Entries, func(x, y json.RawMessage) int { return strings.Compare(paths[string(x)], paths[string(y)]) })
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(z, `{"log": {"version": %q, "creator": %s, "entries": [`+"\n%s\n]}}\n", a.Log.Version, a.Log.Creator, bytes.Join(plain(a.Log.Entries), []byte("\n,")))
	if err := errors.Join(err, z.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func unpack(recording []byte) (*archive, error) {
	z, err := gzip.NewReader(bytes.NewReader(recording))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	var a archive
	if err := json.Unmarshal(text, &a); err != nil {
		return nil, err
	}
	if len(a.Log.Entries) == 0 {
		return nil, errors.New("log.entries is empty, expected the answers that were recorded")
	}
	return &a, nil
}

func pathOf(entry json.RawMessage) (string, error) {
	var e struct {
		Request struct {
			URL string `json:"url"`
		} `json:"request"`
	}
	if err := json.Unmarshal(entry, &e); err != nil {
		return "", err
	}
	u, err := url.Parse(e.Request.URL)
	if err != nil {
		return "", err
	}
	return u.Path, nil
}

func plain(entries []json.RawMessage) [][]byte {
	out := make([][]byte, len(entries))
	for i := range entries {
		out[i] = entries[i]
	}
	return out
}
