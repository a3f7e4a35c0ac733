package flinklocal

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// mib is one mebibyte in bytes.
const mib = int64(1) << 20

// JobManagerMemory is how Flink divides a JobManager's process; all in bytes.
type JobManagerMemory struct {
	Heap, OffHeap, Metaspace, Overhead int64
}

// Process is the sum: what the container must allow.
func (m JobManagerMemory) Process() int64 { return m.Heap + m.OffHeap + m.Metaspace + m.Overhead }

// JVM are the options that Flink's start script gives to java for it.
func (m JobManagerMemory) JVM() []string {
	return []string{fmt.Sprintf("-Xmx%d", m.Heap), fmt.Sprintf("-Xms%d", m.Heap), fmt.Sprintf("-XX:MaxMetaspaceSize=%d", m.Metaspace)}
}

// Properties are the dynamic properties that the start script adds, so that /jobmanager/config shows what is in force.
func (m JobManagerMemory) Properties() []string {
	b := func(key string, v int64) string { return fmt.Sprintf("%s=%db", key, v) }
	return []string{
		b("jobmanager.memory.heap.size", m.Heap), b("jobmanager.memory.off-heap.size", m.OffHeap),
		b("jobmanager.memory.jvm-metaspace.size", m.Metaspace),
		b("jobmanager.memory.jvm-overhead.min", m.Overhead), b("jobmanager.memory.jvm-overhead.max", m.Overhead),
	}
}

// memoryKeys reads a configuration once and keeps the first mistake.
type memoryKeys struct {
	conf map[string]string
	err  error
}

func (k *memoryKeys) size(key string, otherwise int64) int64 {
	text, ok := k.conf[key]
	if !ok {
		return otherwise
	}
	n, err := ParseMemory(text)
	if err != nil && k.err == nil {
		k.err = fmt.Errorf("%s: %w", key, err)
	}
	return n
}

func (k *memoryKeys) fraction(key string, otherwise float64) float64 {
	text, ok := k.conf[key]
	if !ok {
		return otherwise
	}
	f, err := strconv.ParseFloat(text, 64)
	if k.err == nil && (err != nil || f < 0 || f >= 1) {
		k.err = fmt.Errorf("%s: %q: want a number from 0 up to, not including, 1", key, text)
	}
	return f
}

// DeriveJobManagerMemory divides as Flink does (ProcessMemoryUtils and JobManagerFlinkMemoryUtils, 1.15 to 2.3; defaults:
// off-heap 128m, metaspace 256m, overhead 0.1 of the process within 192m to 1g). Precedence: heap.size, flink.size,
// process.size; where two of them are set the overhead is what is left and must lie in its bounds, or Flink does not start.
func DeriveJobManagerMemory(conf map[string]string) (JobManagerMemory, error) {
	k := &memoryKeys{conf: conf}
	m := JobManagerMemory{
		OffHeap:   k.size("jobmanager.memory.off-heap.size", 128*mib),
		Metaspace: k.size("jobmanager.memory.jvm-metaspace.size", 256*mib),
	}
	over := overhead{
		low:  k.size("jobmanager.memory.jvm-overhead.min", 192*mib),
		high: k.size("jobmanager.memory.jvm-overhead.max", 1024*mib),
		part: k.fraction("jobmanager.memory.jvm-overhead.fraction", 0.1),
	}
	heap := k.size("jobmanager.memory.heap.size", 0)
	flink := k.size("jobmanager.memory.flink.size", 0)
	process := k.size("jobmanager.memory.process.size", 0)
	if k.err != nil {
		return m, k.err
	}
	switch {
	case heap > 0:
		if flink > 0 && heap+m.OffHeap != flink {
			return m, fmt.Errorf("jobmanager.memory.flink.size %s: want heap.size + off-heap.size = %dm", conf["jobmanager.memory.flink.size"], (heap+m.OffHeap)/mib)
		}
		m.Heap = heap
		err := m.leave(over, process)
		return m, err
	case flink > 0:
		m.Heap = flink - m.OffHeap
		err := m.leave(over, process)
		return m, err
	case process > 0:
		m.Overhead = over.clamp(float64(process) * over.part)
		m.Heap = process - m.Overhead - m.Metaspace - m.OffHeap
		err := m.hasHeap()
		return m, err
	}
	return m, fmt.Errorf("jobmanager.memory.process.size: not set; Flink wants it, flink.size or heap.size")
}

// overhead is what the JVM needs beside Flink: a part of the process within bounds in bytes.
type overhead struct {
	low, high int64
	part      float64
}

func (o overhead) clamp(v float64) int64 { return max(o.low, min(int64(v), o.high)) }

// leave sets the overhead where heap or Flink memory is fixed: the rest of the process where its size is set as well.
func (m *JobManagerMemory) leave(o overhead, process int64) error {
	flink := m.Heap + m.OffHeap
	if process == 0 {
		m.Overhead = o.clamp(math.Round(float64(flink+m.Metaspace) * o.part / (1 - o.part)))
		return m.hasHeap()
	}
	m.Overhead = process - flink - m.Metaspace
	if m.Overhead < o.low || m.Overhead > o.high {
		return fmt.Errorf("jobmanager.memory.process.size: %dm leaves %dm of overhead beside heap and metaspace, want %dm to %dm: the JobManager would not start",
			process/mib, m.Overhead/mib, o.low/mib, o.high/mib)
	}
	return m.hasHeap()
}

func (m *JobManagerMemory) hasHeap() error {
	if m.Heap > 0 {
		return nil
	}
	return fmt.Errorf("jobmanager.memory.process.size: %dm leaves no heap after overhead %dm, metaspace %dm and off-heap %dm",
		m.Process()/mib, m.Overhead/mib, m.Metaspace/mib, m.OffHeap/mib)
}

// memoryUnits are Flink's (MemorySize.MemoryUnit), in bytes.
var memoryUnits = map[string]int64{
	"": 1, "b": 1, "bytes": 1,
	"k": 1 << 10, "kb": 1 << 10, "kibibytes": 1 << 10,
	"m": 1 << 20, "mb": 1 << 20, "mebibytes": 1 << 20,
	"g": 1 << 30, "gb": 1 << 30, "gibibytes": 1 << 30,
	"t": 1 << 40, "tb": 1 << 40, "tebibytes": 1 << 40,
}

// ParseMemory reads a size as Flink writes it, such as "1600m", "1 gb" or a number of bytes.
func ParseMemory(text string) (int64, error) {
	s := strings.ToLower(strings.TrimSpace(text))
	end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(s)
	}
	n, err := strconv.ParseInt(s[:end], 10, 64)
	unit, known := memoryUnits[strings.TrimSpace(s[end:])]
	if err != nil || !known || n > math.MaxInt64/unit {
		return 0, fmt.Errorf("%q: want a number and a unit (b, k, m, g or t), such as 1600m", text)
	}
	return n * unit, nil
}
