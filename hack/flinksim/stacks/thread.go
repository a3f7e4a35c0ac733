package stacks

import (
	"strconv"
	"strings"
)

// Thread is one thread of a dump.
type Thread struct {
	Name     string
	ID       int
	State    string // as java.lang.Thread.State
	Lock     string // class@hash of what it waits for or is blocked on; empty: nothing
	Owner    string // name of the thread that holds Lock; empty: none
	OwnerID  int
	InNative bool
	Frames   []string // innermost first, "class.method(File.java:1)"; a line that begins with "-" is a monitor held there
	Holds    []string // locked synchronizers
}

// Stringified is the thread as java.lang.management.ThreadInfo words it, without its limit of eight frames.
func (t Thread) Stringified() string {
	var b strings.Builder
	b.WriteString(strconv.Quote(t.Name) + " Id=" + strconv.Itoa(t.ID) + " " + t.State)
	if t.Lock != "" {
		b.WriteString(" on " + t.Lock)
	}
	if t.Owner != "" {
		b.WriteString(" owned by " + strconv.Quote(t.Owner) + " Id=" + strconv.Itoa(t.OwnerID))
	}
	if t.InNative {
		b.WriteString(" (in native)")
	}
	b.WriteByte('\n')
	for i, frame := range t.Frames {
		if held, isMonitor := strings.CutPrefix(frame, "- "); isMonitor {
			b.WriteString("\t-  locked " + held + "\n")
			continue
		}
		b.WriteString("\tat " + frame + "\n")
		if i == 0 && t.Lock != "" {
			verb := "waiting on"
			if t.State == "BLOCKED" {
				verb = "blocked on"
			}
			b.WriteString("\t-  " + verb + " " + t.Lock + "\n")
		}
	}
	if len(t.Holds) > 0 {
		b.WriteString("\n\tNumber of locked synchronizers = " + strconv.Itoa(len(t.Holds)) + "\n")
		for _, held := range t.Holds {
			b.WriteString("\t- " + held + "\n")
		}
	}
	b.WriteByte('\n')
	return b.String()
}

// frames splits a text of one frame a line and writes out the short forms: "java/" is the JDK's own module, "flink/" is
// Flink's package in the application's class loader. Frames of user code and plugins have neither.
func frames(text string) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "java/"); ok {
			line = "java.base@17.0.15/" + rest
		}
		if rest, ok := strings.CutPrefix(line, "flink/"); ok {
			line = "app//org.apache.flink." + rest
		}
		lines[i] = line
	}
	return lines
}

// joined puts stacks on top of each other, innermost first, without sharing memory.
func joined(parts ...[]string) []string {
	var all []string
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}
