// Package turbines carries the Java sources of the monitoring of a wind park, by which the diagnosis is judged once: a job of another shape than
// those beside it, and a file system plugin of its own. No rule may know their names. See README.md.
package turbines

import (
	"embed"
	"strings"
)

// Sources holds the trees of Java files: park and vaultfs, and what Flink 1 and 2 do not have in common beside them.
//
//go:embed park vaultfs flink1 flink2
var Sources embed.FS

// Names a build needs.
const (
	// JobDir and StoreDir are the roots of the two trees within Sources.
	JobDir   = "park"
	StoreDir = "vaultfs"
	// Monitor is the entry class of the job.
	Monitor = "dk.vindmark.turbines.TurbineMonitor"
	// StoreFactory is what META-INF/services/org.apache.flink.core.fs.FileSystemFactory of the plugin names.
	StoreFactory = "org.polarstore.vault.VaultFactory"
	// StoreScheme is the scheme of its paths.
	StoreScheme = "vault"
	// Control is the environment variable that names the file with the knobs of plugin and job.
	Control = "VINDMARK_KNOBS"
)

// ForVersion is the tree that the job needs beside JobDir on that version: Flink 2 moved the old interfaces.
func ForVersion(version string) []string {
	if strings.HasPrefix(version, "2.") {
		return []string{"flink2"}
	}
	return []string{"flink1"}
}
