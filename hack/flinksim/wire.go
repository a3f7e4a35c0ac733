package flinksim

import (
	"encoding/json"
	"math"
	"strconv"
)

// double is a number that Jackson writes as a Java double: always with a fraction or an exponent, and NaN as a string.
type double float64

// MarshalJSON writes the number as java.lang.Double.toString does.
func (d double) MarshalJSON() ([]byte, error) {
	v := float64(d)
	if math.IsNaN(v) {
		return []byte(`"NaN"`), nil
	}
	if a := math.Abs(v); v != 0 && (a >= 1e7 || a < 1e-3) {
		text := strconv.AppendFloat(nil, v, 'E', -1, 64)
		return javaExponent(text), nil
	}
	text := strconv.AppendFloat(nil, v, 'f', -1, 64)
	for _, c := range text {
		if c == '.' {
			return text, nil
		}
	}
	return append(text, ".0"...), nil
}

// javaExponent turns 1E+07 into 1.0E7.
func javaExponent(text []byte) []byte {
	out := make([]byte, 0, len(text)+2)
	fraction := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '.':
			fraction = true
			out = append(out, c)
		case 'E':
			if !fraction {
				out = append(out, '.', '0')
			}
			out = append(out, 'E')
			i++
			if text[i] == '-' {
				out = append(out, '-')
			}
			for i+1 < len(text) && text[i+1] == '0' {
				i++
			}
		default:
			out = append(out, c)
		}
	}
	return out
}

// whole is a time or duration in the engine's unit as Flink writes it: whole milliseconds.
func whole(v float64) int64 { return int64(math.Floor(v)) }

// text is a number as a metric's value: Java's toString.
func text(v any) string {
	switch n := v.(type) {
	case float64:
		b, err := double(n).MarshalJSON()
		if err != nil {
			return "NaN"
		}
		s, err := strconv.Unquote(string(b))
		if err != nil {
			return string(b)
		}
		return s
	case int64:
		return strconv.FormatInt(n, 10)
	case int:
		return strconv.Itoa(n)
	case string:
		return n
	}
	return ""
}

// encoded is a value as JSON; the types here cannot fail to encode.
func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte(`{"errors":["Internal server error."]}`)
	}
	return b
}

// object is a JSON object written key by key, for answers whose keys depend on the Flink version.
type object map[string]any
