// Package meterjobs carries the Java sources of a third set of jobs by which the diagnosis is judged once: electricity meters in Flink SQL and in the
// DataStream API, a connector of their own, and a file system plugin. No rule may know their names. See README.md.
package meterjobs

import (
	"embed"
	"strings"
)

// Sources holds the trees of Java files: the jobs, the store, what both read, and the sinks of Flink 1 and 2.
//
//go:embed meters store panel sinks1 sinks2
var Sources embed.FS

// Names a build needs.
const (
	// JobsDir and StoreDir are the roots of the two trees within Sources.
	JobsDir  = "meters"
	StoreDir = "store"
	// TableFactory is what META-INF/services/org.apache.flink.table.factories.Factory of the jobs names.
	TableFactory = "se.kraftnat.feeder.FeederFactory"
	// StoreFactory is what META-INF/services/org.apache.flink.core.fs.FileSystemFactory of the plugin names.
	StoreFactory = "io.spindle.coil.CoilFileSystem$Maker"
	// StoreScheme is the scheme of its paths.
	StoreScheme = "coil"
	// Control is the environment variable that names the file with the switches of plugin and jobs.
	Control = "METER_PANEL"
)

// Entry classes of the jobs.
const (
	LoadProfile = "se.kraftnat.meters.LoadProfile" // a table function, the first places of each meter or street, cumulating windows; two sinks
	Settlement  = "se.kraftnat.meters.Settlement"  // two tables without duplicates, a join whose state is forgotten; a sink with transactions
	HeadEnd     = "se.kraftnat.meters.HeadEnd"     // DataStream API: operator state of two kinds, two keyed operators; a sink with transactions
)

// panel is read by jobs and store.
const panel = "panel"

// ForJobs are the trees that the jobs need beside JobsDir on that version.
func ForJobs(version string) []string {
	if strings.HasPrefix(version, "2.") {
		return []string{panel, "sinks2"}
	}
	return []string{panel, "sinks1"}
}

// ForStore are the trees that the plugin needs beside StoreDir.
func ForStore(string) []string { return []string{panel} }
