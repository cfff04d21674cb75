// Package pickle reads Python's pickles as data, without running them.
//
//	value, used, err := pickle.Load(data, pickle.Options{})
//
// A pickle is a program for a small virtual machine, and may call any function of Python by name. This package calls none of
// them. It knows the classes that occur in files of weights and in the arguments of a training run (globals.go), and builds
// plain values for them. Any other name is an error.
//
// Start at [Load]. It returns these values:
//
//	None, bool, int, float, str, bytes     nil, bool, int64 or *big.Int, float64, string, []byte
//	complex, tuple, list, set, dict        complex128, Tuple, *List, *Set, *Dict (in the order of insertion)
//	Namespace and other objects            *Object
//	NumPy's arrays                         *Array; its scalars are plain numbers
//	a class or function, as a value        *Global
//
// It also returns the values of Options.Globals and Options.Persistent. Values may be shared, and may contain themselves, so
// code that walks them needs a bound, as [JSON] has.
//
// # Hostile pickles
//
// Reading does not recurse. The memory of all values, including copies from the memo, is bounded by Options.MaxMemory.
// Lengths are checked against the remaining input before memory is allocated.
//
// The format: https://github.com/python/cpython/blob/main/Lib/pickletools.py
package pickle
