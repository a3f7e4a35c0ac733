package play

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// machineLoad is how busy the machine is.
type machineLoad struct {
	// average is how many processes ran or waited for a CPU over the last one, five or fifteen minutes, whichever is most; 0 where it is not known.
	average float64
	cpus    int
}

// newestLoad reads the load (Linux); elsewhere it is not known.
func newestLoad() machineLoad {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return machineLoad{cpus: runtime.NumCPU()}
	}
	return loadOf(string(text), runtime.NumCPU())
}

// loadOf reads the first three fields of proc_loadavg(5): averages over one, five and fifteen minutes.
func loadOf(text string, cpus int) machineLoad {
	load := machineLoad{cpus: cpus}
	fields := strings.Fields(text)
	for _, field := range fields[:min(len(fields), 3)] {
		if average, err := strconv.ParseFloat(field, 64); err == nil {
			load.average = max(load.average, average)
		}
	}
	return load
}

// crowd is how many processes a CPU may have to share before jobs suffer: two clusters of Flink and the control plane make 2 to 4 a CPU on a machine
// of two, and with twice that each gets half of what it should.
const crowd = 8

func (l machineLoad) tooMuch() bool { return l.average > crowd*float64(l.cpus) }

func (l machineLoad) String() string {
	if l.average == 0 {
		return fmt.Sprintf("load not known, %d CPUs", l.cpus)
	}
	return fmt.Sprintf("load %.0f, %d CPUs", l.average, l.cpus)
}
