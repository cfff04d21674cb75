package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
)

// fields reads a JSON object. The fields that change the features are read by name and
// type, and a wrong value is an error that names it. Other fields are ignored, and listed.
// Errors are collected, so that all of them are reported at once.
type fields struct {
	*reading
	path string // "args.model_kwargs"; empty for the whole object
	raw  map[string]json.RawMessage
}

// reading is what the objects of one file share.
type reading struct {
	file    string // for messages: "config.json"
	errs    []error
	ignored []string // paths of fields that nobody asked for
}

func parseFields(file string, data []byte) (*fields, error) {
	f := &fields{reading: &reading{file: file}}
	if err := unmarshal(plainJSON(data), &f.raw); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if f.raw == nil {
		return nil, fmt.Errorf("%s: is null, want a JSON object", file)
	}
	return f, nil
}

// at is the path of a field.
func (f *fields) at(name string) string {
	if f.path == "" {
		return name
	}
	return f.path + "." + name
}

func (f *fields) fail(name, format string, args ...any) {
	f.errs = append(f.errs, fmt.Errorf("%s: %s: %s", f.file, f.at(name), fmt.Sprintf(format, args...)))
}

// err joins what went wrong.
func (r *reading) err() error { return errors.Join(r.errs...) }

// ignore lists the fields of the object that nobody has asked for.
func (f *fields) ignore() {
	for _, name := range slices.Sorted(maps.Keys(f.raw)) {
		f.ignored = append(f.ignored, f.at(name))
	}
	f.raw = nil
}

// null reports whether a field is present and null.
func (f *fields) null(name string) bool { return string(f.raw[name]) == "null" }

// has reports whether a field is present and not null.
func (f *fields) has(name string) bool { return f.raw[name] != nil && !f.null(name) }

// take decodes a field into v, a pointer, and says whether it is there and not null. want
// describes its type. A value of another type leaves v as it was, all of it.
func (f *fields) take(name, want string, v any) bool {
	raw, ok := f.raw[name]
	delete(f.raw, name)
	if !ok || string(raw) == "null" {
		return false
	}
	into := reflect.ValueOf(v).Elem()
	whole := reflect.New(into.Type())
	if err := json.Unmarshal(raw, whole.Interface()); err != nil {
		f.fail(name, "is %s, want %s", clip(raw), want)
		return false
	}
	into.Set(whole.Elem())
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
		f.fail(name, "is %v, want a whole number from %d to %d", v, low, high)
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

// boolean is true or false, as Python would take the value: null is false, and so
// is 0. missing stands for a field that is not there.
func (f *fields) boolean(name string, missing bool) bool {
	if f.null(name) {
		missing = false
	}
	var v any
	if !f.take(name, "true or false", &v) {
		return missing
	}
	switch v := v.(type) {
	case bool:
		return v
	case float64:
		return v != 0
	}
	raw, _ := json.Marshal(v) // it was JSON
	f.fail(name, "is %s, want true or false", clip(raw))
	return missing
}

// on says that a field switches something on: it is there and neither null, false,
// 0, empty nor an object in which all values are such.
func (f *fields) on(name string) (raw string, on bool) {
	var v any
	if !f.take(name, "any value", &v) {
		return "", false
	}
	text, _ := json.Marshal(v) // it was JSON
	return clip(text), truthy(v)
}

func truthy(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v != "" && !slices.Contains([]string{"none", "false", "off", "0", "no"}, strings.ToLower(v))
	case []any:
		return slices.ContainsFunc(v, truthy)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), truthy)
	}
	return false
}

func (f *fields) text(name, missing string) string {
	v := missing
	if !f.take(name, "a string", &v) {
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
	return &fields{reading: f.reading, path: f.at(name), raw: raw}
}

// objects is a list of objects.
func (f *fields) objects(name string) []*fields {
	var raw []map[string]json.RawMessage
	if !f.take(name, "a list of objects", &raw) {
		return nil
	}
	list := make([]*fields, len(raw))
	for i, r := range raw {
		list[i] = &fields{reading: f.reading, path: fmt.Sprintf("%s[%d]", f.at(name), i), raw: r}
	}
	return list
}
