// Package parceljobs carries the Java sources of a second set of jobs by which the diagnosis is judged: Flink SQL over a connector of their own,
// with functions written in Java, and a file system plugin. No rule may know their names. See README.md.
package parceljobs

import (
	"embed"
	"strings"
)

// Sources holds the trees of Java files: the tables, the store, what both read, and the sinks of three generations of Flink.
//
//go:embed tables store dials sink118 sink120 sink2
var Sources embed.FS

// Names a build needs.
const (
	// JobsDir and StoreDir are the roots of the two trees within Sources.
	JobsDir  = "tables"
	StoreDir = "store"
	// TableFactory is what META-INF/services/org.apache.flink.table.factories.Factory of the jobs names.
	TableFactory = "com.northquay.quay.QuayFactory"
	// StoreFactory is what META-INF/services/org.apache.flink.core.fs.FileSystemFactory of the plugin names.
	StoreFactory = "org.slipway.fs.SlipFileSystem$Factory"
	// StoreScheme is the scheme of its paths.
	StoreScheme = "slip"
	// Control is the environment variable that names the file with the dials of plugin and jobs.
	Control = "QUAY_DIALS"
)

// Entry classes of the jobs.
const (
	Tracking = "com.northquay.parcels.Tracking" // two tables, the last row of each parcel, a join, windows; two sinks
	Billing  = "com.northquay.parcels.Billing"  // a look-up join, an aggregate with state of its own; a sink with transactions
	Tally    = "com.northquay.parcels.Tally"    // wide, next to no state
)

// dials is read by jobs and store.
const dials = "dials"

// ForJobs are the trees that the jobs need beside JobsDir on that version: a sink with transactions has had three shapes.
func ForJobs(version string) []string {
	switch {
	case strings.HasPrefix(version, "2."):
		return []string{dials, "sink2"}
	case strings.HasPrefix(version, "1.19."), strings.HasPrefix(version, "1.20."):
		return []string{dials, "sink120"}
	}
	return []string{dials, "sink118"}
}

// ForStore are the trees that the plugin needs beside StoreDir.
func ForStore(string) []string { return []string{dials} }
