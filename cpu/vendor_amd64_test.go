package cpu

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVendor(t *testing.T) {
	require.Len(t, vendor(), 12)
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil && strings.Contains(string(info), "vendor_id") {
		require.Contains(t, string(info), vendor())
	}
}

// Without pairs bfloat16 is widened, and int8 keeps its units.
func TestForVendor(t *testing.T) {
	k := *unitKernels(t)
	inUse := current.Load()
	defer current.Store(inUse)
	defer SetSmall(SetSmall(0))
	const rows, out, in = 7, 40, 96
	w := noise(1, out*in)
	run := func(p Precision) []float32 {
		x := newNarrow(p, rows, in)
		values := noise(2, rows*in)
		for r := range rows {
			x.Set(r, values[r*in:(r+1)*in])
		}
		op := NarrowLinear{X: x, W: PackNarrow(w, out, in, p), Y: make([]float32, rows*out), Rows: rows}
		require.NoError(t, op.Check())
		op.Run(Default())
		require.Equal(t, p == BFloat16 && current.Load().pairs.cols == 0, op.W.short != nil)
		return op.Y
	}
	attend := func() []float32 {
		const tokens, dim = 50, 32
		qkv := newNarrow(BFloat16, tokens, 3*dim)
		values := noise(3, tokens*3*dim)
		for r := range tokens {
			qkv.Set(r, values[r*3*dim:(r+1)*3*dim])
		}
		op := NarrowAttention{QKV: qkv, Y: make([]float32, tokens*dim), Batch: 1, Tokens: tokens, Dim: dim, Heads: 2}
		require.NoError(t, op.Check())
		op.Run(Default())
		return op.Y
	}
	current.Store(forVendor(k, "AuthenticAMD"))
	require.NotContains(t, Layout(), "widened")
	pairs, fours, attended := run(BFloat16), run(Int8), attend()
	current.Store(forVendor(k, "GenuineIntel"))
	require.Contains(t, Layout(), "-widened-v")
	require.InDeltaSlice(t, pairs, run(BFloat16), 1e-4)
	require.Equal(t, fours, run(Int8))
	require.InDeltaSlice(t, attended, attend(), 1e-2)
}
