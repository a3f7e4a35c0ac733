package testkit

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// JSON answers with a status and a JSON body.
func JSON(status int, body string) Answer {
	return text(status, "application/json; charset=UTF-8", body)
}

// Plain answers with a status and text, such as a log.
func Plain(status int, body string) Answer { return text(status, "text/plain", body) }

// Page answers with a status and a web page, as a proxy or a login does.
func Page(status int, title string) Answer {
	return text(status, "text/html; charset=utf-8", "<!DOCTYPE html>\n<html><head><title>"+title+"</title></head><body></body></html>")
}

// NotFound answers 404 with a message, as Flink does.
func NotFound(message string) Answer { return failure(http.StatusNotFound, message) }

// NoCheckpointing answers as Flink does for a job without checkpointing.
func NoCheckpointing() Answer { return NotFound("Checkpointing has not been enabled.") }

// NoLeader answers 503, as Flink does while no JobManager leads.
func NoLeader() Answer {
	return failure(http.StatusServiceUnavailable, "Service temporarily unavailable due to an ongoing leader election. Please refresh.")
}

// InternalError answers 500 with a stack trace, as Flink does.
func InternalError() Answer {
	return failure(http.StatusInternalServerError, "Internal server error.",
		"<Exception on server side:\norg.apache.flink.util.FlinkException: broken\n\tat org.apache.flink.A.b(A.java:1)\nEnd of exception on server side>")
}

// Redirect answers 302.
func Redirect(to string) Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}
}

// Half promises the whole body and closes the connection after half of it.
func Half(body string) Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		write(w, body[:len(body)/2]) // net/http closes the connection, as less was written than promised
	}
}

// Drop closes the connection without an answer.
func Drop() Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			http.Error(w, "the connection cannot be closed: "+err.Error(), http.StatusInternalServerError)
			return
		}
		if err := conn.Close(); err != nil {
			return // it is closed already
		}
	}
}

// Endless sends JSON that never ends.
func Endless() Answer {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		chunk := strings.Repeat(`{"id":"x"},`, 4096)
		for next := `[`; r.Context().Err() == nil; next = chunk {
			if !write(w, next) {
				return
			}
		}
	}
}

// Wait answers with then once until is closed, or never if the client goes first.
func Wait(until <-chan struct{}, then Answer) Answer {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-until:
			then(w, r)
		case <-r.Context().Done():
		}
	}
}

// Sequence answers with each of the answers once, and with the last from then on.
func Sequence(answers ...Answer) Answer {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		answer := answers[0]
		if len(answers) > 1 {
			answers = answers[1:]
		}
		mu.Unlock()
		answer(w, r)
	}
}

func text(status int, contentType, body string) Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		write(w, body)
	}
}

func failure(status int, messages ...string) Answer {
	body, err := json.Marshal(map[string][]string{"errors": messages})
	if err != nil {
		body = []byte(`{"errors":[]}`)
	}
	return JSON(status, string(body))
}

// write sends s and tells whether the client is still there.
func write(w http.ResponseWriter, s string) bool {
	_, err := w.Write([]byte(s))
	return err == nil
}
