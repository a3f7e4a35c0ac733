package diagnose

import (
	"fmt"

	"checkpointhealth.dev/operator/controllers/model"
)

// longCollections looks for the JVM's own lines about collections of half a second or more, in the log of the JobManager or of any TaskManager.
// Few processes log them, so that none is no sign, and a log that is not there nothing missing: the metrics measure the same. Weighs 5, as
// what the metrics say of it weighs 35 to 55 already.
func longCollections(jobManager bool) func(*features) sign {
	return func(f *features) sign {
		for i := range f.s.Logs {
			s := &f.s.Logs[i]
			if s.Kind != model.LogGCPause || s.Count <= 0 || (s.Process == model.JobManagerProcess) != jobManager || !f.ofThisSpell(s.Last) {
				continue
			}
			text := fmt.Sprintf("%d of 0.5 s or more", s.Count)
			if !jobManager {
				text = named(s.Process) + ": " + text
			}
			if s.Detail != "" {
				text += ", the first " + named(s.Detail)
			}
			return yes(text+f.ago(s.Last), "none")
		}
		return no
	}
}
