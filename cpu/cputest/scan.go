package cputest

import (
	"unsafe"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// integers is n guarded integers of 8 or 16 bits, n a multiple of 4, none beyond most.
func integers[T int8 | int16](s source, n, most int) []T {
	size := int(unsafe.Sizeof(T(0)))
	x := buffer[float32](s.t, n*size/4)
	if n == 0 {
		return nil
	}
	y := unsafe.Slice((*T)(unsafe.Pointer(&x[0])), n)
	for i := range y {
		y[i] = T(s.rng.IntN(2*most+1) - most)
	}
	return y
}

// scan: products of integers are exact, also of the largest ones.
func scan(t *test) {
	for i, rows := range []int{0, 1, 2, 3, 4, 5, 8, 11, 300} {
		for _, cols := range []int{0, 64, 128, 192, 1024, 2304} {
			s := from(t, uint64(i))
			most := cpu.ScanMost(cols)
			op := &cpu.Scan{
				X: integers[int8](s, rows*cols, 127), Query: integers[int16](s, cols, most), Rows: rows, Cols: cols,
				Y: unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(dirty[float32](s, rows)))), rows),
			}
			if rows == 3 { // the largest sums
				for j := range op.X {
					op.X[j] = -128
				}
				for j := range op.Query {
					op.Query[j] = int16(-most)
				}
			}
			want := make([]int32, rows)
			for r := range want {
				for j, q := range op.Query {
					want[r] += int32(op.X[r*cols+j]) * int32(q)
				}
			}
			run(t, op)
			require.Equal(t, want, append([]int32{}, op.Y...))
		}
	}
	op := &cpu.Scan{Y: make([]int32, 2), X: make([]int8, 2*64), Query: make([]int16, 64), Rows: 2, Cols: 64}
	require.NoError(t, op.Check())
	op.Query[5] = int16(-cpu.ScanMost(64))
	require.NoError(t, op.Check())
	wide := &cpu.Scan{Y: make([]int32, 1), X: make([]int8, 1024), Query: make([]int16, 1024), Rows: 1, Cols: 1024}
	wide.Query[5] = int16(cpu.ScanMost(1024) + 1)
	require.ErrorContains(t, wide.Check(), "cpu.Scan: Query has 16384 at 5, want at most ±16383")
	op.Cols, op.X, op.Query = 63, make([]int8, 2*63), make([]int16, 63)
	require.ErrorContains(t, op.Check(), "cpu.Scan: Cols is 63, want a multiple of 64")
	op.X = op.X[1:]
	require.ErrorContains(t, op.Check(), "cpu.Scan: X has 125 elements")
}
