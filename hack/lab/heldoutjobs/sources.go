// Package heldoutjobs carries the Java sources of the jobs by which the diagnosis is judged: other names, operators and topologies than
// those of the fault jobs, other means to make them sick, and a file system plugin of its own. No rule may know their names. See README.md.
package heldoutjobs

import (
	"embed"
	"strings"
)

// Sources holds the trees of Java files: jobs and archivefs, and what versions of Flink do not have in common beside them.
//
//go:embed jobs archivefs flink1 flink2 sink118 sink120 sink2
var Sources embed.FS

// Names a build needs.
const (
	// JobsDir and StoreDir are the roots of the two trees within Sources.
	JobsDir  = "jobs"
	StoreDir = "archivefs"
	// StoreFactory is what META-INF/services/org.apache.flink.core.fs.FileSystemFactory of the plugin names.
	StoreFactory = "com.coldline.archivefs.ArchiveFileSystem$Factory"
	// StoreScheme is the scheme of its paths.
	StoreScheme = "archive"
	// Control is the environment variable that names the file with the tunables of plugin and jobs.
	Control = "ARCHIVE_TUNABLES"
)

// Entry classes of the jobs.
const (
	Orders   = "io.bluecart.orders.OrderSettlement"  // two sources, interval join, windows, two sinks
	Sessions = "io.bluecart.clicks.SessionAnalytics" // two or three sources, session windows, two sinks
	Catalog  = "io.bluecart.catalog.CatalogRefresh"  // an old-style source beside a new one
	Rules    = "net.fleetview.rules.RuleEngine"      // broadcast state, side outputs, two sinks
	Rollup   = "net.fleetview.rollup.UsageRollup"    // wide, next to no state
)

// ForVersion are the trees that the jobs need beside JobsDir on that version: Flink 2 moved the old interfaces and wants durations of
// java.time, and the two-phase sink has had three shapes.
func ForVersion(version string) []string {
	switch {
	case strings.HasPrefix(version, "2."):
		return []string{"flink2", "sink2"}
	case strings.HasPrefix(version, "1.19."), strings.HasPrefix(version, "1.20."):
		return []string{"flink1", "sink120"}
	}
	return []string{"flink1", "sink118"}
}
