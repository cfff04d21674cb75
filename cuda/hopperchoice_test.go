package cuda

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The choices for the shapes of CUDA.md's table, on an H200: the variant that was measured to be the fastest of those
// that there are, but where splits are added up by a launch of their own.
func TestHopperChoices(t *testing.T) {
	for _, c := range []struct {
		m, n, depth int
		output      string
		kernel      string
		splits      int
	}{
		{47168, 3072, 1024, "bf16", "hopper_128x192_bf16", 1},
		{47168, 4096, 1024, "bf16_gelu", "hopper_128x192_bf16_gelu", 1},
		{47168, 1024, 1024, "f32", "hopper_128x128_f32", 1},
		{47168, 1024, 4096, "f32", "hopper_128x128_f32", 1},
		{1632, 3072, 1024, "bf16", "hopper_128x192_bf16", 1},
		{1632, 1024, 1024, "f32", "hopper_128x128_f32", 1},
		{1632, 1024, 4096, "f32", "hopper_128x128_f32", 1},
		{737, 3072, 1024, "bf16", "hopper_128x192_bf16", 1},
		{737, 4096, 1024, "bf16_gelu", "hopper_128x192_bf16_gelu", 1},
		{737, 1024, 1024, "f32", "hopper_128x64_f32", 1},
		{737, 1024, 4096, "f32", "hopper_128x64_f32", 1},
		{204, 2304, 768, "bf16", "hopper_128x64_bf16", 1},
		{204, 3072, 768, "bf16_gelu", "hopper_128x64_bf16_gelu", 1},
		{204, 768, 768, "f32", "hopper_64x64_f32", 1},
		{204, 768, 3072, "f32", "hopper_128x64_f32", 4},
		{204, 1024, 4096, "f32", "hopper_128x64_f32", 4},
	} {
		got, ok := chooseHopper(c.m, c.n, c.depth, 132, c.output)
		require.True(t, ok)
		require.Equal(t, c.kernel, got.tile.Kernel(got.output), "%+v", c)
		require.Equal(t, c.splits, got.splits, "%+v", c)
	}
}

// The times that choices go by are those that were measured on an H200 (CUDA.md, second session), within a fifth.
func TestHopperTimes(t *testing.T) {
	for _, c := range []struct {
		m, n, depth  int
		output       string
		microseconds float64
	}{
		{204, 2304, 768, "bf16", 4.57}, {204, 768, 768, "f32", 4.36}, {204, 3072, 768, "bf16_gelu", 5.63},
		{737, 3072, 1024, "bf16", 10.75}, {737, 1024, 1024, "f32", 5.99}, {737, 1024, 4096, "f32", 16.25},
		{1632, 3072, 1024, "bf16", 18.08}, {1632, 1024, 1024, "f32", 9.07}, {1632, 1024, 4096, "f32", 24.16},
	} {
		got, _ := chooseHopper(c.m, c.n, c.depth, 132, c.output)
		require.InEpsilon(t, c.microseconds, got.microseconds(c.m, c.n, c.depth, 132), 0.2, "%+v", c)
	}
}
