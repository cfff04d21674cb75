package loader

import (
	"fmt"
	"strconv"

	"cradio/loader/pickle"
)

// weightsKeys are the keys of a model's weights in the checkpoints of training runs. Averaged weights come first.
var weightsKeys = []string{"state_dict_ema", "model_ema", "state_dict", "model_state_dict", "model"}

// Weights finds the model's weights in a file, and returns them and their key. It takes the first of state_dict_ema,
// model_ema, state_dict, model_state_dict and model that has tensors. Otherwise it takes the root (key ""), if that has
// tensors itself, or else the only dictionary in it that has tensors.
func (t *Torch) Weights() (d *TorchDict, key string, err error) {
	root, ok := t.root.(*pickle.Dict)
	if !ok {
		return nil, "", &Error{File: t.path, Want: "a dictionary of tensors", Found: describe(t.root),
			Do: "save the model's weights in Python: torch.save(model.state_dict(), file)"}
	}
	look := maxTensors
	for _, want := range weightsKeys {
		if v, ok := root.Get(want); ok && holdsTensors(v, maxNesting, &look) {
			d, err = t.Dict(want)
			return d, want, err
		}
	}
	var holders []string
	for k, v := range root.All() {
		if _, ok := v.(*TorchTensor); ok {
			d, err = t.Source()
			return d, "", err
		}
		if name, ok := k.(string); ok && holdsTensors(v, maxNesting, &look) {
			holders = append(holders, name)
		}
	}
	switch len(holders) {
	case 1:
		d, err = t.Dict(holders[0])
		return d, holders[0], err
	case 0:
		return nil, "", &Error{File: t.path, Want: "a dictionary of tensors", Found: "none: " + keysOf(t.root),
			Do: "check that this is the right checkpoint"}
	}
	return nil, "", &Error{File: t.path, Want: "one dictionary of tensors", Found: fmt.Sprintf("%d: %s", len(holders), list(holders)),
		Do: "save the right one in Python: torch.save(checkpoint[key], file)"}
}

// holdsTensors reports whether a dictionary, or one nested in it, has a tensor. look bounds the values to look at.
func holdsTensors(v any, deep int, look *int) bool {
	d, ok := v.(*pickle.Dict)
	if !ok || deep == 0 {
		return false
	}
	for _, inner := range d.All() {
		if *look--; *look < 0 {
			return false
		}
		if _, ok := inner.(*TorchTensor); ok || holdsTensors(inner, deep-1, look) {
			return true
		}
	}
	return false
}

// keysOf lists a dictionary's keys, for messages.
func keysOf(v any) string {
	d, ok := v.(*pickle.Dict)
	if !ok {
		return describe(v)
	}
	var keys []string
	for k := range d.All() {
		keys = append(keys, keyText(k))
	}
	return "its keys are " + list(keys)
}

func keyText(key any) string {
	switch k := key.(type) {
	case string:
		return k
	case int64:
		return strconv.FormatInt(k, 10)
	}
	return describe(key)
}

// describe describes a value in a few words.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case *TorchTensor:
		return "a " + v.String()
	case *pickle.Dict:
		return fmt.Sprintf("a dictionary of %d keys", v.Len())
	case *pickle.List:
		return fmt.Sprintf("a list of %d", len(v.Items))
	case pickle.Tuple:
		return fmt.Sprintf("a tuple of %d", len(v))
	case *pickle.Object:
		if v.Class == notDenseClass {
			return "a " + v.Text
		}
		return "a " + v.Class
	case string:
		return "the text " + quote(v)
	case bool, int64, float64:
		return fmt.Sprintf("the value %v", v)
	case []byte:
		return fmt.Sprintf("%d bytes", len(v))
	case fmt.Stringer:
		return quote(v.String())
	}
	return fmt.Sprintf("a value of another type (%T)", v)
}
