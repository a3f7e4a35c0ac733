package flink

import "testing"

// An answer's stack trace is left out of its message, and its innermost cause kept.
func TestTheInnermostCauseOfAnAnswer(t *testing.T) {
	const body = `{"errors":["Internal server error.","<Exception on server side:\nX: no log.\n\tat a.b(C.java:1)\nCaused by: Y: no answer\n\tat a.c(C.java:2)\nCaused by: Z: no method\n\t... 3 more\n\nEnd of exception on server side>"]}`
	err := (&Client{base: "http://jobmanager:8081"}).newStatusError("/taskmanagers/tm-1/log", answer{}, []byte(body))
	if err.Cause != "Z: no method" || err.Message != "Internal server error. <Exception on server side: X: no log." {
		t.Errorf("got message %q, cause %q", err.Message, err.Cause)
	}
	if err := (&Client{}).newStatusError("/x", answer{}, []byte(`{"errors":["not found"]}`)); err.Cause != "" {
		t.Errorf("got cause %q of none", err.Cause)
	}
}
