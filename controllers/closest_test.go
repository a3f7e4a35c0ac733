package controllers

import "testing"

// A name that does not exist is answered by the one that is meant, or by what there is.
func TestSuggestion(t *testing.T) {
	for _, c := range []struct {
		wanted string
		names  []string
		want   string
	}{
		{"prodd", []string{"staging", "prod"}, ` (is "prod" meant?)`},
		{"rpod", []string{"prod"}, ` (is "prod" meant?)`},
		{"production-eu", []string{"production-us", "production"}, ` (is "production-us" meant?)`},
		{"prod", nil, " (nor does any other)"},
		{"x", []string{"staging", "prod"}, " (others do: prod, staging)"},
		{"prod", []string{"a", "b", "c", "e"}, " (others do: a, b, c and 1 more)"},
	} {
		if got := suggestion(c.wanted, c.names); got != c.want {
			t.Errorf("%s of %v: %q, want %q", c.wanted, c.names, got, c.want)
		}
	}
}
