package flinklocal

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRestorePath(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string // below checkpoints/<job>, with their text
		want  string
	}{
		"nothing yet":                         {},
		"the only one":                        {files: map[string]string{"chk-3/_metadata": "m"}, want: "chk-3"},
		"highest number, not the last text":   {files: map[string]string{"chk-9/_metadata": "m", "chk-10/_metadata": "m"}, want: "chk-10"},
		"an expired one has no metadata":      {files: map[string]string{"chk-4/_metadata": "m", "chk-5/0a1b": "state"}, want: "chk-4"},
		"metadata cut short is none":          {files: map[string]string{"chk-4/_metadata": "m", "chk-5/_metadata": ""}, want: "chk-4"},
		"other folders are none":              {files: map[string]string{"shared/_metadata": "m", "chk-x/_metadata": "m", "chk--1/_metadata": "m"}},
		"a file of that name is none":         {files: map[string]string{"chk-7": "odd"}},
		"the folder of another job is not it": {files: map[string]string{"../other/chk-9/_metadata": "m"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for path, text := range c.files {
				full := filepath.Join(dir, "job", path)
				if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want := ""
			if c.want != "" {
				want = "objectstore://" + filepath.Join(dir, "job", c.want)
			}
			if got, err := restorePath("objectstore", dir, "job"); err != nil || got != want {
				t.Errorf("%q, %v; want %q", got, err, want)
			}
		})
	}
}
