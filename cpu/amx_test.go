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

	"cradio/cpu/internal/kernel"

	"github.com/stretchr/testify/require"
)

// Rows that cannot be split give what the level below gives, and no other row is changed
// by them.
func TestAMXRowsBeyondTheLimits(t *testing.T) {
	amx, avx512 := poolAt(t, AMX), poolAt(t, AVX512)
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	const rows, out, in = 39, 33, 1100 // in two passes
	x, w := noise(1, rows*in), noise(2, out*in)
	run := func(p *Pool, x, w []float32) []float32 {
		op := Linear[float32]{X: x, Y: make([]float32, rows*out), W: Pack(p, w, out, in), Rows: rows}
		require.Equal(t, p == amx && w[0] < 1e30, op.W.Sections()[0].Name == "parts")
		op.Run(p)
		return op.Y
	}
	alone := run(amx, x, w)
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
	got, below := run(amx, changed, w), run(avx512, changed, w)
	for r := range rows {
		g, b := got[r*out:(r+1)*out], below[r*out:(r+1)*out]
		if spoil[r] == nil {
			require.Equal(t, alone[r*out:(r+1)*out], g, "row %d", r)
			continue
		}
		scale := math.Float32frombits(kernel.Largest(b))
		for i := range g {
			if b[i] != b[i] || math.IsInf(float64(b[i]), 0) {
				require.Equal(t, b[i] != b[i], g[i] != g[i], "row %d: %v, want %v", r, g[i], b[i])
				continue
			}
			require.InDelta(t, b[i], g[i], 1e-6*float64(scale)+1e-44, "row %d", r)
		}
	}
	w[0] = 1e35 // weights that are not split
	require.Equal(t, run(avx512, x, w), run(amx, x, w))
}

func scaleBy(x []float32, f float32) {
	for i := range x {
		x[i] *= f
	}
}

// Many short rows: their sums take more of the memory than they do, split.
func TestAMXManyRows(t *testing.T) {
	amx, avx512 := poolAt(t, AMX), poolAt(t, AVX512)
	const rows, out, in = 7000, 33, 20
	x, w := noise(1, rows*in), noise(2, out*in)
	run := func(p *Pool) []float32 {
		op := Linear[float32]{X: x, Y: make([]float32, rows*out), W: Pack(p, w, out, in), Rows: rows}
		op.Run(p)
		return op.Y
	}
	require.InDeltaSlice(t, run(avx512), run(amx), 1e-5)
}

// Tiles belong to a thread, and so must not be in use when a goroutine changes
// threads: more of them than processors, the collector, and a profiler's signals.
func TestAMXSurvivesPreemption(t *testing.T) {
	amx := poolAt(t, AMX)
	require.NoError(t, pprof.StartCPUProfile(io.Discard))
	defer pprof.StopCPUProfile()
	const rows, out, in = 50, 64, 256
	w := Pack(amx, noise(1, out*in), out, in)
	x := noise(2, rows*in)
	multiply := func() []float32 {
		p := poolOf(kernelsOf(t, AMX), 1)
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

// Queries, keys and values that cannot be split are multiplied by the level
// below, block by block.
func TestAMXAttentionBeyondTheLimits(t *testing.T) {
	amx, avx512 := poolAt(t, AMX), poolAt(t, AVX512)
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
		run := func(p *Pool) []float32 {
			op := Attention[float32]{QKV: qkv, Y: make([]float32, tokens*dim), Batch: 1, Tokens: tokens, Dim: dim, Heads: 1, Scratch: make([]float32, AttentionScratch(1, tokens, dim, 1))}
			require.NoError(t, op.Check())
			op.Run(p)
			return op.Y
		}
		got, want := run(amx), run(avx512)
		for i, v := range want {
			require.InDelta(t, v, got[i], 2e-6*math.Max(math.Abs(float64(v)), float64(math.Float32frombits(kernel.Largest(want[i/dim*dim:][:dim])))), "%s: token %d", name, i/dim)
		}
	}
}
