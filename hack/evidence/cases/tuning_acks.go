package cases

// tuningAcks are acknowledgements that do not fit a message: of keyed state, of few and of many subtasks, and in jobs that restart.
func tuningAcks() []Case {
	until := Until{Expired: 4}
	large := []string{"OversizedAck"}
	return []Case{
		{
			Case: orders("large-keyed-hot", 4, every10(keyFrame, "400000b", keyInline, "1mb"),
				"--rate 15 --keys 400 --hot-share 0.95 --entry-bytes 1024 --entries-per-key 800 --message-bytes 20",
				"Keyed state on the heap stays below the threshold of 1 MiB and travels in the acknowledgement. One key gets 57 entries of 1 KiB a second, up to 800: "+
					"after 8 s the acknowledgement of its subtask is larger than the 400 kB of a message, those of the three others have some 60 KiB."),
			Causes: large, Until: until,
		},
		{
			Case: job("large-keyed-strict", 4, strict(keyFrame, "400000b", keyInline, "1mb"), "--keys 1200 --value-bytes 2000 --rate 25",
				"300 keys of 2 kB a subtask travel inside its acknowledgement, 600 kB when all have come, after 12 s, and a message may have 400 kB; the job restarts at "+
					"the first expired checkpoint, and begins with what the last complete one held."),
			Causes: large, Until: Until{Expired: 3}, Versions: []string{"2.2.1"},
		},
		{
			Case: orders("large-union-many", 16, checkpointing("4s", "8s", keyFrame, "600000b", keyInline, "1mb"), "--rate 20 --union-kb 680 --from-s 15",
				"A union list of 680 KiB is in the acknowledgement of each of sixteen subtasks, and a message may have 600 kB."),
			Causes: large, Until: until,
		},
		{
			Case: job("oversized-ack-strict", 4, strict(keyFrame, "500000b", keyInline, "1mb"), tiny+" --inline-kb 700 --from-s 15",
				"700 KiB of operator state of each of four subtasks travel inside its acknowledgement, and a message may have 500 kB; the job restarts at the first expired checkpoint."),
			Causes: large, Until: Until{Expired: 3}, Versions: []string{"1.18.1"},
		},
	}
}
