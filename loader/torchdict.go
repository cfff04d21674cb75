package loader

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cradio/loader/pickle"
)

// TorchDict holds the tensors of a dictionary in a PyTorch file. It is a Source. Closing it closes the file.
type TorchDict struct {
	t       *Torch
	at      string // the dictionary's key; empty for the root
	tensors map[string]*TorchTensor
	others  map[string]any
	names   []string
	text    int // bytes of all names
}

// Bounds on a dictionary: the depth of nested dictionaries, and the total length of all names.
const (
	maxNesting = 32
	maxNames   = 64 << 20
)

// Source returns the tensors of a file whose root is the dictionary of weights.
func (t *Torch) Source() (*TorchDict, error) { return t.newDict("", t.root) }

// Dict returns the tensors of the dictionary at key in the root. The name of a tensor in a nested dictionary is both names,
// joined by a dot. If there is no such key the error is ErrMissing.
func (t *Torch) Dict(key string) (*TorchDict, error) {
	if root, ok := t.root.(*pickle.Dict); ok {
		if v, ok := root.Get(key); ok {
			return t.newDict(key, v)
		}
	}
	return nil, &Error{File: t.path, Item: "key " + quote(key), Want: "a dictionary of tensors", Found: "no such key: " + keysOf(t.root),
		Do: "check that this is the right checkpoint", Err: ErrMissing}
}

func (t *Torch) newDict(key string, v any) (*TorchDict, error) {
	item := ""
	if key != "" {
		item = "key " + quote(key)
	}
	root, ok := v.(*pickle.Dict)
	if !ok {
		return nil, &Error{File: t.path, Item: item, Want: "a dictionary of tensors", Found: describe(v), Do: "check that this is the right checkpoint"}
	}
	d := &TorchDict{t: t, at: key, tensors: map[string]*TorchTensor{}, others: map[string]any{}}
	if err := d.add(root, "", nil); err != nil {
		return nil, locate(err, t.path, item, "save the weights again in Python, as a flat dictionary of tensors")
	}
	d.names = slices.Sorted(maps.Keys(d.tensors))
	return d, nil
}

// add lists the contents of a dictionary, with prefix before the names. within are the dictionaries that contain it.
func (d *TorchDict) add(from *pickle.Dict, prefix string, within []*pickle.Dict) error {
	if slices.Contains(within, from) || len(within) == maxNesting {
		return &Error{Item: "key " + quote(strings.TrimSuffix(prefix, ".")), Want: fmt.Sprintf("dictionaries at most %d deep", maxNesting),
			Found: "more, or a dictionary that contains itself"}
	}
	within = append(within, from)
	for k, v := range from.All() {
		key := keyText(k)
		if len(key) > maxName {
			key = key[:maxName+1] // which is an error
		}
		name := prefix + key
		_, again := d.tensors[name]
		if _, other := d.others[name]; again || other {
			return &Error{Item: tensorItem(name), Want: "every name once", Found: "the same name twice"}
		}
		if d.text += len(name); len(d.tensors)+len(d.others) == maxTensors || d.text > maxNames {
			return &Error{Want: fmt.Sprintf("at most %d values, with names of at most %d bytes", maxTensors, maxNames), Found: "more"}
		}
		if len(name) > maxName {
			return &Error{Item: "key " + quote(name), Want: fmt.Sprintf("a name of at most %d bytes", maxName), Found: "a longer one"}
		}
		switch v := v.(type) {
		case *TorchTensor:
			if err := checkName(name); err != nil {
				return locate(err, "", tensorItem(name), "")
			}
			d.tensors[name] = v
		case *pickle.Dict:
			if err := d.add(v, name+".", within); err != nil {
				return err
			}
			if v.Len() == 0 {
				d.others[name] = v
			}
		default:
			d.others[name] = v
		}
	}
	return nil
}

// Others returns the values of the dictionary that are not tensors, by name.
func (d *TorchDict) Others() map[string]any { return maps.Clone(d.others) }

// Names lists the tensors in alphabetical order.
func (d *TorchDict) Names() []string { return slices.Clone(d.names) }

// Lookup describes a tensor without reading it.
func (d *TorchDict) Lookup(name string) (Info, bool) {
	t, ok := d.tensors[name]
	if !ok {
		return Info{}, false
	}
	return Info{Name: name, DType: t.DType, Shape: slices.Clone(t.Shape), File: d.t.path}, true
}

// Float32 implements Source. Aligned, contiguous, little-endian float32 is returned as a view; other real numbers as a
// converted copy.
func (d *TorchDict) Float32(name string, shape ...int) ([]float32, error) {
	return d.Float32Into(nil, name, shape...)
}

// Float32Into implements Source.
func (d *TorchDict) Float32Into(dst []float32, name string, shape ...int) ([]float32, error) {
	d.t.open.RLock()
	defer d.t.open.RUnlock()
	v, err := d.view(name, shape, realTypes)
	if err != nil {
		return nil, err
	}
	return d.t.float32s(dst, name, v)
}

// Check implements Source.
func (d *TorchDict) Check(name string, shape ...int) error {
	d.t.open.RLock()
	v, err := d.view(name, shape, realTypes)
	d.t.open.RUnlock()
	if err == nil && v.dtype == F64 {
		_, err = d.Float32(name, shape...)
	}
	return err
}

// Int64 implements Source for integers of every width, and for bool as 0 and 1.
func (d *TorchDict) Int64(name string, shape ...int) ([]int64, error) {
	d.t.open.RLock()
	defer d.t.open.RUnlock()
	v, err := d.view(name, shape, integerTypes)
	if err != nil {
		return nil, err
	}
	return d.t.int64s(name, v)
}

// Release implements Source.
func (d *TorchDict) Release(name string) {
	d.t.open.RLock()
	defer d.t.open.RUnlock()
	if t, ok := d.tensors[name]; ok && d.t.mapped != nil {
		if raw, ok := t.raw(); ok {
			d.t.release(raw)
		}
	}
}

// Close closes the file.
func (d *TorchDict) Close() error { return d.t.Close() }

// String returns the file's path.
func (d *TorchDict) String() string { return d.t.path }

// Torch returns the file.
func (d *TorchDict) Torch() *Torch { return d.t }

func (d *TorchDict) mappedFile() *MappedFile { return d.t.MappedFile }

// maxRepeated bounds the elements of a tensor that repeats its numbers, for example by a stride of 0. A small file could
// claim any number of them.
const maxRepeated = 1 << 26

// view returns a tensor, or an error if its shape or dtype is not the one asked for. The caller holds the lock.
func (d *TorchDict) view(name string, shape []int, dtypes []DType) (view, error) {
	path := d.t.path
	t, ok := d.tensors[name]
	if other, isOther := d.others[name]; isOther {
		return view{}, &Error{File: path, Item: tensorItem(name), Want: "a dense tensor", Found: describe(other), Do: "convert it in Python, and save the file again"}
	}
	if !ok {
		return view{}, missing(path, name)
	}
	if d.t.mapped == nil {
		return view{}, closedError(path, tensorItem(name))
	}
	if err := suits(Info{Name: name, DType: t.DType, Shape: t.Shape, File: path}, shape, dtypes); err != nil {
		return view{}, err
	}
	raw, ok := t.raw()
	if !ok {
		return view{}, &Error{File: path, Item: tensorItem(name), Want: "numbers", Found: "a tensor on the meta device, which has none",
			Do: "save the model after its weights are loaded"}
	}
	v := view{raw: raw, dtype: t.DType, shape: t.Shape, strides: t.strides, swap: d.t.swap && t.size > 1}
	if n := v.elements(); n > maxRepeated && n > t.extent {
		return view{}, &Error{File: path, Item: tensorItem(name), Want: fmt.Sprintf("at most %d elements that repeat others", maxRepeated),
			Found: fmt.Sprintf("%s of %d numbers", shapeText(t.Shape), t.extent), Do: "save it in Python as tensor.contiguous()"}
	}
	return v, nil
}
