// Package testkit holds what tests of several packages share. Only tests import it.
//
//	flinkserver*.go  FlinkServer, a Flink REST API on loopback whose answers a test decides, or a recording gives
//	heap.go          HeapPeak, by how much the heap grew
package testkit
