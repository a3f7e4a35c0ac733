// Package faultjobs carries the Java sources of the job whose checkpoints can be made sick, and of the file system plugin
// that delays storage. They are compiled against the Flink distribution they run on; see README.md.
package faultjobs

import "embed"

// Sources holds two trees of Java files: pipeline (the job) and objectstore (the plugin).
//
//go:embed pipeline objectstore
var Sources embed.FS

// Names a build needs.
const (
	// PipelineDir and StoreDir are the roots of the two trees within Sources.
	PipelineDir = "pipeline"
	StoreDir    = "objectstore"
	// PipelineMain is the entry class of the job.
	PipelineMain = "org.example.pipeline.EventPipeline"
	// StoreFactory is what META-INF/services/org.apache.flink.core.fs.FileSystemFactory of the plugin names.
	StoreFactory = "org.example.objectstore.ObjectStoreFileSystem$Factory"
	// StoreScheme is the scheme of its paths.
	StoreScheme = "objectstore"
	// StoreControl is the environment variable that names the file with the delays in force.
	StoreControl = "OBJECTSTORE_CONTROL"
)
