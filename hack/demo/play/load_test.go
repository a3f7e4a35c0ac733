package play

import "testing"

func TestLoad(t *testing.T) {
	for _, c := range []struct {
		text, want string
		tooMuch    bool
	}{
		{"66.07 54.05 39.62 3/912 20461\n", "load 66, 2 CPUs", true},
		{"1.20 20.00 45.10 3/912 20461\n", "load 45, 2 CPUs", true}, // it was busy while the jobs ran
		{"7.90 6.00 4.10 3/912 20461\n", "load 8, 2 CPUs", false},
		{"", "load not known, 2 CPUs", false},
		{"none of it", "load not known, 2 CPUs", false},
	} {
		if load := loadOf(c.text, 2); load.String() != c.want || load.tooMuch() != c.tooMuch {
			t.Errorf("%q: %s, too much %v; want %s, %v", c.text, load, load.tooMuch(), c.want, c.tooMuch)
		}
	}
}
