package loader

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// strictJSON reads JSON token by token and, unlike json.Unmarshal, refuses repeated keys, bytes that are not UTF-8,
// numbers that are not integers where integers belong, and text after the value.
type strictJSON struct{ dec *json.Decoder }

func newStrictJSON(text []byte) (strictJSON, error) {
	if !utf8.Valid(text) {
		return strictJSON{}, &Error{Want: "UTF-8 text", Found: "other bytes"}
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return strictJSON{dec}, nil
}

func (s strictJSON) token() (json.Token, error) {
	t, err := s.dec.Token()
	if err != nil {
		return nil, s.broken(err)
	}
	return t, nil
}

func (s strictJSON) broken(err error) error {
	return &Error{Want: "JSON", Found: fmt.Sprintf("%v at byte %d", err, s.dec.InputOffset()), Err: err}
}

// object calls each for every key. each must read the value.
func (s strictJSON) object(each func(key string) error) error {
	if err := s.delim('{', "an object {…}"); err != nil {
		return err
	}
	return s.members(each)
}

// objectOrNull is object, but null counts as an object without keys.
func (s strictJSON) objectOrNull(each func(key string) error) error {
	t, err := s.token()
	switch {
	case err != nil || t == nil:
		return err
	case t != json.Delim('{'):
		return &Error{Want: "an object {…} or null", Found: tokenText(t)}
	}
	return s.members(each)
}

// members reads an object after its {.
func (s strictJSON) members(each func(key string) error) error {
	seen := map[string]bool{}
	for s.dec.More() {
		key, err := s.text()
		if err != nil {
			return err
		}
		if seen[key] {
			return &Error{Want: "every key once", Found: "key " + quote(key) + " twice"}
		}
		seen[key] = true
		if err := each(key); err != nil {
			return err
		}
	}
	_, err := s.token()
	return err
}

// array calls each for every element. each must read it.
func (s strictJSON) array(each func() error) error {
	if err := s.delim('[', "a list […]"); err != nil {
		return err
	}
	for s.dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	_, err := s.token()
	return err
}

func (s strictJSON) delim(want json.Delim, name string) error {
	t, err := s.token()
	if err != nil {
		return err
	}
	if t != want {
		return &Error{Want: name, Found: tokenText(t)}
	}
	return nil
}

func (s strictJSON) text() (string, error) {
	t, err := s.token()
	if err != nil {
		return "", err
	}
	text, ok := t.(string)
	if !ok {
		return "", &Error{Want: "a text in quotes", Found: tokenText(t)}
	}
	return text, nil
}

// natural reads an integer from 0 to 2⁶³-1.
func (s strictJSON) natural() (int64, error) {
	t, err := s.token()
	if err != nil {
		return 0, err
	}
	number, _ := t.(json.Number)
	n, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil || n < 0 {
		return 0, &Error{Want: "an integer from 0 to 2^63-1", Found: tokenText(t)}
	}
	return n, nil
}

// skip skips one value of any type.
func (s strictJSON) skip() error {
	var value json.RawMessage
	if err := s.dec.Decode(&value); err != nil {
		return s.broken(err)
	}
	return nil
}

// end checks that only white space follows.
func (s strictJSON) end() error {
	t, err := s.dec.Token()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return s.broken(err)
	}
	return &Error{Want: "nothing after the JSON value", Found: tokenText(t)}
}

func tokenText(t json.Token) string {
	switch t := t.(type) {
	case nil:
		return "null"
	case string:
		return quote(t)
	case json.Number:
		return quote(t.String())
	default:
		return fmt.Sprint(t)
	}
}
