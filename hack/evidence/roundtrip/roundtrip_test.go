package roundtrip

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(path string, text *string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(*text), 0o600)
}

func TestCheck(t *testing.T) {
	text := "a"
	same := func(path string) (*string, error) {
		raw, err := os.ReadFile(path)
		read := string(raw)
		return &read, err
	}
	if err := Check(t.TempDir(), &text, write, same); err != nil {
		t.Error(err)
	}
	other := func(string) (*string, error) { read := "b"; return &read, nil }
	if err := Check(t.TempDir(), &text, write, other); err == nil || !strings.Contains(err.Error(), "is not read as it was written") {
		t.Errorf("%v", err)
	}
	none := func(string) (*string, error) { return nil, os.ErrNotExist }
	if err := Check(t.TempDir(), &text, write, none); err == nil || !strings.HasPrefix(err.Error(), "reading: ") {
		t.Errorf("%v", err)
	}
}
