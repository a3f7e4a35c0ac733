package flink

import (
	"bytes"
	"fmt"
)

// bound is what is accepted of the answers of one endpoint.
type bound struct {
	// bytes of the body, after decompression.
	bytes int64
	// values are the elements of all lists and the members of all objects together.
	values int
}

// maxMembers bounds one list or object: a job's highest parallelism is 1<<15, and nothing that is asked for has more of anything.
const maxMembers = 40_000

// usual is enough for what is not in bounds: some hundred values.
var usual = bound{bytes: 1 << 20, values: 50_000}

// bounds are about twice what the largest jobs need: 10,000 jobs of a session cluster at 400 bytes and 19 values, 2,000 vertices at 4 kB with
// their plan, 1<<15 subtasks at 350 to 700 bytes and 16 to 32 values, 4,000 TaskManagers at 2 kB.
var bounds = map[string]bound{
	"/jobs/overview":                                 {bytes: 4 << 20, values: 200_000},
	"/jobs/:jobid":                                   {bytes: 8 << 20, values: 200_000},
	"/jobs/:jobid/checkpoints":                       {bytes: 4 << 20, values: 100_000},
	"/jobs/:jobid/exceptions":                        {bytes: 4 << 20, values: 50_000},
	"/taskmanagers":                                  {bytes: 8 << 20, values: 400_000},
	"/jobmanager/thread-dump":                        {bytes: 16 << 20, values: 100_000},
	"/jobs/:jobid/vertices/:vertexid":                {bytes: 32 << 20, values: 1_100_000},
	"/jobs/:jobid/vertices/:vertexid/backpressure":   {bytes: 8 << 20, values: 400_000},
	"/jobs/:jobid/checkpoints/details/:checkpointid": {bytes: 4 << 20, values: 100_000},
	"/jobs/:jobid/checkpoints/details/:checkpointid/subtasks/:vertexid": {bytes: 32 << 20, values: 600_000},
	"/taskmanagers/:taskmanagerid/thread-dump":                          {bytes: 16 << 20, values: 100_000},
}

// bound is what is accepted of a call: the endpoint's bound, or the client's if that is less.
func (c *Client) bound(q call) bound {
	b, known := bounds[q.template]
	if !known {
		b = usual
	}
	most := c.maxBody
	if q.text {
		most = c.maxText
	}
	b.bytes = min(b.bytes, most)
	return b
}

// few are the values that any answer may have without a look at how they are arranged: decoded, some 100 bytes each.
const few = 5000

// countValues counts the elements of lists and members of objects of JSON, all together and of the largest one. It takes no offence at JSON
// that is broken.
func countValues(data []byte) (all, largest int) {
	if all = bytes.Count(data, []byte(",")); all <= few {
		return all, all // commas in texts count as well: there are few all the same
	}
	all = 0
	var open [64]int // commas, by depth; what is nested deeper counts at the last
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = endOfString(data, i)
		case '[', '{':
			depth = min(depth+1, len(open)-1)
			open[depth] = 0
		case ']', '}':
			depth = max(depth-1, 0)
		case ',':
			all++
			open[depth]++
			largest = max(largest, open[depth])
		}
	}
	return all, largest
}

// endOfString is the index of the quote that ends the string which begins at i, or of the last byte.
func endOfString(data []byte, i int) int {
	for i++; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(data) - 1
}

// checkValues refuses answers whose values would take a multiple of their bytes once decoded: {"jobs":[{},{},…]} takes forty times.
func checkValues(data []byte, b bound) (all int, err error) {
	all, largest := countValues(data)
	if all > b.values || largest > maxMembers {
		return all, &fault{kind: ErrTooLarge, text: fmt.Sprintf("answered with %d values, %d of them in one list; expected at most %d and %d", all, largest, b.values, maxMembers)}
	}
	return all, nil
}
