package report

import "testing"

func TestFigureless(t *testing.T) {
	for text, want := range map[string]string{
		"waited 9m52s of 10m":                   "waited # of #",
		"upload 1.1 MiB/s":                      "upload # MiB/s",
		"10.0.0.7:6122 since 2026-07-28T02:14Z": "# since #",
		"no figures":                            "no figures",
		"S3 says 503 Slow Down":                 "S# says # Slow Down",
		"wörld":                                 "wörld",
		"":                                      "",
	} {
		var g gist
		g.figureless(text)
		if got := string(g[:len(g)-1]); got != want {
			t.Errorf("figureless(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestPartsDoNotRunTogether(t *testing.T) {
	var a, b gist
	a.say("ab", "c")
	b.say("a", "bc")
	if string(a) == string(b) {
		t.Error("different parts give the same gist")
	}
}
