package strictjson

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// UnmarshalExact is Unmarshal into a struct, where every key of an object must be a field of that
// exact name. The error of another one, an *UnknownError, names it.
func UnmarshalExact(text []byte, l Limits, v any) error {
	if err := Check(text, l); err != nil {
		return err
	}
	if err := exact(text, reflect.TypeOf(v), ""); err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

// UnknownError is the error of a key that is no field.
type UnknownError struct {
	Path  string   // "depth.lowest"
	Known []string // the fields that there are
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("field %q is unknown; there are %s", e.Path, strings.Join(e.Known, ", "))
}

// custom is the type of what reads its JSON itself.
var custom = reflect.TypeFor[json.Unmarshaler]()

// exact checks the keys of a value that is read into type t.
func exact(text []byte, t reflect.Type, path string) error {
	for t.Kind() == reflect.Pointer && !t.Implements(custom) {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(custom) || t.Implements(custom) {
		return nil
	}
	switch t.Kind() {
	case reflect.Struct:
		fields := fieldTypes(t)
		return members(text, func(key string, value []byte) error {
			of, ok := fields[key]
			if !ok {
				return &UnknownError{Path: path + key, Known: sortedKeys(fields)}
			}
			return exact(value, of, path+key+".")
		})
	case reflect.Map:
		return members(text, func(key string, value []byte) error { return exact(value, t.Elem(), path+key+".") })
	case reflect.Slice, reflect.Array:
		var list []json.RawMessage
		if json.Unmarshal(text, &list) != nil {
			return nil // another type, of which json.Unmarshal tells
		}
		for i, value := range list {
			if err := exact(value, t.Elem(), fmt.Sprintf("%s%d.", path, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// members calls each for the keys of an object, in their order by name.
func members(text []byte, each func(key string, value []byte) error) error {
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) != nil {
		return nil // another type, of which json.Unmarshal tells
	}
	for _, key := range sortedKeys(object) {
		if err := each(key, object[key]); err != nil {
			return err
		}
	}
	return nil
}

// fieldTypes are the fields of a struct by their names in JSON.
func fieldTypes(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			maps.Copy(fields, fieldTypes(f.Type))
		case name == "-" || !f.IsExported():
		case name == "":
			fields[f.Name] = f.Type
		default:
			fields[name] = f.Type
		}
	}
	return fields
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
