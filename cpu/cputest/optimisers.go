package cputest

import (
	"math"
	"slices"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// stepped makes three steps of an operation that writes its state, on each pool. state is made anew for
// each, by what it starts with; op gives the operation of a step on it. The results are near those in
// float64, and the same bits on every pool.
func stepped[T cpu.Float](t *test, start [][]T, ulps float64, op func(state [][]T, step int) Op, exact func(state [][]float64, step int) Op) {
	t.Helper()
	want := make([][]float64, len(start))
	for i, s := range start {
		want[i] = float64s(s)
	}
	for step := range 3 {
		run(t, exact(want, step+1))
	}
	var first [][]T
	for _, p := range t.pools {
		state := make([][]T, len(start))
		for i, s := range start {
			state[i] = slices.Clone(s)
		}
		for step := range 3 {
			o := op(state, step+1)
			require.NoError(t, o.Check())
			o.Run(p)
		}
		if first == nil {
			first = state
		}
		for i := range state {
			require.Equal(t, first[i], state[i])
			near(t, state[i], want[i], ulps)
		}
	}
}

// long are lengths with and without a last few elements, and of several pieces.
var long = []int{1, 7, 8, 15, 16, 17, 33, 1<<14 + 5, 3 << 14}

func adamW[T cpu.Float](t *test) {
	s := from(t, 1)
	for _, n := range long {
		for _, coupled := range []bool{false, true} {
			start := [][]T{normal[T](s, n, 1), normal[T](s, n, 0.1), normal[T](s, n, 0.1), normal[T](s, n, 1)}
			for i, v := range start[2] {
				start[2][i] = T(math.Abs(float64(v)))
			}
			g := start[3]
			op := func(state [][]T, step int) Op { return adamWOf(state, g, step, coupled) }
			g64 := float64s(g)
			stepped(t, start[:3], 8, op, func(state [][]float64, step int) Op { return adamWOf(state, g64, step, coupled) })
		}
	}
}

func adamWOf[T cpu.Float](state [][]T, g []T, step int, coupled bool) Op {
	return &cpu.AdamW[T]{
		W: state[0], M: state[1], V: state[2], G: g, Rate: []T{0.0078125, 0}, Step: []T{T(step)}, Clip: []T{0.5},
		Beta1: 0.875, Beta2: 0.9921875, Eps: 1.0 / 1024, Decay: 0.125, Factor: 2, Coupled: coupled,
	}
}

func sgd[T cpu.Float](t *test) {
	s := from(t, 1)
	for _, n := range long {
		for _, momentum := range []float64{0, 0.875} {
			for _, nesterov := range []bool{false, momentum > 0} {
				start := [][]T{normal[T](s, n, 1), normal[T](s, n, 1)}
				if momentum == 0 {
					start[1] = nil
				}
				g := normal[T](s, n, 1)
				op := func(state [][]T, _ int) Op { return sgdOf(state, g, momentum, nesterov) }
				g64 := float64s(g)
				stepped(t, start, 16, op, func(state [][]float64, _ int) Op { return sgdOf(state, g64, momentum, nesterov) })
			}
		}
	}
}

func sgdOf[T cpu.Float](state [][]T, g []T, momentum float64, nesterov bool) Op {
	return &cpu.SGD[T]{
		W: state[0], B: state[1], G: g, Rate: []T{0.0078125, 0}, Clip: []T{0.5},
		Momentum: momentum, Decay: 0.125, Factor: 2, Nesterov: nesterov,
	}
}

func averages[T cpu.Float](t *test) {
	s := from(t, 1)
	for _, n := range long {
		x := normal[T](s, n, 1)
		x64 := float64s(x)
		stepped(t, [][]T{normal[T](s, n, 1)}, 8,
			func(state [][]T, _ int) Op { return &cpu.Average[T]{Y: state[0], X: x, Rate: []T{0.125}} },
			func(state [][]float64, _ int) Op {
				return &cpu.Average[float64]{Y: state[0], X: x64, Rate: []float64{0.125}}
			})
		stepped(t, [][]T{dirty[T](s, n)}, 8,
			func(state [][]T, step int) Op {
				return &cpu.Accumulate[T]{Y: state[0], X: x, Keep: []T{T(step - 1)}, Factor: []T{0.25}}
			},
			func(state [][]float64, step int) Op {
				return &cpu.Accumulate[float64]{Y: state[0], X: x64, Keep: []float64{float64(step - 1)}, Factor: []float64{0.25}}
			})
	}
}

// norms of gradients, and the factors that clip them.
func norms[T cpu.Float](t *test) {
	s := from(t, 1)
	x := [][]T{normal[T](s, 40001, 1), normal[T](s, 1, 1), normal[T](s, 16384, 1e-3), nil}
	sum, lost := 0.0, 0.0 // compensated
	for _, v := range slices.Concat(x...) {
		add := float64(v)*float64(v) - lost
		next := sum + add
		lost, sum = next-sum-add, next
	}
	norm := cpu.GlobalNorm[T]{Y: buffer[T](t, 1), X: x}
	verify(t, &norm, norm.Y, []float64{math.Sqrt(sum)}, 2)
	for _, most := range []float64{1, 1e6} {
		clip := cpu.ClipFactor[T]{Y: buffer[T](t, 1), Norm: norm.Y, Most: most}
		verify(t, &clip, clip.Y, []float64{min(1, most/(float64(norm.Y[0])+1e-6))}, 2)
	}
}
