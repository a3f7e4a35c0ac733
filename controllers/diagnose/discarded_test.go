package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A payload that was seen to be discarded is one cause, whoever else is busy with another one; and the known issue that nobody is told of it is no cause
// beside it.
func TestADiscardedPayloadBesideABusyOperator(t *testing.T) {
	for name, c := range map[string]struct {
		seen bool
		want bool
	}{"it was seen": {true, true}, "it was not": {false, false}} {
		s := expiredThrice(4, shares{all(quick), absentFirst, absentFirst})
		press(s, sink, 0, 1, 0)
		dumps(s, append(idleThreads(state, 1), taskThreadOf(sink, 0, flushFrames, "org.apache.kafka.clients.Producer.flush"))...)
		if c.seen {
			s.Logs = []model.LogSignal{{Kind: model.LogOversizedPayload, Count: 3, Last: testNow.Add(-time.Minute), Detail: "max allowed size 500000 bytes"}}
		}
		d := diagnosed(t, s)
		f := findingOf(&d, api.CauseOversizedAck)
		if got := f != nil && f.Score >= likelyScore; got != c.want {
			t.Errorf("%s: %+v", name, f)
		}
		if f := findingOf(&d, api.CauseFlinkVersionBug); f != nil && f.Score >= likelyScore {
			t.Errorf("%s: a second name of the same cause: %+v", name, f)
		}
	}
}
