package pickle

import (
	"errors"
	"fmt"
	"strconv"
)

// ErrRefused is the error, for errors.Is, of a pickle that asks for an unknown name.
var ErrRefused = errors.New("refused")

// Error describes what is wrong with a pickle.
type Error struct {
	Offset int    // of the instruction, in bytes
	Want   string // may be empty
	Found  string
	Global string // the unknown name, such as "posix.system"; empty in other errors
}

func (e *Error) Error() string {
	want := ""
	if e.Want != "" {
		want = "want " + e.Want + ", found "
	}
	return fmt.Sprintf("pickle: at byte %d: %s%s", e.Offset, want, e.Found)
}

// Is reports whether target is ErrRefused and this is such an error.
func (e *Error) Is(target error) bool { return target == ErrRefused && e.Global != "" }

// quote shows text from a pickle safely: escaped, and shortened if long.
func quote(s string) string {
	const longest = 120
	if len(s) > longest {
		return strconv.QuoteToASCII(s[:longest]) + "…"
	}
	return strconv.Quote(s)
}

// kindOf returns the name of a value's type in Python.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a bool"
	case int64:
		return "an int"
	case float64:
		return "a float"
	case string:
		return "a str"
	case []byte:
		return "bytes"
	case Tuple:
		return fmt.Sprintf("a tuple of %d", len(v))
	case *List:
		return "a list"
	case *Set:
		return "a set"
	case *Dict:
		return "a dict"
	case *Object:
		return "a " + quote(v.Class)
	case *Global:
		return "the class " + quote(v.Name)
	}
	return fmt.Sprintf("%T", v)
}
