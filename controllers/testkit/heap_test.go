package testkit_test

import (
	"runtime"
	"testing"

	"checkpointhealth.dev/operator/controllers/testkit"
)

// What is held is seen, and nothing like it where nothing is.
func TestHeapPeak(t *testing.T) {
	const held = 64 << 20
	if grown := testkit.HeapPeak()(); grown > held/2 {
		t.Errorf("nothing was held, and the heap grew by %d MiB", grown>>20)
	}
	peak := testkit.HeapPeak()
	block := make([]byte, held)
	if grown := peak(); grown < held {
		t.Errorf("%d MiB were held, and the heap grew by %d MiB", held>>20, grown>>20)
	}
	runtime.KeepAlive(block)
}
