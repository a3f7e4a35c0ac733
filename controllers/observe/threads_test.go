package observe

import (
	"context"
	"testing"
	"time"
)

// dumpOf is a thread dump in which a task reads.
const dumpOf = `{"threadInfos":[{"threadName":"Source: orders (1/2)#0","stringifiedThreadInfo":"\"Source: orders (1/2)#0\" Id=90 RUNNABLE\n\tat com.shop.Reader.pollNext(Reader.java:12)\n\n"}]}`

// A look at the stacks is two dumps some seconds apart where the pass may wait: one cannot tell what is stuck from what is at work.
func TestALookIsTwoDumps(t *testing.T) {
	for _, tt := range []struct {
		name   string
		every  time.Duration
		pauses bool
		want   int
	}{
		{"every three minutes", 0, true, 2},
		{"nobody may wait", 0, false, 1},
		{"the next look comes soon", 4 * time.Second, true, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fake := healthyFlink()
			clock := &fakeClock{now: time.UnixMilli(1772366400000)}
			fake.answers["/jobs/"+jobID+"/checkpoints"] = checkpoints(pending(9, 1772366400000-400_000))
			fake.answers["/jobmanager/thread-dump"] = dumpOf
			options := Options{Now: clock.read, StackEvery: tt.every}
			if tt.pauses {
				options.Pause = func(_ context.Context, d time.Duration) { clock.now = clock.now.Add(d) }
			}
			snapshot, err := Flink(t.Context(), connect(t, fake, clock), options, &Memory{})
			if err != nil {
				t.Fatal(err)
			}
			if n := fake.count("/jobmanager/thread-dump"); n != tt.want {
				t.Errorf("%d dumps, want %d; gaps %v", n, tt.want, snapshot.Gaps)
			}
		})
	}
}
