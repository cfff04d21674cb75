package strictjson

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Limits bound a text. Zero is the usual bound.
type Limits struct {
	Bytes int // 16 MiB
	Depth int // 128 objects and lists within each other
}

const (
	usualBytes = 16 << 20
	usualDepth = 128
)

// Check returns an *Error unless the text is one JSON value within the limits.
func Check(text []byte, l Limits) error {
	r, err := NewReader(text, l)
	if err == nil {
		err = r.Skip()
	}
	if err == nil {
		err = r.End()
	}
	return err
}

// Unmarshal is json.Unmarshal of text that passes Check.
func Unmarshal(text []byte, l Limits, v any) error {
	if err := Check(text, l); err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

// Reader reads a text value by value. The caller says what comes next; another value is an *Error.
type Reader struct {
	text  []byte
	at    int
	depth int      // that is left
	keys  [][]byte // those of the objects that are open, the innermost last
}

// NewReader returns a reader of a text that is within the limits and UTF-8.
func NewReader(text []byte, l Limits) (*Reader, error) {
	if most := cmp.Or(l.Bytes, usualBytes); len(text) > most {
		return nil, &Error{Want: fmt.Sprintf("at most %d bytes of JSON", most), Found: fmt.Sprint(len(text))}
	}
	if !utf8.Valid(text) {
		return nil, &Error{Want: "UTF-8 text", Found: "other bytes"}
	}
	return &Reader{text: text, depth: cmp.Or(l.Depth, usualDepth)}, nil
}

// Object reads an object. each is called for every key, and must read the value.
func (r *Reader) Object(each func(key string) error) error {
	if !r.is('{') {
		return r.unexpected("an object {…}")
	}
	return r.object(func(key []byte) error { return each(string(key)) })
}

// ObjectOrNull is Object, but null counts as an object without keys.
func (r *Reader) ObjectOrNull(each func(key string) error) error {
	switch {
	case r.is('{'):
		return r.Object(each)
	case r.is('n'):
		return r.scalar()
	}
	return r.unexpected("an object {…} or null")
}

func (r *Reader) object(each func(key []byte) error) error {
	known := keys{reader: r, from: len(r.keys)}
	defer func() { r.keys = r.keys[:known.from] }()
	return r.list('}', func() error {
		key, err := r.string()
		if err != nil {
			return err
		}
		if known.add(key) {
			return &Error{Want: "every key once", Found: "key " + quote(key) + " twice", Twice: true, Key: string(key)}
		}
		if err := r.take(':'); err != nil {
			return err
		}
		return each(key)
	})
}

// Array reads a list. each is called for every element, and must read it.
func (r *Reader) Array(each func() error) error {
	if !r.is('[') {
		return r.unexpected("a list […]")
	}
	return r.list(']', each)
}

// list reads what stands between the bracket that comes next and its end, with commas between.
func (r *Reader) list(end byte, each func() error) error {
	if r.depth == 0 {
		return &Error{Want: "fewer objects and lists within each other", Found: fmt.Sprintf("one more at byte %d", r.at)}
	}
	r.depth--
	defer func() { r.depth++ }()
	r.at++
	if r.is(end) {
		r.at++
		return nil
	}
	for {
		if err := each(); err != nil {
			return err
		}
		if r.is(end) {
			r.at++
			return nil
		}
		if err := r.take(','); err != nil {
			return err
		}
	}
}

// Text reads a string.
func (r *Reader) Text() (string, error) {
	if !r.is('"') {
		return "", r.unexpected("a text in quotes")
	}
	s, err := r.string()
	return string(s), err
}

// Natural reads an integer from 0 to 2⁶³-1.
func (r *Reader) Natural() (int64, error) {
	const want = "an integer from 0 to 2^63-1"
	r.space()
	from := r.at
	if from == len(r.text) || r.text[from] != '-' && (r.text[from] < '0' || r.text[from] > '9') {
		return 0, r.unexpected(want)
	}
	if err := r.number(); err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(r.text[from:r.at]), 10, 64)
	if err != nil || n < 0 {
		return 0, &Error{Want: want, Found: quote(r.text[from:r.at])}
	}
	return n, nil
}

// Skip reads one value of any type.
func (r *Reader) Skip() error {
	switch r.space(); {
	case r.is('{'):
		return r.object(func([]byte) error { return r.Skip() })
	case r.is('['):
		return r.list(']', r.Skip)
	case r.is('"'):
		_, err := r.string()
		return err
	}
	return r.scalar()
}

// End checks that only white space follows.
func (r *Reader) End() error {
	if r.space(); r.at == len(r.text) {
		return nil
	}
	return r.unexpected("nothing after the JSON value")
}

// keys are those of one object: its part of the reader's list, and a map once they are many.
type keys struct {
	reader *Reader
	from   int
	seen   map[string]bool
}

// add says whether a key has been added before.
func (k *keys) add(key []byte) bool {
	const many = 16
	list := k.reader.keys[k.from:]
	if len(list) < many {
		for _, other := range list {
			if bytes.Equal(key, other) {
				return true
			}
		}
		k.reader.keys = append(k.reader.keys, key)
		return false
	}
	if k.seen == nil {
		k.seen = make(map[string]bool, 2*many)
		for _, other := range list {
			k.seen[string(other)] = true
		}
	}
	if k.seen[string(key)] {
		return true
	}
	k.seen[string(key)] = true
	return false
}
