package machine

import (
	"cradio/cpu"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// operands are what an operation is bound to. Of an operand in a reduced form the tensor is
// nil, and so it is of a packed weight.
type operands struct {
	out     *tensor.Dense
	in      []*tensor.Dense
	scratch *tensor.Dense // nil where the implementation needs none
	shapes  []tensor.Shape

	reducedOut *cpu.Activations
	reducedIn  []*cpu.Activations

	pool    *cpu.Pool
	packs   *PackedWeights
	weights []*graph.Weight // by input: those that are packed
	small   int             // the limit of small operations
	rounded bool            // products with weights that change are of bfloat16
	err     error           // of packing
}

// data is the memory of a dense tensor, without a copy.
func data[T cpu.Float](d *tensor.Dense) []T {
	if d == nil {
		return nil
	}
	var zero T
	if _, single := any(zero).(float32); single {
		return any(d.Float32s()).([]T)
	}
	return any(d.Float64s()).([]T)
}

func in[T cpu.Float](a *operands, i int) []T { return data[T](a.in[i]) }
func out[T cpu.Float](a *operands) []T       { return data[T](a.out) }
func scratch[T cpu.Float](a *operands) []T   { return data[T](a.scratch) }

// optional is input i, nil where i is negative.
func optional[T cpu.Float](a *operands, i int) []T {
	if i < 0 {
		return nil
	}
	return in[T](a, i)
}

// matrix is input i as the weight of a Linear: packed once where it is frozen, else as it
// lies.
func matrix[T cpu.Float](a *operands, i int) *cpu.Matrix[T] {
	if a.in[i] == nil {
		m, err := packed[T](a.pool, a.packs, a.weights[i])
		if err != nil {
			a.err = err
			m = &cpu.Matrix[T]{}
		}
		return m
	}
	m := cpu.Wrap(in[T](a, i), a.shapes[i][0], a.shapes[i][1])
	return &m
}

// reducedMatrix is input i as the weight of a Linear in a reduced precision.
func reducedMatrix(a *operands, i int, f cpu.Form) *cpu.LowPrecisionMatrix {
	m, err := packedReduced(a.pool, a.packs, a.weights[i], f)
	if err != nil {
		a.err = err
		m = &cpu.LowPrecisionMatrix{}
	}
	return m
}

// rows is the number of rows of s when its last axis is the row.
func rows(s tensor.Shape) int {
	n := 1
	for _, d := range s[:len(s)-1] {
		n *= d
	}
	return n
}

// last is the width of the last axis.
func last(s tensor.Shape) int { return s[len(s)-1] }

// tokens is how many rows of x (B, T, D) belong together: those of an image, which has
// one in x (B, D).
func tokens(x tensor.Shape) int {
	if len(x) < 3 {
		return 1
	}
	return x[len(x)-2]
}
