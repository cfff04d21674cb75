package cpu_test

import (
	"testing"
	"unsafe"

	"cradio/cpu"
	"cradio/cpu/cputest"
	"cradio/cpu/internal/kernel"

	"github.com/stretchr/testify/require"
)

// rowsByGo is a kernel for tiles of m rows and 8 columns, as a level that has just begun
// might have.
func rowsByGo(m int) kernel.RowsFunc {
	const cols = 8
	return func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add int, _, top unsafe.Pointer, _ uintptr) {
		panel := unsafe.Slice((*float32)(b), k*cols)
		for r := range m {
			x := unsafe.Slice((*float32)(unsafe.Add(a, r*lda)), k)
			sums := unsafe.Slice((*float32)(unsafe.Add(c, 4*r*cols)), cols)
			for j := range sums {
				s := 0.0
				for i, v := range x {
					s += float64(v) * float64(panel[i*cols+j])
				}
				if add != 0 {
					s += float64(sums[j])
				}
				sums[j] = float32(s)
				if top != nil {
					t := (*float32)(unsafe.Add(top, 4*j))
					*t = max(*t, sums[j])
				}
			}
		}
	}
}

// A level passes the suite with a single kernel of its own, as that of a new instruction
// set may begin with: here its registers have four float32.
func TestLevelOfASingleKernel(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as a level of the suite")
	}
	k := kernel.New(cpu.Plain, 4)
	k.Float32 = kernel.Tiles{Cols: 8, PerWord: 1, GemmRows: []kernel.RowsFunc{nil, rowsByGo(1), rowsByGo(2), rowsByGo(3), rowsByGo(4)}}
	cputest.Run(t, k.Level, func(threads int) *cpu.Pool { return cpu.PoolOf(k, threads) })
}

// Each kernel of each level serves alone: what it is used for agrees with the plain level.
func TestEachKernelAlone(t *testing.T) {
	plain := cpu.PoolOf(kernel.Tables()[0], 2)
	defer plain.Close()
	want := battery(t, plain)
	for _, full := range kernel.Tables()[1:] {
		for name, take := range map[string]func(to *kernel.Table){
			"Float32":       func(to *kernel.Table) { to.Float32 = full.Float32 },
			"Exact":         func(to *kernel.Table) { to.Exact = full.Exact },
			"BFloat16":      func(to *kernel.Table) { to.BFloat16 = full.BFloat16 },
			"Int8":          func(to *kernel.Table) { to.Int8 = full.Int8 },
			"Interleave":    func(to *kernel.Table) { to.Interleave = full.Interleave },
			"Widened":       func(to *kernel.Table) { to.Widened = full.Widened },
			"Int16":         func(to *kernel.Table) { to.Int16 = full.Int16 },
			"Epilogues":     func(to *kernel.Table) { to.Epilogue, to.EpilogueBFloat16 = full.Epilogue, full.EpilogueBFloat16 },
			"EpilogueInt8":  func(to *kernel.Table) { to.EpilogueInt8 = full.EpilogueInt8 },
			"Transpose":     func(to *kernel.Table) { to.Transpose = full.Transpose },
			"Prefetch":      func(to *kernel.Table) { to.Prefetch, to.PrefetchWrite = full.Prefetch, full.PrefetchWrite },
			"CopyRows":      func(to *kernel.Table) { to.CopyRows = full.CopyRows },
			"NormalizeRows": func(to *kernel.Table) { to.NormalizeRows = full.NormalizeRows },
			"Blend":         func(to *kernel.Table) { to.Blend = full.Blend },
			"LayerNorm":     func(to *kernel.Table) { to.LayerNorm = full.LayerNorm },
			"GELU":          func(to *kernel.Table) { to.GELU = full.GELU },
			"SigmoidGELU":   func(to *kernel.Table) { to.SigmoidGELU = full.SigmoidGELU },
			"GELUGrad":      func(to *kernel.Table) { to.GELUGrad = full.GELUGrad },
			"LayerNormGrad": func(to *kernel.Table) { to.LayerNormGrad = full.LayerNormGrad },
			"Sums": func(to *kernel.Table) {
				to.SumRows, to.SumRowsMul, to.SumRowsNormed, to.LayerNormMoments = full.SumRows, full.SumRowsMul, full.SumRowsNormed, full.LayerNormMoments
			},
			"Losses": func(to *kernel.Table) {
				to.Exps, to.MixExps, to.Mix, to.Spread, to.Affine = full.Exps, full.MixExps, full.Mix, full.Spread, full.Affine
			},
			"Binary":     func(to *kernel.Table) { to.Binary = full.Binary },
			"Widen":      func(to *kernel.Table) { to.Widen = full.Widen },
			"Round":      func(to *kernel.Table) { to.Round = full.Round },
			"Quantise":   func(to *kernel.Table) { to.Quantise, to.QuantiseInt8 = full.Quantise, full.QuantiseInt8 },
			"Dequantise": func(to *kernel.Table) { to.Dequantise = full.Dequantise },
			"Extent":     func(to *kernel.Table) { to.Extent = full.Extent },
			"Scan":       func(to *kernel.Table) { to.Scan = full.Scan },
		} {
			t.Run(full.Level.String()+"/"+name, func(t *testing.T) {
				k := kernel.New(full.Level, full.Lanes)
				take(k)
				p := cpu.PoolOf(k, 2)
				defer p.Close()
				got := battery(t, p)
				for op, y := range want {
					require.InDeltaSlice(t, y, got[op], 0.03, op)
				}
			})
		}
	}
}

// battery runs operations that use all kernels, and returns their results by name.
func battery(t *testing.T, p *cpu.Pool) map[string][]float32 {
	const rows, dim, out, heads = 70, 64, 96, 2
	values := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(int32(uint32(i+1)*2654435761)>>8) / (1 << 23)
		}
		return x
	}
	results := map[string][]float32{}
	run := func(name string, op cputest.Op, y []float32) {
		require.NoError(t, op.Check())
		op.Run(p)
		results[name] = y
	}
	x, y := values(rows*dim), make([]float32, rows*out)
	w := values(out * dim)
	for i := range w {
		w[i] /= 8
	}
	run("Linear", &cpu.Linear[float32]{X: x, W: cpu.Pack(p, w, out, dim), Y: y, Rows: rows, Bias: values(out), GELU: true}, y)
	y = make([]float32, rows*dim)
	scratch := make([]float32, cpu.AttentionScratch(p.Threads(), rows, dim, heads))
	run("Attention", &cpu.Attention[float32]{QKV: values(rows * 3 * dim), Y: y, Batch: 1, Tokens: rows, Dim: dim, Heads: heads, Scratch: scratch}, y)
	y = make([]float32, rows*3*dim)
	scratch = make([]float32, cpu.AttentionGradScratch(p.Threads(), rows, dim, heads))
	run("AttentionGrad", &cpu.AttentionGrad[float32]{QKV: values(rows * 3 * dim), DY: values(rows * dim), DQKV: y, Batch: 1, Tokens: rows, Dim: dim, Heads: heads, Scratch: scratch}, y)
	y = make([]float32, rows*dim)
	run("LayerNorm", &cpu.LayerNorm[float32]{X: x, Y: y, Weight: values(dim), Bias: values(dim), Rows: rows, Dim: dim, Eps: 1e-6}, y)
	y = make([]float32, rows*dim)
	run("GELU", &cpu.GELU[float32]{X: x, Y: y}, y)
	dy := values(rows * dim)[1:]
	dy = append(dy, 0)
	y = make([]float32, rows*dim)
	run("SigmoidGELU", &cpu.SigmoidGELU[float32]{Y: y, X: x, Slope: 1.702}, y)
	run("GELUGrad", &cpu.GELUGrad[float32]{DX: y, X: x, DY: dy}, y)
	y = make([]float32, rows*dim)
	run("LayerNormGrad", &cpu.LayerNormGrad[float32]{DX: y, X: x, DY: dy, Weight: values(dim), Rows: rows, Dim: dim, Eps: 1e-6}, y)
	y = make([]float32, dim)
	run("LayerNormGradWeight", &cpu.LayerNormGradWeight[float32]{DW: y, X: x, DY: dy, Rows: rows, Dim: dim, Eps: 1e-6}, y)
	y = make([]float32, dim)
	size := cpu.Bilinear{FromH: 2, FromW: 5, H: 7, W: 11}
	op := &cpu.ResizedCrossEntropy[float32]{DX: make([]float32, 10*dim), DY: []float32{1}, X: x[:10*dim], Batch: 1, Bilinear: size}
	op.Scratch = make([]float32, cpu.ResizedCrossEntropyScratch(1, dim, size, true, p.Threads()))
	op.ClassLabels = cpu.ClassLabels[float32]{Labels: make([]float32, 77), Classes: dim}
	run("ResizedCrossEntropy", op, op.DX)
	run("SumRows", &cpu.SumRows[float32]{Y: y, X: x, Rows: rows, Dim: dim}, y)
	y = make([]float32, dim)
	run("SumRowsMul", &cpu.SumRowsMul[float32]{Y: y, A: x, B: dy, Rows: rows, Dim: dim}, y)
	y = make([]float32, rows*dim)
	run("Binary", &cpu.Binary[float32]{A: x, B: values(dim), Y: y, Op: cpu.Sub}, y)
	y = make([]float32, rows*dim)
	run("Transpose", &cpu.Transpose[float32]{X: x, Y: y, Batch: 1, Rows: rows, Cols: dim}, y)
	y = make([]float32, 49*dim)
	run("ResizeTable", &cpu.ResizeTable[float32]{X: values(25 * dim), Y: y, Grid: 5, Square: 7, H: 7, W: 7, Dim: dim}, y)
	y = make([]float32, 3*48*32)
	run("Patches", &cpu.Patches[float32]{X: values(len(y)), Y: y, Batch: 1, Channels: 3, H: 48, W: 32, Size: 16, Mean: values(3), Std: []float32{1, 2, 3}}, y)
	for _, form := range []cpu.Form{cpu.BFloat16, cpu.Int8} {
		low := newActivations(form, rows, dim)
		require.NoError(t, (&cpu.Convert{Y: low, X: x}).Check())
		(&cpu.Convert{Y: low, X: x}).Run(p)
		again := newActivations(form, rows, dim)
		(&cpu.Convert{Y: again, LowX: low}).Run(p)
		results["Convert/"+form.String()] = dense(again)
		y = make([]float32, rows*out)
		op := cpu.LowPrecisionLinear{X: low, W: cpu.PackLowPrecision(p, w, out, dim, form), Y: y, Rows: rows, Bias: values(out), Residual: values(rows * out)}
		run("LowPrecisionLinear/"+form.String(), &op, y)
		op.Y, op.Residual, op.LowY = nil, nil, newActivations(cpu.BFloat16, rows, out)
		run("LowPrecisionLinear/"+form.String()+"/bfloat16", &op, nil)
		results["LowPrecisionLinear/"+form.String()+"/bfloat16"] = dense(op.LowY)
	}
	scan := cpu.Scan{Y: make([]int32, 7), X: make([]int8, 7*128), Query: make([]int16, 128), Rows: 7, Cols: 128}
	for i := range scan.X {
		scan.X[i] = int8(i * 37)
		scan.Query[i%128] = int16(i % 128 * 101)
	}
	run("Scan", &scan, nil)
	for _, sum := range scan.Y {
		results["Scan"] = append(results["Scan"], float32(sum))
	}
	qkv := newActivations(cpu.BFloat16, rows, 3*dim)
	(&cpu.Convert{Y: qkv, X: values(rows * 3 * dim)}).Run(p)
	y = make([]float32, rows*dim)
	run("LowPrecisionAttention", &cpu.LowPrecisionAttention{QKV: qkv, Y: y, Batch: 1, Tokens: rows, Dim: dim, Heads: heads}, y)
	return results
}

func newActivations(form cpu.Form, rows, cols int) *cpu.Activations {
	return &cpu.Activations{Form: form, Rows: rows, Cols: cols, Data: make([]byte, cpu.ActivationsBytes(form, rows, cols))}
}

// dense is what a matrix stands for.
func dense(a *cpu.Activations) []float32 {
	x := make([]float32, a.Rows*a.Cols)
	for r := range a.Rows {
		a.Get(r, 0, x[r*a.Cols:(r+1)*a.Cols])
	}
	return x
}
