package recording

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// DefaultMaxSize bounds an archive, in bytes after decompression. Ten minutes of a large job every 10 s, thread dumps of
// ten processes included, are about 60 × 1 MB; what a browser adds of its own pages is of the same order.
const DefaultMaxSize = 256 << 20

// LoadOption changes how an archive is read.
type LoadOption func(*loader)

// WithMaxSize bounds the archive to n bytes after decompression.
func WithMaxSize(n int64) LoadOption { return func(l *loader) { l.max = n } }

// WithBase picks one REST API of an archive that holds several, by its base URL.
func WithBase(base string) LoadOption {
	return func(l *loader) { l.base = strings.TrimRight(base, "/") }
}

// WithPartial reads an archive that breaks off as well, as a copy out of a process that died does, where it holds a look at a job; BreaksOff tells of it.
// One that is damaged otherwise is refused.
func WithPartial() LoadOption { return func(l *loader) { l.partial = true } }

type loader struct {
	max     int64
	base    string
	partial bool
}

// errBreaksOff is of an archive that ends before its end.
var errBreaksOff = errors.New("the file ends in the middle")

// candidate is an entry of the archive that may be an answer of a Flink REST API.
type candidate struct {
	url string
	Entry
}

// Load reads the archive in a file, gzipped or not.
func Load(path string, opts ...LoadOption) (*Recording, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := Read(f, opts...)
	if closeErr := f.Close(); err == nil && closeErr != nil {
		err = closeErr
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Read reads an archive, gzipped or not.
func Read(src io.Reader, opts ...LoadOption) (*Recording, error) {
	l := loader{max: DefaultMaxSize}
	for _, opt := range opts {
		opt(&l)
	}
	plain, err := decompress(src)
	if err != nil {
		return nil, err
	}
	limited := &limitedReader{r: plain, left: l.max}
	list, seen, err := readArchive(limited)
	if err == nil {
		// What comes after the archive is nothing; of a zipped one it tells whether the file is whole.
		if _, rest := io.Copy(io.Discard, limited); rest != nil {
			err = fmt.Errorf("the HTTP Archive breaks off or is damaged after %d entries: %w", seen, plainError(rest))
		}
	}
	if limited.exceeded {
		return nil, fmt.Errorf("the archive is larger than %d MiB; record for a shorter time, or leave out what is not the REST API", l.max>>20)
	}
	if err != nil {
		return l.part(list, seen, err)
	}
	return selectBase(list, seen, l.base)
}

// part is what is there of an archive that cannot be read to its end, where that is enough and the reader takes it.
func (l *loader) part(list []candidate, seen int, why error) (*Recording, error) {
	if !l.partial || !errors.Is(why, errBreaksOff) {
		return nil, why
	}
	r, err := selectBase(list, seen, l.base)
	if err != nil || !r.looks() {
		return nil, why
	}
	r.breaksOff = fmt.Sprintf("the recording breaks off after %d entries", seen)
	return r, nil
}

// decompress looks at the first bytes and not at the name: browsers and mail programs rename files.
func decompress(src io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(src)
	magic, err := buffered.Peek(3)
	if len(magic) == 0 {
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("cannot be read: %w", err)
		}
		return nil, errors.New("the file is empty, expected an HTTP Archive (HAR 1.2)")
	}
	if bytes.HasPrefix(magic, []byte("\x1f\x8b")) {
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("the file begins like gzip and is not: %w", err)
		}
		buffered = bufio.NewReader(z)
		magic, _ = buffered.Peek(3)
	}
	if bytes.HasPrefix(magic, []byte("\ufeff")) {
		_, err = buffered.Discard(len("\ufeff"))
		return buffered, err
	}
	return buffered, nil
}

// readArchive walks {"log": {…, "entries": […], …}}; seen counts the entries, also those that are no answer to a GET.
func readArchive(src io.Reader) (list []candidate, seen int, err error) {
	dec := json.NewDecoder(src)
	found := false
	err = walkObject(dec, "archive", func(key string) error {
		if key != "log" {
			return skip(dec)
		}
		found = true
		return walkObject(dec, "log", func(key string) error {
			if key != "entries" {
				return skip(dec)
			}
			return walkEntries(dec, func(e harEntry) error {
				seen++
				c, ok, err := e.read()
				if ok {
					list = append(list, c)
				}
				return err
			})
		})
	})
	switch {
	case err != nil && seen == 0 && !found:
		return nil, 0, fmt.Errorf("not an HTTP Archive (HAR 1.2): expected JSON that begins with {\"log\": …: %w", err)
	case err != nil:
		return list, seen, fmt.Errorf("the HTTP Archive breaks off or is damaged after %d entries: %w", seen, err)
	case !found:
		return nil, 0, errors.New("not an HTTP Archive (HAR 1.2): the JSON has no \"log\"")
	}
	return list, seen, nil
}

func walkObject(dec *json.Decoder, name string, visit func(key string) error) error {
	if err := delimiter(dec, '{', name+" is not an object"); err != nil {
		return err
	}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return plainError(err)
		}
		key, ok := token.(string)
		if !ok {
			return fmt.Errorf("%s has a key that is not a string", name)
		}
		if err := visit(key); err != nil {
			return err
		}
	}
	return delimiter(dec, '}', name+" does not end")
}

func walkEntries(dec *json.Decoder, visit func(harEntry) error) error {
	if err := delimiter(dec, '[', "log.entries is not a list"); err != nil {
		return err
	}
	for n := 0; dec.More(); n++ {
		var e harEntry
		if err := dec.Decode(&e); err != nil {
			return fmt.Errorf("log.entries[%d]: %w", n, plainError(err))
		}
		if err := visit(e); err != nil {
			return fmt.Errorf("log.entries[%d]: %w", n, err)
		}
	}
	return delimiter(dec, ']', "log.entries does not end")
}

func delimiter(dec *json.Decoder, want json.Delim, otherwise string) error {
	token, err := dec.Token()
	if err != nil {
		return plainError(err)
	}
	if token != want {
		return errors.New(otherwise)
	}
	return nil
}

func skip(dec *json.Decoder) error {
	var ignored json.RawMessage
	return plainError(dec.Decode(&ignored))
}

// plainError says in plain words, and shortly, what is wrong with the JSON.
func plainError(err error) error {
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errBreaksOff
	case errors.As(err, &wrongType):
		kind, _, _ := strings.Cut(wrongType.Value, " ")
		return fmt.Errorf("%s is a %s, which it cannot be", cmp.Or(wrongType.Field, "the entry"), kind)
	case len(err.Error()) > 200:
		return errors.New(shorten(err.Error()))
	}
	return err
}

// read turns an entry into a candidate; ok is false for what is no answer to a GET with a body.
func (e *harEntry) read() (c candidate, ok bool, err error) {
	if e.Request.Method != http.MethodGet || e.Response.Status <= 0 || e.Response.Content.Text == "" {
		return candidate{}, false, nil
	}
	start, err := time.Parse(time.RFC3339Nano, e.Started)
	if err != nil {
		return candidate{}, false, fmt.Errorf("startedDateTime is %q, expected a time such as 2025-01-31T12:00:00.000Z", shorten(e.Started))
	}
	body := []byte(e.Response.Content.Text)
	if e.Response.Content.Encoding == "base64" {
		if body, err = base64.StdEncoding.DecodeString(e.Response.Content.Text); err != nil {
			return candidate{}, false, fmt.Errorf("response.content.text of %s is not base64, as its encoding says", shorten(e.Request.URL))
		}
	}
	took := min(max(e.Time, 0), float64(time.Hour.Milliseconds()))
	return candidate{url: e.Request.URL, Entry: Entry{
		Status: e.Response.Status, Type: e.Response.Content.MimeType, Body: body,
		Start: start, Took: time.Duration(took * float64(time.Millisecond)),
	}}, true, nil
}

func shorten(s string) string {
	s = strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s), "?")
	if len(s) > 120 {
		return strings.ToValidUTF8(s[:120], "") + "…"
	}
	return s
}

// limitedReader ends with an error instead of an end, so that a large file is not taken for a broken one.
type limitedReader struct {
	r        io.Reader
	left     int64
	exceeded bool
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		l.exceeded = true
		return 0, errors.New("the bound is reached")
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	return n, err
}
