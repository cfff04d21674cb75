package data

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Columns names the columns of a list, or the fields of .jsonl, that others have called in their own way. Those that
// are empty are found as List finds them. A number is a column, from 1 on, where none has that name.
type Columns struct {
	Path, Split   string
	Label, Labels string // one of them
	// Separator stands between the values of labels. If it is empty it is a semicolon, or a | where no line has a
	// semicolon and some have that.
	Separator string
}

// ErrColumns is wrapped by the error for a list whose columns are not understood: Columns can name them.
var ErrColumns = errors.New("name the columns")

// Open is the function Open with these columns. They are an error where no list says what pictures are.
func (g Columns) Open(path string) (*Dataset, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return g.folder(path)
	}
	if IsList(path) {
		return g.List(path)
	}
	return nil, fmt.Errorf("%s: is no set: want a folder with a folder for each class, or a list (.csv, .tsv, .jsonl or .txt)", path)
}

// fields are the names that were given, by the fields of a list.
func (g Columns) fields() map[string]string {
	fields := map[string]string{}
	for field, name := range map[string]string{pathField: g.Path, splitField: g.Split, labelField: g.Label, labelsField: g.Labels} {
		if name != "" {
			fields[field] = name
		}
	}
	return fields
}

// find puts the columns that were given where they are among names.
func (g Columns) find(names []string, columns map[string]int) error {
	given := g.fields()
	for _, field := range slices.Sorted(maps.Keys(given)) {
		name := given[field]
		at := slices.Index(names, name)
		if at < 0 {
			at = slices.IndexFunc(names, func(n string) bool { return folded(n) == folded(name) })
		}
		if n, err := strconv.Atoi(name); at < 0 && err == nil && n >= 1 && n <= len(names) {
			at = n - 1
		}
		if at < 0 {
			return fmt.Errorf("has the columns %q: none is %q, which was given for %s: %w", names, name, field, ErrColumns)
		}
		for other, column := range columns {
			if column == at {
				return fmt.Errorf("has the columns %q: %q was given for %s and for %s", names, names[at], other, field)
			}
		}
		columns[field] = at
	}
	return nil
}

// headless gives the columns that were given by numbers where the first line is no header, but has a picture.
func (l *list) headless(first []string) (columns map[string]int, ok bool) {
	columns = map[string]int{}
	for field, name := range l.given.fields() {
		n, err := strconv.Atoi(name)
		if err != nil || n < 1 || n > len(first) || taken(columns, n-1) {
			return nil, false
		}
		columns[field] = n - 1
	}
	path, there := columns[pathField]
	if !there {
		path = l.pictureColumn(first)
	}
	return columns, len(columns) > 0 && l.isPicture(first, path)
}

// table turns lines of columns with spaces between them into lines with tabs. Lines that begin with # are left empty.
func table(text []byte) []byte {
	var b strings.Builder
	for row := range strings.Lines(string(text)) {
		if !strings.HasPrefix(row, "#") {
			b.WriteString(strings.Join(strings.Fields(row), "\t"))
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}
