package flink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"
)

// Budget bounds the memory that large answers take while they are read and decoded, over all clients that share it. Small answers, as those of a
// healthy poll are, do not ask for any of it.
type Budget struct {
	reading, decoding *semaphore.Weighted
	size              int64
}

// DefaultBudget is what large answers of all clients of a process may take together, in bytes: two of the largest at once, or the logs and
// thread dumps of some twenty jobs. A manager has 512 MiB, of which a thousand jobs take about 150.
const DefaultBudget = 128 << 20

// shared is the budget of the process.
var shared = NewBudget(DefaultBudget)

// NewBudget is a budget of size bytes, half of it for bodies and half for what becomes of them.
func NewBudget(size int64) *Budget {
	half := max(size/2, 1)
	// Two halves: whoever decodes holds a body already, and would wait for ever for those who hold bodies and wait to decode.
	return &Budget{reading: semaphore.NewWeighted(half), decoding: semaphore.NewWeighted(half), size: half}
}

// WithBudget takes the memory for large answers from budget instead of the one that all clients of the process share.
func WithBudget(budget *Budget) Option {
	return func(c *Client) error {
		if budget == nil {
			return fmt.Errorf("budget is nil, expected one of NewBudget")
		}
		c.budget = budget
		return nil
	}
}

const (
	// smallBody is what an answer may have without asking, in bytes: a poll's largest is the history of checkpoints, 10 kB.
	smallBody = 256 << 10
	// streamCost is what reading a log takes: what a reader keeps of it, not its size.
	streamCost = 4 << 20
	// valueCost is what a value of an answer takes once decoded, in bytes: subtasks take 18 each (measured), others with longer texts more.
	valueCost = 32
	// largestList is what the largest list there may be takes of empty objects: 40,000 times 256 bytes.
	largestList = maxMembers * 256
)

// hold is what one request has of the budget.
type hold struct {
	budget       *Budget
	clock        func() time.Time
	read, decode int64
	waited       time.Duration
}

// forReading waits until a body of so many bytes may be read. The buffer of a body whose length is not known grows to twice its bytes.
func (h *hold) forReading(ctx context.Context, size int64) error {
	size = min(size, h.budget.size)
	if err := h.wait(ctx, h.budget.reading, size); err != nil {
		return err
	}
	h.read = size
	return nil
}

// forDecoding waits until so many values may be decoded; a few need not wait.
func (h *hold) forDecoding(ctx context.Context, values int) error {
	if values <= few {
		return nil
	}
	size := min(int64(values)*valueCost+largestList, h.budget.size)
	if err := h.wait(ctx, h.budget.decoding, size); err != nil {
		return err
	}
	h.decode = size
	return nil
}

func (h *hold) wait(ctx context.Context, from *semaphore.Weighted, size int64) error {
	start := h.clock()
	err := from.Acquire(ctx, size)
	h.waited += h.clock().Sub(start)
	if err != nil {
		return ErrBusy
	}
	return nil
}

// release gives everything back.
func (h *hold) release() {
	if h.read > 0 {
		h.budget.reading.Release(h.read)
	}
	if h.decode > 0 {
		h.budget.decoding.Release(h.decode)
	}
	h.read, h.decode = 0, 0
}

// sizeOf is how many bytes a body will take: twice the bound where its length is not known, for its buffer grows by doubling.
func sizeOf(resp *http.Response, bound int64) int64 {
	if n := resp.ContentLength; n > 0 && n <= bound {
		return n
	}
	return 2 * bound
}

// boundedReader ends with ErrTooLarge beyond a bound, and counts.
type boundedReader struct {
	from        io.Reader
	bound, read int64
	// broken is the error of the connection.
	broken error
}

func (r *boundedReader) Read(p []byte) (int, error) {
	if r.read > r.bound {
		return 0, tooLarge(r.bound)
	}
	n, err := r.from.Read(p[:min(int64(len(p)), r.bound+1-r.read)])
	r.read += int64(n)
	if r.read > r.bound {
		return n, tooLarge(r.bound)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		r.broken = err
	}
	return n, err
}

// fault says whose fault it is that a body was not read to its end: the connection's, or that of what is in the body.
func (r *boundedReader) fault(err error) error {
	switch {
	case err == nil, errors.Is(err, ErrTooLarge):
		return err
	case errors.Is(r.broken, io.ErrUnexpectedEOF):
		return malformed("answered half: the connection ended after %d bytes; try again", r.read)
	case r.broken != nil:
		return r.broken
	}
	return malformed("answered with what cannot be read: %s", cleanLine(err.Error(), maxMessage))
}

func tooLarge(bound int64) error {
	return &fault{kind: ErrTooLarge, text: fmt.Sprintf("answered with more than %s; reading stopped there", sizeText(bound))}
}
