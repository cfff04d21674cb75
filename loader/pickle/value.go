package pickle

import (
	"fmt"
	"iter"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Tuple is a tuple, or a torch.Size.
type Tuple []any

// List is a list, or an instance of a similar class. Class is then its name, such as "collections.deque".
type List struct {
	Class string
	Items []any
}

// Set is a set or a frozenset.
type Set struct {
	Frozen bool
	Items  []any
}

// Object is an instance of a known class. Fields are its attributes, such as those of an argparse.Namespace. An object
// without attributes has a Text instead: a path, a date or "cuda:0", as Python prints it.
type Object struct {
	Class  string
	Fields *Dict
	Text   string
}

// String returns the Text, or the class.
func (o *Object) String() string {
	if o.Fields == nil {
		return o.Text
	}
	return "<" + o.Class + " object>"
}

// Global is a class, function or constant of Python, as a value.
type Global struct {
	Name string // "torch.float32"
	// New returns the result of calling it, or its __new__, with args. nil: it may not be called.
	New func(args Tuple) (any, error)
}

// String returns the name.
func (g *Global) String() string { return g.Name }

// Builder is a value that is given a state after it is made, as by __setstate__.
type Builder interface {
	Build(state any) error
}

// Dict is a dict, or an instance of a similar class: "collections.OrderedDict", "collections.defaultdict",
// "collections.Counter".
type Dict struct {
	Class string
	// Attrs are the attributes of the dictionary itself, such as _metadata of a state dict. It may be nil.
	Attrs   *Dict
	entries []entry
	index   map[any]int
}

type entry struct{ key, value any }

// Len returns the number of keys.
func (d *Dict) Len() int { return len(d.entries) }

// All iterates over the keys and values in the order of insertion.
func (d *Dict) All() iter.Seq2[any, any] {
	return func(yield func(key, value any) bool) {
		for _, e := range d.entries {
			if !yield(e.key, e.value) {
				return
			}
		}
	}
}

// Get returns the value of a key that is a str.
func (d *Dict) Get(key string) (any, bool) {
	if i, ok := d.index[key]; ok {
		return d.entries[i].value, true
	}
	return nil, false
}

// Set sets the value of a key. A key that exists keeps its place in the order.
func (d *Dict) Set(key, value any) error {
	hashed, err := hash(key, 0)
	if err != nil {
		return err
	}
	d.set(hashed, key, value)
	return nil
}

func (d *Dict) set(hashed, key, value any) {
	if i, ok := d.index[hashed]; ok {
		d.entries[i].value = value
		return
	}
	if d.index == nil {
		d.index = map[any]int{}
	}
	d.index[hashed] = len(d.entries)
	d.entries = append(d.entries, entry{key, value})
}

// What hash makes of keys that Go cannot compare, or that Python takes for others.
type (
	noneKey   struct{}
	bytesKey  string
	bigKey    string
	globalKey string
	tupleKey  string
)

// hash is a comparable value that is equal for keys that are equal in Python: 1, 1.0 and True are.
func hash(key any, depth int) (any, error) {
	const deepest, longest = 8, 1 << 16
	switch k := key.(type) {
	case nil:
		return noneKey{}, nil
	case string, int64, complex128:
		return k, nil
	case bool:
		if k {
			return int64(1), nil
		}
		return int64(0), nil
	case float64:
		if k == math.Trunc(k) && math.Abs(k) < 1<<53 {
			return int64(k), nil
		}
		return k, nil
	case []byte:
		return bytesKey(k), nil
	case *big.Int:
		return bigKey(strconv.Itoa(k.Sign()) + string(k.Bytes())), nil
	case *Global:
		return globalKey(k.Name), nil
	case Tuple:
		if depth == deepest {
			return nil, fmt.Errorf("a key of tuples nested more than %d deep", deepest)
		}
		var text strings.Builder
		for _, item := range k {
			h, err := hash(item, depth+1)
			if err != nil {
				return nil, err
			}
			part := fmt.Sprintf("%T %v", h, h)
			if text.Len()+len(part) > longest {
				return nil, fmt.Errorf("a key of more than %d bytes", longest)
			}
			fmt.Fprintf(&text, "%d %s ", len(part), part)
		}
		return tupleKey(text.String()), nil
	case *List, *Dict:
		return nil, fmt.Errorf("%s, which cannot be a key", kindOf(key))
	}
	if reflect.TypeOf(key).Comparable() {
		return key, nil
	}
	return nil, fmt.Errorf("%s, which cannot be a key", kindOf(key))
}

// items are the elements of a list, tuple or set.
func items(v any) ([]any, bool) {
	switch v := v.(type) {
	case Tuple:
		return v, true
	case *List:
		return v.Items, true
	case *Set:
		return v.Items, true
	}
	return nil, false
}

// pairs are the keys and values of a dict, or of a list of pairs.
func pairs(v any) ([]entry, bool) {
	if d, ok := v.(*Dict); ok {
		return slices.Clone(d.entries), true
	}
	list, ok := items(v)
	var out []entry
	for _, item := range list {
		pair, isPair := items(item)
		if !isPair || len(pair) != 2 {
			return nil, false
		}
		out = append(out, entry{pair[0], pair[1]})
	}
	return out, ok
}
