package loader

import "errors"

// ErrMissing is what errors.Is finds when a source does not hold the tensor asked for.
var ErrMissing = errors.New("tensor is missing")

// Source is where a model's tensors come from. Nothing is read before its values are asked for. It may be used by several goroutines at once.
type Source interface {
	// Names lists the tensors in order; nil from a source that makes whatever it is asked for.
	Names() []string

	// Lookup describes a tensor; false where it is not there, and always from a source without names.
	Lookup(name string) (Info, bool)

	// Float32 is the tensor in row-major order; no shape means a scalar. It may be a read-only view, valid until Close.
	// Half precision is widened exactly and float64 rounded once. An absent tensor is ErrMissing; another shape, a type
	// that holds no real numbers, or a float64 beyond float32's range is an *Error.
	Float32(name string, shape ...int) ([]float32, error)

	// Float32Into is Float32 that, where it makes a copy, makes it in the memory of dst if that is large enough.
	Float32Into(dst []float32, name string, shape ...int) ([]float32, error)

	// Check is the error that Float32 would return. It reads none of the tensor, unless that is float64: only its
	// values tell whether they are in range.
	Check(name string, shape ...int) error

	// Release says that a tensor is not needed for now: pages of a mapped file leave this process's memory, and come
	// back from the file when they are touched. What Float32 has handed out stays valid.
	Release(name string)

	// Int64 is Float32 for tensors of integers, always a copy.
	Int64(name string, shape ...int) ([]int64, error)

	// Close releases the tensors: views handed out by Float32 must not be touched afterwards.
	Close() error

	// String names the source in messages.
	String() string
}

// Info describes a tensor without reading it.
type Info struct {
	Name  string
	DType DType
	Shape []int  // nil for a scalar
	File  string // path of the file that holds it
}
