package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// uniqueKeys returns an error for an object with a repeated key.
func uniqueKeys(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	type level struct {
		keys map[string]bool // nil in an array
		key  bool            // a key comes next
	}
	var stack []level
	for {
		t, err := d.Token()
		if err != nil {
			return nil // Unmarshal reports the error
		}
		top := len(stack) - 1
		if d, ok := t.(json.Delim); ok {
			switch d {
			case '{':
				stack = append(stack, level{keys: map[string]bool{}, key: true})
				continue
			case '[':
				stack = append(stack, level{})
				continue
			}
			stack = stack[:top]
			top--
		} else if top >= 0 && stack[top].key {
			k := t.(string)
			if stack[top].keys[k] {
				return fmt.Errorf("field %q appears twice", k)
			}
			stack[top].keys[k] = true
			stack[top].key = false
			continue
		}
		if top < 0 {
			return nil
		}
		stack[top].key = stack[top].keys != nil
	}
}
