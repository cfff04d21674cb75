package cputest

import (
	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

func patches[T cpu.Float](t *test) {
	for _, c := range []struct{ b, ch, h, w, s int }{{1, 1, 1, 1, 1}, {2, 3, 6, 9, 3}, {1, 3, 48, 32, 16}, {2, 2, 5, 10, 5}, {1, 3, 0, 4, 2}} {
		s := from(t, 1)
		n := c.b * c.ch * c.h * c.w
		op := cpu.Patches[T]{X: normal[T](s, n, 1), Y: dirty[T](s, n), Batch: c.b, Channels: c.ch, H: c.h, W: c.w, Size: c.s}
		want := make([]float64, n)
		i := 0
		for b := range c.b {
			for py := range c.h / c.s {
				for px := range c.w / c.s {
					for ch := range c.ch {
						for yy := range c.s {
							for xx := range c.s {
								want[i] = float64(op.X[((b*c.ch+ch)*c.h+py*c.s+yy)*c.w+px*c.s+xx])
								i++
							}
						}
					}
				}
			}
		}
		verify(t, &op, op.Y, want, 0)
		back := cpu.Patches[T]{X: dirty[T](s, n), Y: op.Y, Batch: c.b, Channels: c.ch, H: c.h, W: c.w, Size: c.s, Inverse: true}
		verify(t, &back, back.X, float64s(op.X), 0)

		op.Mean, op.Std = normal[T](s, c.ch, 1), normal[T](s, c.ch, 1)
		conditioned := cpu.Normalize[T]{Y: dirty[T](s, n), X: op.X, Mean: op.Mean, Std: op.Std, Batch: c.b, Channels: c.ch, Plane: c.h * c.w}
		run(t, &conditioned)
		cut := cpu.Patches[T]{X: conditioned.Y, Y: dirty[T](s, n), Batch: c.b, Channels: c.ch, H: c.h, W: c.w, Size: c.s}
		run(t, &cut)
		verify(t, &op, op.Y, float64s(cut.Y), 0)
	}
	require.ErrorContains(t, (&cpu.Patches[T]{Channels: 1, Size: 16, Mean: make([]T, 2)}).Check(), "Mean has 2")
	require.ErrorContains(t, (&cpu.Patches[T]{Channels: 1, Size: 16, Mean: make([]T, 1), Std: make([]T, 1), Inverse: true}).Check(), "want nil with Inverse")
	require.ErrorContains(t, (&cpu.Patches[T]{Batch: 1, Channels: 1, H: 17, W: 16, Size: 16}).Check(), "17×16")
	require.ErrorContains(t, (&cpu.Patches[T]{Batch: 1, Channels: 1, H: 16, W: 16}).Check(), "Size is 0")
}

// Rows of low precision are those that Convert makes.
func lowPrecisionPatches(t *test) {
	for _, p := range precisions {
		for _, mean := range []bool{false, true} {
			const ch, h, w, size = 3, 8, 12, 4
			s := from(t, 1)
			x := normal[float32](s, 2*ch*h*w, 1)
			plain := &cpu.Patches[float32]{X: x, Y: dirty[float32](s, len(x)), Batch: 2, Channels: ch, H: h, W: w, Size: size}
			if mean {
				plain.Mean, plain.Std = normal[float32](s, ch, 1), normal[float32](s, ch, 1)
			}
			run(t, plain)
			rows, cols := len(x)/(ch*size*size), ch*size*size
			op := *plain
			op.Y, op.LowY = nil, newActivations(t, p, rows, cols)
			y := dirty[float32](s, len(x))
			verify(t, readBack{&op, op.LowY, y}, y, roundedRows(p, plain.Y, cols), convertRoundings(p))
			requirePadding(t, op.LowY)
			op.Inverse = true
			require.Error(t, op.Check())
		}
	}
	op := cpu.Patches[float32]{Batch: 1, Size: 2, LowY: newActivations(t, cpu.BFloat16, 1, 1)}
	require.ErrorContains(t, op.Check(), "LowY is (1, 1), want (0, 0)")
	require.ErrorContains(t, (&cpu.Patches[float64]{Size: 1, LowY: newActivations(t, cpu.BFloat16, 0, 0)}).Check(), "only float32 is rounded")
}

func resizeTable[T cpu.Float](t *test) {
	for _, c := range []struct{ grid, square, h, w, dim int }{
		{8, 8, 8, 8, 5}, {8, 8, 3, 7, 5}, {8, 5, 5, 3, 7}, {5, 13, 11, 13, 33}, {4, 1, 1, 1, 3}, {1, 3, 3, 2, 4}, {9, 6, 4, 6, 70}, {3, 20, 20, 1, 1}, {128, 27, 27, 2, 3},
	} {
		for _, align := range []bool{false, true} {
			s := from(t, 1)
			op := cpu.ResizeTable[T]{
				X: normal[T](s, c.grid*c.grid*c.dim, 1), Y: dirty[T](s, c.h*c.w*c.dim),
				Grid: c.grid, Square: c.square, H: c.h, W: c.w, Dim: c.dim, AlignCorners: align,
			}
			want := naiveResize(float64s(op.X), c.grid, c.square, c.h, c.w, c.dim, align)
			roundings := 1.0
			if c.grid == c.square {
				roundings = 0
			}
			verify(t, &op, op.Y, want, roundings)

			// The gradient is the transpose: Σ dy·R(x) = Σ Rᵀ(dy)·x for x = each unit
			// vector, so a column of R is the gradient's dot with it.
			dy := normal[T](s, len(op.Y), 1)
			grad := make([]float64, len(op.X))
			for i := range c.grid * c.grid {
				unit := make([]float64, c.grid*c.grid)
				unit[i] = 1
				if c.grid > 9 && i%1009 != 0 {
					continue
				}
				column := naiveResize(unit, c.grid, c.square, c.h, c.w, 1, align)
				for j, r := range column {
					for k := range c.dim {
						grad[i*c.dim+k] += r * float64(dy[j*c.dim+k])
					}
				}
			}
			g := cpu.ResizeTableGrad[T]{
				DX: dirty[T](s, len(op.X)), DY: dy,
				Grid: c.grid, Square: c.square, H: c.h, W: c.w, Dim: c.dim, AlignCorners: align,
			}
			if c.grid > 9 {
				run(t, &g)
				for i := 0; i < c.grid*c.grid; i += 1009 {
					for k := range c.dim {
						require.InDelta(t, grad[i*c.dim+k], float64(g.DX[i*c.dim+k]), 1e-6)
					}
				}
				continue
			}
			verify(t, &g, g.DX, grad, 16)
		}
	}
	require.ErrorContains(t, (&cpu.ResizeTable[T]{Grid: 2, Square: 2, H: 3, W: 1}).Check(), "H×W is 3×1")
	require.ErrorContains(t, (&cpu.ResizeTableGrad[T]{Square: 2, H: 1, W: 1}).Check(), "Grid is 0")
}

func gather[T cpu.Float](t *test) {
	for _, c := range []struct {
		batch, in, dim int
		index          []int32
	}{
		{1, 1, 1, []int32{0}}, {2, 5, 33, []int32{4, 0, -1, 0, 2, 4}}, {3, 4, 5000, []int32{3, 2, 1}}, {1, 3, 7, nil}, {2, 2, 3, []int32{-1, -1}},
	} {
		s := from(t, 1)
		out := len(c.index)
		op := cpu.Gather[T]{
			X: normal[T](s, c.batch*c.in*c.dim, 1), Y: dirty[T](s, c.batch*out*c.dim),
			Index: c.index, Batch: c.batch, InRows: c.in, OutRows: out, Dim: c.dim,
		}
		g := cpu.Scatter[T]{
			DX: dirty[T](s, len(op.X)), DY: normal[T](s, len(op.Y), 1),
			Index: c.index, Batch: c.batch, InRows: c.in, OutRows: out, Dim: c.dim,
		}
		want, grad := make([]float64, len(op.Y)), make([]float64, len(op.X))
		for b := range c.batch {
			for i, from := range c.index {
				for k := range c.dim {
					if from >= 0 {
						x, y := (b*c.in+int(from))*c.dim+k, (b*out+i)*c.dim+k
						want[y] = float64(op.X[x])
						grad[x] += float64(g.DY[y])
					}
				}
			}
		}
		verify(t, &op, op.Y, want, 0)
		verify(t, &g, g.DX, grad, 2)
	}
	require.ErrorContains(t, (&cpu.Gather[T]{InRows: 2, OutRows: 2, Index: []int32{1, 2}}).Check(), "Index[1] is 2")
	require.ErrorContains(t, (&cpu.Scatter[T]{InRows: 2, OutRows: 1, Index: []int32{-2}}).Check(), "Index[0] is -2")
}

func transpose[T cpu.Float](t *test) {
	for _, c := range [][3]int{{1, 1, 1}, {2, 13, 15}, {1, 33, 31}, {3, 1, 17}, {1, 100, 300}, {2, 0, 3}, {1, 16, 48}} {
		s := from(t, 1)
		n := c[0] * c[1] * c[2]
		op := cpu.Transpose[T]{X: normal[T](s, n, 1), Y: dirty[T](s, n), Batch: c[0], Rows: c[1], Cols: c[2]}
		want := make([]float64, n)
		for i, v := range op.X {
			b, r, col := i/(c[1]*c[2]), i/c[2]%c[1], i%c[2]
			want[(b*c[2]+col)*c[1]+r] = float64(v)
		}
		verify(t, &op, op.Y, want, 0)
	}
}

func concat[T cpu.Float](t *test) {
	for _, c := range [][4]int{{1, 1, 1, 1}, {2, 3, 5, 7}, {3, 0, 2, 4}, {2, 2, 0, 3}, {2, 3, 11, 5000}} {
		for _, broadcast := range []bool{false, true} {
			s := from(t, 1)
			batch, ra, rb, dim := c[0], c[1], c[2], c[3]
			na := batch * ra * dim
			if broadcast {
				na = ra * dim
			}
			op := cpu.Concat[T]{
				A: normal[T](s, na, 1), B: normal[T](s, batch*rb*dim, 1), Y: dirty[T](s, batch*(ra+rb)*dim),
				Batch: batch, ARows: ra, BRows: rb, Dim: dim, BroadcastA: broadcast,
			}
			var want []float64
			for b := range batch {
				a := op.A
				if !broadcast {
					a = a[b*ra*dim:]
				}
				want = append(append(want, float64s(a[:ra*dim])...), float64s(op.B[b*rb*dim:(b+1)*rb*dim])...)
			}
			verify(t, &op, op.Y, want, 0)

			op.Sum = normal[T](s, rb*dim, 1)
			for i := range want {
				if at := i%((ra+rb)*dim) - ra*dim; at >= 0 {
					want[i] = float64(T(want[i]) + op.Sum[at])
				}
			}
			verify(t, &op, op.Y, want, 0)
		}
	}
	require.ErrorContains(t, (&cpu.Concat[T]{BRows: 1, Dim: 1, Sum: make([]T, 2)}).Check(), "Sum has 2")
	require.ErrorContains(t, (&cpu.Concat[T]{Batch: 1, ARows: 1, Dim: 1}).Check(), "Concat: A")
}
