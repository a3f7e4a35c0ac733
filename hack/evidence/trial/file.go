package trial

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"
)

// maxBytes is far above what a trial needs (some 600 bytes).
const maxBytes = 64 << 10

// Read reads a trial. Errors name the file, the field, its value and what would be right.
func Read(path string) (*Trial, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t, err := Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Parse reads a trial from its text.
func Parse(raw []byte) (*Trial, error) {
	if len(raw) > maxBytes {
		return nil, fmt.Errorf("%d bytes are no trial, expected at most %d", len(raw), maxBytes)
	}
	var t Trial
	if err := yaml.UnmarshalStrict(raw, &t); err != nil {
		return nil, fmt.Errorf("%w; expected the fields case, split, set, flinkVersion, causes, odd, relabelled, slowOnset, incurable, job, faultAt, sickUntil, firstExpiry, expired, remedy and then", err)
	}
	if !bytes.Contains(raw, []byte("causes:")) {
		return nil, fmt.Errorf("causes is missing, expected a list of causes, or [] for a healthy job")
	}
	if err := t.Check(); err != nil {
		return nil, err
	}
	return &t, nil
}

// Write writes a trial, and the directories above it. A trial that could not be read again is refused.
func Write(path string, t *Trial) error {
	if err := t.Check(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	out := *t
	if out.Causes == nil {
		out.Causes = []string{}
	}
	raw, err := yaml.Marshal(&out)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o644)
}
