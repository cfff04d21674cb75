package loader

import "errors"

// ErrMissing is the error, for errors.Is, of a tensor that the source does not have.
var ErrMissing = errors.New("tensor is missing")

// Source gives the tensors of a model. A tensor is read when its values are asked for. Several goroutines may use a Source
// at once.
type Source interface {
	// Names lists the tensors in order. It is nil for a source that makes any tensor it is asked for.
	Names() []string

	// Lookup describes a tensor. It returns false if there is no such tensor, and always for a source without names.
	Lookup(name string) (Info, bool)

	// Float32 returns a tensor in row-major order; no shape means a scalar. The result may be a read-only view, valid until
	// Close. Half precision is converted exactly, and float64 is rounded once. A missing tensor is ErrMissing. It is an
	// *Error if the tensor has another shape, a type without real numbers, or a float64 beyond float32's range.
	Float32(name string, shape ...int) ([]float32, error)

	// Float32Into is Float32, but a copy is made in the memory of dst, if that is large enough.
	Float32Into(dst []float32, name string, shape ...int) ([]float32, error)

	// Check returns the error that Float32 would return, without reading the tensor. Only a float64 tensor is read, to see
	// whether its values are in range.
	Check(name string, shape ...int) error

	// Release frees the memory of a tensor that is not needed for now. For a mapped file, its pages leave this process's
	// memory, and are read again from the file when they are used. Slices from Float32 stay valid.
	Release(name string)

	// Int64 is Float32 for tensors of integers. The result is always a copy.
	Int64(name string, shape ...int) ([]int64, error)

	// Close releases the tensors. Slices that Float32 returned must not be used afterwards.
	Close() error

	// String returns the name of the source, for messages.
	String() string
}

// Info describes a tensor without reading it.
type Info struct {
	Name  string
	DType DType
	Shape []int  // nil for a scalar
	File  string // path of the file that contains it
}
