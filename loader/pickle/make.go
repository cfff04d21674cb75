package pickle

import (
	"fmt"
	"strconv"
	"strings"
)

func wrongArguments(args Tuple) error {
	return fmt.Errorf("unsupported arguments: %s", kindOf(args))
}

// dictOf makes a dictionary: empty, of pairs, or of another dictionary. The first skip arguments are something else.
func dictOf(class string, skip int) func(*decoder, Tuple) (any, error) {
	return func(d *decoder, args Tuple) (any, error) {
		args = args[min(skip, len(args)):]
		to := &Dict{Class: class}
		if len(args) == 0 || args[0] == nil {
			return to, nil
		}
		if n := size(args[0]); len(args) > 1 || !d.spend(entryCost*n) {
			return nil, d.or(wrongArguments(args))
		}
		from, ok := pairs(args[0])
		if !ok {
			return nil, wrongArguments(args)
		}
		d.update(to, from)
		return to, d.or(nil)
	}
}

// or is the error that the machine met, or another.
func (d *decoder) or(err error) error {
	if d.err != nil {
		return d.err
	}
	return err
}

// size is how many elements a container has.
func size(v any) int {
	if dict, ok := v.(*Dict); ok {
		return dict.Len()
	}
	list, _ := items(v)
	return len(list)
}

// elements is a copy of what a container holds, for a class that takes at most most arguments of which it is the first.
func (d *decoder) elements(args Tuple, most int) ([]any, error) {
	if len(args) == 0 {
		return nil, nil
	}
	list, ok := items(args[0])
	if !ok || len(args) > most {
		return nil, wrongArguments(args)
	}
	if !d.spend(placeCost * len(list)) {
		return nil, d.err
	}
	return append([]any(nil), list...), nil
}

func listOf(class string, most int) func(*decoder, Tuple) (any, error) {
	return func(d *decoder, args Tuple) (any, error) {
		list, err := d.elements(args, most)
		return &List{Class: class, Items: list}, err
	}
}

func newTuple(d *decoder, args Tuple) (any, error) {
	list, err := d.elements(args, 1)
	return Tuple(list), err
}

func newSet(frozen bool) func(*decoder, Tuple) (any, error) {
	return func(d *decoder, args Tuple) (any, error) {
		list, err := d.elements(args, 1)
		return &Set{Frozen: frozen, Items: list}, err
	}
}

// newBytes takes bytes, or a text and its encoding as protocol 2 keeps a bytearray. A number, which asks for so many
// zeros, is refused.
func newBytes(d *decoder, args Tuple) (any, error) {
	if len(args) == 0 {
		return []byte{}, nil
	}
	switch v := args[0].(type) {
	case []byte:
		if len(args) == 1 && d.spend(len(v)) {
			return append([]byte{}, v...), nil
		}
	case string:
		if len(args) > 1 {
			return encode(d, args)
		}
	}
	return nil, d.or(wrongArguments(args))
}

// encode is how protocol 2 keeps bytes: a text of characters below 256, and "latin1".
func encode(d *decoder, args Tuple) (any, error) {
	if len(args) != 2 {
		return nil, wrongArguments(args)
	}
	text, isText := args[0].(string)
	encoding, isName := args[1].(string)
	if !isText || !isName || !d.spend(len(text)) {
		return nil, d.or(wrongArguments(args))
	}
	switch strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(encoding), "-", ""), "_", "") {
	case "utf8":
		return []byte(text), nil
	case "latin1", "iso88591", "latin", "l1", "ascii":
		out := make([]byte, 0, len(text))
		for _, r := range text {
			if r > 0xff {
				return nil, fmt.Errorf("a text that is not in %s: %s", quote(encoding), quote(text))
			}
			out = append(out, byte(r))
		}
		return out, nil
	}
	return nil, fmt.Errorf("an unknown encoding: %s", quote(encoding))
}

func newComplex(_ *decoder, args Tuple) (any, error) {
	var parts [2]float64
	if len(args) > 2 {
		return nil, wrongArguments(args)
	}
	for i, arg := range args {
		switch v := arg.(type) {
		case float64:
			parts[i] = v
		case int64:
			parts[i] = float64(v)
		default:
			return nil, wrongArguments(args)
		}
	}
	return complex(parts[0], parts[1]), nil
}

// described makes an object that is shown as the call that makes it.
func described(name string, least, most int) func(*decoder, Tuple) (any, error) {
	return func(_ *decoder, args Tuple) (any, error) {
		if len(args) < least || len(args) > most {
			return nil, wrongArguments(args)
		}
		parts := make([]string, len(args))
		for i, arg := range args {
			text, ok := scalar(arg)
			if !ok {
				return nil, wrongArguments(args)
			}
			parts[i] = text
		}
		return &Object{Class: "builtins." + name, Text: name + "(" + strings.Join(parts, ", ") + ")"}, nil
	}
}

// scalar is how Python prints a small number, a text or None.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "None", true
	case bool:
		return map[bool]string{true: "True", false: "False"}[v], true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case string:
		return quote(v), true
	}
	return "", false
}

// withFields makes an object whose attributes follow as its state.
func withFields(class string) func(*decoder, Tuple) (any, error) {
	return func(_ *decoder, args Tuple) (any, error) {
		if len(args) > 0 {
			return nil, wrongArguments(args)
		}
		return &Object{Class: class, Fields: &Dict{}}, nil
	}
}

// named makes an object of its text, a Decimal, or of numerator and denominator, a Fraction.
func named(class string) func(*decoder, Tuple) (any, error) {
	return func(d *decoder, args Tuple) (any, error) {
		if len(args) == 0 || len(args) > 2 {
			return nil, wrongArguments(args)
		}
		parts := make([]string, len(args))
		for i, arg := range args {
			var ok bool
			if parts[i], ok = arg.(string); !ok {
				n, isInt := asInt(arg)
				if parts[i] = strconv.FormatInt(n, 10); !isInt {
					return nil, wrongArguments(args)
				}
			}
		}
		text := strings.Join(parts, "/")
		d.spend(len(text))
		return &Object{Class: class, Text: text}, d.or(nil)
	}
}

// newPath joins the parts of a path. One that is absolute takes the place of those before it.
func newPath(separator string) func(*decoder, Tuple) (any, error) {
	return func(d *decoder, args Tuple) (any, error) {
		path := ""
		for _, arg := range args {
			part, ok := arg.(string)
			if !ok || !d.spend(len(path)+len(part)) {
				return nil, d.or(wrongArguments(args))
			}
			switch {
			case path == "" || strings.HasPrefix(part, separator) || len(part) > 1 && part[1] == ':' && separator == `\`:
				path = part
			case strings.HasSuffix(path, separator):
				path += part
			default:
				path += separator + part
			}
		}
		class := "pathlib.PosixPath"
		if separator == `\` {
			class = "pathlib.WindowsPath"
		}
		if path == "" {
			path = "."
		}
		return &Object{Class: class, Text: path}, nil
	}
}

// reconstruct is copyreg._reconstructor(class, base, state), which protocols 0 and 1 use for objects.
func reconstruct(d *decoder, args Tuple) (any, error) {
	if len(args) != 3 {
		return nil, wrongArguments(args)
	}
	base, ok := args[1].(*Global)
	if !ok {
		return nil, wrongArguments(args)
	}
	if base.Name == "builtins.object" {
		return d.again(args[0], Tuple{})
	}
	return d.again(args[0], Tuple{args[2]})
}

// newObj is copyreg.__newobj__(class, *args).
func newObj(d *decoder, args Tuple) (any, error) {
	if len(args) == 0 {
		return nil, wrongArguments(args)
	}
	return d.again(args[0], args[1:])
}

// again calls a class that was an argument. Functions that call are not called so: they could call each other for ever.
func (d *decoder) again(class any, args Tuple) (any, error) {
	g, ok := class.(*Global)
	if !ok || strings.HasPrefix(g.Name, "copyreg.") {
		return nil, fmt.Errorf("want a class, found %s", kindOf(class))
	}
	v := d.call(g, args)
	return v, d.or(nil)
}

// asInt is an integer argument.
func asInt(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}
