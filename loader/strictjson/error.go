package strictjson

import (
	"fmt"
	"strconv"
)

// Error says what is wrong with a text: what was wanted, and what was found.
type Error struct {
	Want, Found string
	Twice       bool   // an object has a key twice
	Key         string // that key
}

func (e *Error) Error() string { return "want " + e.Want + ", found " + e.Found }

// broken is the error of a text that is not JSON.
func (r *Reader) broken(at int) error {
	if at >= len(r.text) {
		return &Error{Want: "JSON", Found: fmt.Sprintf("unexpected EOF at byte %d", len(r.text))}
	}
	return &Error{Want: "JSON", Found: fmt.Sprintf("%s at byte %d", quote(r.text[at:at+1]), at)}
}

// unexpected is the error of a value of another type than what is wanted, whose first byte comes
// next.
func (r *Reader) unexpected(want string) error {
	if r.at == len(r.text) {
		return r.broken(r.at)
	}
	from := r.at
	switch c := r.text[from]; c {
	case '{', '[':
		return &Error{Want: want, Found: string(c)}
	case '"':
		s, err := r.string()
		if err != nil {
			return err
		}
		return &Error{Want: want, Found: quote(s)}
	}
	if err := r.scalar(); err != nil {
		return err
	}
	found := string(r.text[from:r.at])
	if c := found[0]; c == '-' || c <= '9' {
		found = quote([]byte(found))
	}
	return &Error{Want: want, Found: found}
}

// quote shows text safely: escaped, and shortened if it is long.
func quote(s []byte) string {
	const longest = 120
	if len(s) > longest {
		return strconv.QuoteToASCII(string(s[:longest])) + "…"
	}
	return strconv.Quote(string(s))
}
