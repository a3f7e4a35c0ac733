package flinklocal

import (
	"strings"
	"testing"
)

func TestDeriveJobManagerMemory(t *testing.T) {
	const process, heap, flink = "jobmanager.memory.process.size", "jobmanager.memory.heap.size", "jobmanager.memory.flink.size"
	for name, c := range map[string]struct {
		conf     map[string]string
		heap     int64 // MiB
		overhead int64 // MiB
		problem  string
	}{
		"Flink's default file":              {conf: map[string]string{process: "1600m"}, heap: 1024, overhead: 192},
		"at the lower bound":                {conf: map[string]string{process: "1920m"}, heap: 1344, overhead: 192},
		"a tenth of the process":            {conf: map[string]string{process: "4096m"}, heap: 3302, overhead: 409},
		"at the upper bound":                {conf: map[string]string{process: "12g"}, heap: 10880, overhead: 1024},
		"other shares":                      {conf: map[string]string{process: "1 gb", "jobmanager.memory.jvm-metaspace.size": "128m", "jobmanager.memory.off-heap.size": "64m"}, heap: 640, overhead: 192},
		"flink size":                        {conf: map[string]string{flink: "1152m"}, heap: 1024, overhead: 192},
		"heap wins, overhead is the rest":   {conf: map[string]string{process: "1600m", heap: "900m"}, heap: 900, overhead: 316},
		"heap alone":                        {conf: map[string]string{heap: "4096m"}, heap: 4096, overhead: 497},
		"rest too small":                    {conf: map[string]string{process: "1600m", heap: "1200m"}, problem: "leaves 16m of overhead"},
		"rest too large":                    {conf: map[string]string{process: "4g", heap: "1g"}, problem: "want 192m to 1024m"},
		"heap and flink size do not add up": {conf: map[string]string{flink: "1g", heap: "1g"}, problem: "= 1152m"},
		"too small":                         {conf: map[string]string{process: "500m"}, problem: "leaves no heap"},
		"nothing set":                       {problem: "process.size: not set"},
		"not a size":                        {conf: map[string]string{process: "lots"}, problem: `process.size: "lots"`},
		"not a share":                       {conf: map[string]string{process: "1g", "jobmanager.memory.jvm-overhead.fraction": "1.5"}, problem: `"1.5"`},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := DeriveJobManagerMemory(c.conf)
			if c.problem != "" {
				if err == nil || !strings.Contains(err.Error(), c.problem) {
					t.Fatalf("error %v, want one that says %q", err, c.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if m.Heap/mib != c.heap || m.Overhead/mib != c.overhead {
				t.Errorf("heap %dm, overhead %dm; want %dm and %dm", m.Heap/mib, m.Overhead/mib, c.heap, c.overhead)
			}
		})
	}
}

func TestParseMemory(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "1024": 1024, "12b": 12, "1 kb": 1 << 10, "1600m": 1600 << 20, " 2 GB ": 2 << 30, "1t": 1 << 40} {
		if got, err := ParseMemory(text); err != nil || got != want {
			t.Errorf("ParseMemory(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "m", "1.5g", "-1m", "10 miles", "99999999999999t"} {
		if got, err := ParseMemory(text); err == nil {
			t.Errorf("ParseMemory(%q) = %d, want an error", text, got)
		}
	}
}
