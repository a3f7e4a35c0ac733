// Package faultjobs carries the Java sources of the job whose checkpoints can be made sick, and of the file system plugin
// that delays storage. They are compiled against the Flink distribution they run on; see README.md.
package faultjobs

import "embed"

// Sources holds trees of Java files: pipeline (the job), objectstore (the plugin), classic (a job of what only Flink 1 has), shapes (four jobs of
// other topologies) with shapes1 or shapes2 (what Flink 1 and 2 declare in different ways), tables (a job in SQL).
//
//go:embed pipeline objectstore classic shapes shapes1 shapes2 tables
var Sources embed.FS

// Names a build needs.
const (
	// PipelineDir, StoreDir, ClassicDir, TablesDir and those of shapes are the roots of the trees within Sources.
	PipelineDir = "pipeline"
	StoreDir    = "objectstore"
	ClassicDir  = "classic"
	ShapesDir   = "shapes"
	Shapes1Dir  = "shapes1"
	Shapes2Dir  = "shapes2"
	TablesDir   = "tables"
	// PipelineMain is the entry class of the job.
	PipelineMain = "org.example.pipeline.EventPipeline"
	// ClassicMain is the entry class of the job of Flink 1.
	ClassicMain = "org.example.ledger.LedgerJob"
	// OrdersMain, TrafficMain, ShipmentsMain and ClinicMain are the entry classes of shapes.
	OrdersMain    = "com.acme.orders.OrdersJob"
	TrafficMain   = "net.rivermetrics.traffic.TrafficJob"
	ShipmentsMain = "de.lagerhaus.shipments.ShipmentsJob"
	ClinicMain    = "org.clinic.appointments.ClinicJob"
	// BidsMain is the entry class of shapes whose load, keys and batches grow, and ReturnsMain that of a join in SQL.
	BidsMain    = "io.adstream.BidsJob"
	ReturnsMain = "biz.kiosk.returns.ReturnsJob"
	// SalesMain is the entry class of the job in SQL, and SalesTable a table factory that it needs, which is Flink's own.
	SalesMain  = "biz.kiosk.sales.SalesJob"
	SalesTable = "org.apache.flink.connector.datagen.table.DataGenTableSourceFactory"
	// StoreFactory is what META-INF/services/org.apache.flink.core.fs.FileSystemFactory of the plugin names.
	StoreFactory = "org.example.objectstore.ObjectStoreFileSystem$Factory"
	// StoreScheme is the scheme of its paths.
	StoreScheme = "objectstore"
	// StoreControl is the environment variable that names the file with the delays in force.
	StoreControl = "OBJECTSTORE_CONTROL"
)
