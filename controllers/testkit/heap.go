package testkit

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// HeapPeak collects garbage and then watches the heap until the function it returns is called, which says by how many bytes the objects on
// it grew at most. It looks every 2 ms and at the end: what lives shorter may not be seen.
func HeapPeak() func() uint64 {
	runtime.GC()
	first, most := heap(), uint64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				most = max(most, heap())
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-stopped
		return max(most, heap(), first) - first
	}
}

// heap is how many bytes the objects on the heap take, garbage that was not collected yet included.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
