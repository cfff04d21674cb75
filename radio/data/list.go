package data

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"cradio/loader"
	"cradio/loader/strictjson"
)

// The limits of a list.
const (
	maxList = 1 << 30 // bytes
	maxLine = 1 << 20 // bytes of a line of .jsonl
	maxName = 4096    // bytes of a path or a label
)

// List reads a list of pictures with labels.
//
// A .csv or .tsv file has a header with the columns path and label, or path and labels, whose values
// are separated by semicolons. Commas, semicolons or tabs stand between columns. A .jsonl file has an object
// on each line, with the same fields; labels is a list, which may be empty: a picture with none of the
// classes. Labels are texts or whole numbers. Beside labels, the field unknown names classes in the same way
// of which it is not known whether the picture has them: they count in no loss and no figure. The field split
// may name the part: train, val or test. Other columns and fields are left out. Where one is missing, another
// common name counts: file_name, filename, file or image for path, class or category for label, tags for labels.
//
// Columns of a .csv or .tsv file that have none of these names are understood where it is plain what they are: path
// is the one column whose value names a picture, split the one whose values name parts, and label the only one
// that is left, if its values repeat; several that are left and hold only 0 and 1 are classes. There may be no header then.
// Dataset.Notes says what was taken for what.
//
// Each line of a .txt file is a path and a label, with a space or a tab between them. There may be more columns, which
// are understood as those of a .csv file are where the first one names a picture.
//
// Paths are relative to the folder of the list, unless they are absolute, or to the one folder in it that has the
// first picture, or to one of the two folders around it, or a folder of pictures in these; never to one of masks. They
// may lack the extension, and have \ between folders.
//
// A list is in UTF-8, or in UTF-16 with its mark in front.
func List(path string) (*Dataset, error) { return Columns{}.List(path) }

// List is the function List with these columns.
func (g Columns) List(path string) (*Dataset, error) {
	text, err := loader.ReadBounded(path, maxList)
	if err != nil {
		return nil, err
	}
	return g.parse(path, text, true)
}

// ParseList is List of a text in memory. The extension of path, which need not exist, says what
// the text is. No picture is looked for.
func ParseList(path string, text []byte) (d *Dataset, err error) {
	return Columns{}.parse(path, text, false)
}

func (g Columns) parse(path string, text []byte, disk bool) (d *Dataset, err error) {
	l := &list{builder: newBuilder(path), path: path, disk: disk}
	l.builder.given = g
	if err = l.read(text); err != nil {
		return nil, err
	}
	if err = l.splitOfAll(); err != nil {
		return nil, err
	}
	if d, err = l.finish(); err != nil {
		return nil, err
	}
	if len(d.Classes) == 0 {
		return nil, fmt.Errorf("%s: no picture has a label", path)
	}
	return d, nil
}

type list struct {
	*builder
	path string
	many bool // labels, not label
	// targets says that masks are looked for, not pictures.
	targets bool
	part    Part   // of all pictures; empty where the list may say it
	disk    bool   // pictures are looked for
	root    string // folder below that of the list that the pictures are in, once the first was found
	sure    bool   // root is known
	tries   int
	// slashed says that paths have a / in front, and are below the folder of the list all the same.
	slashed bool
	slashes int
	// unclear are columns of which one may have the label.
	unclear []string
}

// read adds the pictures of a list.
func (l *list) read(text []byte) (err error) {
	before := len(l.d.Items)
	text = inUTF8(text)
	switch strings.ToLower(filepath.Ext(l.path)) {
	case ".jsonl":
		err = l.jsonl(text)
	case ".txt":
		err = l.txt(text)
	default:
		err = l.csv(text, separators)
	}
	l.builder.listed = true
	if err != nil {
		return err
	}
	if len(l.d.Items) == before {
		return fmt.Errorf("%s: lists no pictures", l.path)
	}
	l.d.MultiLabel = l.d.MultiLabel || l.many
	return nil
}

// splitOfAll is an error where some of the pictures have a split, and others none.
func (l *list) splitOfAll() error {
	if none := len(l.d.Part("")); none > 0 && none < len(l.d.Items) {
		return fmt.Errorf("%s: %d of %d pictures have a split; give it to all, or to none", l.path, len(l.d.Items)-none, len(l.d.Items))
	}
	return nil
}

// wrong is an error of a field in a line.
func (l *list) wrong(line int, field, format string, args ...any) error {
	return fmt.Errorf("%s: line %d: %s: %s", l.path, line, field, fmt.Sprintf(format, args...))
}

// entry adds a picture.
func (l *list) entry(line int, path, split string, labels, unknown []string) error {
	switch {
	case path == "":
		return l.wrong(line, pathField, "is empty")
	case len(path) > maxName || strings.ContainsRune(path, 0):
		return l.wrong(line, pathField, "is no path: must be at most %d bytes, without NUL", maxName)
	case len(labels) == 0 && !l.many:
		return l.wrong(line, l.field(), "is empty; give a label, or remove the line")
	}
	for _, f := range []struct {
		name  string
		names []string
	}{{l.field(), labels}, {unknownField, unknown}} {
		for _, name := range f.names {
			if name == "" || len(name) > maxName {
				return l.wrong(line, f.name, "has a label of %d bytes: must be 1 to %d", len(name), maxName)
			}
			if !utf8.ValidString(name) {
				return l.wrong(line, f.name, "the label %q is not in UTF-8: save the list in that encoding", name)
			}
		}
	}
	part, ok := partOf(split)
	if split != "" && !ok {
		return l.wrong(line, splitField, "is %q: must be train, val or test", split)
	}
	if l.part != "" {
		part = l.part
	}
	if err := l.add(l.locate(path), part, labels...); err != nil {
		return fmt.Errorf("%s: line %d: %w", l.path, line, err)
	}
	l.notKnown(unknown)
	return nil
}

func (l *list) field() string {
	if l.many {
		return labelsField
	}
	return labelField
}

func (l *list) csv(text []byte, separators []rune) error {
	c, r, err := l.columns(text, separators)
	if err != nil {
		return err
	}
	l.many = c.many
	l.separate(&c, reader(text, r.Comma))
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", l.path, err) // it names the line
		}
		line, _ := r.FieldPos(0)
		part := ""
		if c.split >= 0 {
			if part = record[c.split]; part == "" {
				return l.wrong(line, splitField, "is empty: must be train, val or test")
			}
		}
		var unknown []string
		if c.unknown >= 0 {
			unknown = separated(record[c.unknown], c.separator)
		}
		if err := l.entry(line, strings.Clone(record[c.path]), part, c.labels(record), unknown); err != nil {
			return err
		}
	}
}

// separated are the names in a value, without the spaces around them.
func separated(value, separator string) (names []string) {
	for name := range strings.SplitSeq(value, separator) {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, strings.Clone(name))
		}
	}
	return names
}

// name is a label: a text or a whole number.
type name string

func (n *name) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, (*string)(n))
	}
	var whole int64
	if err := json.Unmarshal(text, &whole); err != nil || string(text) == "null" {
		return fmt.Errorf("a label is %s: must be a text or a whole number", text)
	}
	*n = name(text)
	return nil
}

func (l *list) jsonl(text []byte) error {
	line := 0
	for row := range bytes.Lines(text) {
		line++
		if row = bytes.TrimSpace(row); len(row) == 0 {
			continue
		}
		if len(row) > maxLine {
			return fmt.Errorf("%s: line %d: has %d bytes: must be at most %d", l.path, line, len(row), maxLine)
		}
		if err := strictjson.Check(row, strictjson.Limits{Bytes: maxLine}); err != nil {
			return fmt.Errorf("%s: line %d: %w", l.path, line, err)
		}
		v, err := l.given.fieldsOf(row)
		if err != nil {
			return fmt.Errorf("%s: line %d: want an object with path, and label or labels: %w", l.path, line, err)
		}
		many := v.Labels != nil
		if many && v.Label != nil {
			return l.wrong(line, labelField, "is there together with labels; keep one of them")
		}
		if len(l.d.Items) == 0 {
			l.many = many
		}
		if l.many != many {
			return l.wrong(line, l.field(), "is missing: all lines have the same field")
		}
		var unknown []name
		if many && v.Unknown != nil {
			if err := json.Unmarshal(v.Unknown, &unknown); err != nil {
				return l.wrong(line, unknownField, "must be a list of labels, as labels is: %v", err)
			}
		}
		var names, others []string
		for _, n := range v.Labels {
			names = append(names, string(n))
		}
		for _, n := range unknown {
			others = append(others, string(n))
		}
		if v.Label != nil {
			names = append(names, string(*v.Label))
		}
		if err := l.entry(line, v.Path, v.Split, names, others); err != nil {
			return err
		}
	}
	return nil
}
