// Package configfile reads and edits the files in which a standalone Flink keeps its configuration: config.yaml (standard YAML, Flink 1.19
// and later), flink-conf.yaml (lines of "key: value") and the text of the variable FLINK_PROPERTIES. Text in, text out: it knows nothing
// of Kubernetes, and an edit changes the bytes of one value and no other.
//
// What it cannot edit without touching more than the value (anchors, values over several lines, a mapping in braces that would have to
// grow) it refuses, and says which line stands in the way.
package configfile
