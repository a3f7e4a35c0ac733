package cases

import (
	"slices"
	"strings"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/faultjobs"
)

// hotels is one job of several shapes, sources and sinks.
var hotels = flinklocal.Java{Name: "hotels.jar", Sources: faultjobs.HotelSources, Dir: faultjobs.HotelsDir, Main: faultjobs.HotelsMain,
	More: func(version string) []string {
		if strings.HasPrefix(version, "1.") {
			return []string{faultjobs.ShapesDir, faultjobs.Shapes1Dir, faultjobs.Hotels1Dir}
		}
		return []string{faultjobs.ShapesDir, faultjobs.Shapes2Dir, faultjobs.Hotels2Dir}
	}}

// bookings is that job.
func bookings(name string, parallelism int, conf map[string]string, args, why string) flinklocal.Case {
	c := job(name, parallelism, conf, args, why)
	c.Job = &hotels
	return c
}

// tuningHotels are cases of that job.
func tuningHotels() []Case {
	return advised(slices.Concat(hotelSnapshots(), hotelCrashes(), hotelRestarts(), hotelCommits(), hotelCalls(), hotelEnds(), hotelPairs(), hotelMore())...)
}

// hotelSnapshots are synchronous parts of sinks that work, and of state backends.
func hotelSnapshots() []Case {
	until := Until{Expired: 4}
	slow := []string{"SlowSyncPhase"}
	return []Case{
		{
			Case: bookings("sync-sink-compresses", 2, checkpointing("5s", "10s", keyBackend, "rocksdb"),
				"--shape quotes --rate 60 --nights 20 --sink function --sink-snapshot compress --sink-snapshot-ms 25000 --sink-snapshot-only 1 --from-s 15",
				"One of two sink functions compresses what it has for 25 s within its snapshot; the timeout is 10 s."),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
		{
			Case: bookings("sync-writer-copies", 3, strict(), "--shape quotes --apart 1 --rate 40 --nights 10 --sink writer --sink-snapshot copy --sink-snapshot-ms 30000 --sink-snapshot-only 2 --from-s 15",
				"The writer of one of three sinks copies its buffer for 30 s within its snapshot, by Java's serialization; the job restarts at the first expired checkpoint."),
			Causes: slow, Until: Until{Expired: 3},
		},
		{
			Case: bookings("sync-line-outbox", 1, checkpointing("1s", "8s"), "--rate 100 --sink function --sink-snapshot outbox --sink-snapshot-ms 30000 --from-s 15",
				"Source, step and sink function are one task; within its snapshot the sink waits 30 s for a lock that a thread of the job's own holds; the timeout is 8 s."),
			Causes: slow, Until: until, Versions: []string{"1.18.1"},
		},
		{
			Case: bookings("sync-timers-on-heap", 2, checkpointing("4s", "6s", keyBackend, "rocksdb", keyIncremental, "true", "state.backend.rocksdb.timer-service.factory", "HEAP"),
				"--shape stays --rate 100 --keys 40 --alarms 700000 --alarms-each 2000 --sink writer --from-s 12",
				"700,000 timers a subtask on the heap beside RocksDB are written in the synchronous part, and each key takes some 12 us to write: 9 s, where the timeout is 6 s."),
			Causes: slow, Until: until,
		},
		{
			Case: sized(bookings("sync-letters-copied", 3, checkpointing("2s", "6s"), "--rate 80 --apart 1 --sink function --letters 300000 --letters-each 1000 --from-s 15",
				"A sink function buffers 300,000 letters a subtask in operator state, which can be copied by Java's serialization only: Flink copies the list in the synchronous part, some "+
					"20 us a letter and thread, against a timeout of 6 s."), map[string]string{keyTaskHeap: "768m"}),
			Causes: slow, Until: until, Versions: []string{"2.2.1"},
		},
	}
}
