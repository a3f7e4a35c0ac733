// Package depotjobs carries the Java sources of a fourth set of jobs by which the diagnosis is judged once: the yards of logistics depots in the
// DataStream API and in Flink SQL, and a file system plugin. No rule may know their names. See README.md.
package depotjobs

import (
	"embed"
	"strings"
)

// Sources holds the trees of Java files: the jobs, the store, what both read, and what generations of Flink do not have in common.
//
//go:embed yard store levers api1 api2 sink118 sink120 sink2
var Sources embed.FS

// Names a build needs.
const (
	// JobsDir and StoreDir are the roots of the two trees within Sources.
	JobsDir  = "yard"
	StoreDir = "store"
	// TableFactory is what META-INF/services/org.apache.flink.table.factories.Factory of the jobs names.
	TableFactory = "pl.spedmar.tables.YardFactory"
	// StoreFactory is what META-INF/services/org.apache.flink.core.fs.FileSystemFactory of the plugin names.
	StoreFactory = "io.moorage.berth.BerthFactory"
	// StoreScheme is the scheme of its paths.
	StoreScheme = "berth"
	// Control is the environment variable that names the file with the levers of plugin and jobs.
	Control = "DEPOT_LEVERS"
)

// Entry classes of the jobs.
const (
	Yard  = "pl.spedmar.yard.YardControl" // DataStream API: four sources, asynchronous calls, broadcast rules, timers, session windows; two sinks
	Books = "pl.spedmar.books.DepotBooks" // Flink SQL: an interval join, an OVER aggregation, a scalar function; two sinks with transactions
)

// levers is read by jobs and store.
const levers = "levers"

// ForJobs are the trees that the jobs need beside JobsDir on that version: Flink 2 moved old interfaces, and a sink with a committer has had three shapes.
func ForJobs(version string) []string {
	switch {
	case strings.HasPrefix(version, "2."):
		return []string{levers, "api2", "sink2"}
	case strings.HasPrefix(version, "1.19."), strings.HasPrefix(version, "1.20."):
		return []string{levers, "api1", "sink120"}
	}
	return []string{levers, "api1", "sink118"}
}

// ForStore are the trees that the plugin needs beside StoreDir.
func ForStore(string) []string { return []string{levers} }
