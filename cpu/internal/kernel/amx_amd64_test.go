package kernel

import (
	"math"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/cpu"
)

func TestAMXShapes(t *testing.T) {
	for rows := 1; rows <= TileBlock; rows++ {
		s := shapesFor[rows]
		require.EqualValues(t, 1, s.palette)
		low, high := min(rows, TileRows), max(rows-TileRows, 0)
		for tile, n := range []int{low, low, high, high, low, high, TileRows, TileRows} {
			require.EqualValues(t, n, s.rows[tile], "tile %d for %d rows", tile, rows)
			require.EqualValues(t, min(n, 1)*TileStep, s.bytes[tile])
		}
	}
	require.EqualValues(t, 64, unsafe.Sizeof(shapesFor[0]))
	for rows := 1; rows < 200; rows++ {
		calls, n := TileCalls(rows)
		done := 0
		for _, c := range calls[:n] {
			require.Equal(t, done, c.Row)
			last := (*tileShapes)(c.Shapes)
			require.Equal(t, c.Low != 0, last.rows[2] == 0)
			done += c.Blocks * int(last.rows[0]+last.rows[2])
		}
		require.Equal(t, rows, done)
	}
}

// needSplit skips what needs AVX512_BF16: the kernels that split.
func needSplit(t *testing.T) {
	if !cpu.X86.HasAVX512BF16 {
		t.Skip("this machine lacks AVX512_BF16")
	}
}

// spread are values of all magnitudes that are split.
func spread(n int) []float32 {
	x := noise(5, n)
	for i := range x {
		x[i] = float32(math.Ldexp(float64(x[i]), i%140-80))
	}
	return x
}

func TestAMXSplitPanel(t *testing.T) {
	needSplit(t)
	const steps = 3
	x := spread(steps * SplitDepth * TileCols)
	split, joined := make([]float32, steps*SplitStep), make([]float32, len(x))
	top := make([]float32, TileCols)
	top[3] = float32(math.Inf(1))
	splitPanelAMX(At(split, 0), At(x, 0), steps, At(top, 0))
	for c, bits := range top {
		var want float32
		for i := c; i < len(x); i += TileCols {
			want = max(want, max(x[i], -x[i]))
		}
		if c == 3 {
			want = float32(math.Inf(1))
		}
		require.Equal(t, want, bits, "column %d", c)
	}
	splitPanelAMX(At(split, 0), At(x, 0), steps, nil)
	joinPanelAMX(At(joined, 0), At(split, 0), steps)
	require.Equal(t, x, joined)
	words := unsafe.Slice((*uint32)(At(split, 0)), len(split))
	for i, v := range x {
		k, col := i/TileCols, i%TileCols
		in := k % SplitDepth
		for p := range SplitTerms {
			word := words[k/SplitDepth*SplitStep+p*SplitDepth/2*TileCols+in%16*TileCols+col]
			want := nearest(v)
			require.Equal(t, want, uint16(word>>(in/16*16)), "term %d of element %d", p, i)
			v -= FromBFloat16(want)
		}
	}
}

// nearest is the nearest bfloat16, of two the larger magnitude.
func nearest(v float32) uint16 { return uint16((math.Float32bits(v) + 0x8000) >> 16) }

// Two rows are split into the words that splitPanel makes of them, and nothing beside.
func TestAMXSplitWords(t *testing.T) {
	needSplit(t)
	for _, n := range []int{1, 15, 16, 17, 31, 32, 33, 64, 95} {
		steps, stride := (n+SplitDepth-1)/SplitDepth, SplitStep+16
		x := spread(2 * n)
		for row := range TileRows {
			want, panel := make([]float32, steps*stride), make([]float32, SplitDepth*TileCols)
			for step := range steps {
				clear(panel)
				for i := range 2 {
					copy(panel[(row+TileRows*i)*TileCols:][:TileCols], x[i*n+step*TileCols:][:min(TileCols, n-step*TileCols)])
				}
				splitPanelAMX(At(want, step*stride), At(panel, 0), 1, nil)
			}
			got := make([]float32, steps*stride)
			splitWordsAMX(At(got, row*TileCols), 4*stride, At(x, 0), At(x, n), n)
			require.Equal(t, bits(want), bits(got), "%d elements, row %d", n, row)
		}
	}
}

// bits are those of float32, some of which are no numbers.
func bits(x []float32) []uint32 { return unsafe.Slice((*uint32)(unsafe.Pointer(&x[0])), len(x)) }

func TestAMXSplitRows(t *testing.T) {
	needSplit(t)
	for _, n := range []int{1, 15, 16, 17, 31, 32, 33, 64, 95} {
		const rows = 3
		x := spread(rows * n)
		x[n] = float32(math.Inf(-1))
		if n > 1 {
			x[2*n+1] = float32(math.NaN())
		}
		steps := (n + SplitDepth - 1) / SplitDepth
		ld := SplitTerms*steps*SplitDepth + 32
		got, top := make([]uint16, rows*ld), make([]float32, rows)
		splitRowsAMX(unsafe.Pointer(&got[0]), 2*ld, At(x, 0), 4*n, rows, n, At(top, 0))
		require.Equal(t, Largest(x[:n]), math.Float32bits(top[0]))
		require.EqualValues(t, 0x7f800000, math.Float32bits(top[1]))
		require.False(t, Within(math.Float32bits(top[1]), 0, LargestSplit))
		require.Equal(t, n == 1, Within(math.Float32bits(top[2]), 0, LargestSplit))
		for i := range steps * SplitDepth {
			v := float32(0)
			if i < n {
				v = x[i]
			}
			for p := range SplitTerms {
				want, in := nearest(v), i%SplitDepth
				require.Equal(t, want, got[i/SplitDepth*SplitTerms*SplitDepth+p*SplitDepth+in%16*2+in/16], "%d: term %d of element %d", n, p, i)
				v -= FromBFloat16(want)
			}
			require.Zero(t, v)
		}
	}
}

// amxKernels are those of the AMX level.
func amxKernels(t *testing.T) *AMXKernels {
	k, err := For(AMX)
	if err != nil {
		t.Skip(err)
	}
	return k.AMX
}

// call runs a kernel on the blocks of so many rows.
func call(rows, lda int, kernel func(c TileCall, row int)) {
	calls, n := TileCalls(rows)
	for _, c := range calls[:n] {
		kernel(c, c.Row)
	}
}

func TestAMXProducts(t *testing.T) {
	k := amxKernels(t)
	for _, s := range [][2]int{{1, 1}, {16, 2}, {17, 3}, {31, 18}, {45, 5}, {64, 20}, {70, 1}} {
		rows, steps := s[0], s[1]
		x, y := noise(1, rows*steps*32), noise(2, steps*32*TileCols)
		a, b := make([]uint16, len(x)), make([]uint32, len(y)/2)
		for i, v := range x {
			a[i] = RoundBFloat16(v)
		}
		for i := range b {
			row, col := 2*(i/TileCols), i%TileCols
			b[i], _ = twoBFloat16(y[row*TileCols+col], y[(row+1)*TileCols+col])
		}
		bytes, signed := unsafe.Slice((*uint8)(unsafe.Pointer(&a[0])), 2*len(a)), unsafe.Slice((*int8)(unsafe.Pointer(&b[0])), 4*len(b))
		lda := 64 * steps
		sums, exact := make([]float32, (rows+1)*TileCols), make([]int32, (rows+1)*TileCols)
		const poison = 77
		for i := range TileCols {
			sums[rows*TileCols+i], exact[rows*TileCols+i] = poison, poison
		}
		for add := range 2 {
			call(rows, lda, func(c TileCall, row int) {
				k.BFloat16(steps, unsafe.Pointer(&a[row*steps*32]), lda, unsafe.Pointer(&b[0]), At(sums, row*TileCols), add, c.Blocks, c.Low, c.Shapes, 0)
				k.Int8(steps, unsafe.Pointer(&a[row*steps*32]), lda, unsafe.Pointer(&b[0]), unsafe.Pointer(&exact[row*TileCols]), add, c.Blocks, c.Low, c.Shapes, 0)
			})
			for i := range rows * TileCols {
				r, col := i/TileCols, i%TileCols
				want, whole := 0.0, 0
				for j := range steps * 32 {
					word := b[j/2*TileCols+col]
					want += float64(FromBFloat16(a[r*steps*32+j])) * float64(FromBFloat16(uint16(word>>(16*(j%2)))))
				}
				for j := range steps * 64 {
					whole += int(bytes[r*steps*64+j]) * int(signed[j/4*4*TileCols+4*col+j%4])
				}
				require.InDelta(t, want*float64(1+add), sums[i], 1e-5*math.Sqrt(float64(64*steps)), "%v element %d", s, i)
				require.EqualValues(t, whole*(1+add), exact[i], "%v element %d", s, i)
			}
			for i := range TileCols {
				require.EqualValues(t, poison, sums[rows*TileCols+i], "beyond the last row")
				require.EqualValues(t, poison, exact[rows*TileCols+i], "beyond the last row")
			}
		}
	}
}
