package radio

import (
	"context"
	"fmt"
	"math"
	"testing"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// atLevels runs a test at every level of this machine.
func atLevels(t *testing.T, test func(t *testing.T, level cpu.Level)) {
	used, err := cpu.Choose()
	require.NoError(t, err)
	defer cpu.Use(used)
	for _, level := range cpu.Levels() {
		require.NoError(t, cpu.Use(level))
		t.Run(level.String(), func(t *testing.T) { test(t, level) })
	}
}

// different are n images of a size that have no pixel in common.
func different(n, h, w int) *tensor.Dense {
	x := make([]float32, n*3*h*w)
	for i := range x {
		x[i] = float32(0.5 + 0.5*math.Sin(0.37*float64(i)+float64(i/(3*h*w))*float64(i%17)))
	}
	return tensor.New(tensor.WithShape(n, 3, h, w), tensor.WithBacking(x))
}

// images is images [from, to) of x, on their own.
func images(x *tensor.Dense, from, to int) *tensor.Dense {
	s := x.Shape()
	n := s[1] * s[2] * s[3]
	return tensor.New(tensor.WithShape(to-from, s[1], s[2], s[3]), tensor.WithBacking(append([]float32(nil), x.Float32s()[from*n:to*n]...)))
}

// all are the tensors of an output, by name.
func all(o *Output) map[string]*tensor.Dense {
	m := map[string]*tensor.Dense{"summary": o.Summary, "features": o.Features}
	for name, a := range o.Adaptors {
		m[name+" summary"], m[name+" features"] = a.Summary, a.Features
	}
	for _, i := range o.Intermediates {
		m[fmt.Sprint("block ", i.Block)], m[fmt.Sprint("prefix ", i.Block)] = i.Features, i.Prefix
	}
	for path, tap := range o.Taps {
		m[path] = tap
	}
	for name, d := range m {
		if d == nil {
			delete(m, name)
		}
	}
	return m
}

// sameInBatches compares, bit by bit, what a model makes of n images one by one with
// what it makes of them in batches of other sizes.
func sameInBatches(t *testing.T, m *Model, x *tensor.Dense, req Request, batches ...int) {
	n := x.Shape()[0]
	alone := make([]map[string]*tensor.Dense, n)
	for i := range alone {
		alone[i] = all(forward(t, m, images(x, i, i+1), req))
	}
	for _, b := range batches {
		for from := 0; from < n; from += b {
			to := min(from+b, n)
			for name, d := range all(forward(t, m, images(x, from, to), req)) {
				for i := from; i < to; i++ {
					want := alone[i][name]
					size := want.Shape().TotalSize()
					if at := firstOff(want, d, (i-from)*size); at >= 0 {
						t.Fatalf("%s of image %d in a batch of %d: element %d is another one than alone", name, i, to-from, at)
					}
				}
			}
		}
	}
}

// firstOff is the first element that differs from those of got from an index on, or -1.
func firstOff(want, got *tensor.Dense, from int) int {
	if wide, ok := want.Data().([]float64); ok {
		for i, w := range wide {
			if math.Float64bits(got.Float64s()[from+i]) != math.Float64bits(w) {
				return i
			}
		}
		return -1
	}
	for i, w := range want.Float32s() {
		if math.Float32bits(got.Float32s()[from+i]) != math.Float32bits(w) {
			return i
		}
	}
	return -1
}

// TestBatchesChangeNothing: what becomes of an image is the same to the last bit in any
// batch, whatever lies beside it, in every precision and at every level.
func TestBatchesChangeNothing(t *testing.T) {
	atLevels(t, func(t *testing.T, level cpu.Level) {
		for _, dtype := range DTypes() {
			if dtype.GPUAlone() {
				continue
			}
			for _, c := range []struct {
				h, w, n int
				batches []int
			}{
				{16, 16, 50, []int{2, 3, 7, 50}},
				{32, 32, 50, []int{7, 50}},
				{64, 64, 50, []int{2, 3, 7, 50}},
				{112, 112, 21, []int{2, 3, 7, 21}},
				{48, 160, 14, []int{3, 14}},
				{224, 224, 7, []int{2, 3, 7}},
			} {
				if level == cpu.Plain && c.h*c.w > 64*64 || dtype == Float64 && (level > cpu.Plain || c.h*c.w > 32*32) {
					continue // plain Go is slow, and has one way only; so has float64
				}
				t.Run(fmt.Sprintf("%s-%dx%d", dtype, c.h, c.w), func(t *testing.T) {
					m := openNano(t, Options{DType: dtype})
					sameInBatches(t, m, different(c.n, c.h, c.w), Request{}, c.batches...)
				})
			}
		}
	})
}

// TestBatchesOfRequests is the same of everything else that can be asked for, and of
// programs without fusion, in which each operation chooses on its own.
func TestBatchesOfRequests(t *testing.T) {
	req := Request{
		Layout: NCHW, Intermediates: &Intermediates{Last: 2, Dense: true, Prefix: true},
		Taps: []string{"blocks.1.attn.qkv", "blocks.1.mlp.gelu", "blocks.0.norm1"},
	}
	atLevels(t, func(t *testing.T, level cpu.Level) {
		for _, dtype := range []DType{Float32, BFloat16, Int8} {
			for _, fused := range []bool{true, false} {
				m := openNano(t, Options{DType: dtype, NoFusion: !fused})
				for _, size := range []int{32, 64, 96} {
					if level > cpu.Plain || size < 64 {
						sameInBatches(t, m, different(9, size, size), req, 2, 9)
					}
				}
			}
		}
	})
}

// TestBatchesOfHeadsAndWindows has what only some models have: adaptors, and attention
// within windows, of which an image has several.
func TestBatchesOfHeadsAndWindows(t *testing.T) {
	atLevels(t, func(t *testing.T, level cpu.Level) {
		for _, dtype := range []DType{Float32, BFloat16, Int8} {
			m, err := Open(context.Background(), "../conformance/checkpoints/hub", Options{DType: dtype})
			require.NoError(t, err)
			t.Cleanup(func() { m.Close() })
			var req Request
			for _, a := range m.Config().Adaptors {
				req.Adaptors = append(req.Adaptors, a.Name)
			}
			require.NotEmpty(t, req.Adaptors)
			sameInBatches(t, m, different(20, 32, 48), req, 7, 20)
			windows := openNano(t, Options{DType: dtype, ViTDet: ViTDet{Window: 2, NumGlobal: 1}})
			sameInBatches(t, windows, different(20, 64, 96), Request{}, 7, 20)
		}
	})
}

// TestBatchesOfLargerModels has products that are not small, of which some are split
// in halves, and heads of the usual width.
func TestBatchesOfLargerModels(t *testing.T) {
	if testing.Short() {
		t.Skip("B takes seconds")
	}
	atLevels(t, func(t *testing.T, level cpu.Level) {
		if level == cpu.Plain {
			return
		}
		for _, dtype := range []DType{Float32, BFloat16, Int8} {
			m, err := Open(context.Background(), SyntheticPrefix+"B", Options{DType: dtype})
			require.NoError(t, err)
			t.Cleanup(func() { m.Close() })
			sameInBatches(t, m, different(3, 48, 64), Request{}, 2, 3)
			sameInBatches(t, m, different(2, 112, 128), Request{}, 2)
		}
	})
}
