package checkpoint

import (
	"bytes"
	"errors"
	"fmt"

	"cradio/loader/strictjson"
)

// plainJSON converts the output of Python's json module to standard JSON: without a byte
// order mark, and with null for NaN, Infinity and -Infinity. Only training arguments have
// these values.
func plainJSON(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !bytes.Contains(data, []byte("NaN")) && !bytes.Contains(data, []byte("Infinity")) {
		return data
	}
	out := make([]byte, 0, len(data))
	for i, inside := 0, false; i < len(data); {
		switch c := data[i]; {
		case inside && c == '\\' && i+1 < len(data):
			out = append(out, c, data[i+1])
			i += 2
			continue
		case c == '"':
			inside = !inside
		case !inside:
			if n := constant(data[i:]); n > 0 {
				out = append(out, "null"...)
				i += n
				continue
			}
		}
		out = append(out, data[i])
		i++
	}
	return out
}

// constant is the length of one of Python's constants at the start of data, or 0.
func constant(data []byte) int {
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(data, []byte(word)) {
			return len(word)
		}
	}
	return 0
}

// unmarshal reads a JSON object. Two fields of one name are an error.
func unmarshal(data []byte, v any) error {
	err := strictjson.Unmarshal(data, strictjson.Limits{Bytes: maxConfigBytes}, v)
	var broken *strictjson.Error
	switch {
	case errors.As(err, &broken) && broken.Twice:
		return fmt.Errorf("field %q appears twice", broken.Key)
	case err != nil:
		return fmt.Errorf("not a JSON object: %w", err)
	}
	return nil
}
