package data

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// columns are those of a list. -1 is one that it does not have.
type columns struct {
	path, label, split, unknown int
	many                        bool     // label holds several
	classes                     []int    // columns of 0 and 1 instead of label
	names                       []string // of these columns
	separator                   string   // between labels
}

// labels are the classes in a line.
func (c *columns) labels(record []string) (names []string) {
	switch {
	case c.classes != nil:
		for i, at := range c.classes {
			if bit(record[at]) == 1 {
				names = append(names, c.names[i])
			}
		}
	case c.many:
		return separated(record[c.label], c.separator)
	case record[c.label] != "":
		names = []string{strings.Clone(record[c.label])}
	}
	return names
}

// separate finds what stands between labels, where it is not given.
func (l *list) separate(c *columns, r *csv.Reader) {
	if c.separator = l.given.Separator; c.separator != "" || !c.many || c.classes != nil {
		return
	}
	c.separator = ";"
	other := false
	for {
		record, err := r.Read()
		if err != nil {
			break // the reader that follows says so
		}
		if strings.Contains(record[c.label], ";") {
			return
		}
		other = other || strings.Contains(record[c.label], "|")
	}
	if other {
		c.separator = "|"
		l.d.Notes = append(l.d.Notes, fmt.Sprintf("%s: labels are separated by |", l.path))
	}
}

// separators may stand between the columns of a list.
var separators = []rune{',', ';', '\t'}

func reader(text []byte, comma rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.ReuseRecord, r.LazyQuotes = comma, true, comma == '\t'
	return r
}

// columns finds the columns of a list, with the separator that makes columns of it. r reads what follows.
func (l *list) columns(text []byte, separators []rune) (c columns, r *csv.Reader, err error) {
	var names []string // with the first separator
	var missing, unread error
	for _, comma := range separators {
		r = reader(text, comma)
		header, err := r.Read()
		if err != nil { // quotes beside a character that does not separate here
			unread = cmp.Or(unread, err)
			continue
		}
		if _, ok := l.headless(header); ok {
			continue // see understood
		}
		at, err := l.given.columnsOf(header)
		if errors.Is(err, ErrColumns) {
			if len(header) > len(names) {
				names, missing = slices.Clone(header), err
			}
			continue
		}
		if err != nil {
			return c, nil, fmt.Errorf("%s: line 1: %w", l.path, err)
		}
		c = named(at)
		if _, both := at[labelsField]; c.path >= 0 && c.label >= 0 && (!both || at[labelsField] == c.label) {
			return c, r, nil
		}
		if names == nil {
			names = slices.Clone(header)
		}
	}
	for _, comma := range separators {
		if c, r, ok := l.understood(text, comma); ok {
			return c, r, nil
		}
	}
	if len(names) < 2 && unread != nil {
		return c, nil, fmt.Errorf("%s: line 1: want a header with the columns path and label, or path and labels: %w", l.path, unread)
	}
	if missing != nil {
		return c, nil, fmt.Errorf("%s: line 1: %w", l.path, missing)
	}
	unclear := ""
	if l.unclear != nil {
		unclear = "; the label may be " + some(l.unclear)
	}
	return c, nil, fmt.Errorf("%s: line 1: has the columns %q: want path, and either label or labels%s: %w", l.path, names, unclear, ErrColumns)
}

// isPicture reports whether a column names a picture that is there.
func (l *list) isPicture(record []string, column int) bool {
	if column < 0 {
		return false
	}
	_, _, ok := l.find(record[column])
	return ok
}

// named are columns by their fields.
func named(at map[string]int) columns {
	get := func(field string) int {
		if i, ok := at[field]; ok {
			return i
		}
		return -1
	}
	c := columns{path: get(pathField), label: get(labelField), split: get(splitField), unknown: -1}
	if many := get(labelsField); many >= 0 && c.label < 0 {
		c.label, c.many, c.unknown = many, true, get(unknownField)
	}
	return c
}

// understood finds columns by what they hold, where their names do not tell: see List.
func (l *list) understood(text []byte, comma rune) (c columns, r *csv.Reader, ok bool) {
	r = reader(text, comma)
	header, err := r.Read()
	if err != nil || len(header) < 2 {
		return c, nil, false
	}
	header = slices.Clone(header)
	at, headless := l.headless(header)
	if !headless {
		if at, err = l.given.columnsOf(header); err != nil {
			return c, nil, false
		}
	}
	c = named(at)
	if _, both := at[labelsField]; both && !c.many {
		return c, nil, false
	}
	if c.path < 0 {
		c.path = l.pictureColumn(header)
	}
	if len(at) == 0 {
		headless = l.isPicture(header, c.path)
	}
	if !headless {
		first, err := r.Read()
		if err != nil {
			return c, nil, false
		}
		if c.path < 0 {
			c.path = l.pictureColumn(first)
		}
	}
	if c.path < 0 {
		return c, nil, false
	}
	if headless {
		for i := range header {
			header[i] = fmt.Sprintf("column %d", i+1)
		}
	}
	begin := func() *csv.Reader {
		r := reader(text, comma)
		if !headless {
			_, _ = r.Read() // it was read above
		}
		return r
	}
	if l.unclear, ok = c.rest(begin(), header, l.names); !ok {
		return c, nil, false
	}
	l.note(&c, header)
	return c, begin(), true
}

// pictureColumn is the only column whose value names a picture that is there, or -1.
func (l *list) pictureColumn(record []string) int {
	found := -1
	for i := range record {
		if l.isPicture(record, i) {
			if found >= 0 {
				return -1
			}
			found = i
		}
	}
	return found
}

// rest finds the columns of the split and of the labels among those that are left, by their values. classes are known
// already. unclear are the columns that may be the label.
func (c *columns) rest(r *csv.Reader, header []string, classes map[string]int) (unclear []string, ok bool) {
	parts := make([]bool, len(header)) // all values are names of parts
	bits := make([]bool, len(header))  // all values are 0 or 1
	values := make([]map[string]bool, len(header))
	for i := range header {
		parts[i], bits[i], values[i] = true, true, map[string]bool{}
	}
	lines := 0
	ones := []int{0, 0} // the fewest and the most in a line
	for ; ; lines++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, false
		}
		n := 0
		for i, value := range record {
			_, part := partOf(value)
			parts[i] = parts[i] && part
			b := bit(value)
			bits[i] = bits[i] && b >= 0
			n += max(b, 0)
			if i != c.path && len(values[i]) <= MaxClasses && !values[i][value] {
				values[i][strings.Clone(value)] = true
			}
		}
		if lines == 0 {
			ones[0] = n
		}
		ones[0], ones[1] = min(ones[0], n), max(ones[1], n)
	}
	var left []int
	for i, name := range header {
		switch {
		case i == c.path || i == c.label || name == "": // a number of the line, as pandas writes it, has no name
		case c.split < 0 && parts[i]:
			c.split = i
		case i != c.split:
			left = append(left, i)
		}
	}
	if len(left) > 1 && len(classes) > 0 {
		isLabel := func(i int) bool { return onlyOf(values[i], classes) }
		if n := slices.IndexFunc(left, isLabel); n >= 0 && !slices.ContainsFunc(left[n+1:], isLabel) {
			left = left[n : n+1]
		}
	}
	for _, i := range left {
		unclear = append(unclear, strconv.Quote(header[i]))
	}
	switch {
	case c.label >= 0:
		return nil, true
	case len(left) == 1:
		c.label = left[0]
		return nil, 2*len(values[c.label]) <= lines || onlyOf(values[c.label], classes) // captions, scores and numbers hardly repeat
	case len(left) < 2 || slices.ContainsFunc(left, func(i int) bool { return !bits[i] }):
		return unclear, false
	}
	c.classes = left
	for _, i := range left {
		c.names = append(c.names, header[i])
	}
	c.many = ones[0] != 1 || ones[1] != 1
	return nil, true
}

// onlyOf reports whether all values are classes.
func onlyOf(values map[string]bool, classes map[string]int) bool {
	for value := range values {
		if _, ok := classes[value]; !ok {
			return false
		}
	}
	return true
}

// bit is the value of 0 or 1, also as 0.0 and 1.0, or -1.
func bit(value string) int {
	switch strings.TrimSpace(value) {
	case "0", "0.0":
		return 0
	case "1", "1.0":
		return 1
	}
	return -1
}

// note says which columns were taken for what.
func (l *list) note(c *columns, header []string) {
	label := "the classes are " + some(c.names)
	if c.classes == nil {
		label = fmt.Sprintf("the label is %q", header[c.label])
	}
	text := fmt.Sprintf("%s: the path is %q, %s", l.path, header[c.path], label)
	if c.split >= 0 {
		text += fmt.Sprintf(", the split is %q", header[c.split])
	}
	l.d.Notes = append(l.d.Notes, text)
}
