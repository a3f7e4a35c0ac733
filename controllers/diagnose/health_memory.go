package diagnose

// endedOutOfMemory: what was triggered before a JobManager's memory ended, and whose end no log tells, is no health; nor is what completed before it.
func endedOutOfMemory(q *patient) (string, bool) {
	at, holds := q.s.JobManagerOutOfMemory()
	if !holds {
		return "", false
	}
	when := ""
	if !at.IsZero() && !at.After(q.now) {
		when = " " + span(q.now.Sub(at)) + " ago"
	}
	return "the JobManager ran out of memory" + when + ", and no checkpoint has completed since", true
}
