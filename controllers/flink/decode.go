package flink

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
)

// Float is a number that may be absent: Flink writes "NaN" (a string) for a quantile without data (1.17.2, 1.20.5 and
// 2.2.1, measured). Absent is NaN.
type Float float64

// Value returns the number, and whether there is one.
func (f Float) Value() (float64, bool) {
	v := float64(f)
	return v, !math.IsNaN(v) && !math.IsInf(v, 0)
}

// UnmarshalJSON reads a number, a number in a string, "NaN" or null.
func (f *Float) UnmarshalJSON(data []byte) error {
	*f = Float(parseFloat(strings.Trim(string(data), `"`)))
	return nil
}

// parseFloat returns NaN for whatever is not a finite number.
func parseFloat(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}

// decodeJSON reads data into v, a pointer to a struct or slice. The quick way takes the types as Flink documents them; where one
// differs (a number in a string, a float for an int) the tolerant way reads the answer once more.
func decodeJSON(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	if err == nil {
		return nil
	}
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return decodeLoose(data, v)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		if syntax.Offset >= int64(len(data)) {
			return malformed("answered half: the JSON ends after %d bytes; try again", len(data))
		}
		return malformed("answered with what is not JSON: %s at byte %d", cleanLine(syntax.Error(), 100), syntax.Offset)
	}
	return malformed("answered with what is not JSON: %s", cleanLine(err.Error(), 100))
}

func decodeLoose(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil && !errors.Is(err, io.EOF) {
		return malformed("answered with what is not JSON: %s", cleanLine(err.Error(), 100))
	}
	return assign(tree, v)
}
