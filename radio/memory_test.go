package radio

import (
	"context"
	"testing"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// TestMemoryOfPrograms guards what a forward pass takes, by the compiler's count: no
// weight is made for it.
func TestMemoryOfPrograms(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		model  string
		dtype  DType
		size   int
		arena  int // at most
		packed int // at levels with kernels for it
	}{
		{"B", Float32, 224, 5 * mib, 327 * mib},
		{"B", BFloat16, 224, 4 * mib, 164 * mib},
		{"B", Int8, 224, 4 * mib, 84 * mib},
		{"B", BFloat16, 1024, 43 * mib, 164 * mib},
		{"L", BFloat16, 2048, 227 * mib, 580 * mib},
	} {
		m, err := Open(context.Background(), SyntheticPrefix+c.model, Options{DType: c.dtype, Threads: 2})
		require.NoError(t, err)
		p, err := m.Plan(1, c.size, c.size, Request{})
		require.NoError(t, err)
		require.LessOrEqual(t, p.ArenaBytes(), c.arena, "%s %s at %d px", c.model, c.dtype, c.size)
		if narrowKernels(t) {
			require.LessOrEqual(t, p.PackedBytes(), c.packed, "%s %s", c.model, c.dtype)
		}
		require.Zero(t, m.PackedBytes(), "nothing is packed yet")
		require.NoError(t, m.Close())
	}
}

// narrowKernels says whether the level in use multiplies narrow weights as they are.
func narrowKernels(t *testing.T) bool {
	level, err := cpu.Choose()
	require.NoError(t, err)
	return level == cpu.AVX512BF16
}
