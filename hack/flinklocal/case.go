package flinklocal

import (
	"maps"
	"slices"
	"strings"
)

// Case is one job, what makes its checkpoints sick, and what would cure it.
type Case struct {
	Name string
	// Cause is the true one, in the words of the diagnosis (docs/diagnosis.md), "" for a healthy job.
	Cause string
	// Treatable tells that a configuration cures it; the others get advice.
	Treatable bool
	// Why it goes sick and what cures it, with the arithmetic.
	Why string

	Config map[string]string // flinkConfiguration of the deployment
	Lab    map[string]string // sizes of the local processes, which no deployment would name
	Args   []string          // of the job; see the README of hack/lab/faultjobs
	// Neighbour are the arguments of a second job in the same JobManager, where there is one.
	Neighbour []string
	Delays    map[string]string // of storage
	Onset     int               // completed checkpoints before the delays begin
	Steps     []Step            // what changes after that, while the job runs

	// Job is what runs; nil = the pipeline of hack/lab/faultjobs. A job gets pairs of arguments: first --parallelism N, then Args, and from the
	// second start on --from-s 0 as well (a fault that waits for its time is there at once); it leaves alone what it does not know.
	Job        *Java
	EntryClass string // of Job, where its manifest names another; "" = the manifest's
	Store      *Store // where checkpoints go; nil = hack/lab/faultjobs' object store

	Cure map[string]string // settings that cure it, on top of Config
	// Wrong are settings that look like a cure and are none, on top of Config; nil where none was measured.
	Wrong map[string]string

	Parallelism  int     // of every vertex
	TaskManagers int     // 0 = 2
	CPU          float64 // of the JobManager, as its JVM sees it; 0 = 1
	// Slots of each TaskManager; 0 = as many as the job and a neighbour of the same size need.
	Slots int
	// LastVersion is the Flink version of the last TaskManager; "" = as the others. It need not register.
	LastVersion string
	// JVM are more options of the JobManager's and the last TaskManager's JVM, such as -Xmx128m: they win.
	JobManagerJVM, TaskManagerJVM []string
}

// Spec is the deployment of the case.
func (c Case) Spec(namespace, name, version string) Spec {
	return Spec{Namespace: namespace, Name: name, Version: version, Config: maps.Clone(c.Config), CPU: max(c.CPU, 1),
		UpgradeMode: "last-state", Parallelism: c.Parallelism}
}

// With is the configuration of the case with changes on top.
func (c Case) With(changes map[string]string) map[string]string {
	conf := map[string]string{}
	maps.Copy(conf, c.Config)
	maps.Copy(conf, changes)
	return conf
}

func (c Case) taskManagers() int {
	if c.TaskManagers == 0 {
		return 2
	}
	return c.TaskManagers
}

// slots is how many a TaskManager needs so that the job, and a neighbour of the same size, find room.
func (c Case) slots(parallelism int) int {
	if c.Slots > 0 {
		return c.Slots
	}
	if len(c.Neighbour) > 0 {
		parallelism *= 2
	}
	return (parallelism + c.taskManagers() - 1) / c.taskManagers()
}

// Find returns the case of that name.
func Find(name string) (Case, bool) {
	all := Cases()
	i := slices.IndexFunc(all, func(c Case) bool { return c.Name == name })
	if i < 0 {
		return Case{}, false
	}
	return all[i], true
}

// Names are those of all cases, in the order of the table.
func Names() []string {
	var names []string
	for _, c := range Cases() {
		names = append(names, c.Name)
	}
	return names
}

// describe is settings on one line, in order.
func describe(settings map[string]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(settings)) {
		parts = append(parts, k+"="+settings[k])
	}
	return strings.Join(parts, " ")
}
