package diagnose

import "testing"

// The size that the frame is to be raised above is not cut off behind the name of a class.
func TestTheSizeOfAPayloadIsTold(t *testing.T) {
	for logged, want := range map[string]string{
		"max allowed size 500000 bytes, actual size of encoded class org.apache.flink.runtime.rpc.messages.RemoteFencedMessage was 725414 bytes": "max allowed size 500000 bytes, actual size 725414 bytes",
		"something else": "something else",
	} {
		if got := payload(logged); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
