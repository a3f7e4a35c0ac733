// Package stacks writes thread dumps as Flink's REST API serves them: the text of /jobmanager/thread-dump and
// /taskmanagers/:id/thread-dump (ThreadDumpInfo, Flink 1.15 to 2.3), for tasks that wait, flush, snapshot, upload,
// commit or are stuck, with the classes of well-known connectors and file systems.
//
// It knows what a thread does, never why; which stack a job shows is decided by what the engine says its threads do.
package stacks
