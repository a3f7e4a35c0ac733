// Package roundtrip holds what is written to what was read: for the tests of files that one program writes and another reads.
package roundtrip

import (
	"fmt"
	"path/filepath"

	"github.com/google/go-cmp/cmp"
)

// Check writes a value into a new directory below dir, reads it again, and says where the two differ.
func Check[T any](dir string, value *T, write func(string, *T) error, read func(string) (*T, error)) error {
	path := filepath.Join(dir, "new", "file.yaml")
	if err := write(path, value); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	again, err := read(path)
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if diff := cmp.Diff(value, again); diff != "" {
		return fmt.Errorf("%T is not read as it was written (-written +read):\n%s", value, diff)
	}
	return nil
}
