package radio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// fields reads a JSON object strictly: every field is asked for by name and
// type, a wrong one is an error that names it, and so is one nobody asked for.
// Errors are gathered, so that one reading reports them all.
type fields struct {
	path string // "config.json: args.model_kwargs"
	raw  map[string]json.RawMessage
	errs *[]error
}

func parseFields(file string, data []byte) (*fields, error) {
	f := &fields{path: file, errs: new([]error)}
	if err := uniqueKeys(data); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := json.Unmarshal(data, &f.raw); err != nil {
		return nil, fmt.Errorf("%s: not a JSON object: %w", file, err)
	}
	if f.raw == nil {
		return nil, fmt.Errorf("%s: is null, wants a JSON object", file)
	}
	return f, nil
}

// uniqueKeys refuses an object that says two things under one name.
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
			return nil // Unmarshal says what is wrong
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

// at is the full name of a field.
func (f *fields) at(name string) string {
	if strings.HasSuffix(f.path, ".json") {
		return f.path + ": " + name
	}
	return f.path + "." + name
}

func (f *fields) fail(name, format string, args ...any) {
	*f.errs = append(*f.errs, fmt.Errorf("%s: %s", f.at(name), fmt.Sprintf(format, args...)))
}

// err joins what went wrong.
func (f *fields) err() error { return errors.Join(*f.errs...) }

// take decodes a field into v and says whether it is there and not null. wants
// describes its type.
func (f *fields) take(name, wants string, v any) bool {
	raw, ok := f.raw[name]
	delete(f.raw, name)
	if !ok || string(raw) == "null" {
		return false
	}
	if err := json.Unmarshal(raw, v); err != nil {
		f.fail(name, "is %s, wants %s", clip(raw), wants)
		return false
	}
	return true
}

// clip is a JSON value short enough for a message.
func clip(raw []byte) string {
	const most = 60
	if len(raw) > most {
		return string(raw[:most]) + "…"
	}
	return string(raw)
}

// integer is a whole number from low to high.
func (f *fields) integer(name string, missing, low, high int) int {
	var v float64
	if !f.take(name, "a whole number", &v) {
		return missing
	}
	if v != math.Trunc(v) || v < float64(low) || v > float64(high) {
		f.fail(name, "is %v, wants a whole number from %d to %d", v, low, high)
		return missing
	}
	return int(v)
}

func (f *fields) number(name string, missing float64) float64 {
	v := missing
	if !f.take(name, "a number", &v) {
		return missing
	}
	return v
}

func (f *fields) boolean(name string, missing bool) bool {
	v := missing
	if !f.take(name, "true or false", &v) {
		return missing
	}
	return v
}

func (f *fields) text(name, missing string) string {
	v := missing
	if !f.take(name, "a string", &v) {
		return missing
	}
	return v
}

// oneOf is a string among known ones.
func (f *fields) oneOf(name, missing string, known ...string) string {
	v := f.text(name, missing)
	if !slices.Contains(known, v) {
		f.fail(name, "is %q, wants one of %s", v, strings.Join(known, ", "))
		return missing
	}
	return v
}

// object is a nested object; nil where it is missing or null.
func (f *fields) object(name string) *fields {
	var raw map[string]json.RawMessage
	if !f.take(name, "an object", &raw) {
		return nil
	}
	return &fields{path: f.at(name), raw: raw, errs: f.errs}
}

// objects is a list of objects.
func (f *fields) objects(name string) []*fields {
	var raw []map[string]json.RawMessage
	if !f.take(name, "a list of objects", &raw) {
		return nil
	}
	list := make([]*fields, len(raw))
	for i, r := range raw {
		list[i] = &fields{path: fmt.Sprintf("%s[%d]", f.at(name), i), raw: r, errs: f.errs}
	}
	return list
}

// rest refuses every field that nobody asked for, unless it is null or
// harmless says that it has no bearing on the model.
func (f *fields) rest(harmless func(name string) bool, advice string) {
	var names []string
	for name, raw := range f.raw {
		if string(raw) != "null" && (harmless == nil || !harmless(name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		f.fail(name, "unknown field, with value %s%s", clip(f.raw[name]), advice)
	}
}
