package cpu

import (
	"io"
	"math"
	"runtime"
	"runtime/pprof"
	"slices"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/cpu"
)

func TestAMXShapes(t *testing.T) {
	for rows := 1; rows <= tileBlock; rows++ {
		s := shapesFor[rows]
		require.EqualValues(t, 1, s.palette)
		low, high := min(rows, tileRows), max(rows-tileRows, 0)
		for tile, n := range []int{low, low, high, high, low, high, tileRows, tileRows} {
			require.EqualValues(t, n, s.rows[tile], "tile %d for %d rows", tile, rows)
			require.EqualValues(t, min(n, 1)*tileStep, s.bytes[tile])
		}
	}
	require.EqualValues(t, 64, unsafe.Sizeof(shapesFor[0]))
	for rows := 1; rows < 200; rows++ {
		calls, n := tileCalls(rows)
		done := 0
		for _, c := range calls[:n] {
			require.Equal(t, done, c.row)
			last := (*tileShapes)(c.shapes)
			require.Equal(t, c.low != 0, last.rows[2] == 0)
			done += c.blocks * int(last.rows[0]+last.rows[2])
		}
		require.Equal(t, rows, done)
	}
}

// parts are kernels that need AVX512_BF16 alone.
func needParts(t *testing.T) {
	if !cpu.X86.HasAVX512BF16 {
		t.Skip("this machine lacks AVX512_BF16")
	}
}

// wide are values of all magnitudes that are cut.
func wideNoise(n int) []float32 {
	x := noise(5, n)
	for i := range x {
		x[i] = float32(math.Ldexp(float64(x[i]), i%140-80))
	}
	return x
}

func TestAMXCutPanel(t *testing.T) {
	needParts(t)
	const steps = 3
	x := wideNoise(steps * productsInStep * tileCols)
	parts, joined := make([]float32, steps*partsStep), make([]float32, len(x))
	cutPanelAMX(at(parts, 0), at(x, 0), steps)
	joinPanelAMX(at(joined, 0), at(parts, 0), steps)
	require.Equal(t, x, joined)
	units := unsafe.Slice((*uint32)(at(parts, 0)), len(parts))
	for i, v := range x {
		k, col := i/tileCols, i%tileCols
		in := k % productsInStep
		for p := range partsOf {
			unit := units[k/productsInStep*partsStep+p*productsInStep/2*tileCols+in%16*tileCols+col]
			want := nearest(v)
			require.Equal(t, want, uint16(unit>>(in/16*16)), "part %d of element %d", p, i)
			v -= fromBFloat16(want)
		}
	}
}

// nearest is the nearest bfloat16, of two the larger magnitude.
func nearest(v float32) uint16 { return uint16((math.Float32bits(v) + 0x8000) >> 16) }

func TestAMXCutRows(t *testing.T) {
	needParts(t)
	for _, n := range []int{1, 15, 16, 17, 31, 32, 33, 64, 95} {
		const rows = 3
		x := wideNoise(rows * n)
		x[n] = float32(math.Inf(-1))
		if n > 1 {
			x[2*n+1] = float32(math.NaN())
		}
		steps := blocks(n, productsInStep)
		ld := partsOf*steps*productsInStep + 32
		got, top := make([]uint16, rows*ld), make([]float32, rows)
		cutRowsAMX(unsafe.Pointer(&got[0]), 2*ld, at(x, 0), 4*n, rows, n, at(top, 0))
		require.Equal(t, largest(x[:n]), math.Float32bits(top[0]))
		require.EqualValues(t, 0x7f800000, math.Float32bits(top[1]))
		require.False(t, within(math.Float32bits(top[1]), 0, largestTop))
		require.Equal(t, n == 1, within(math.Float32bits(top[2]), 0, largestTop))
		for i := range steps * productsInStep {
			v := float32(0)
			if i < n {
				v = x[i]
			}
			for p := range partsOf {
				want, in := nearest(v), i%productsInStep
				require.Equal(t, want, got[i/productsInStep*partsOf*productsInStep+p*productsInStep+in%16*2+in/16], "%d: part %d of element %d", n, p, i)
				v -= fromBFloat16(want)
			}
			require.Zero(t, v)
		}
	}
}

// amxTable is the table of the AMX level.
func amxTable(t *testing.T) *kernels {
	for _, k := range available() {
		if k.amx != nil {
			return k
		}
	}
	t.Skip(lacks(AMX))
	return nil
}

// call runs a kernel on the blocks of so many rows.
func call(rows, lda int, kernel func(c tileCall, row int)) {
	calls, n := tileCalls(rows)
	for _, c := range calls[:n] {
		kernel(c, c.row)
	}
}

func TestAMXProducts(t *testing.T) {
	k := amxTable(t).amx
	for _, s := range [][2]int{{1, 1}, {16, 2}, {17, 3}, {31, 18}, {45, 5}, {64, 20}, {70, 1}} {
		rows, steps := s[0], s[1]
		x, y := noise(1, rows*steps*32), noise(2, steps*32*tileCols)
		a, b := make([]uint16, len(x)), make([]uint32, len(y)/2)
		for i, v := range x {
			a[i] = bfloat16(v)
		}
		for i := range b {
			row, col := 2*(i/tileCols), i%tileCols
			b[i], _ = pair(y[row*tileCols+col], y[(row+1)*tileCols+col])
		}
		bytes, units := unsafe.Slice((*uint8)(unsafe.Pointer(&a[0])), 2*len(a)), unsafe.Slice((*int8)(unsafe.Pointer(&b[0])), 4*len(b))
		lda := 64 * steps
		sums, exact := make([]float32, (rows+1)*tileCols), make([]int32, (rows+1)*tileCols)
		const poison = 77
		for i := range tileCols {
			sums[rows*tileCols+i], exact[rows*tileCols+i] = poison, poison
		}
		for add := range 2 {
			call(rows, lda, func(c tileCall, row int) {
				k.pairs(steps, unsafe.Pointer(&a[row*steps*32]), lda, unsafe.Pointer(&b[0]), at(sums, row*tileCols), add, c.blocks, c.low, c.shapes, 0)
				k.fours(steps, unsafe.Pointer(&a[row*steps*32]), lda, unsafe.Pointer(&b[0]), unsafe.Pointer(&exact[row*tileCols]), add, c.blocks, c.low, c.shapes, 0)
			})
			for i := range rows * tileCols {
				r, col := i/tileCols, i%tileCols
				want, whole := 0.0, 0
				for j := range steps * 32 {
					unit := b[j/2*tileCols+col]
					want += float64(fromBFloat16(a[r*steps*32+j])) * float64(fromBFloat16(uint16(unit>>(16*(j%2)))))
				}
				for j := range steps * 64 {
					whole += int(bytes[r*steps*64+j]) * int(units[j/4*4*tileCols+4*col+j%4])
				}
				require.InDelta(t, want*float64(1+add), sums[i], 1e-5*math.Sqrt(float64(64*steps)), "%v element %d", s, i)
				require.EqualValues(t, whole*(1+add), exact[i], "%v element %d", s, i)
			}
			for i := range tileCols {
				require.EqualValues(t, poison, sums[rows*tileCols+i], "beyond the last row")
				require.EqualValues(t, poison, exact[rows*tileCols+i], "beyond the last row")
			}
		}
	}
}

// Rows that parts cannot hold give what the level below gives, and no other row
// is changed by them.
func TestAMXRowsBeyondTheLimits(t *testing.T) {
	amxTable(t)
	inUse, _ := Choose()
	defer Use(inUse)
	defer SetSmall(SetSmall(0))
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	const rows, out, in = 39, 33, 1100 // in two passes
	x, w := noise(1, rows*in), noise(2, out*in)
	run := func(level Level, x, w []float32) []float32 {
		require.NoError(t, Use(level))
		op := Linear[float32]{X: x, Y: make([]float32, rows*out), W: Pack(w, out, in), Rows: rows}
		require.Equal(t, level == AMX && w[0] < 1e30, op.W.cut)
		op.Run(Default())
		return op.Y
	}
	plain := run(AMX, x, w)
	changed := append([]float32(nil), x...)
	spoil := map[int]func(row []float32){
		0:  func(row []float32) { row[0] = nan },
		5:  func(row []float32) { row[1099] = inf },
		17: func(row []float32) { clear(row) },
		31: func(row []float32) { scaleBy(row, 1e-34) },
		32: func(row []float32) { scaleBy(row, 1e30); row[40] = 0 },
		33: func(row []float32) { row[1050] = -inf },
		38: func(row []float32) { scaleBy(row, 1e-42) },
	}
	for r, f := range spoil {
		f(changed[r*in : (r+1)*in])
	}
	got, below := run(AMX, changed, w), run(AVX512, changed, w)
	for r := range rows {
		g, b := got[r*out:(r+1)*out], below[r*out:(r+1)*out]
		if spoil[r] == nil {
			require.Equal(t, plain[r*out:(r+1)*out], g, "row %d", r)
			continue
		}
		scale := math.Float32frombits(largest(b))
		for i := range g {
			if b[i] != b[i] || math.IsInf(float64(b[i]), 0) {
				require.Equal(t, b[i] != b[i], g[i] != g[i], "row %d: %v, want %v", r, g[i], b[i])
				continue
			}
			require.InDelta(t, b[i], g[i], 1e-6*float64(scale)+1e-44, "row %d", r)
		}
	}
	w[0] = 1e35 // weights that are not cut
	require.Equal(t, run(AVX512, x, w), run(AMX, x, w))
}

func scaleBy(x []float32, f float32) {
	for i := range x {
		x[i] *= f
	}
}

// Many short rows: their sums take more of the arena than their parts.
func TestAMXManyRows(t *testing.T) {
	amxTable(t)
	inUse, _ := Choose()
	defer Use(inUse)
	defer SetSmall(SetSmall(0))
	const rows, out, in = 7000, 33, 20
	x, w := noise(1, rows*in), noise(2, out*in)
	run := func(level Level) []float32 {
		require.NoError(t, Use(level))
		op := Linear[float32]{X: x, Y: make([]float32, rows*out), W: Pack(w, out, in), Rows: rows}
		op.Run(Default())
		return op.Y
	}
	require.InDeltaSlice(t, run(AVX512), run(AMX), 1e-5)
}

// Tiles belong to a thread, and so must not be in use when a goroutine changes
// threads: more of them than processors, the collector, and a profiler's signals.
func TestAMXSurvivesPreemption(t *testing.T) {
	amxTable(t)
	inUse, _ := Choose()
	defer Use(inUse)
	defer SetSmall(SetSmall(0))
	require.NoError(t, Use(AMX))
	require.NoError(t, pprof.StartCPUProfile(io.Discard))
	defer pprof.StopCPUProfile()
	const rows, out, in = 50, 64, 256
	w := Pack(noise(1, out*in), out, in)
	x := noise(2, rows*in)
	multiply := func() []float32 {
		p := NewPool(1)
		defer p.Close()
		op := Linear[float32]{X: x, Y: make([]float32, rows*out), W: w, Rows: rows}
		op.Run(p)
		return op.Y
	}
	want := multiply()
	end := time.Now().Add(300 * time.Millisecond)
	var busy sync.WaitGroup
	for range 3 * runtime.GOMAXPROCS(0) {
		busy.Go(func() {
			for time.Now().Before(end) {
				if got := multiply(); !slices.Equal(want, got) {
					t.Error("another result")
					return
				}
			}
		})
	}
	for time.Now().Before(end) {
		runtime.GC()
	}
	busy.Wait()
}

// Queries, keys and values that parts cannot hold are multiplied by the level
// below, block by block.
func TestAMXAttentionBeyondTheLimits(t *testing.T) {
	amxTable(t)
	inUse, _ := Choose()
	defer Use(inUse)
	defer SetSmall(SetSmall(0))
	const tokens, dim = 300, 32
	for name, spoil := range map[string]func(token int, q, k, v []float32){
		"nothing":      func(int, []float32, []float32, []float32) {},
		"tiny values":  func(_ int, _, _, v []float32) { scaleBy(v, 1e-30) },
		"some of them": func(token int, _, _, v []float32) { scaleBy(v[3:4], float32(math.Ldexp(1, -token))) },
		"large keys": func(token int, q, k, _ []float32) {
			if token < 20 {
				scaleBy(k, 1e19)
			}
			scaleBy(q, 1e-19)
		},
		"large queries": func(token int, q, k, _ []float32) {
			if token > 200 {
				scaleBy(q, 1e20)
			}
			scaleBy(k, 1e-20)
		},
	} {
		qkv := noise(7, tokens*3*dim)
		for i := range tokens {
			row := qkv[3*dim*i:]
			spoil(i, row[:dim], row[dim:2*dim], row[2*dim:3*dim])
		}
		run := func(level Level) []float32 {
			require.NoError(t, Use(level))
			op := Attention[float32]{QKV: qkv, Y: make([]float32, tokens*dim), Batch: 1, Tokens: tokens, Dim: dim, Heads: 1, Scratch: make([]float32, AttentionScratch(1, tokens, dim, 1))}
			require.NoError(t, op.Check())
			op.Run(Default())
			return op.Y
		}
		got, want := run(AMX), run(AVX512)
		for i, v := range want {
			require.InDelta(t, v, got[i], 2e-6*math.Max(math.Abs(float64(v)), float64(math.Float32frombits(largest(want[i/dim*dim:][:dim])))), "%s: token %d", name, i/dim)
		}
	}
}
