package data

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The columns of a list, and the fields of its lines.
const (
	pathField    = "path"
	labelField   = "label"
	labelsField  = "labels"
	splitField   = "split"
	unknownField = "unknown" // beside labels; beside label it has no meaning, as other columns
)

// otherNames are what others call columns, in small letters: Hugging Face's ImageFolder file_name, Keras
// filename and class, lists of contests image and category. One of them counts where the column itself is
// missing.
var otherNames = map[string]string{
	"file_name": pathField, "filename": pathField, "file_path": pathField, "filepath": pathField, "file": pathField,
	"image": pathField, "image_path": pathField, "img": pathField, "img_path": pathField,
	"class": labelField, "class_name": labelField, "category": labelField, "target": labelField,
	"classes": labelsField, "categories": labelsField, "tags": labelsField,
}

// columnsOf finds the columns that a list may have among names, whatever their case. Those that were given come first.
func (g Columns) columnsOf(names []string) (map[string]int, error) {
	columns, called := map[string]int{}, map[string]string{}
	if err := g.find(names, columns); err != nil {
		return nil, err
	}
	given := maps.Clone(columns)
	for i, name := range names {
		if _, ok := given[folded(name)]; ok || taken(given, i) {
			continue
		}
		switch name := folded(name); name {
		case pathField, labelField, labelsField, splitField, unknownField:
			if _, twice := columns[name]; twice {
				return nil, fmt.Errorf("%s: is there twice", name)
			}
			columns[name] = i
		}
	}
	if g.Label != "" {
		delete(columns, labelsField)
	} else if g.Labels != "" {
		delete(columns, labelField)
	}
	_, one := columns[labelField]
	_, many := columns[labelsField]
	labelled := one || many
	for i, name := range names {
		field, ok := otherNames[folded(name)]
		ok = ok && !taken(given, i)
		if _, there := columns[field]; !ok || there && called[field] == "" || labelled && field != pathField {
			continue
		}
		if other := called[field]; other != "" {
			return nil, fmt.Errorf("%q and %q may both mean %s: call one of them %s", other, name, field, field)
		}
		columns[field], called[field] = i, name
	}
	return columns, nil
}

// taken reports whether a column was given for some field.
func taken(given map[string]int, column int) bool {
	for _, at := range given {
		if at == column {
			return true
		}
	}
	return false
}

func folded(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// lineFields are those of a line of .jsonl.
type lineFields struct {
	Path, Split string
	Label       *name
	Labels      []name
	Unknown     json.RawMessage
}

// fieldsOf reads a line of .jsonl.
func (g Columns) fieldsOf(line []byte) (v lineFields, err error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(line, &object); err != nil {
		return v, err
	}
	var names []string
	for name, value := range object {
		if string(value) != "null" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	columns, err := g.columnsOf(names)
	if err != nil {
		return v, err
	}
	for _, f := range []struct {
		field string
		to    any
	}{{pathField, &v.Path}, {splitField, &v.Split}, {labelField, &v.Label}, {labelsField, &v.Labels}, {unknownField, &v.Unknown}} {
		i, ok := columns[f.field]
		if !ok {
			continue
		}
		if err := json.Unmarshal(object[names[i]], f.to); err != nil {
			return v, fmt.Errorf("%s: %w", f.field, err)
		}
	}
	return v, nil
}
