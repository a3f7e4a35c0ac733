// Package faultjobs carries the Java sources of the job whose checkpoints can be made sick, and of the file system plugin
// that delays storage. They are compiled against the Flink distribution they run on; see README.md.
package faultjobs

import "embed"

// Sources holds three trees of Java files: pipeline (the job), objectstore (the plugin), and classic (a job of what only Flink 1 has).
//
//go:embed pipeline objectstore classic
var Sources embed.FS

// Names a build needs.
const (
	// PipelineDir, StoreDir and ClassicDir are the roots of the trees within Sources.
	PipelineDir = "pipeline"
	StoreDir    = "objectstore"
	ClassicDir  = "classic"
	// PipelineMain is the entry class of the job.
	PipelineMain = "org.example.pipeline.EventPipeline"
	// ClassicMain is the entry class of the job of Flink 1.
	ClassicMain = "org.example.ledger.LedgerJob"
	// StoreFactory is what META-INF/services/org.apache.flink.core.fs.FileSystemFactory of the plugin names.
	StoreFactory = "org.example.objectstore.ObjectStoreFileSystem$Factory"
	// StoreScheme is the scheme of its paths.
	StoreScheme = "objectstore"
	// StoreControl is the environment variable that names the file with the delays in force.
	StoreControl = "OBJECTSTORE_CONTROL"
)
