package kernels_test

import (
	"bytes"
	"math"
	"testing"

	"cradio/cuda/kernels"

	"github.com/stretchr/testify/require"
)

// launched is a kernel of training on one size, and what it writes.
type launched struct {
	module, kernel string
	grid           [3]int
	out            int                   // bytes
	args           func(to uint64) []any // nil where there is no such operand
	state          []float32             // written in place at `to`, in place of out
}

func (k launched) run(r rig) []byte {
	r.Helper()
	to := uint64(0)
	if k.state != nil {
		to, k.out = r.upload(k.state), 4*len(k.state)
	} else {
		to = r.alloc(k.out)
	}
	r.run(k.kernel, k.grid, [3]int{256, 1, 1}, 0, k.args(to)...)
	return bytes.Clone(r.bytes(to, k.out))
}

// words are 64 bits each, as two float32 of the same bits.
func words(list ...uint64) (x []float32) {
	for _, w := range list {
		x = append(x, math.Float32frombits(uint32(w)), math.Float32frombits(uint32(w>>32)))
	}
	return x
}

// training are the kernels of losses and updates in which threads wait for each other.
func training() []launched {
	const n, rows, classes = 3000, 40, 50
	x, y, z := normal(1, n, 1), normal(2, n, 1), normal(3, n, 1)
	positive := func(x []float32) []float32 {
		p := make([]float32, len(x))
		for i, v := range x {
			p[i] = 1 + v*v
		}
		return p
	}
	labels := make([]float32, rows)
	for i := range labels {
		labels[i] = float32(i * 7 % classes)
	}
	hyper := []float32{0.1, 0, 3, 0.5, 1, 1}
	pieces := func(n int) (p []float32) { // of float64, as the bits of two float32
		for i := range 4 * n {
			p = append(p, []float32{0, 1.5}[i%2])
		}
		return p
	}
	doubles := func(n int) []float32 { return pieces(n)[:2*n] }
	one := [3]int{1, 1, 1}
	loss, row, norm, update := "elementloss.60", "rowloss.60", "batchnorm.60", "update.60"
	return []launched{
		{module: loss, kernel: "binary_loss_f32", grid: [3]int{3, 1, 1}, out: 3 * 16, args: func(to uint64) []any {
			return []any{to, nil, nil, x, y, nil, nil, 1, 0.25, 2.0, int64(n)}
		}},
		{module: loss, kernel: "regression_loss_f32", grid: [3]int{3, 1, 1}, out: 3 * 16, args: func(to uint64) []any {
			return []any{to, nil, nil, x, y, nil, 0.5, int64(n)}
		}},
		{module: loss, kernel: "loss_total_f32", grid: one, out: 4, args: func(to uint64) []any {
			return []any{to, nil, nil, pieces(300), 300}
		}},
		{module: loss, kernel: "silog_f32", grid: [3]int{3, 1, 1}, out: 3 * 16, args: func(to uint64) []any {
			return []any{to, doubles(4), doubles(n), nil, 1, int64(n)}
		}},
		{module: loss, kernel: "silog_total_f32", grid: one, out: 4, args: func(to uint64) []any {
			return []any{to, doubles(4), nil, pieces(300), 300, 1, 0.15}
		}},
		{module: loss, kernel: "gradient_log_f32", grid: [3]int{3, 4, 1}, out: 12 * 16, args: func(to uint64) []any {
			return []any{to, doubles(n), nil, 50, 60, int64(n)}
		}},
		{module: loss, kernel: "gradient_log_total_f32", grid: one, out: 4, args: func(to uint64) []any {
			return []any{to, nil, nil, pieces(4 * 300), 300}
		}},
		{module: row, kernel: "cross_entropy_f32", grid: [3]int{2, 1, 1}, out: 2 * 16, args: func(to uint64) []any {
			return []any{to, x, labels, nil, classes, 0, 0, 0, 0.1, 0.1 / classes, int64(rows)}
		}},
		{module: row, kernel: "softmax_focal_f32", grid: [3]int{2, 1, 1}, out: 2 * 16, args: func(to uint64) []any {
			return []any{to, nil, nil, x, labels, classes, 0, 2.0, int64(rows)}
		}},
		{module: row, kernel: "resized_cross_entropy_f32", grid: [3]int{2, 1, 1}, out: 2 * 16, args: func(to uint64) []any {
			return []any{to, nil, x, labels, nil, classes, 0, 0, 0.1, 0.1 / classes, 3, 4, 5, 8, 0.6, 0.5, int64(rows)}
		}},
		{module: row, kernel: "dice_total_f32", grid: one, out: 4, args: func(to uint64) []any {
			return []any{to, make([]float32, 4*3*classes), doubles(3 * 2 * 3 * classes), classes, 3, 2, 1.0}
		}},
		{module: norm, kernel: "batchnorm_train_f32", grid: [3]int{2, 1, 1}, out: 4 * n, args: func(to uint64) []any {
			return []any{to, x, y, z, 1e-5, n / 50, 50}
		}},
		{module: norm, kernel: "batchnorm_train_grad_f32", grid: [3]int{2, 1, 1}, out: 4 * n, args: func(to uint64) []any {
			return []any{to, x, y, z, 1e-5, n / 50, 50}
		}},
		{module: norm, kernel: "batchnorm_grad_weight_f32", grid: [3]int{2, 1, 1}, out: 4 * 50, args: func(to uint64) []any {
			return []any{to, x, y, nil, nil, 1e-5, n / 50, 50}
		}},
		{module: norm, kernel: "running_f32", grid: [3]int{2, 1, 1}, state: y[:50], args: func(to uint64) []any {
			return []any{to, positive(z[:50]), x, 0.1, n / 50, 50}
		}},
		{module: norm, kernel: "sum_rows_exact_f32", grid: [3]int{2, 1, 1}, out: 4 * 50, args: func(to uint64) []any {
			return []any{to, x, n / 50, 50}
		}},
		{module: update, kernel: "adamw_f32", grid: [3]int{3, 1, 1}, state: x, args: func(to uint64) []any {
			return []any{to, y, positive(z), z, hyper, nil, 0.9, 0.999, float32(0.1), float32(0.001), float32(1e-8), 0.1, 1.0, 0, int64(n)}
		}},
		{module: update, kernel: "squares_f32", grid: [3]int{3, 1, 1}, state: append(make([]float32, 12), x...), args: func(to uint64) []any {
			const behind = 48 // bytes: the pieces of three blocks, one of the first gradient and two of the second
			return []any{to, words(to+behind, 1000, 0, to+behind+4000, n-1000, 1, 0, 0, 3), 2}
		}},
		{module: "lineargrad.60", kernel: "transpose_bf16", grid: [3]int{2, 2, 1}, state: make([]float32, 50*60), args: func(to uint64) []any {
			return []any{to, x, 60, 50, 64}
		}},
		{module: "lineargrad.60", kernel: "transpose_strided_f32", grid: [3]int{2, 2, 1}, state: make([]float32, 50*64), args: func(to uint64) []any {
			return []any{to, x, 60, 50, 64}
		}},
		{module: update, kernel: "norm_f32", grid: one, out: 4, args: func(to uint64) []any { return []any{to, pieces(300), 300} }},
	}
}

// Each statement by which the threads of these kernels wait is taken out: it is noticed, or the bits are
// others.
func TestTrainingMutations(t *testing.T) {
	for _, k := range training() {
		t.Run(k.kernel, func(t *testing.T) {
			want := k.run(open(t, k.module))
			mutate(t, k.module, k.kernel, func(r rig) string {
				if !bytes.Equal(want, k.run(r)) {
					return "other bits"
				}
				return ""
			})
		})
	}
}

// Every kernel in which threads wait for each other has a test that takes that out.
func TestAllMutated(t *testing.T) {
	mutated := map[string]bool{}
	for _, k := range training() {
		mutated[k.kernel] = true
	}
	for _, module := range []string{"elementloss.60", "rowloss.60", "batchnorm.60", "update.60", "headsgrad.60"} {
		text, err := kernels.PTX(module)
		require.NoError(t, err)
		for _, m := range kernels.Modules() {
			if m.Name != module {
				continue
			}
			for _, kernel := range m.Kernels {
				require.Equal(t, statement.MatchString(alone(t, text, kernel)), mutated[kernel], kernel)
			}
		}
	}
}
