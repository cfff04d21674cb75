package loader

import (
	"fmt"
	"slices"
	"strings"

	"cradio/loader/pickle"
)

// torchGlobal returns the value of a torch name that may occur in a pickle. None of these values runs anything.
func torchGlobal(name string) (any, bool) {
	if class, ok := storageOf(name); ok {
		return class, true
	}
	if constant, ok := strings.CutPrefix(name, "torch."); ok && isTorchConstant(constant) {
		return &pickle.Global{Name: name}, true
	}
	build, ok := torchFunctions[name]
	if !ok {
		return nil, false
	}
	return &pickle.Global{Name: name, New: build}, true
}

func isTorchConstant(name string) bool {
	if _, ok := typeOf(name); ok {
		return true
	}
	switch name {
	case "per_tensor_affine", "per_tensor_symmetric", "per_channel_affine", "per_channel_symmetric", "per_channel_affine_float_qparams",
		"strided", "sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc", "_mkldnn", "jagged",
		"contiguous_format", "preserve_format", "channels_last", "channels_last_3d",
		"Tensor", "FloatTensor", "DoubleTensor", "HalfTensor", "BFloat16Tensor", "LongTensor", "IntTensor", "ShortTensor", "CharTensor",
		"ByteTensor", "BoolTensor", "nn.parameter.Buffer":
		return true
	}
	return false
}

// typeOf returns an element type by its name in torch.
func typeOf(name string) (storageClass, bool) {
	for _, t := range torchTypes {
		if t.name == name {
			return storageClass{t.dtype, t.size}, true
		}
	}
	return storageClass{}, false
}

// torchFunctions make values from their arguments.
var torchFunctions = map[string]func(pickle.Tuple) (any, error){
	"torch._utils._rebuild_tensor": func(args pickle.Tuple) (any, error) { return rebuild(args, nil) },
	"torch._utils._rebuild_tensor_v2": func(args pickle.Tuple) (any, error) {
		if what, lazy := lazily(args, 6); lazy {
			return what, nil
		}
		return rebuild(args, nil)
	},
	"torch._utils._rebuild_tensor_v3": func(args pickle.Tuple) (any, error) {
		if len(args) < 7 {
			return nil, fmt.Errorf("want a tensor's type, found %d values", len(args))
		}
		name, _ := args[6].(*pickle.Global)
		if name == nil {
			return nil, fmt.Errorf("want a tensor's type, found another value")
		}
		dtype, ok := typeOf(strings.TrimPrefix(name.Name, "torch."))
		if !ok {
			return nil, fmt.Errorf("want a tensor's type, found %s", quote(name.Name))
		}
		if what, lazy := lazily(args, 7); lazy {
			return what, nil
		}
		return rebuild(args, &dtype)
	},
	"torch._utils._rebuild_parameter":                     first,
	"torch._utils._rebuild_parameter_with_state":          first,
	"torch._utils._rebuild_device_tensor_from_cpu_tensor": first,
	"torch.nn.parameter.Parameter":                        first,
	"torch._tensor._rebuild_from_type_v2":                 rebuildSubclass,
	"torch._utils._rebuild_qtensor":                       notDense("quantized tensor"),
	"torch._utils._rebuild_sparse_tensor":                 notDense("sparse tensor"),
	"torch._utils._rebuild_nested_tensor":                 notDense("nested tensor"),
	"torch._utils._rebuild_wrapper_subclass":              notDense("wrapped tensor"),
	"torch._utils._rebuild_meta_tensor_no_storage":        notDense("tensor without numbers (meta)"),
	"torch._utils._rebuild_device_tensor_from_numpy":      notDense("tensor of another device"),
	"torch.serialization._get_layout":                     described("torch.layout", ""),
	"torch.device":                                        described("torch.device", ":"),
	"torch.torch_version.TorchVersion": func(args pickle.Tuple) (any, error) {
		if len(args) == 1 {
			if version, ok := args[0].(string); ok {
				return version, nil
			}
		}
		return nil, fmt.Errorf("want a version, found other values")
	},
	"torch.Size": func(args pickle.Tuple) (any, error) {
		if len(args) == 1 {
			switch v := args[0].(type) {
			case pickle.Tuple:
				return v, nil
			case *pickle.List:
				if len(v.Items) <= maxRank {
					return slices.Clone(pickle.Tuple(v.Items)), nil
				}
			}
		}
		return nil, fmt.Errorf("want a shape, found other values")
	},
}

// lazily returns a value for a tensor whose numbers are the negatives or conjugates of those in its storage, as the
// metadata in the arguments tells.
func lazily(args pickle.Tuple, at int) (any, bool) {
	if len(args) <= at {
		return nil, false
	}
	if metadata, ok := args[at].(*pickle.Dict); ok {
		for _, key := range []string{"neg", "conj"} {
			if set, ok := metadata.Get(key); ok && set != false {
				return &pickle.Object{Class: notDenseClass, Text: "tensor that is stored as the " + key + " of another"}, true
			}
		}
	}
	return nil, false
}

// first is for functions that add to a tensor what does not change its numbers: requires_grad, hooks, attributes.
func first(args pickle.Tuple) (any, error) {
	if len(args) > 0 {
		switch args[0].(type) {
		case *TorchTensor, *pickle.Object:
			return args[0], nil
		}
	}
	return nil, fmt.Errorf("want a tensor, found another value")
}

// rebuildSubclass is _rebuild_from_type_v2(function, class, arguments, state): a tensor with attributes.
func rebuildSubclass(args pickle.Tuple) (any, error) {
	if len(args) == 4 {
		f, isFunction := args[0].(*pickle.Global)
		inner, isTuple := args[2].(pickle.Tuple)
		if isFunction && isTuple && strings.HasPrefix(f.Name, "torch._utils._rebuild_") && f.New != nil {
			return f.New(inner)
		}
	}
	return nil, fmt.Errorf("want a function of torch._utils that makes a tensor, found other values")
}

// notDense returns a function for tensors whose numbers this package does not read.
func notDense(what string) func(pickle.Tuple) (any, error) {
	return func(pickle.Tuple) (any, error) { return &pickle.Object{Class: notDenseClass, Text: what}, nil }
}

const notDenseClass = "torch.Tensor"

// described returns a function for a value that is shown as its arguments, such as "cuda:0".
func described(class, separator string) func(pickle.Tuple) (any, error) {
	return func(args pickle.Tuple) (any, error) {
		if len(args) == 0 || len(args) > 2 {
			return nil, fmt.Errorf("want one or two values, found %d", len(args))
		}
		parts := make([]string, len(args))
		for i, arg := range args {
			if parts[i] = keyText(arg); len(parts[i]) > maxName {
				return nil, fmt.Errorf("want a name, found a text of %d bytes", len(parts[i]))
			}
		}
		return &pickle.Object{Class: class, Text: strings.Join(parts, separator)}, nil
	}
}
