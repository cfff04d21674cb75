package cuda

import (
	"fmt"
	"reflect"

	"cradio/cuda/kernels"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// step is a launch of a kernel on values, which have no addresses yet.
type step struct {
	kernel      string
	grid, block [3]int
	shared      int
	err         error // of shapes that no kernel is for
	overlap     bool  // see Launch
	waves       waves // of a kernel whose blocks go over several pieces of work
	args        []any // *graph.Value, inside, boxes, words, weight, []int32, []float32, nil for a null pointer, int32, int64, float32 or float64
}

// waves is how work is spread over multiprocessors, each of which has room for some blocks.
type waves struct{ pieces, perProcessor, splits int }

// tiles says how many pieces there are, and in how many splits of the same sums.
func (w waves) tiles() string {
	switch {
	case w.pieces == 0:
		return "-"
	case w.splits > 1:
		return fmt.Sprintf("%d×%d", w.pieces/w.splits, w.splits)
	}
	return fmt.Sprint(w.pieces)
}

// of is how many times as much work there is as runs at once.
func (w waves) of(processors int) float64 {
	return float64(w.pieces) / float64(processors*max(w.perProcessor, 1))
}

// words are a table of the kernel, of addresses and int64.
type words []any

// weight is an operand in the form in which frozen weights are stored.
type weight struct{ stored }

// implementation is how an operation is lowered.
type implementation struct {
	// lower returns the launches, in order.
	lower func(d *Device, i *graph.Instruction) []step
	// scratch is the working memory, in elements; nil if there is none.
	scratch func(d *Device, i *graph.Instruction) int
	// implements says whether all attributes of op are known; nil if they are.
	implements func(op graph.Operation) bool
	// forms are those of the operands in bfloat16; nil if they are dense.
	forms func(i *graph.Instruction) graph.Forms
	// weight is the input that is stored in bfloat16 where input 0 is in it; 0 if there is none.
	weight int
}

// table has the implementation of each type of operation.
var table = map[reflect.Type]*implementation{}

// of is the implementation of op, nil if there is none.
func of(op graph.Operation) *implementation { return table[reflect.TypeOf(op)] }

// implement adds an implementation of operations of type O, by one launch, to the table.
func implement[O graph.Operation](lower func(d *Device, op O, i *graph.Instruction) step) *implementation {
	return implementAll(func(d *Device, op O, i *graph.Instruction) []step { return []step{lower(d, op, i)} })
}

// implementAll adds one by several launches.
func implementAll[O graph.Operation](lower func(d *Device, op O, i *graph.Instruction) []step) *implementation {
	var zero O
	how := &implementation{lower: func(d *Device, i *graph.Instruction) []step { return lower(d, i.Operation().(O), i) }}
	table[reflect.TypeOf(zero)] = how
	return how
}

// elements launches a kernel with a thread for each of n elements.
func elements(kernel string, n int, args ...any) step {
	const threads = 256
	return launch(kernel, [3]int{(n + threads - 1) / threads, 1, 1}, [3]int{threads, 1, 1}, 0, args...)
}

// launch makes a step. An int among args becomes an int32.
func launch(kernel string, grid, block [3]int, shared int, args ...any) step {
	for i, a := range args {
		switch a := a.(type) {
		case int:
			args[i] = int32(a)
		case bool:
			args[i] = int32(0)
			if a {
				args[i] = int32(1)
			}
		}
	}
	return step{kernel: kernel, grid: grid, block: block, shared: shared, args: args}
}

// input is operand `at` of i: nil, which is a null pointer, where `at` is negative.
func input(i *graph.Instruction, at int) any {
	if at < 0 {
		return nil
	}
	if s, ok := storedOf(i, at); ok {
		return weight{s}
	}
	return i.In()[at]
}

// form is the suffix of kernels that write a form.
func form(v *graph.Value) string {
	if v.Form() == BF16 {
		return "bf16"
	}
	return "f32"
}

// stride is the distance of the rows of a value, in elements.
func stride(v *graph.Value) int {
	if v.Form() == BF16 {
		return kernels.Stride(last(v.Shape()))
	}
	return last(v.Shape())
}

// writesBF16 is for operations that read float32, and may round what they write.
func writesBF16(*graph.Instruction) graph.Forms { return graph.Forms{Writes: []graph.Form{BF16}} }

// size is the number of elements of a shape.
func size(s tensor.Shape) int { return s.TotalSize() }

// blocks is how many blocks of so many it takes for n.
func blocks(n, of int) int { return max((n+of-1)/of, 1) }

// String says what is launched.
func (s step) String() string {
	return fmt.Sprintf("%s: %d×%d×%d blocks of %d threads, %d bytes of shared memory", s.kernel, s.grid[0], s.grid[1], s.grid[2], s.block[0]*s.block[1]*s.block[2], s.shared)
}
