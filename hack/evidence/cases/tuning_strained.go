package cases

import "checkpointhealth.dev/operator/hack/flinklocal"

// strained is a step, after three completed checkpoints, from which on the last TaskManager has so many cores.
func strained(cores float64) flinklocal.Step {
	return flinklocal.Step{Completed: 3, TaskManagerCPU: cores}
}

// single is the case with one TaskManager for all subtasks.
func single(c flinklocal.Case) flinklocal.Case {
	c.TaskManagers = 1
	return c
}

// tuningStrained are TaskManagers without enough CPU or heap for what runs in them.
func tuningStrained() []Case {
	until := Until{Expired: 4}
	pressed := []string{"TaskManagerPressure"}
	return advised(
		Case{
			Case: sized(orders("heap-short-one", 4, every10(), "--rate 400 --message-bytes 60 --risk-garbage-kb 1000 --task-live-mb 880 --task-live-mb-s 90 --task-only 1 --from-s 12",
				"880 MiB of 1088 MiB of one TaskManager's heap live, and 29 are set aside: each full collection takes 0.7 s and leaves some 170 MiB, which 170 "+
					"orders fill with what they leave behind. 800 a second come, and it takes some 200: they queue, and barriers with them."),
				map[string]string{keyTaskHeap: "1024m"}),
			Causes: pressed, Until: until, Alone: true,
		},
		Case{
			Case: single(sized(shipments("heap-short-all", 4, every10(), "--rate 400 --match-garbage-kb 500 --task-live-mb 162 --task-live-mb-s 20 --from-s 12",
				"The one TaskManager has 832 MiB of heap, and four times 162 MiB live: it collects nearly all the time, and 1600 scans a second queue."),
				map[string]string{keyTaskHeap: "768m"})),
			Causes: pressed, Until: until, Alone: true, Versions: []string{"2.2.1"},
		},
		Case{
			Case: stepped(orders("cpu-short-one", 4, every10(), "--rate 150 --message-bytes 200 --risk-burn-us 1500", "One TaskManager has an eighth of a core; its two subtasks "+
				"compute 1.5 ms an order, 0.45 of a core at 150 orders a second each, and the rest of Flink needs as much again."), strained(0.12)),
			Causes: pressed, Until: Until{Expired: 4}, Alone: true, Versions: []string{"2.2.1"},
		},
		Case{
			Case: single(stepped(shipments("cpu-short-all", 4, every8(), "--rate 300 --entry-bytes 300 --task-threads 2",
				"The one TaskManager has a twentieth of a core for 2400 messages a second, which need some tenth of one, and eight busy threads that index."), strained(0.05))),
			Causes: pressed, Until: Until{Expired: 4}, Alone: true,
		},
		Case{
			Case: stepped(shipments("cpu-short-join", 8, every8(), "--rate 40 --message-bytes 300 --match-burn-us 2000",
				"One TaskManager has an eighth of a core; its four subtasks of the join compute 2 ms a scan, a third of a core at 40 scans a second each."), strained(0.12)),
			Causes: pressed, Until: Until{Expired: 4}, Alone: true,
		},
	)
}
