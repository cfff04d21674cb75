package cputest

import (
	"math"
	"unsafe"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

var precisions = []cpu.Form{cpu.BFloat16, cpu.Int8}

// newActivations is a guarded matrix of bytes that an operation must overwrite.
func newActivations(t *test, p cpu.Form, rows, cols int) *cpu.Activations {
	n := cpu.ActivationsBytes(p, rows, cols)
	x := buffer[float32](t, n/4)
	for i := range x {
		x[i] = math.Float32frombits(0xffffffff)
	}
	data := []byte{}
	if n > 0 {
		data = unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), n)
	}
	return &cpu.Activations{Form: p, Rows: rows, Cols: cols, Data: data}
}

// requirePadding requires zeros after each row's elements.
func requirePadding(t *test, n *cpu.Activations) {
	t.Helper()
	size := 1
	if n.Form == cpu.BFloat16 {
		size = 2
	}
	stride, used := cpu.ActivationsStride(n.Form, n.Cols), n.Cols*size
	for r := range n.Rows {
		for i, b := range n.Data[r*stride+used : r*stride+(used+63)/64*64] {
			require.Zero(t, b, "byte %d after row %d", i, r)
		}
	}
}

// roundedTo is what x becomes in a row of a precision: the definition. What is
// denormal may become 0 in BFloat16.
func roundedTo(p cpu.Form, x []float32) []float64 {
	y := make([]float64, len(x))
	if p == cpu.BFloat16 {
		for i, v := range x {
			b := math.Float32bits(v)
			y[i] = float64(math.Float32frombits((b + 0x7fff + b>>16&1) &^ 0xffff))
			if v != v {
				y[i] = math.NaN()
			}
		}
		return y
	}
	lo, hi := x[0], x[0]
	for _, v := range x {
		lo, hi = min(lo, v), max(hi, v)
	}
	scale := (hi - lo) / 255
	for i, v := range x {
		y[i] = float64(lo)
		if scale != 0 {
			inverse := 1 / scale
			y[i] += float64(scale) * math.RoundToEven(float64((v-lo)*inverse))
		}
	}
	return y
}

func roundedRows(p cpu.Form, x []float32, cols int) []float64 {
	var y []float64
	for r := 0; r < len(x); r += max(cols, 1) {
		y = append(y, roundedTo(p, x[r:r+cols])...)
	}
	return y
}

// convertRoundings is how far Get may be from roundedTo, in roundings of the elements'
// size: BFloat16 exactly.
func convertRoundings(p cpu.Form) float64 {
	if p == cpu.Int8 {
		return 2
	}
	return 0
}

func convert(t *test) {
	for _, p := range precisions {
		for i, c := range rowsDims {
			rows, cols := c[0], c[1]
			s := from(t, uint64(i))
			x := normal[float32](s, rows*cols, 2)
			op := &cpu.Convert{Y: newActivations(t, p, rows, cols), X: x}
			y := dirty[float32](s, rows*cols)
			want := roundedRows(p, x, cols)
			verify(t, readBack{op, op.Y, y}, y, want, convertRoundings(p))
			requirePadding(t, op.Y)

			again := &cpu.Convert{Y: newActivations(t, cpu.Int8, rows, cols), LowX: op.Y}
			verify(t, readBack{again, again.Y, y}, y, roundedRows(cpu.Int8, y, cols), 4)
		}
	}
	s := from(t, 9) // constant rows, and the smallest numbers
	x := make([]float32, 3*40)
	for i := range x {
		x[i] = []float32{0, -7.25, 0x1p-140}[i/40] * float32(1+i/80*(i%3))
	}
	op := &cpu.Convert{Y: newActivations(t, cpu.Int8, 3, 40), X: x}
	y := dirty[float32](s, len(x))
	run(t, readBack{op, op.Y, y})
	for i := range x {
		require.InDelta(t, x[i], y[i], 0x1p-126)
	}
	require.ErrorContains(t, (&cpu.Convert{}).Check(), "Y is nil")
	op.X = x[1:]
	require.ErrorContains(t, op.Check(), "cpu.Convert: X has 119 elements")
}

func convertNonFinite(t *test) {
	for _, v := range nonFinite {
		for _, at := range []int{0, 17, 33} { // in a kernel's part, and after it
			const cols = 37
			s := from(t, 1)
			x := normal[float32](s, 2*cols, 1)
			x[cols+at] = float32(v)
			y := dirty[float32](s, 2*cols)
			op := &cpu.Convert{Y: newActivations(t, cpu.BFloat16, 2, cols), X: x}
			run(t, readBack{op, op.Y, y})
			near(t, y, roundedRows(cpu.BFloat16, x, cols), 0)
			op.Y = newActivations(t, cpu.Int8, 2, cols)
			run(t, readBack{op, op.Y, y})
			require.Equal(t, -1, cpu.FirstNonFinite(y[:cols]))
			for i := range cols {
				require.True(t, y[cols+i] != y[cols+i], "element %d is %v, want NaN", i, y[cols+i])
			}
		}
	}
}

func lowPrecisionLayerNorm(t *test) {
	for _, p := range precisions {
		for i, c := range rowsDims {
			rows, dim := c[0], c[1]
			s := from(t, uint64(i))
			op := &cpu.LayerNorm[float32]{
				X: normal[float32](s, rows*dim, 3), LowY: newActivations(t, p, rows, dim),
				Weight: normal[float32](s, dim, 1), Bias: normal[float32](s, dim, 1), Rows: rows, Dim: dim, Eps: 1e-6,
			}
			y := dirty[float32](s, rows*dim)
			want := naiveLayerNorm(float64s(op.X), float64s(op.Weight), float64s(op.Bias), rows, dim, op.Eps)
			verify(t, readBack{op, op.LowY, y}, y, want, 0x1p24*map[cpu.Form]float64{cpu.BFloat16: 1. / 256, cpu.Int8: 1. / 64}[p])
			requirePadding(t, op.LowY)
		}
	}
}
