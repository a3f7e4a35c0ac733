package observe

import (
	"testing"
	"time"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

// Between two calls of a minute what had gathered passes in a moment. That nothing passed during the call before is kept for as long as it may tell.
func TestThatASubtaskStoodIsKept(t *testing.T) {
	var w subtaskWork
	at, records := int64(1772366400000), int64(1000)
	read := func(seconds int, passed int64) {
		at, records = at+int64(seconds)*1000, records+passed
		w.add(workReading{at: at, work: workOf(records, float64(at-1772366400000))}, true)
	}
	read(10, 0)
	read(12, 0)
	read(8, 300)
	read(10, 0)
	if got := w.stood(10 * time.Second); got.Lately.In != 0 || got.Stood.Busy != 12*time.Second || got.Stood.In != 0 {
		t.Errorf("%+v, want the longest span without a record", got)
	}
	read(9, 300)
	if got := w.stood(10 * time.Second); got.Lately.In != 300 || got.Stood.Busy != 12*time.Second {
		t.Errorf("after a flow %+v", got)
	}
	for range 31 {
		read(10, 300)
	}
	if got := w.stood(10 * time.Second); got.Stood != (model.Work{}) {
		t.Errorf("minutes later %+v", got.Stood)
	}
	if got := w.stood(10 * time.Minute); got.Stood.Busy != 12*time.Second {
		t.Errorf("with a timeout of ten minutes %+v", got.Stood)
	}
}

// workOf is a subtask that was busy all of the time.
func workOf(records int64, busy float64) flink.Work {
	var w flink.Work
	w.ReadRecords, w.WriteRecords, w.ReadComplete, w.WriteComplete = records, records, true, true
	w.Busy = flink.Float(busy)
	return w
}
