package pickle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// Bounds of JSON: the depth of nesting and the length of the text.
const (
	maxDepth = 100
	maxJSON  = 16 << 20
	maxArray = 10_000 // elements of a NumPy array that are written out
)

// JSON writes a value as JSON, for code that reads configurations. Namespaces and dictionaries become objects; lists, tuples
// and sets become arrays. Other values without a form in JSON become strings: NaN and Infinity, a path, a date,
// "torch.float32", a tensor's type and shape. A key that is not a str is written as Python prints it. It is an error if a
// value contains itself, is nested more than 100 deep, or has a text of more than 16 MiB.
func JSON(v any) ([]byte, error) {
	w := &jsonWriter{on: map[any]bool{}}
	err := w.value(v)
	if err == nil && w.over {
		err = errTooLong
	}
	if err != nil {
		return nil, fmt.Errorf("pickle: cannot write the value as JSON: %w", err)
	}
	return w.Bytes(), nil
}

var errTooLong = fmt.Errorf("it takes more than %d bytes", maxJSON)

type jsonWriter struct {
	bytes.Buffer
	over  bool // something was left out, because the whole is too long
	depth int
	on    map[any]bool // the containers that are being written
}

func (w *jsonWriter) value(v any) error {
	if w.over || w.Len() > maxJSON {
		return errTooLong
	}
	switch v := v.(type) {
	case nil:
		w.WriteString("null")
	case bool, int64:
		fmt.Fprint(w, v)
	case *big.Int:
		w.WriteString(v.String())
	case float64:
		return w.float(v)
	case complex128:
		w.text(strconv.FormatComplex(v, 'g', -1, 128))
	case string:
		w.text(v)
	case []byte:
		w.text(fmt.Sprintf("%d bytes", len(v)))
	case Tuple:
		return w.within(nil, func() error { return w.list(v) })
	case *List:
		return w.within(v, func() error { return w.list(v.Items) })
	case *Set:
		return w.within(v, func() error { return w.list(v.Items) })
	case *Dict:
		return w.within(v, func() error { return w.dict(v) })
	case *Object:
		if v.Fields != nil {
			return w.within(v, func() error { return w.dict(v.Fields) })
		}
		w.text(v.Text)
	case *Array:
		return w.array(v)
	case fmt.Stringer:
		w.text(v.String())
	default:
		w.text(kindOf(v))
	}
	return nil
}

// within writes a container. container is nil if it can contain itself only through another one.
func (w *jsonWriter) within(container any, body func() error) error {
	switch {
	case w.depth == maxDepth:
		return fmt.Errorf("it is nested more than %d deep", maxDepth)
	case container != nil && w.on[container]:
		return fmt.Errorf("%s in it contains itself", kindOf(container))
	}
	w.depth++
	if container != nil {
		w.on[container] = true
		defer delete(w.on, container)
	}
	err := body()
	w.depth--
	return err
}

func (w *jsonWriter) list(values []any) error {
	w.WriteByte('[')
	for i, v := range values {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := w.value(v); err != nil {
			return err
		}
	}
	w.WriteByte(']')
	return nil
}

func (w *jsonWriter) dict(d *Dict) error {
	w.WriteByte('{')
	first := true
	used := map[string]bool{}
	for key, value := range d.All() {
		text, isText := key.(string)
		if !isText {
			text = keyText(key)
			if _, taken := d.Get(text); taken || used[text] {
				text += " (" + kindOf(key) + ")"
			}
			if used[text] {
				return fmt.Errorf("two keys that are both written as %s", quote(text))
			}
			used[text] = true
		}
		if !first {
			w.WriteByte(',')
		}
		first = false
		w.text(text)
		w.WriteByte(':')
		if err := w.value(value); err != nil {
			return err
		}
	}
	w.WriteByte('}')
	return nil
}

// keyText returns a key as Python prints it; of a tuple, its scalars.
func keyText(key any) string {
	if text, ok := scalar(key); ok {
		return text
	}
	switch k := key.(type) {
	case Tuple:
		text := "("
		for i, item := range k {
			part, ok := scalar(item)
			if !ok {
				part = kindOf(item)
			}
			if i > 0 {
				text += ", "
			}
			if text += part; len(text) > maxName {
				return text + "…)"
			}
		}
		return text + ")"
	case fmt.Stringer:
		return k.String()
	}
	return kindOf(key)
}

func (w *jsonWriter) float(v float64) error {
	switch {
	case math.IsNaN(v):
		w.text("NaN")
	case math.IsInf(v, 0):
		w.text(map[bool]string{true: "Infinity", false: "-Infinity"}[v > 0])
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		w.Write(text)
	}
	return nil
}

func (w *jsonWriter) text(s string) {
	if w.over = w.over || w.Len()+len(s) > maxJSON; w.over {
		return
	}
	e := json.NewEncoder(&w.Buffer)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)         // a string and a buffer cannot fail
	w.Truncate(w.Len() - 1) // the newline
}

// array writes a small array's elements, nested as in its shape.
func (w *jsonWriter) array(a *Array) error {
	n := 1
	for _, dim := range a.Shape {
		if n *= dim; n > maxArray {
			break
		}
	}
	if _, ok := a.at(0); !ok || n > maxArray || a.Fortran && len(a.Shape) > 1 {
		w.text(a.String())
		return nil
	}
	at := 0
	return w.nested(a, a.Shape, &at)
}

func (w *jsonWriter) nested(a *Array, shape []int, at *int) error {
	if len(shape) == 0 {
		v, _ := a.at(*at)
		*at++
		return w.value(v)
	}
	w.WriteByte('[')
	for i := range shape[0] {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := w.nested(a, shape[1:], at); err != nil {
			return err
		}
	}
	w.WriteByte(']')
	return nil
}
