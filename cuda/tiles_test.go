package cuda_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"cradio/cuda"
	"cradio/cuda/kernels"

	"github.com/stretchr/testify/require"
)

// launchesOfTile is how many launches are recorded together, so that asking for them costs little.
const launchesOfTile = 20

// tileBench has a kernel for Hopper, and memory for it.
type tileBench struct {
	*testing.B
	driver  cuda.Driver
	modules map[string]cuda.Module
	owned   []cuda.Pointer
}

// alloc returns n bytes, all of which are numbers of either sign near 1, in bfloat16 as in float32: zeros would
// take a GPU less power, and so less time.
func (b *tileBench) alloc(n int) cuda.Pointer {
	p, err := b.driver.Alloc(n)
	require.NoError(b, err)
	b.owned = append(b.owned, p)
	const piece = 64 << 20
	rng := rand.New(rand.NewPCG(1, 1))
	numbers := make([]byte, min(n, piece))
	for i := range numbers {
		if numbers[i] = byte(rng.Uint32()); i%2 == 1 {
			numbers[i] = numbers[i]&0x80 | 0x3f
		}
	}
	for at := 0; at < n; at += piece {
		require.NoError(b, b.driver.Upload(p+cuda.Pointer(at), numbers[:min(piece, n-at)]))
	}
	return p
}

// time runs launches of a kernel, and reports microseconds and TFLOP/s of one.
func (b *tileBench) time(module, kernel string, flops float64, l ...cuda.Launch) {
	defer func() {
		for _, p := range b.owned {
			require.NoError(b, b.driver.Free(p))
		}
		b.owned = nil
	}()
	m := b.modules[module]
	if m == nil {
		text, err := kernels.PTX(module)
		require.NoError(b, err)
		m, err = b.driver.Load(text)
		require.NoError(b, err)
		b.modules[module] = m
	}
	var f []cuda.Function
	for _, name := range []string{kernel, "linear_splits_f32"}[:len(l)] {
		k, err := m.Function(name)
		require.NoError(b, err)
		f = append(f, k)
	}
	r, err := b.driver.Record(func() error {
		for range launchesOfTile {
			for i := range l {
				if err := b.driver.Launch(f[i], l[i]); err != nil {
					return err
				}
			}
		}
		return nil
	})
	require.NoError(b, err)
	defer r.Close()
	run := func() {
		require.NoError(b, b.driver.Replay(r))
		require.NoError(b, b.driver.Wait())
	}
	run()
	for b.Loop() {
		run()
	}
	seconds := b.Elapsed().Seconds() / float64(b.N) / launchesOfTile
	b.ReportMetric(seconds*1e6, "µs")
	b.ReportMetric(flops/seconds/1e12, "TFLOP/s")
}

// BenchmarkTiles takes the times of each kernel for Hopper on the shapes of B and L, which hopper.go chooses by: go test
// -tags nvidia -run - -bench Tiles/H ./cuda. In the emulator -bench Tiles/nano shows that it runs.
func BenchmarkTiles(b *testing.B) {
	onHopper(b)
	driver, _ := openDriver(b)
	defer driver.Close()
	bench := &tileBench{driver: driver, modules: map[string]cuda.Module{}}
	for _, c := range []struct {
		name        string
		m, n, depth int
		output      string
	}{
		{"nano", 70, 64, 128, "bf16"}, {"nano", 70, 64, 128, "f32"},
		{"H", 204, 2304, 768, "bf16"}, {"H", 204, 768, 768, "f32"}, {"H", 204, 3072, 768, "bf16_gelu"}, {"H", 204, 768, 3072, "f32"},
		{"H", 204, 1024, 4096, "f32"}, {"H", 737, 3072, 1024, "bf16"}, {"H", 737, 1024, 1024, "f32"}, {"H", 737, 4096, 1024, "bf16_gelu"},
		{"H", 737, 1024, 4096, "f32"}, {"H", 1632, 3072, 1024, "bf16"}, {"H", 1632, 1024, 4096, "f32"}, {"H", 1632, 4096, 1024, "bf16_gelu"},
		{"H", 47168, 3072, 1024, "bf16"}, {"H", 47168, 1024, 1024, "f32"}, {"H", 47168, 4096, 1024, "bf16_gelu"}, {"H", 47168, 1024, 4096, "f32"},
	} {
		for _, t := range kernels.HopperTiles {
			for _, output := range t.Outputs {
				for _, splits := range []int{1, 2, 4} {
					if output != c.output || splits > 1 && (output != "f32" || c.m > 1000 || splits > kernels.Steps(c.depth)) {
						continue
					}
					b.Run(fmt.Sprintf("%s/%dx%dx%d/%s/splits %d", c.name, c.m, c.n, c.depth, t.Kernel(output), splits), func(b *testing.B) {
						bench.B = b
						linearTile(bench, t.HopperTile, output, c.m, c.n, c.depth, splits)
					})
				}
			}
		}
	}
	for _, c := range []struct {
		name                 string
		batch, tokens, heads int
	}{{"nano", 1, 70, 1}, {"H", 1, 204, 12}, {"H", 1, 737, 16}, {"H", 8, 204, 16}, {"H", 64, 204, 16}, {"H", 64, 737, 16}, {"H", 4, 4104, 16}} {
		for _, a := range kernels.HopperAttentions {
			b.Run(fmt.Sprintf("%s/%dx%d, %d heads/%s", c.name, c.batch, c.tokens, c.heads, a.Kernel()), func(b *testing.B) {
				bench.B = b
				attentionTile(bench, a, c.batch, c.tokens, c.heads)
			})
		}
	}
}

func linearTile(b *tileBench, t kernels.HopperTile, output string, m, n, depth, splits int) {
	matrix := func(at cuda.Pointer, rows, columns, box int) cuda.TensorMap {
		return cuda.TensorMap{Base: at, Dims: [3]int{columns, rows}, Strides: [2]int{2 * columns}, Box: [3]int{64, box}}
	}
	x, w := matrix(b.alloc(2*m*depth), m, depth, t.Rows), matrix(b.alloc(2*n*depth), n, depth, t.Columns)
	y, sums := b.alloc(4*m*n), cuda.Pointer(0)
	out := matrix(y, m, n, 16)
	if output == "f32" {
		to := y
		if splits > 1 {
			sums = b.alloc(4 * splits * m * n)
			to = sums
		}
		out = cuda.TensorMap{Base: to, Float32: true, Dims: [3]int{n, m, splits}, Strides: [2]int{4 * n, 4 * m * n}, Box: [3]int{32, 16, 1}}
	}
	add := int32(0)
	if output == "f32" && splits == 1 {
		add = 1
	}
	pieces := (m + t.Rows - 1) / t.Rows * ((n + t.Columns - 1) / t.Columns) * splits
	l := []cuda.Launch{{
		Grid: [3]int{min(pieces, b.driver.Describe().Multiprocessors*t.PerProcessor), 1, 1}, Block: [3]int{t.Threads(), 1, 1}, Shared: t.Shared(), Overlap: true,
		Args: []any{x, w, out, b.alloc(4 * n), b.alloc(4 * n), int32(m), int32(n), int32(depth), int32(splits), add},
	}}
	if splits > 1 {
		l = append(l, cuda.Launch{
			Grid: [3]int{(m*n/4 + 255) / 256, 1, 1}, Block: [3]int{256, 1, 1}, Overlap: true,
			Args: []any{y, sums, b.alloc(4 * n), b.alloc(4 * n), y, int32(m), int32(n / 4), int32(splits)},
		})
	}
	b.time("linear.90a", t.Kernel(output), 2*float64(m)*float64(n)*float64(depth), l...)
}

func attentionTile(b *tileBench, a kernels.HopperAttention, batch, tokens, heads int) {
	dim := heads * a.HeadDim
	qkv := cuda.TensorMap{
		Base: b.alloc(2 * batch * tokens * 3 * dim), Dims: [3]int{3 * dim, tokens, batch}, Strides: [2]int{6 * dim, 6 * dim * tokens}, Box: [3]int{64, 64, 1},
	}
	pieces := (tokens + a.Queries() - 1) / a.Queries() * heads * batch
	b.time("attention.90a", a.Kernel(), 4*float64(batch)*float64(tokens)*float64(tokens)*float64(dim), cuda.Launch{
		Grid: [3]int{min(pieces, b.driver.Describe().Multiprocessors*a.PerProcessor), 1, 1}, Block: [3]int{a.Threads(), 1, 1}, Shared: a.Shared(), Overlap: true,
		Args: []any{b.alloc(2 * batch * tokens * dim), qkv, int32(batch), int32(tokens), int32(heads), int32(dim), float32(math.Log2E / math.Sqrt(float64(a.HeadDim)))},
	})
}
