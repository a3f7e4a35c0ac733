package configfile

import (
	"strings"
	"testing"
)

const nested = `# what the payments team runs with
execution:
  checkpointing:
    interval: 1 min   # agreed with the bank
    timeout: '10 min'
    # keep me
jobmanager: {memory: {process.size: 2048m}}
high-availability.type: kubernetes
list: [a, b]
empty:
secret.key: hunter2
`

const lines = "# old file\r\nexecution.checkpointing.timeout: 10 min # ten\r\n\r\njobmanager.rpc.address: flink-jobmanager\r\nnothing\r\nparallelism.default: 2"

func parsed(t *testing.T, format Format, text string) *File {
	t.Helper()
	f, err := Parse(format, text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestValuesAreReadAsFlinkReadsThem(t *testing.T) {
	cases := []struct {
		format          Format
		text, key, want string
	}{
		{Standard, nested, "execution.checkpointing.timeout", "10 min"},
		{Standard, nested, "execution.checkpointing.interval", "1 min"},
		{Standard, nested, "jobmanager.memory.process.size", "2048m"},
		{Standard, nested, "high-availability.type", "kubernetes"},
		{Standard, nested, "list", "a;b"},
		{Lines, lines, "execution.checkpointing.timeout", "10 min"},
		{Lines, lines, "parallelism.default", "2"},
		{Lines, "a: 1\na: 2\n", "a", "2"},
		{Lines, "a:1\n", "a", ""},
		{Properties, "a:1\n  b : 2 \n", "b", "2"},
		{Properties, "a:1\n", "a", "1"},
	}
	for _, c := range cases {
		if got := parsed(t, c.format, c.text).Values()[c.key]; got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.format, c.key, got, c.want)
		}
	}
	if _, there := parsed(t, Standard, nested).Values()["empty"]; there {
		t.Error("a null counts as a value")
	}
}

// An edit changes the bytes of one value, and taking it back gives the very text there was.
func TestAnEditKeepsEverythingElseByteForByte(t *testing.T) {
	cases := []struct {
		name             string
		format           Format
		text, key, value string
		want             string // the text with value in it
	}{
		{"quoted and nested", Standard, nested, "execution.checkpointing.timeout", "25s", strings.Replace(nested, "'10 min'", "'25s'", 1)},
		{"plain before a comment", Standard, nested, "execution.checkpointing.interval", "2m", strings.Replace(nested, "1 min   #", "2m   #", 1)},
		{"in braces", Standard, nested, "jobmanager.memory.process.size", "4g", strings.Replace(nested, "2048m", "4g", 1)},
		{"not there", Standard, nested, "jobmanager.io-pool.size", "8", nested + "jobmanager.io-pool.size: 8\n"},
		{"not there, indented root", Standard, "  a: 1\n  b: 2\n", "c", "3", "  a: 1\n  b: 2\n  c: 3\n"},
		{"only comments", Standard, "# nothing yet\n", "c", "3", "# nothing yet\nc: 3\n"},
		{"no newline at the end", Standard, "a: ü b\nd: 1", "c", "3", "a: ü b\nd: 1\nc: 3"},
		{"not only ASCII before it", Standard, "{ä: {ö: 1, ü: 2}}", "ä.ü", "3", "{ä: {ö: 1, ü: 3}}"},
		{"a line with a comment", Lines, lines, "execution.checkpointing.timeout", "25s", strings.Replace(lines, "10 min #", "25s #", 1)},
		{"the last line", Lines, lines, "parallelism.default", "4", strings.TrimSuffix(lines, "2") + "4"},
		{"a new line", Lines, lines, "jobmanager.io-pool.size", "8", lines + "\njobmanager.io-pool.size: 8"},
		{"a property", Properties, "a:1\n  b : 2 \n", "b", "3", "a:1\n  b : 3 \n"},
		{"empty", Properties, "", "b", "3", "b: 3\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := parsed(t, c.format, c.text)
			text, prior, err := f.Set(c.key, c.value)
			if err != nil || text != c.want {
				t.Fatalf("got %v\n%s\nwant\n%s", err, text, c.want)
			}
			if back, ok := Undo(c.format, text, c.key, c.value, prior, len(f.Find(c.key)) > 0); !ok || back != c.text {
				t.Errorf("undone it is %v\n%q\nwant\n%q", ok, back, c.text)
			}
			foreign := text + "\nforeign: 1\n"
			if c.format == Standard && strings.HasPrefix(c.text, " ") || strings.HasPrefix(c.text, "{") {
				return
			}
			if back, ok := Undo(c.format, foreign, c.key, c.value, prior, len(f.Find(c.key)) > 0); !ok || !strings.Contains(back, "foreign: 1") {
				t.Errorf("with a line that somebody added it is %v\n%q", ok, back)
			}
		})
	}
}

func TestWhatCannotBeEditedIsRefusedWithItsLine(t *testing.T) {
	cases := []struct{ name, text, key, want string }{
		{"twice, nested and flat", "a:\n  b: 1\na.b: 2\n", "a.b", "line 3: a.b is there already in line 2"},
		{"an alias", "a: &x 1\nb: *x\n", "b", "line 2: b is an alias"},
		{"an anchor", "a: &x 1\nb: *x\n", "a", "line 1: a is a value with an anchor"},
		{"a block", "a: |\n  1\n  2\n", "a", "line 1: a is a value over several lines"},
		{"folded plain text", "a: 1\n  2\n", "a", "over several lines"},
		{"a list", "a: [1]\n", "a", "line 1: a is a list"},
		{"braces that would have to grow", "{a: 1}\n", "b", "in braces"},
		{"an ended document", "a: 1\n...\n", "b", `ended by a line "..."`},
	}
	for _, c := range cases {
		if _, _, err := parsed(t, Standard, c.text).Set(c.key, "3"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	for _, value := range []string{"", " 3", "a\nb", "a # b"} {
		if _, _, err := parsed(t, Lines, lines).Set("a", value); err == nil {
			t.Errorf("value %q was written", value)
		}
	}
}

func TestTextThatIsNoConfigurationIsAnErrorWithItsLine(t *testing.T) {
	cases := []struct{ text, want string }{
		{"a: 1\n\tb: 2\n", "line 2: not YAML"},
		{"a: [1\n", "not YAML"},
		{"- a\n", "line 1: the file is not a mapping"},
		{"a: 1\n---\nb: 2\n", "a second YAML document"},
		{"<<: {a: 1}\n", "line 1: a key that is no plain text"},
		{"x: &m {a: 1}\ny: *m\n", "the alias *m of y is not read"},
		{strings.Repeat("a: {", 40) + strings.Repeat("}", 40), "nested more than"},
		{strings.Repeat("#", maxText+1), "more than the"},
	}
	for _, c := range cases {
		if _, err := Parse(Standard, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.20q: got %v, want %q", c.text, err, c.want)
		}
	}
	if f := parsed(t, Standard, ""); len(f.Keys()) != 0 {
		t.Errorf("an empty file has keys %v", f.Keys())
	}
}

func TestUndoLeavesWhatSomebodyElseWroteSince(t *testing.T) {
	if text, ok := Undo(Lines, "a: 5\n", "a", "3", "1", true); ok || text != "a: 5\n" {
		t.Errorf("a value that is not ours became %q", text)
	}
	if text, ok := Undo(Standard, "a: [", "a", "3", "1", true); ok || text != "a: [" {
		t.Errorf("a text that is no YAML became %q", text)
	}
	if text, ok := Undo(Lines, "x: 1\n  a: 3  # theirs\ny: 2\n", "a", "3", "gone: a: 3\n", false); !ok || text != "x: 1\ny: 2\n" {
		t.Errorf("the line was not removed: %q", text)
	}
}

// Whatever the text is: reading it ends, and an edit that is made can be taken back to the byte.
func FuzzAnEditCanBeTakenBack(f *testing.F) {
	for _, text := range []string{nested, lines, "a: &x 1\nb: *x\n", "{a: 1}", "a: '1'\n...\n", "\xff: 1", "a: \"\\x41\"\n", "? a\n: 1\n", "\r "} {
		f.Add(text, "execution.checkpointing.timeout")
		f.Add(text, "a")
	}
	f.Fuzz(func(t *testing.T, text, key string) {
		for _, format := range []Format{Standard, Lines, Properties} {
			file, err := Parse(format, text)
			if err != nil {
				continue
			}
			edited, prior, err := file.Set(key, "25s")
			if err != nil {
				continue
			}
			if back, ok := Undo(format, edited, key, "25s", prior, len(file.Find(key)) > 0); !ok || back != text {
				t.Errorf("%s: %q became %q and %v %q", format, text, edited, ok, back)
			}
		}
	})
}
