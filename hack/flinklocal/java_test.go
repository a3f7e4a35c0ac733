package flinklocal

import "testing"

func TestJavaMajor(t *testing.T) {
	for text, want := range map[string]int{
		"openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime Environment": 17,
		`java version "1.8.0_402"`:                                        8,
		`openjdk version "21" 2023-09-19`:                                 21,
		"Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version \"11.0.2\"": 11,
	} {
		if got, err := javaMajor(text); err != nil || got != want {
			t.Errorf("javaMajor(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	if got, err := javaMajor("The operation couldn't be completed. Unable to locate a Java Runtime."); err == nil {
		t.Errorf("a text without a version gave %d, want an error", got)
	}
}
