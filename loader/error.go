package loader

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"cradio/loader/filekind"
	"cradio/loader/strictjson"
)

// Error describes what is wrong with a file, in one line: where, what was wanted, what was found and what to do.
type Error struct {
	File  string // path of the file or folder, or a Source's String
	Item  string // the part of the file, such as `tensor "x"`; may be empty
	Want  string // may be empty
	Found string
	Do    string // may be empty
	Err   error  // the cause, for errors.Is; not part of the message; may be nil
}

// What to do about a file that cannot be read as it is.
const (
	fetchAgain     = "the file is damaged or its download is incomplete: download it again"
	writeAgain     = "the program that wrote the file broke the format: write it again with the safetensors library"
	notSafetensors = "this is not a safetensors file, or it is damaged: download it again"
)

func (e *Error) Error() string {
	var b strings.Builder
	for _, part := range []string{e.File, e.Item} {
		if part != "" {
			b.WriteString(part + ": ")
		}
	}
	if e.Want != "" {
		b.WriteString("want " + e.Want + ", found ")
	}
	b.WriteString(e.Found)
	if e.Do != "" {
		b.WriteString("; " + e.Do)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// Damaged is the error of a file that this module wrote, and that was whole then: if its contents are not of its format,
// the file is damaged, whatever else may be true of files from elsewhere. do says what to do; or is empty. Other errors stay.
func Damaged(err error, do string) error {
	var e *Error
	if !errors.As(err, &e) || !slices.Contains([]string{fetchAgain, writeAgain, notSafetensors}, e.Do) {
		return err
	}
	of := *e
	if of.Do = "the file is damaged"; do != "" {
		of.Do += ": " + do
	}
	return &of
}

// not returns the error for a file that is not of the kind that was wanted, judged by its first bytes. It returns nil if
// they do not tell, or if the file is of one of the accepted kinds.
func (m *MappedFile) not(want string, may ...filekind.Kind) (err error) {
	if slices.Contains(may, m.kind) {
		return nil
	}
	if fault := m.guarded(func() { err = otherKind(m.path, want, m.mapped) }); fault != nil {
		return fault
	}
	return err
}

// otherKind is the error for a file that begins with head where another kind was wanted. It is nil if head does not tell.
func otherKind(path, want string, head []byte) error {
	what, do, ok := filekind.Describe(head)
	if !ok {
		return nil
	}
	return &Error{File: path, Want: want, Found: what, Do: do}
}

// locate fills in the file, item and advice that a deeper layer does not know. Errors of other types are unchanged.
func locate(err error, file, item, do string) error {
	if j, ok := err.(*strictjson.Error); ok {
		err = &Error{Want: j.Want, Found: j.Found, Err: j}
	}
	e, ok := err.(*Error)
	if !ok {
		return err
	}
	located := *e
	located.File = cmp.Or(e.File, file)
	located.Item = cmp.Or(e.Item, item)
	located.Do = cmp.Or(e.Do, do)
	return &located
}

func tensorItem(name string) string { return "tensor " + quote(name) }

// quote shows text from a file safely: escaped, and shortened if long.
func quote(s string) string {
	const longest = 120
	if len(s) > longest {
		return strconv.QuoteToASCII(s[:longest]) + "…"
	}
	return strconv.Quote(s)
}

// list shows up to ten of the items, and how many more there are.
func list(items []string) string {
	const most = 10
	shown := make([]string, 0, most+1)
	for i, item := range items {
		if i == most {
			shown = append(shown, fmt.Sprintf("and %d more", len(items)-most))
			break
		}
		shown = append(shown, quote(item))
	}
	return strings.Join(shown, ", ")
}

// reason is an operating system's error without the path, which the message already names.
func reason(err error, path string) string {
	switch e := err.(type) {
	case *fs.PathError:
		if e.Path == path {
			return e.Err.Error()
		}
	case *os.LinkError:
		if e.Old == path {
			return e.Err.Error()
		}
	}
	return err.Error()
}

// shapeText is a shape as PyTorch prints it: (3, 4), (5,), ().
func shapeText(shape []int) string {
	parts := make([]string, len(shape))
	for i, n := range shape {
		parts[i] = strconv.Itoa(n)
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
