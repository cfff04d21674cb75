package cpu

import (
	"testing"

	"cradio/cpu/internal/gemm"
	"cradio/cpu/internal/kernel"

	"github.com/stretchr/testify/require"
)

// Without tiles of bfloat16 it is widened, and int8 keeps its tiles. Two tables serve in
// one process.
func TestBFloat16WithoutItsTiles(t *testing.T) {
	var with *kernel.Table
	for _, k := range kernel.Tables() {
		if k.BFloat16.Multiply() {
			with = k
			break
		}
	}
	if with == nil {
		t.Skip("no level has tiles of bfloat16")
	}
	lacking := *with
	lacking.BFloat16, lacking.BFloat16Slim, lacking.Interleave, lacking.AMX = kernel.Tiles{}, kernel.Tiles{}, nil, nil
	having := *with
	having.AMX = nil
	const rows, out, in = 7, 40, 96
	w := noise(1, out*in)
	run := func(pool *Pool, p Form) []float32 {
		x := newActivations(p, rows, in)
		values := noise(2, rows*in)
		for r := range rows {
			x.Set(r, values[r*in:(r+1)*in])
		}
		op := LowPrecisionLinear{X: x, W: PackLowPrecision(pool, w, out, in, p), Y: make([]float32, rows*out), Rows: rows}
		require.NoError(t, op.Check())
		op.Run(pool)
		require.Equal(t, p == BFloat16 && !pool.threads.Table().BFloat16.Multiply(), op.W.Sections()[0].Name == "short")
		return op.Y
	}
	attend := func(pool *Pool) []float32 {
		const tokens, dim = 50, 32
		qkv := newActivations(BFloat16, tokens, 3*dim)
		values := noise(3, tokens*3*dim)
		for r := range tokens {
			qkv.Set(r, values[r*3*dim:(r+1)*3*dim])
		}
		op := LowPrecisionAttention{QKV: qkv, Y: make([]float32, tokens*dim), Batch: 1, Tokens: tokens, Dim: dim, Heads: 2}
		require.NoError(t, op.Check())
		op.Run(pool)
		return op.Y
	}
	fast, widening := poolOf(&having, 2), poolOf(&lacking, 2)
	defer fast.Close()
	defer widening.Close()
	require.NotContains(t, gemm.Layout(&having), "widened")
	require.Contains(t, gemm.Layout(&lacking), "-widened-v")
	bf16, int8s, attended := run(fast, BFloat16), run(fast, Int8), attend(fast)
	require.InDeltaSlice(t, bf16, run(widening, BFloat16), 1e-4)
	require.Equal(t, int8s, run(widening, Int8))
	require.InDeltaSlice(t, attended, attend(widening), 1e-2)
}
