// Package pickle reads Python's pickles as data. A pickle is a program for a small machine that may call any function of
// Python by name; this machine calls none of them. It knows by name the classes that files of weights and the arguments
// of a training run are made of (globals.go), builds plain values in their place, and refuses every other name.
//
// Start at [Load]. Its values are
//
//	None, bool, int, float, str, bytes     nil, bool, int64 or *big.Int, float64, string, []byte
//	complex, tuple, list, set, dict        complex128, Tuple, *List, *Set, *Dict (in the order of insertion)
//	Namespace and other objects            *Object
//	NumPy's arrays                         *Array; its scalars are plain numbers
//	a class or function, as a value        *Global
//
// and whatever Options.Globals and Options.Persistent give. Values may be shared, and may hold themselves: walk them with
// a bound, as [JSON] does.
//
// # Hostile pickles
//
// Nothing recurses while a pickle is read. Every byte that is kept is counted against a bound (Options.MaxMemory), copies
// of what the memo holds included. Lengths are compared with what is left of the input before anything is allocated.
//
// The format: https://github.com/python/cpython/blob/main/Lib/pickletools.py
package pickle
