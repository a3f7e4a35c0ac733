// Package wardjobs carries the Java sources of a fifth set of jobs by which the diagnosis is judged once: the wards of a hospital in the DataStream
// API and in Flink SQL, and a file system plugin. No rule may know their names. See README.md.
package wardjobs

import (
	"embed"
	"strings"
)

// Sources holds the trees of Java files: the jobs, the store, what both read, and what generations of Flink do not have in common.
//
//go:embed vigil store knobs flink1 flink2 charts118 charts120 charts2
var Sources embed.FS

// Names a build needs.
const (
	// JobsDir and StoreDir are the roots of the two trees within Sources.
	JobsDir  = "vigil"
	StoreDir = "store"
	// TableFactory is what META-INF/services/org.apache.flink.table.factories.Factory of the jobs names.
	TableFactory = "se.lasarett.rounds.WardTables"
	// StoreFactory is what META-INF/services/org.apache.flink.core.fs.FileSystemFactory of the plugin names.
	StoreFactory = "no.vaskeri.linen.LinenFactory"
	// StoreScheme is the scheme of its paths.
	StoreScheme = "linen"
	// Control is the environment variable that names the file with the knobs of plugin and jobs.
	Control = "WARD_KNOBS"
)

// Entry classes of the jobs.
const (
	Vigil  = "se.lasarett.vigil.WardVigil"   // DataStream API: two sources and an old one, a keyed co-process, windows, a side output; two sinks
	Rounds = "se.lasarett.rounds.WardRounds" // Flink SQL: a temporal join with the newest row of a key, a window TVF, a scalar function; two sinks
)

// knobs is read by jobs and store.
const knobs = "knobs"

// ForJobs are the trees that the jobs need beside JobsDir on that version: Flink 2 moved old interfaces, and a sink with a committer has had three shapes.
func ForJobs(version string) []string {
	switch {
	case strings.HasPrefix(version, "2."):
		return []string{knobs, "flink2", "charts2"}
	case strings.HasPrefix(version, "1.19."), strings.HasPrefix(version, "1.20."):
		return []string{knobs, "flink1", "charts120"}
	}
	return []string{knobs, "flink1", "charts118"}
}

// ForStore are the trees that the plugin needs beside StoreDir.
func ForStore(string) []string { return []string{knobs} }
