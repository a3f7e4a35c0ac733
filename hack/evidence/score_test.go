package main

import (
	"bytes"
	"strings"
	"testing"
)

// scored runs evidence score with arguments in an empty repository.
func scored(t *testing.T, args ...string) (string, error) {
	t.Helper()
	c := newScore()
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(append([]string{"--root", t.TempDir()}, args...))
	err := c.ExecuteContext(t.Context())
	return out.String(), err
}

func TestSetsThatAreNotThereAreRefused(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--set fourth", `--set "fourth": want second or third`},
		{"--first-look x.yaml", "want the set that is looked at, --set second or third"},
		{"--set third --wrong", "--set with --wrong: want one of them"},
		{"--set second", "the set second has not been looked at: want --first-look hack/evidence/first-look.yaml,"},
		{"--set third", "the set third has not been looked at: want --first-look hack/evidence/first-look-third.yaml,"},
	} {
		if _, err := scored(t, strings.Fields(c.args)...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.args, err, c.want)
		}
	}
}
