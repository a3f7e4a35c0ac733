// Package tolls carries the Java sources of the clearing of road tolls, by which the diagnosis is judged once: a job of another shape than those beside
// it, and a file system plugin of its own. No rule may know their names. See README.md.
package tolls

import (
	"embed"
	"strings"
)

// Sources holds the trees of Java files: the job, the store, what both read, and what generations of Flink do not have in common.
//
//go:embed road silofs switches api1 api2 clearing118 clearing120 clearing2
var Sources embed.FS

// Names a build needs.
const (
	// JobDir and StoreDir are the roots of the two trees within Sources.
	JobDir   = "road"
	StoreDir = "silofs"
	// Clearing is the entry class of the job.
	Clearing = "it.pedaggio.tolls.TollClearing"
	// StoreFactory is what META-INF/services/org.apache.flink.core.fs.FileSystemFactory of the plugin names.
	StoreFactory = "org.granary.silo.SiloFileSystem$Factory"
	// StoreScheme is the scheme of its paths.
	StoreScheme = "silo"
	// Control is the environment variable that names the file with the switches of plugin and job.
	Control = "TOLL_SWITCHES"
)

// switches is read by job and store.
const switches = "switches"

// ForJob are the trees that the job needs beside JobDir on that version: Flink 2 moved old interfaces, and a sink with a committer has had three shapes.
func ForJob(version string) []string {
	switch {
	case strings.HasPrefix(version, "2."):
		return []string{switches, "api2", "clearing2"}
	case strings.HasPrefix(version, "1.19."), strings.HasPrefix(version, "1.20."):
		return []string{switches, "api1", "clearing120"}
	}
	return []string{switches, "api1", "clearing118"}
}

// ForStore are the trees that the plugin needs beside StoreDir.
func ForStore(string) []string { return []string{switches} }
