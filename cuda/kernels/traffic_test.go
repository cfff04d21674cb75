package kernels_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"cradio/cuda/kernels"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write traffic.txt")

// How well kernels use memory at the sizes of a model, by the emulator's counts: wavefronts of
// shared memory and sectors of global memory, beside the fewest that the same bytes need. The
// limits are what the kernels reach; the words say why it is more than 1.05, where it is. The table is
// traffic.txt: go test ./cuda/kernels -run Traffic -update.
func TestTraffic(t *testing.T) {
	var table strings.Builder
	fmt.Fprintf(&table, "%-32s %10s %10s %10s %10s\n", "kernel", "wavefronts", "of fewest", "sectors", "of fewest")
	report := func(r rig, what string, wavefronts, sectors float64) {
		c := r.TakeTraffic()
		w, s := ratio(c.Wavefronts, c.IdealWavefronts), ratio(c.Sectors, c.IdealSectors)
		fmt.Fprintf(&table, "%-32s %10d %10.3f %10d %10.3f\n", what, c.Wavefronts, w, c.Sectors, s)
		require.LessOrEqual(t, w, wavefronts, "%s: wavefronts", what)
		require.LessOrEqual(t, s, sectors, "%s: sectors", what)
	}
	counting := func(module string) rig {
		r := open(t, module)
		r.Count = true
		return r
	}

	r := counting("linear.80")
	for _, tile := range tiles {
		c := linearCase{rows: tile.size, out: tile.size, in: 768, bias: true, scale: true}
		c.fill()
		c.bf16(r, tile.size, tile.threads, false)
		report(r, fmt.Sprintf("linear_%d bf16", tile.size), 1.0, 1.0)
		c.residual = true
		c.fill()
		c.bf16(r, tile.size, tile.threads, true)
		// The small tile reads the residual and stores its outputs one by one: N may be odd.
		report(r, fmt.Sprintf("linear_%d f32", tile.size), 1.0, 1.15)
	}
	r = counting("linear.60")
	c := linearCase{rows: 64, out: 64, in: 768}
	c.fill()
	c.float32(r)
	report(r, "linear_f32", 1.0, 1.15) // four outputs of a thread are stored one by one

	r = counting("attention.80")
	for _, hd := range headDims {
		newAttention(1, 1, 256, 1, hd, 1).bf16(r, false)
		// Of heads of 80, the last 16 columns are stored in half sectors.
		report(r, fmt.Sprintf("attention_%d", hd), 1.0, 1.05)
	}
	r = counting("attention.60")
	newAttention(1, 1, 128, 1, 64, 1).float32(r)
	report(r, "attention_f32", 1.0, 1.0)

	r = counting("lineartf32.80")
	for _, tile := range tiles {
		c := linearCase{rows: tile.size, out: tile.size, in: 768, bias: true, scale: true}
		c.fill()
		c.tf32(r, tile.size, tile.threads)
		report(r, fmt.Sprintf("linear_%d tf32", tile.size), 1.0, 1.15) // the small tile stores as that of bfloat16
	}
	r = counting("attentiontf32.80")
	for _, hd := range headDimsTF32 {
		newAttention(1, 1, 256, 1, hd, 1).tf32(r)
		report(r, fmt.Sprintf("attention_%d tf32", hd), 1.0, 1.0)
	}

	r = counting("layernorm.60")
	for _, dim := range []int{768, 600} {
		x, w, b := normal(1, 8*dim, 1), normal(2, dim, 1), normal(3, dim, 1)
		name := "layernorm_bf16"
		if dim == 768 {
			name = "layernorm_bf16_768"
		}
		r.norm(name, "bf16", x, w, b, 8, dim, 1)
		report(r, name, 1.0, 1.05)
	}

	r = counting("layernorm.90a")
	x, w, b := normal(1, 8*768, 1), normal(2, 768, 1), normal(3, 768, 1)
	r.norm("hopper_layernorm_bf16_768", "bf16", x, w, b, 8, 768, 1)
	report(r, "hopper_layernorm_bf16_768", 1.0, 1.05)

	r = counting("patches.60")
	const side, patch = 64, 16
	dim := 3 * patch * patch
	pixels := normal(1, 3*side*side, 1)
	r.run("patches_bf16", [3]int{16, 1, 1}, [3]int{256, 1, 1}, 0, r.alloc(2*16*dim), pixels, nil, nil, 3, side, side, patch, dim)
	report(r, "patches_bf16", 1.0, 1.0)
	bytes := r.alloc(3 * side * side)
	for i := range r.bytes(bytes, 3*side*side) {
		r.bytes(bytes, 3*side*side)[i] = byte(i * i >> 3)
	}
	r.run("patches_bytes_bf16", [3]int{16, 1, 1}, [3]int{256, 1, 1}, 0, r.alloc(2*16*dim), bytes, make([]float32, 3*256), nil, nil, 3, side, side, patch, dim)
	// Each channel reads the bytes of all, which lie side by side, and what the bytes mean: out of the first-level cache.
	report(r, "patches_bytes_bf16", 1.0, 3)

	r = counting("linear.90a")
	eachHopper(func(tile kernels.HopperTile, output string) {
		c := linearCase{rows: 128, out: 192, in: 768, bias: true, scale: true, residual: true}.suits(output)
		c.hopper(r, tile, output, 1, 1)
		limit := 1.0
		if output == "f32" {
			// The layout of a box is the copy engine's: pairs of a warp's columns meet in a bank. The epilogue only.
			limit = 1.9
		}
		report(r, tile.Kernel(output), limit, 1.0)
	})
	c.residual = true
	c.fill()
	c.hopper(r, kernels.HopperTiles[3].HopperTile, "f32", 4, 1)
	report(r, "64x64 and linear_splits_f32", 1.9, 1.0)
	r = counting("attention.90a")
	for _, a := range kernels.HopperAttentions {
		newAttention(1, 1, 256, 1, a.HeadDim, 1).hopper(r, a, 1)
		// Of heads of 80, the last 16 columns are stored in half sectors.
		report(r, a.Kernel(), 1.0, 1.2)
	}

	const path = "traffic.txt"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(table.String()), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), table.String())
}

func ratio(n, ideal int64) float64 {
	if ideal == 0 {
		return 1
	}
	return float64(n) / float64(ideal)
}
