package flink

import (
	"context"
	"path"
	"strings"
)

// maxJars bounds the jars of a class path that are kept.
const maxJars = 500

// JobManagerJars asks GET /jobmanager/environment: the file names of the jars on the JobManager's class path, without their folders. The
// answer also holds the options of the JVM, which may hold secrets: nothing of them is kept. A version that does not know the question answers 404.
func (c *Client) JobManagerJars(ctx context.Context) ([]string, error) {
	var out []string
	_, err := c.fetch(ctx, call{template: "/jobmanager/environment"}, func(b []byte) (err error) { out, err = decodeJars(b); return })
	return out, err
}

func decodeJars(data []byte) ([]string, error) {
	var environment struct {
		ClassPath []string `json:"classpath"`
	}
	if err := decodeJSON(data, &environment); err != nil {
		return nil, err
	}
	if environment.ClassPath == nil {
		return nil, missing("classpath")
	}
	jars := make([]string, 0, min(len(environment.ClassPath), maxJars))
	for _, entry := range environment.ClassPath {
		if name := path.Base(entry); strings.HasSuffix(name, ".jar") && len(jars) < maxJars {
			jars = append(jars, cleanLine(name, maxName))
		}
	}
	return jars, nil
}
