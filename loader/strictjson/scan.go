package strictjson

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// space passes over white space.
func (r *Reader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

// is says whether the next byte after white space is c.
func (r *Reader) is(c byte) bool {
	r.space()
	return r.at < len(r.text) && r.text[r.at] == c
}

// take passes over c, which must come next.
func (r *Reader) take(c byte) error {
	if !r.is(c) {
		return r.broken(r.at)
	}
	r.at++
	return nil
}

// string reads a string in quotes. The result shares the text's memory where it has no escapes.
func (r *Reader) string() ([]byte, error) {
	if err := r.take('"'); err != nil {
		return nil, err
	}
	from := r.at
	for ; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return r.text[from : r.at-1 : r.at-1], nil
		case c == '\\':
			return r.escaped(bytes.Clone(r.text[from:r.at]))
		case c < ' ':
			return nil, r.broken(r.at)
		}
	}
	return nil, r.broken(r.at)
}

// escapes are the characters that may follow a backslash, but for u, and what they stand for.
var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escaped reads the rest of a string from its first escape on; s is what comes before.
func (r *Reader) escaped(s []byte) ([]byte, error) {
	for r.at < len(r.text) {
		c := r.text[r.at]
		switch {
		case c == '"':
			r.at++
			return s, nil
		case c < ' ':
			return nil, r.broken(r.at)
		case c != '\\':
			s = append(s, c)
			r.at++
			continue
		}
		r.at++
		if r.at == len(r.text) {
			break
		}
		if plain, ok := escapes[r.text[r.at]]; ok {
			s = append(s, plain)
			r.at++
			continue
		}
		c1, ok := r.hex(r.at)
		if !ok {
			return nil, r.broken(r.at)
		}
		r.at += 5
		if c2, ok := r.hex(r.at + 1); ok && r.text[r.at] == '\\' && utf16.DecodeRune(c1, c2) != utf8.RuneError {
			c1 = utf16.DecodeRune(c1, c2)
			r.at += 6
		}
		s = utf8.AppendRune(s, c1) // half a character becomes U+FFFD, as in encoding/json
	}
	return nil, r.broken(r.at)
}

// hex reads u and four hexadecimal digits at a position.
func (r *Reader) hex(at int) (v rune, ok bool) {
	if at+5 > len(r.text) || r.text[at] != 'u' {
		return 0, false
	}
	for _, c := range r.text[at+1 : at+5] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		v = v<<4 | rune(c)
	}
	return v, true
}

// scalar passes over a number, true, false or null.
func (r *Reader) scalar() error {
	for _, word := range []string{"true", "false", "null"} {
		if r.at < len(r.text) && r.text[r.at] == word[0] {
			for i := range word {
				if r.at+i == len(r.text) || r.text[r.at+i] != word[i] {
					return r.broken(r.at + i)
				}
			}
			r.at += len(word)
			return nil
		}
	}
	return r.number()
}

// number passes over -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?.
func (r *Reader) number() error {
	r.optional("-")
	if !r.optional("0") && !r.digits() {
		return r.broken(r.at)
	}
	if r.optional(".") && !r.digits() {
		return r.broken(r.at)
	}
	if r.optional("eE") {
		r.optional("+-")
		if !r.digits() {
			return r.broken(r.at)
		}
	}
	return nil
}

// optional passes over one of the characters, if one comes next.
func (r *Reader) optional(of string) bool {
	if r.at < len(r.text) && bytes.IndexByte([]byte(of), r.text[r.at]) >= 0 {
		r.at++
		return true
	}
	return false
}

// digits passes over one digit or more.
func (r *Reader) digits() bool {
	from := r.at
	for r.at < len(r.text) && '0' <= r.text[r.at] && r.text[r.at] <= '9' {
		r.at++
	}
	return r.at > from
}
